//! A clean article with citations, as cells that remember where they come
//! from, so that whatever a process does to them the truth can be read off.

use obelus::document::Format;
use obelus::language::{closes, ends_sentence, is_dangling, is_inside_word, is_spaced_letter, is_unspaced_letter};

use crate::corpus::Prose;
use crate::marker::{Marker, Source, sources};
use crate::random::Random;

/// What a character is part of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tag {
    Prose,
    /// A citation where it belongs, by its number.
    Genuine(usize),
    /// A citation, or a piece of one, as a process left it, by its site.
    Site(usize),
}

#[derive(Clone, Copy)]
pub struct Cell {
    pub c: char,
    pub tag: Tag,
}

/// Where an article sets its citations.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    /// `The end. (host)`
    AfterStop,
    /// `The end (host).`
    BeforeStop,
    /// `A clause (host), and another`
    BeforeComma,
    /// `A clause,¹ and another`
    AfterComma,
    /// `A phrase (host) in its sentence`, as encyclopedias do.
    Phrase,
}

#[derive(Clone)]
pub struct Article {
    pub cells: Vec<Cell>,
    pub marker: Marker,
    pub sources: Vec<Source>,
    /// For each citation, in order, the index of its source.
    pub cited: Vec<usize>,
    /// What process made each site, and what it took.
    pub sites: Vec<Site>,
    pub entries: String,
    /// Whether its citations stand at the ends of sentences by habit.
    pub is_strict: bool,
}

/// One damaged place.
#[derive(Clone, Debug)]
pub struct Site {
    pub class: Class,
    /// Prose that is gone.
    pub taken: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord, Hash)]
pub enum Class {
    Splice,
    Overlap,
    Truncated,
    Residue,
    Layout,
}

pub fn cells_of(text: &str, tag: Tag) -> Vec<Cell> {
    text.chars().map(|c| Cell { c, tag }).collect()
}

/// Sets `count` citations into clean prose; `None` where it has too few
/// sentences.
pub fn plant(prose: &Prose, marker: Marker, count: usize, random: &mut Random) -> Option<Article> {
    let mut cells = cells_of(prose.text.trim_end(), Tag::Prose);
    let style = match random.between(0, 99) {
        0..60 => Style::AfterStop,
        60..80 => Style::BeforeStop,
        80..90 if marker.is_mark() && random.chance(60) => Style::AfterComma,
        80..90 => Style::BeforeComma,
        // Products set tokens behind statements, not behind phrases.
        _ if marker.is_token() => Style::AfterStop,
        _ => Style::Phrase,
    };
    let mut ends = match style {
        Style::BeforeComma => commas(&cells),
        Style::AfterComma => commas(&cells).into_iter().map(|at| at + 1).collect(),
        Style::Phrase => word_ends(&cells),
        _ => sentence_ends(&cells),
    };
    random.shuffle(&mut ends);
    ends.truncate(count);
    // Who cites behind sentences cites before a comma now and then.
    let mut mixed = if random.chance(40) && style != Style::BeforeComma { commas(&cells) } else { Vec::new() };
    random.shuffle(&mut mixed);
    mixed.truncate(ends.len() / 4);
    ends.truncate(ends.len() - mixed.len());
    ends.extend(&mixed);
    ends.sort_unstable();
    ends.dedup_by(|next, kept| *next < *kept + 60);
    if ends.len() < 3 {
        return None;
    }
    let few = random.between(2, ends.len().max(3));
    let mut sources = sources(random, few);
    let mut cited: Vec<usize> = (0..ends.len()).map(|_| random.between(0, sources.len() - 1)).collect();
    let is_unspaced = cells.iter().filter(|cell| is_unspaced_letter(cell.c)).count() * 3 > cells.len();
    let is_glued = marker.is_mark() || is_unspaced && random.chance(50) || marker.is_token() && random.chance(40);
    let is_spaced = !is_glued;
    for (number, end) in ends.iter().enumerate().rev() {
        let at = match style {
            Style::BeforeStop if !mixed.contains(end) => stop_of(&cells, *end),
            _ => *end,
        };
        let source = cited[number];
        let mut label = cells_of(if is_spaced { " " } else { "" }, Tag::Prose);
        label.extend(cells_of(&marker.write(&sources[source], source), Tag::Genuine(number)));
        let follows_at_once = cells.get(at).is_some_and(|cell| !cell.c.is_whitespace() && style == Style::AfterStop);
        if follows_at_once && is_spaced {
            label.extend(cells_of(" ", Tag::Prose));
        }
        cells.splice(at..at, label);
    }
    if marker == Marker::Domain && random.chance(35) {
        gloss(&mut cells, &mut sources, &mut cited, random);
    }
    let entries = marker.entries(&sources);
    let is_strict = matches!(style, Style::AfterStop | Style::BeforeStop);
    Some(Article { cells, marker, sources, cited, sites: Vec::new(), entries, is_strict })
}

