//! How the fields of programs are written, each read from a needle that gives
//! it away. Sources: the field codes of ECMA-376 part 1, 17.16; the manuals
//! of the reference managers; the help pages of wikis and publishing systems.

use std::ops::Range;

use crate::finding::Confidence;

use super::field_code::SURE;

/// One form of field.
pub(in crate::rules) struct Field {
    pub(in crate::rules) needle: &'static [u8],
    pub(super) what: &'static str,
    pub(super) confidence: Confidence,
    /// Reads the field around the needle at that offset of its block's text.
    pub(super) read: fn(&str, usize) -> Option<Range<usize>>,
}

const DOUBTFUL: Confidence = Confidence::from_thousandths(800);

const fn field(
    needle: &'static [u8],
    what: &'static str,
    confidence: Confidence,
    read: fn(&str, usize) -> Option<Range<usize>>,
) -> Field {
    Field { needle, what, confidence, read }
}

pub(in crate::rules) const FIELDS: &[Field] = &[
    field(b"ADDIN ", "a field of a reference manager", SURE, add_in),
    field(b"!!! INVALID CITATION !!!", "a citation of EndNote", SURE, invalid_citation),
    field(b" #", "a citation of EndNote", SURE, temporary_citation),
    field(b"REF _", "a cross-reference of Word", SURE, reference_field),
    field(b"HYPERLINK \"", "a link of Word", SURE, hyperlink),
    field(b"\\* ARABIC", "a number of Word", SURE, sequence),
    field(b"\\* MERGEFORMAT", "a field of Word", SURE, |_, at| Some(at..at + "\\* MERGEFORMAT".len())),
    field(b" ??", "a reference of LaTeX", SURE, latex_reference),
    field(b"[?", "a citation of LaTeX", DOUBTFUL, latex_citation),
    field(b"(???)", "a citation of pandoc", DOUBTFUL, pandoc_citation),
    field(b"{{", "a template of a wiki", SURE, wiki_template),
    field(b"<ref", "a note of a wiki", SURE, wiki_note),
    word_field("Error!"),
    word_field("Errore."),
    word_field("Fehler!"),
    word_field("Erreur"),
    word_field("Erro!"),
    word_field("Fout!"),
    word_field("Ошибка!"),
    word_field("Помилка!"),
    word_field("Błąd!"),
    word_field("Fel!"),
    word_field("Chyba!"),
    word_field("错误"),
    word_field("錯誤"),
    word_field("エラー"),
    word_field("오류"),
];

/// What every message of Word's fields holds, in one language or another.
const fn word_field(needle: &'static str) -> Field {
    field(needle.as_bytes(), "a cross-reference of Word", SURE, word_error)
}

/// Begins with a bracket, which is too common to be searched for with the
/// others.
pub(super) const SHORTCODE: Field = field(b"[", "a shortcode", SURE, shortcode);

/// Whether what follows a bracket is worth a look.
pub(super) fn may_be_shortcode(rest: &str) -> bool {
    let name = rest.strip_prefix('/').unwrap_or(rest);
    matches!(name.as_bytes().first(), Some(b'a' | b'c' | b'e' | b'f' | b'g' | b'p' | b's' | b'v'))
        && ["audio", "caption", "embed", "et_pb_", "footnote", "fusion_", "gallery", "playlist", "su_", "vc_", "video"]
            .iter()
            .any(|head| name.starts_with(head))
}

/// The message of a field of Word whose target is gone, from its first word.
fn word_error(text: &str, at: usize) -> Option<Range<usize>> {
    let near = text.ceil_char_boundary(at.saturating_sub(4));
    (near..=at).rev().filter(|start| text.is_char_boundary(*start)).find_map(|start| {
        let rest = text.get(start..)?;
        WORD_ERRORS.iter().find_map(|message| loosely(rest, message)).map(|length| start..start + length)
    })
}

/// The length of `pattern` at the start of `text`, where any white space
/// stands for a space.
fn loosely(text: &str, pattern: &str) -> Option<usize> {
    // Tells nearly all apart, and costs nothing.
    if text.as_bytes().first() != pattern.as_bytes().first() {
        return None;
    }
    let mut rest = text;
    for (index, word) in pattern.split(' ').enumerate() {
        if index > 0 {
            let trimmed = rest.trim_start();
            if trimmed.len() == rest.len() {
                return None;
            }
            rest = trimmed;
        }
        rest = rest.strip_prefix(word)?;
    }
    Some(text.len() - rest.len())
}

/// Longest field read, in bytes: codes of citations hold whole records.
const LONGEST: usize = 64 * 1024;

