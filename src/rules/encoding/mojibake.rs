//! UTF-8 that was read in a legacy encoding.
//!
//! Each character of the original became two to four characters, whose legacy
//! bytes are still its UTF-8. So the proof is a round trip: encode the run in
//! the legacy encoding, and it must be valid UTF-8. Real text passes that test
//! by chance now and then (`kříž”`, `ROMÃ”`), so a run must also look like
//! nothing a language writes.

use encoding_rs::{Encoding, MACINTOSH, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252, WINDOWS_1254};

use memchr::memchr2_iter;

use crate::document::Document;
use crate::finding::{Confidence, Evidence, Finding, Fix, Provenance};
use crate::language::{closes, is_quote, opens};
use crate::rules::TextContext;
use crate::text::{Edit, EditSet, Span, offset};

use super::{PlainProse, neighbours};

rule! {
    /// # What it finds
    ///
    /// Text whose encoding was mistaken once on its way: `cafÃ©` for `café`, `donâ€™t` for `don’t`, `РїСЂРё` for `при`.
    ///
    /// # Why it matters
    ///
    /// Names and quotations become unreadable, and no search finds them.
    ///
    /// # How it knows
    ///
    /// The garbled characters, written in the legacy encoding, must give valid UTF-8 again: Windows-1252, 1250, 1251, 1254 and Mac Roman are tried. Besides, they must be what no language writes: a capital in the middle of a word followed by a sign, `â€` before a sign, several such groups in a row. The evidence shows what the characters stand for.
    ///
    /// # Example
    ///
    ///     The cafÃ© by the quay isnâ€™t open yet.
    ///
    /// # Repaired
    ///
    /// By the same round trip, which proves itself.
    ///
    /// # Limits
    ///
    /// Legacy text that was read in another legacy encoding (`Ïðèâåò`) leaves no proof and is not claimed. Code, and paragraphs that speak of encodings, are left out.
    name: "encoding/mojibake", family: Encoding, severity: Warning,
    summary: "text decoded with the wrong encoding",
    check: Text(check),
}

const CERTAIN: Confidence = Confidence::from_thousandths(970);

/// A legacy encoding, and how text looks that was read in it.
struct Codec {
    encoding: &'static Encoding,
    name: &'static str,
    /// What a garbled character may begin with.
    leads: &'static [&'static str],
    /// The first bytes of those.
    lead_bytes: [u8; 2],
}

const CODECS: &[Codec] = &[
    Codec { encoding: WINDOWS_1252, name: "Windows-1252", leads: LATIN_LEADS, lead_bytes: [0xC3, 0xC3] },
    Codec { encoding: WINDOWS_1251, name: "Windows-1251", leads: CYRILLIC_LEADS, lead_bytes: [0xD0, 0xD0] },
    Codec { encoding: WINDOWS_1250, name: "Windows-1250", leads: EASTERN_LEADS, lead_bytes: [0xC3, 0xC4] },
    Codec { encoding: WINDOWS_1254, name: "Windows-1254", leads: TURKISH_LEADS, lead_bytes: [0xC3, 0xC3] },
    Codec { encoding: MACINTOSH, name: "Mac Roman", leads: MAC_LEADS, lead_bytes: [0xE2, 0xE2] },
];

const LATIN_LEADS: &[&str] =
    &["â", "Ã", "Â", "Ä", "Å", "Ð", "Ñ", "Î", "Ï", "ð", "ã", "å", "æ", "ç", "ä", "è", "é", "ì", "í", "ê", "à"];
const CYRILLIC_LEADS: &[&str] = &["вЂ", "в„", "Р", "С", "Т", "Г", "В"];
const EASTERN_LEADS: &[&str] = &["â€", "Ă", "Ĺ", "Ä"];
const TURKISH_LEADS: &[&str] = &["Ä", "Å", "Ã"];
const MAC_LEADS: &[&str] = &["‚Ä", "√"];

fn check(context: &TextContext<'_>, findings: &mut Vec<Finding>) {
    let document = context.document;
    if document.text.is_ascii() {
        return;
    }
    let mut garbled: Vec<Garbled> = Vec::new();
    for codec in CODECS {
        garbled.extend(find(document, codec));
    }
    // Stable: where two encodings explain a run, the commoner one does.
    garbled.sort_by_key(|garbled| garbled.span.start);
    garbled.dedup_by(|next, kept| next.span.overlaps(kept.span));
    for Garbled { span, meant, name } in garbled {
        let message = format!("“{}” is “{meant}”: UTF-8 that was read as {name}", span.slice(&document.text));
        let mut finding = Finding::new(&META, span, CERTAIN, message);
        let edit = context.source(span).map(|span| Edit::new(span, document.written(&meant)));
        finding.fix = edit
            .and_then(|edit| EditSet::new(vec![edit]))
            .map(|edits| Fix::new(Provenance::RoundTrip, "write what the characters stand for", edits));
        finding.evidence = vec![Evidence::new("decoded", meant), Evidence::new("read-as", name)];
        findings.push(finding);
    }
}

/// A run of garbled characters and what they stand for.
struct Garbled {
    span: Span,
    meant: String,
    name: &'static str,
}

fn find(document: &Document, codec: &Codec) -> Vec<Garbled> {
    let text = &document.text;
    let bytes = text.as_bytes();
    let mut found: Vec<Garbled> = Vec::new();
    let mut prose = PlainProse::of(document);
    let mut decoded = 0;
    let [first, second] = codec.lead_bytes;
    for at in memchr2_iter(first, second, bytes) {
        let rest = text.get(at..).unwrap_or_default();
        // A garbled character is never followed by ASCII.
        let is_followed = |lead: &&&str| rest.as_bytes().get(lead.len()).is_some_and(|next| !next.is_ascii());
        let begins = codec.leads.iter().filter(is_followed).any(|lead| rest.starts_with(lead));
        if !begins || at < decoded || !prose.holds(Span::new(offset(at), offset(at))) {
            continue;
        }
        let (end, garbled) = decode_run(document, codec, offset(at));
        decoded = end;
        found.extend(garbled);
    }
    found
}