/// `Reuters (reuters.com) says`: a source named in the sentence, with its host
/// behind the name, or the host of whom the name belongs to.
fn gloss(cells: &mut Vec<Cell>, sources: &mut Vec<Source>, cited: &mut Vec<usize>, random: &mut Random) {
    let mut names = Vec::new();
    for at in 2..cells.len().saturating_sub(2) {
        let begins = cells[at].c.is_ascii_uppercase() && !cells[at - 1].c.is_ascii_alphanumeric();
        let in_sentence =
            cells[at - 2].c.is_lowercase() && cells[at - 1].c == ' ' || is_unspaced_letter(cells[at - 1].c);
        let word: String = cells[at..].iter().map(|cell| cell.c).take_while(char::is_ascii_alphanumeric).collect();
        let around = cells[at - 2..cells.len().min(at + word.len() + 3)].iter();
        if begins && in_sentence && word.len() >= 4 && around.clone().all(|cell| cell.tag == Tag::Prose) {
            names.push((at + word.len(), word));
        }
    }
    random.shuffle(&mut names);
    names.truncate(random.between(1, 3));
    names.sort();
    for (at, word) in names.into_iter().rev() {
        let stem = if random.chance(75) { word.to_lowercase() } else { format!("{}group", &word.to_lowercase()[..3]) };
        let host = format!("{stem}.{}", random.pick(&["com", "org", "de", "co.uk"]));
        let is_unspaced = cells.get(at).is_some_and(|cell| is_unspaced_letter(cell.c)) && random.chance(70);
        let is_spaced = !is_unspaced;
        sources.push(Source { host: host.clone(), name: word, path: String::new() });
        cited.push(sources.len() - 1);
        let text = format!("{}({host})", if is_spaced { " " } else { "" });
        let mut label = cells_of(&text, Tag::Genuine(cited.len() - 1));
        if is_spaced {
            label[0].tag = Tag::Prose;
        }
        cells.splice(at..at, label);
    }
}

/// Indices of commas between words.
fn commas(cells: &[Cell]) -> Vec<usize> {
    let is_comma = |c: char| matches!(c, ',' | '，' | '、');
    (20..cells.len().saturating_sub(2))
        .filter(|at| is_comma(cells[*at].c) && cells[*at - 1].c.is_alphabetic())
        .collect()
}

/// Whether a new phrase begins with `word`: a preposition, a conjunction, a
/// pronoun that joins.
fn begins_phrase(word: &str) -> bool {
    const WORDS: &str = "and or but nor which who whom whose that when where while because although if as \
        in on at of for to with from by into over under between through during before after since until against about \
        und oder aber die der das wenn weil obwohl in auf bei von für mit aus nach vor zwischen durch \
        et ou mais qui que dont où quand car si dans sur avec pour par de des du sans entre chez vers \
        y o pero que cuando donde porque si en con para por de del sin entre desde hasta \
        и или но а который которая которое которые что чтобы когда где если в на с для по из от до при без \
        і або але що який яка яке які коли де якщо в на з для по від до при без";
    let lower = word.to_lowercase();
    WORDS.split_ascii_whitespace().any(|one| one == lower)
}