/// Longest template or note of a wiki read, in bytes.
const LONGEST_NOTE: usize = 4096;

fn window(text: &str, from: usize, length: usize) -> &str {
    text.get(from..text.floor_char_boundary(from.saturating_add(length))).unwrap_or_default()
}

/// `ADDIN ZOTERO_ITEM CSL_CITATION {…}`, `ADDIN EN.CITE <EndNote>…</EndNote>`.
fn add_in(text: &str, at: usize) -> Option<Range<usize>> {
    const NAMES: [&str; 12] = [
        "ZOTERO_ITEM CSL_CITATION",
        "ZOTERO_BIBL",
        "ZOTERO_TRANSFER_DOCUMENT",
        "CSL_CITATION",
        "EN.CITE.DATA",
        "EN.CITE",
        "EN.REFLIST",
        "EN.LAYOUT",
        "Mendeley Bibliography CSL_BIBLIOGRAPHY",
        "Mendeley Citation",
        "PAPERS2_CITATIONS",
        "RW.CITE",
    ];
    let rest = window(text, at, LONGEST);
    let name = NAMES.into_iter().find_map(|name| loosely(rest, &format!("ADDIN {name}")))?;
    let body = rest.get(name..)?;
    let skipped = body.len() - body.trim_start().len();
    let body = body.trim_start();
    let length = if body.starts_with('{') {
        let mut values = serde_json::Deserializer::from_str(body).into_iter::<serde_json::Value>();
        match values.next() {
            Some(Ok(_)) => skipped + values.byte_offset(),
            // Cut off: as far as the block goes.
            _ => skipped + body.trim_end().len(),
        }
    } else if body.starts_with("<EndNote>") {
        skipped + body.find("</EndNote>").map_or(body.trim_end().len(), |end| end + "</EndNote>".len())
    } else {
        0
    };
    let before = text.get(..at)?.trim_end();
    let braced = before.ends_with('{').then(|| before.len() - 1);
    let mut end = at + name + length;
    if braced.is_some() {
        let after = text.get(end..)?;
        let close = after.find('}').filter(|close| after.get(..*close).is_some_and(|gap| gap.trim().is_empty()));
        end += close.map_or(0, |close| close + 1);
    }
    Some(braced.unwrap_or(at)..end)
}

fn invalid_citation(text: &str, at: usize) -> Option<Range<usize>> {
    const MARK: &str = "!!! INVALID CITATION !!!";
    let end = at + MARK.len();
    let open = text.get(..at)?.ends_with('{');
    let close = text.get(end..)?.starts_with('}');
    Some(if open && close { at - 1..end + 1 } else { at..end })
}

/// `{Smith, 2010 #12}`, `{Smith, 2010 #12;Roe, 2011 #13}`.
fn temporary_citation(text: &str, at: usize) -> Option<Range<usize>> {
    let before = text.get(text.ceil_char_boundary(at.saturating_sub(200))..at)?;
    let open = before.rfind('{')?;
    let start = at - (before.len() - open);
    let inner = text.get(start + 1..text.floor_char_boundary((start + 400).min(text.len())))?;
    let close = inner.find('}')?;
    let is_one = |part: &str| {
        let (name, number) = part.rsplit_once(" #")?;
        let (author, year) = name.rsplit_once(", ")?;
        let year = year.get(..4)?;
        let fits = author.trim_start().starts_with(char::is_alphabetic)
            && year.bytes().all(|byte| byte.is_ascii_digit())
            && number.starts_with(|c: char| c.is_ascii_digit());
        fits.then_some(())
    };
    let fits = inner.get(..close)?.split(';').all(|part| is_one(part).is_some());
    fits.then_some(start..start + 1 + close + 1)
}

/// `REF _Ref123456789 \h`, `PAGEREF _Toc123456789 \h`, in braces or without.
fn reference_field(text: &str, at: usize) -> Option<Range<usize>> {
    let name = text.get(at + "REF ".len()..)?;
    let target = ["_Ref", "_Toc", "_Hlk"].into_iter().find_map(|prefix| name.strip_prefix(prefix))?;
    let digits = target.bytes().take_while(u8::is_ascii_digit).count();
    if digits < 6 {
        return None;
    }
    let mut start = at;
    if text.get(..at)?.ends_with("PAGE") {
        start -= "PAGE".len();
    }
    let mut end = at + "REF _Ref".len() + digits;
    while let Some(switch) = text.get(end..).and_then(|rest| rest.strip_prefix(" \\")) {
        let length = switch.bytes().take_while(|byte| byte.is_ascii_alphabetic() || *byte == b'*').count();
        end += 2 + length;
    }
    Some(braces(text, start..end))
}