/// Longest run decoded in one piece, in characters.
const LONGEST: usize = 400;

/// The groups from `start` on that decode, if they look like no language, and
/// where they end.
fn decode_run(document: &Document, codec: &Codec, start: u32) -> (usize, Option<Garbled>) {
    let rest = document.text.get(start as usize..).unwrap_or_default();
    let mut groups: Vec<Group> = Vec::new();
    let mut end = 0;
    while let Some(group) = rest.get(end..).and_then(|rest| Group::first(rest, codec.encoding)) {
        end += group.written.len();
        groups.push(group);
        if groups.len() == LONGEST {
            break;
        }
    }
    let span = Span::new(start, start + offset(end));
    let (before, after) = neighbours(&document.text, span);
    let is_shown = before.is_some_and(|c| is_quote(c) || opens(c)) && after.is_some_and(|c| is_quote(c) || closes(c));
    let garbled = (!is_shown && convince(&groups, before, after)).then(|| {
        let meant = groups.iter().map(|group| group.meant).collect();
        Garbled { span, meant, name: codec.name }
    });
    (span.end as usize, garbled)
}

/// Whether no language writes these groups between these characters.
fn convince(groups: &[Group<'_>], before: Option<char>, after: Option<char>) -> bool {
    let Some(first) = groups.first() else { return false };
    let is_word = |c: Option<char>| c.is_some_and(char::is_lowercase);
    groups.iter().any(Group::is_unmistakable)
        || 3 <= groups.len()
        || 2 <= groups.len() && groups.iter().any(|group| !group.is_ordinary())
        || first.is_odd_capital() && (is_word(before) || is_word(after) && !first.is_ordinary())
}

/// What became of one character.
struct Group<'a> {
    written: &'a str,
    meant: char,
}

impl<'a> Group<'a> {
    /// The group that `rest` begins with: its legacy bytes are the UTF-8 of
    /// one character.
    fn first(rest: &'a str, encoding: &'static Encoding) -> Option<Self> {
        let lead = rest.chars().next().filter(|c| !c.is_ascii())?;
        let mut buffer = [0; 4];
        let (lead_byte, _, lost) = encoding.encode(lead.encode_utf8(&mut buffer));
        let width = match lead_byte.first()? {
            _ if lost => return None,
            0xC2..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF4 => 4,
            _ => return None,
        };
        let end = rest.char_indices().nth(width).map_or(rest.len(), |(at, _)| at);
        let written = rest.get(..end)?;
        let (bytes, _, lost) = encoding.encode(written);
        let mut meant = std::str::from_utf8(&bytes).ok()?.chars();
        let only = meant.next()?;
        (!lost && meant.next().is_none() && is_written_by_people(only)).then_some(Self { written, meant: only })
    }

    /// `â€™`, `â€œ`, `вЂ™`, `‚Äô`, an emoji: signs that no text has in a row.
    fn is_unmistakable(&self) -> bool {
        let is_sign = matches!(self.meant, '\u{2010}'..='\u{2044}' | '\u{20AC}' | '\u{2122}' | '\u{2190}'..='\u{21FF}');
        let is_emoji = self.written.starts_with("ðŸ");
        let begins = ["â€", "â„¢", "â‚¬", "вЂ", "в„ў", "‚Ä", "â†"].iter().any(|lead| self.written.starts_with(lead));
        is_sign && begins || is_emoji
    }

    /// Whether everything after the lead may follow a letter in good text:
    /// quotation marks, dashes, trade marks, spaces.
    fn is_ordinary(&self) -> bool {
        self.written.chars().skip(1).all(|c| {
            is_quote(c)
                || c.is_alphabetic()
                || matches!(
                    c,
                    '–' | '—'
                        | '…'
                        | '\u{A0}'
                        | '™'
                        | '®'
                        | '©'
                        | '°'
                        | 'º'
                        | 'ª'
                        | '•'
                        | '·'
                        | '€'
                        | '¿'
                        | '¡'
                )
        })
    }

    /// A capital or a root sign that stands for one Latin letter or sign.
    fn is_odd_capital(&self) -> bool {
        self.written.starts_with(['Ã', 'Â', 'Ä', 'Å', 'Ă', 'Ĺ', '√'])
            && matches!(self.meant, '\u{A0}'..='\u{17F}' | '\u{218}'..='\u{21B}')
    }
}

/// Letters and signs of living scripts: chance groups decode to odd corners
/// of Unicode more often than not.
fn is_written_by_people(c: char) -> bool {
    matches!(c, '\u{A0}'..='\u{24F}' | '\u{2B0}'..='\u{52F}' | '\u{5D0}'..='\u{6FF}' | '\u{900}'..='\u{DFF}'
        | '\u{E01}'..='\u{E5B}' | '\u{10A0}'..='\u{10FF}' | '\u{1E00}'..='\u{1EFF}' | '\u{2010}'..='\u{205E}'
        | '\u{20A0}'..='\u{20BF}' | '\u{2100}'..='\u{2BFF}' | '\u{3000}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}'
        | '\u{AC00}'..='\u{D7A3}' | '\u{FE0F}' | '\u{FF00}'..='\u{FFEF}' | '\u{1F300}'..='\u{1FAFF}')
}