/// Indices behind words of some length that a phrase ends with; in scripts
/// without spaces between words, before the particle of a name or noun.
fn word_ends(cells: &[Cell]) -> Vec<usize> {
    // What joins clauses ends with one of these.
    const KOREAN: &str = "고며면만데니";
    const PARTICLES: &str = "はがをにのとでもへ的和在是了与及或对为，、";
    let is_letter = |at: usize| cells[at].c.is_alphabetic();
    let word = |at: usize| -> String {
        let letters: Vec<char> =
            cells[..at].iter().rev().map(|cell| cell.c).take_while(|c| c.is_alphabetic()).collect();
        letters.into_iter().rev().collect()
    };
    let word_after = |at: usize| -> String {
        let letters = cells[at..].iter().map(|cell| cell.c).skip_while(|c| *c == ' ');
        letters.take_while(|c| c.is_alphabetic()).collect()
    };
    let ends = |at: &usize| {
        is_letter(at - 1)
            && is_letter(at - 4)
            && matches!(cells[*at].c, ' ' | ',' | ';')
            && !cells[at - 1].c.is_uppercase()
            && !is_dangling(&word(*at))
            && (cells[*at].c != ' ' || begins_phrase(&word_after(*at)) || KOREAN.contains(cells[at - 1].c))
    };
    let is_parted = |at: usize| {
        let part = |cells: &[Cell]| cells.iter().map(|cell| cell.c).collect::<String>();
        !is_inside_word(&part(&cells[at - 20..at]), &part(&cells[at..cells.len().min(at + 20)]))
    };
    let between = |at: &usize| {
        let follows = PARTICLES.contains(cells[*at].c);
        is_unspaced_letter(cells[at - 1].c) && !PARTICLES.contains(cells[at - 1].c) && follows && is_parted(*at)
    };
    (20..cells.len().saturating_sub(2)).filter(|at| ends(at) || between(at)).collect()
}

/// Indices just behind sentences, closing quotation marks included.
fn sentence_ends(cells: &[Cell]) -> Vec<usize> {
    let mut ends = Vec::new();
    for (at, cell) in cells.iter().enumerate().skip(20) {
        if !ends_sentence(cell.c) || cells[at - 1].c == '.' {
            continue;
        }
        let mut end = at + 1;
        while cells.get(end).is_some_and(|cell| closes(cell.c) || cell.c == '’') {
            end += 1;
        }
        let next = cells.get(end).map(|cell| cell.c);
        let word: Vec<char> = cells[..at].iter().rev().map(|cell| cell.c).take_while(|c| c.is_alphanumeric()).collect();
        let is_wide = !cell.c.is_ascii();
        let begins = |c: char| !c.is_lowercase() && (c.is_alphanumeric() || matches!(c, '“' | '"' | '«' | '¿' | '¡'));
        let behind = cells.get(end + 1).map(|cell| cell.c);
        let is_end = match next {
            None | Some('\n') => true,
            Some(' ') => behind.is_some_and(begins) && (is_wide || word.len() > 3),
            Some(c) => is_wide && is_unspaced_letter(c),
        };
        if is_end && cells[at - 1].c.is_alphanumeric() {
            ends.push(end);
        }
    }
    ends
}

/// The index of the stop of the sentence that ends before `end`.
fn stop_of(cells: &[Cell], end: usize) -> usize {
    (0..end).rev().find(|at| ends_sentence(cells[*at].c)).unwrap_or(end)
}

impl Article {
    /// The label of citation `number`.
    pub fn label(&self, number: usize) -> String {
        let source = self.cited[number];
        self.marker.write(&self.sources[source], source)
    }

    pub fn range_of(&self, tag: Tag) -> Option<std::ops::Range<usize>> {
        let start = self.cells.iter().position(|cell| cell.tag == tag)?;
        let length = self.cells[start..].iter().take_while(|cell| cell.tag == tag).count();
        Some(start..start + length)
    }

    /// Replaces `range`, which must be prose with prose around, by `text` as a
    /// new site; says whether it could.
    pub fn overwrite(&mut self, range: std::ops::Range<usize>, text: &str, class: Class) -> bool {
        let around = range.start.saturating_sub(3)..(range.end + 3).min(self.cells.len());
        let is_prose = self.cells.get(around).is_some_and(|cells| cells.iter().all(|cell| cell.tag == Tag::Prose));
        if !is_prose || range.end + 3 >= self.cells.len() || range.start < 3 {
            return false;
        }
        let taken = self.cells[range.clone()].iter().map(|cell| cell.c).collect();
        self.sites.push(Site { class, taken });
        let cells = cells_of(text, Tag::Site(self.sites.len() - 1));
        self.cells.splice(range, cells);
        true
    }

    /// Turns a genuine citation into a damaged one that reads `text`.
    pub fn rewrite(&mut self, number: usize, text: &str, class: Class) {
        if let Some(range) = self.range_of(Tag::Genuine(number)) {
            self.sites.push(Site { class, taken: String::new() });
            let cells = cells_of(text, Tag::Site(self.sites.len() - 1));
            self.cells.splice(range, cells);
        }
    }