/// With the braces that a field shows, if it shows them.
fn braces(text: &str, range: Range<usize>) -> Range<usize> {
    let before = text.get(..range.start).unwrap_or_default().trim_end_matches(' ');
    let after = text.get(range.end..).unwrap_or_default();
    let gap = after.len() - after.trim_start_matches(' ').len();
    if before.ends_with('{') && after.trim_start_matches(' ').starts_with('}') {
        before.len() - 1..range.end + gap + 1
    } else {
        range
    }
}

/// `HYPERLINK "https://…"`, `HYPERLINK "file" \l "anchor"`.
fn hyperlink(text: &str, at: usize) -> Option<Range<usize>> {
    let free = !text.get(..at)?.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '=' | '(' | '_'));
    let address = text.get(at + "HYPERLINK \"".len()..)?;
    let close = address.get(..address.floor_char_boundary(2048))?.find('"')?;
    let leads = ["http", "mailto:", "file:", "\\l"].iter().any(|head| address.starts_with(head));
    let end = at + "HYPERLINK \"".len() + close + 1;
    (free && leads).then(|| braces(text, at..end))
}

/// `SEQ Figure \* ARABIC`.
fn sequence(text: &str, at: usize) -> Option<Range<usize>> {
    let before = text.get(text.ceil_char_boundary(at.saturating_sub(40))..at)?;
    let seq = before.rfind("SEQ ")?;
    let start = at - (before.len() - seq);
    Some(braces(text, start..at + "\\* ARABIC".len()))
}

/// `Figure ??`: the label that it refers to was not found.
fn latex_reference(text: &str, at: usize) -> Option<Range<usize>> {
    const NAMES: [&str; 24] = [
        "Figure",
        "Figures",
        "Fig.",
        "Figs.",
        "Table",
        "Tables",
        "Tab.",
        "Section",
        "Sections",
        "Sec.",
        "Chapter",
        "Equation",
        "Eq.",
        "Appendix",
        "Theorem",
        "Lemma",
        "Abbildung",
        "Tabelle",
        "Abschnitt",
        "Kapitel",
        "Tableau",
        "Figura",
        "Tabla",
        "Рис.",
    ];
    let before = text.get(..at)?;
    let name = NAMES.into_iter().find(|name| before.ends_with(name))?;
    let end = at + " ??".len();
    let is_whole = !text.get(end..)?.starts_with(['?', '!']);
    is_whole.then_some(at - name.len()..end)
}

/// `[?]`, `[?, ?]` behind a word and before a mark of the sentence.
fn latex_citation(text: &str, at: usize) -> Option<Range<usize>> {
    let rest = text.get(at + 1..)?;
    let close = rest.get(..rest.floor_char_boundary(30))?.find(']')?;
    let inner = rest.get(..close)?;
    let is_blank = !inner.is_empty() && inner.split(',').all(|part| part.trim() == "?");
    let end = at + 1 + close + 1;
    let before = text.get(..at)?;
    let follows_word = before.strip_suffix([' ', '\u{A0}']).is_some_and(|word| word.ends_with(char::is_alphabetic));
    let ends_clause = text.get(end..)?.starts_with(['.', ',', ';', ')']);
    (is_blank && follows_word && ends_clause).then_some(at..end)
}

/// `(???)` behind a word.
fn pandoc_citation(text: &str, at: usize) -> Option<Range<usize>> {
    let before = text.get(..at)?.strip_suffix(' ')?;
    let end = at + "(???)".len();
    let ends_clause = text.get(end..)?.starts_with(['.', ',', ';']);
    (before.ends_with(char::is_alphabetic) && ends_clause).then_some(at..end)
}

/// `{{cite web|…}}`, `{{citation needed|…}}`: names that no other system has.
fn wiki_template(text: &str, at: usize) -> Option<Range<usize>> {
    const NAMES: [&str; 18] = [
        "cite web",
        "cite news",
        "cite book",
        "cite journal",
        "cite magazine",
        "citation needed",
        "citation|",
        "cn|",
        "sfn|",
        "sfnp|",
        "harvnb|",
        "efn|",
        "refn|",
        "reflist",
        "webarchive",
        "dead link",
        "better source needed",
        "internetquelle",
    ];
    let rest = window(text, at, LONGEST_NOTE);
    let name = rest.get(2..)?.trim_start().get(..30.min(rest.get(2..)?.trim_start().len())).or(Some(""))?;
    let lower = name.to_ascii_lowercase();
    let known = NAMES.into_iter().find(|known| lower.starts_with(known))?;
    let follows = lower.get(known.len()..)?.trim_start().chars().next();
    if !known.ends_with('|') && !matches!(follows, Some('|' | '}')) {
        return None;
    }
    let mut depth = 0_usize;
    let bytes = rest.as_bytes();
    let mut place = 0;
    while place + 1 < bytes.len() {
        match bytes.get(place..place + 2)? {
            b"{{" => depth += 1,
            b"}}" => depth -= 1,
            _ => {
                place += 1;
                continue;
            }
        }
        place += 2;
        if depth == 0 {
            return Some(at..at + place);
        }
    }
    None
}