    /// Takes a genuine citation out, with the space before it; gives its place.
    pub fn remove(&mut self, number: usize) -> Option<usize> {
        let mut range = self.range_of(Tag::Genuine(number))?;
        if range.start > 0 && self.cells[range.start - 1].c == ' ' {
            range.start -= 1;
        }
        let place = range.start;
        self.cells.drain(range);
        Some(place)
    }

    pub fn finish(&self, language: &str, process: Option<crate::process::Process>) -> Specimen {
        Specimen::new(self, language, process)
    }
}

/// A finished article with its truth; spans in bytes.
pub struct Specimen {
    pub language: String,
    pub text: String,
    pub format: Format,
    pub marker: Marker,
    pub process: Option<crate::process::Process>,
    pub genuine: Vec<std::ops::Range<usize>>,
    pub damages: Vec<Damage>,
    /// Whether its citations stood at the ends of sentences before.
    pub is_strict: bool,
    /// Every label of the article, whole.
    pub labels: Vec<String>,
}

/// A damaged place with what should be said of it.
#[derive(Clone)]
pub struct Damage {
    pub class: Class,
    pub span: std::ops::Range<usize>,
    /// The span with the pieces of words that touch it.
    pub whole: std::ops::Range<usize>,
    /// Whether a letter touches it.
    pub touches: bool,
    pub lost: usize,
    /// The prose that was there.
    pub taken: String,
    /// Whether the document gives evidence beyond the place itself: the label
    /// repeats the one before it, one process moved four labels or more, or
    /// two others stand at the ends of sentences by habit and this one does not.
    pub has_evidence: bool,
}

impl Specimen {
    fn new(article: &Article, language: &str, process: Option<crate::process::Process>) -> Self {
        let mut text = String::new();
        let mut genuine = Vec::new();
        let mut places: Vec<(usize, std::ops::Range<usize>, usize)> = Vec::new();
        let mut at = 0;
        while at < article.cells.len() {
            let tag = article.cells[at].tag;
            let length = article.cells[at..].iter().take_while(|cell| cell.tag == tag).count();
            let start = text.len();
            text.extend(article.cells[at..at + length].iter().map(|cell| cell.c));
            match tag {
                Tag::Prose => {}
                Tag::Genuine(_) => genuine.push(start..text.len()),
                Tag::Site(site) => places.push((site, start..text.len(), at)),
            }
            at += length;
        }
        text.push_str(&article.entries);
        let is_process = places.len() >= 4 && process.is_some_and(crate::process::Process::is_systematic);
        let has_habit = article.is_strict && genuine.len() >= 2;
        let labels: Vec<std::ops::Range<usize>> = {
            let sites = places.iter().map(|(_, span, _)| span.clone());
            let mut all: Vec<_> = genuine.iter().cloned().chain(sites).collect();
            all.sort_by_key(|span| span.start);
            all
        };
        let damages = places
            .into_iter()
            .map(|(site, span, _)| {
                let Site { class, taken } = article.sites[site].clone();
                let lost = taken.chars().count();
                let before = text[..span.start].chars().rev().take_while(|c| is_spaced_letter(*c));
                let after = text[span.end..].chars().take_while(|c| is_spaced_letter(*c));
                let start = span.start - before.map(char::len_utf8).sum::<usize>();
                let end = span.end + after.map(char::len_utf8).sum::<usize>();
                // A number set right behind a whole word stands where numbers stand.
                let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
                let touches = is_letter(text[..span.start].chars().next_back()) && !article.marker.is_mark()
                    || is_letter(text[span.end..].chars().next());
                let before = text[..span.start].trim_end();
                let is_at_end = before.trim_end_matches(closes).ends_with(ends_sentence)
                    || text[span.end..].starts_with(ends_sentence);
                let previous = labels.iter().rev().find(|label| label.end <= span.start);
                let is_repeat = previous.is_some_and(|previous| text[previous.clone()] == text[span.clone()]);
                let has_evidence = is_repeat || is_process || has_habit && !is_at_end;
                Damage { class, whole: start..end, touches, lost, taken, has_evidence, span }
            })
            .collect();
        Self {
            language: language.to_owned(),
            text,
            format: article.marker.format(),
            marker: article.marker,
            process,
            genuine,
            damages,
            is_strict: article.is_strict,
            labels: (0..article.cited.len()).map(|number| article.label(number)).collect(),
        }
    }
}