/// `<ref>…</ref>`, `<ref name="x" />` left in the text.
fn wiki_note(text: &str, at: usize) -> Option<Range<usize>> {
    let rest = window(text, at, LONGEST_NOTE);
    let tag = rest.find('>')?;
    let head = rest.get("<ref".len()..tag)?;
    let is_ref = head.is_empty() || head.starts_with(" name=") || head.starts_with(" group=");
    if !is_ref {
        return None;
    }
    if head.ends_with('/') {
        return Some(at..at + tag + 1);
    }
    let end = rest.find("</ref>")?;
    Some(at..at + end + "</ref>".len())
}

/// `[caption id="…"]`, `[/caption]`, `[vc_row]`, `[embed]`.
fn shortcode(text: &str, at: usize) -> Option<Range<usize>> {
    let rest = text.get(at + 1..)?;
    let inner = rest.strip_prefix('/').unwrap_or(rest);
    let with_attributes = ["caption ", "gallery ", "playlist ", "audio ", "video ", "embed "];
    let bare = ["caption]", "embed]", "footnote]", "gallery]"];
    let prefixes = ["vc_row", "vc_column", "et_pb_", "su_quote", "su_note", "fusion_builder_", "fusion_text"];
    let is_attributed = with_attributes.iter().any(|name| inner.starts_with(name));
    let is_closing = rest.starts_with('/') && bare.iter().any(|name| inner.starts_with(name));
    let is_prefixed = prefixes.iter().any(|name| inner.starts_with(name));
    if !(is_attributed || is_closing || is_prefixed) {
        return None;
    }
    let close = rest.get(..rest.floor_char_boundary(600))?.find(']')?;
    let attributes = rest.get(..close)?;
    let fits = !is_attributed || attributes.contains("=\"") || attributes.contains("=\u{201D}");
    let end = at + 1 + close + 1;
    (fits && !text.get(end..)?.starts_with(['(', ':', '['])).then_some(at..end)
}

/// What Word writes where a field's target is gone, in the languages it
/// speaks.
const WORD_ERRORS: &[&str] = &[
    "Error! Reference source not found.",
    "Error! Bookmark not defined.",
    "Error! No bookmark name given.",
    "Error! Hyperlink reference not valid.",
    "Error! No text of specified style in document.",
    "Error! Not a valid link.",
    "Fehler! Verweisquelle konnte nicht gefunden werden.",
    "Fehler! Textmarke nicht definiert.",
    "Fehler! Kein Text mit angegebener Formatvorlage im Dokument.",
    "Erreur ! Source du renvoi introuvable.",
    "Erreur ! Signet non défini.",
    "Erreur\u{A0}! Source du renvoi introuvable.",
    "Erreur\u{A0}! Signet non défini.",
    "¡Error! No se encuentra el origen de la referencia.",
    "¡Error! Marcador no definido.",
    "Errore. L'origine riferimento non è stata trovata.",
    "Errore. Il segnalibro non è definito.",
    "Erro! Fonte de referência não encontrada.",
    "Erro! Indicador não definido.",
    "Fout! Verwijzingsbron niet gevonden.",
    "Fout! Bladwijzer niet gedefinieerd.",
    "Ошибка! Источник ссылки не найден.",
    "Ошибка! Закладка не определена.",
    "Помилка! Джерело посилання не знайдено.",
    "Помилка! Закладку не визначено.",
    "Błąd! Nie można odnaleźć źródła odwołania.",
    "Błąd! Nie zdefiniowano zakładki.",
    "Fel! Hittar inte referenskälla.",
    "Fel! Bokmärket är inte definierat.",
    "Chyba! Nenalezen zdroj odkazů.",
    "错误！未找到引用源。",
    "错误!未找到引用源。",
    "错误！未定义书签。",
    "錯誤! 找不到參照來源。",
    "エラー! 参照元が見つかりません。",
    "エラー! ブックマークが定義されていません。",
    "오류! 참조 원본을 찾을 수 없습니다.",
];
