//! The processes that damage citations on their way to publication
//! (`docs/accuracy.md` describes each).

use crate::article::{Article, Class, Tag, cells_of};
use crate::marker::Marker;
use crate::random::Random;

#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord, Hash)]
pub enum Process {
    ConstantShift,
    ConstantLoss,
    GrowingDrift,
    Uncompensated,
    Overwrite,
    ByteAsChar,
    Utf16AsChar,
    Insertion,
    StaleOffsets,
    FirstMatch,
    DropRepeats,
    OverlapInside,
    OverlapCrossing,
    OverlapEatenEnd,
    OverlapTwice,
    LabelHeadCut,
    LabelTailCut,
    UrlCut,
    LeftoverTokens,
    Flattened,
}

pub const PROCESSES: &[Process] = &[
    Process::ConstantShift,
    Process::ConstantLoss,
    Process::GrowingDrift,
    Process::Uncompensated,
    Process::Overwrite,
    Process::ByteAsChar,
    Process::Utf16AsChar,
    Process::Insertion,
    Process::StaleOffsets,
    Process::FirstMatch,
    Process::DropRepeats,
    Process::OverlapInside,
    Process::OverlapCrossing,
    Process::OverlapEatenEnd,
    Process::OverlapTwice,
    Process::LabelHeadCut,
    Process::LabelTailCut,
    Process::UrlCut,
    Process::LeftoverTokens,
    Process::Flattened,
];

impl Process {
    pub fn name(self) -> &'static str {
        match self {
            Self::ConstantShift => "constant-shift",
            Self::ConstantLoss => "constant-loss",
            Self::GrowingDrift => "growing-drift",
            Self::Uncompensated => "growing-drift, inserted",
            Self::Overwrite => "overwrite, anywhere",
            Self::ByteAsChar => "byte-as-char",
            Self::Utf16AsChar => "utf16-as-char",
            Self::Insertion => "insertion",
            Self::StaleOffsets => "stale-offsets",
            Self::FirstMatch => "first-match",
            Self::DropRepeats => "repeats dropped",
            Self::OverlapInside => "overlap, inside",
            Self::OverlapCrossing => "overlap, crossing",
            Self::OverlapEatenEnd => "overlap, eaten end",
            Self::OverlapTwice => "overlap, twice",
            Self::LabelHeadCut => "label, head cut",
            Self::LabelTailCut => "label, tail cut",
            Self::UrlCut => "URL cut",
            Self::LeftoverTokens => "leftover tokens",
            Self::Flattened => "flattened blocks",
        }
    }

    /// Whether the process can act on citations of this form.
    pub fn fits(self, marker: Marker) -> bool {
        match self {
            Self::OverlapInside | Self::OverlapCrossing | Self::OverlapEatenEnd | Self::LabelHeadCut => {
                matches!(marker, Marker::Domain)
            }
            Self::LabelTailCut => matches!(marker, Marker::Domain | Marker::NamedLink),
            Self::OverlapTwice => marker.shows_host() || marker == Marker::NamedLink,
            Self::UrlCut => marker == Marker::Domain,
            Self::LeftoverTokens => marker.is_token(),
            // A number behind a word is where numbers stand: nobody could tell.
            Self::FirstMatch => !marker.is_mark() && !marker.is_token(),
            Self::DropRepeats | Self::Flattened => marker.shows_host(),
            _ => true,
        }
    }

    /// Whether one rule decides where every label goes.
    pub fn is_systematic(self) -> bool {
        matches!(
            self,
            Self::ConstantShift
                | Self::ConstantLoss
                | Self::GrowingDrift
                | Self::Uncompensated
                | Self::ByteAsChar
                | Self::Utf16AsChar
                | Self::StaleOffsets
        )
    }

    /// Does the damage; the article's sites tell what was done.
    pub fn run(self, article: &mut Article, random: &mut Random) {
        match self {
            Self::ConstantShift => constant_shift(article, random),
            Self::ConstantLoss => constant_loss(article, random),
            Self::GrowingDrift => growing_drift(article, random),
            Self::Uncompensated => uncompensated(article, random),
            Self::Overwrite => overwrite(article, random),
            Self::ByteAsChar => drifting_insertion(article, random, |c| c.len_utf8() - 1),
            Self::Utf16AsChar => {
                sprinkle(article, random);
                drifting_insertion(article, random, |c| c.len_utf16() - 1);
            }
            Self::Insertion => insertion(article, random),
            Self::StaleOffsets => stale_offsets(article, random),
            Self::FirstMatch => first_match(article, random),
            Self::DropRepeats => drop_repeats(article),
            Self::OverlapInside | Self::OverlapCrossing | Self::OverlapEatenEnd | Self::OverlapTwice => {
                overlap(self, article, random);
            }
            Self::LabelHeadCut | Self::LabelTailCut => cut_label(self, article, random),
            Self::UrlCut => cut_url(article, random),
            Self::LeftoverTokens => {}
            Self::Flattened => flatten(article, random),
        }
    }
}

fn numbers(article: &Article) -> usize {
    article.cited.len()
}

/// Raw markers were long; their spans, moved by a constant, were overwritten
/// with the short label. What was left of the raw markers was reduced to
/// labels, or taken out.
fn constant_shift(article: &mut Article, random: &mut Random) {
    let shift = random.between(90, 700);
    let keeps = random.chance(70);
    for number in (0..numbers(article)).rev() {
        let Some(own) = article.range_of(Tag::Genuine(number)) else { continue };
        let length = random.between(5, 250);
        let start = own.end + shift - length.min(shift);
        let label = article.label(number);
        if article.overwrite(start..start + length, &label, Class::Splice) && !keeps {
            article.remove(number);
        }
    }
}

/// Every label takes the same few characters that follow it.
fn constant_loss(article: &mut Article, random: &mut Random) {
    let loss = random.between(5, 14);
    let share = random.between(50, 100);
    for number in (0..numbers(article)).rev() {
        if !random.chance(share) {
            continue;
        }
        let Some(own) = article.range_of(Tag::Genuine(number)) else { continue };
        let gone = own.end..own.end + loss;
        let is_prose = article
            .cells
            .get(own.end..own.end + loss + 3)
            .is_some_and(|cells| cells.iter().all(|cell| cell.tag == Tag::Prose));
        if is_prose {
            let taken = article.cells.drain(gone).map(|cell| cell.c).collect();
            let label = article.label(number);
            article.rewrite(number, &label, Class::Splice);
            if let Some(site) = article.sites.last_mut() {
                site.taken = taken;
            }
        }
    }
}

/// Labels replace raw markers from left to right, and nobody moves the later
/// offsets when the text shrinks.
fn growing_drift(article: &mut Article, random: &mut Random) {
    let mut drift = 0;
    let keeps = random.chance(70);
    let lengths: Vec<usize> = (0..numbers(article)).map(|_| random.between(20, 120)).collect();
    let mut edits = Vec::new();
    for (number, length) in lengths.into_iter().enumerate() {
        let Some(own) = article.range_of(Tag::Genuine(number)) else { continue };
        let label = article.label(number);
        if drift > 0 {
            edits.push((own.end + drift, length, number));
        }
        drift += length.saturating_sub(label.chars().count() / 2);
    }
    for (start, length, number) in edits.into_iter().rev() {
        let label = article.label(number);
        if article.overwrite(start..start + length, &label, Class::Splice) && !keeps {
            article.remove(number);
        }
    }
}

/// Labels over stretches anywhere: no process to find.
fn overwrite(article: &mut Article, random: &mut Random) {
    for number in (0..numbers(article)).rev() {
        if !random.chance(40) {
            continue;
        }
        let length = random.between(5, 250);
        let start = random.between(3, article.cells.len());
        let label = article.label(number);
        if article.overwrite(start..start + length, &label, Class::Splice) && random.chance(40) {
            article.remove(number);
        }
    }
}

/// Insertion at the offset counted in one unit and used as another. Offsets
/// are those of the text without citations, as vendors give them.
fn drifting_insertion(article: &mut Article, random: &mut Random, extra: fn(char) -> usize) {
    let is_spaced = random.chance(30);
    let places = take_out(article);
    for (place, number) in places.into_iter().rev() {
        let drift: usize = article.cells[..place].iter().map(|cell| extra(cell.c)).sum();
        put_back(article, place, drift, number, is_spaced);
    }
}

/// Labels are put in from left to right at the offsets of the text without
/// any, and nobody moves the later offsets when the text grows.
fn uncompensated(article: &mut Article, random: &mut Random) {
    let is_spaced = random.chance(30);
    for (place, number) in take_out(article) {
        let is_first = article.range_of(Tag::Genuine(number)).is_none() && article.sites.is_empty();
        let label = article.label(number);
        if is_first && article.cells[..place].iter().all(|cell| cell.tag == Tag::Prose) {
            article.cells.splice(place..place, cells_of(&label, Tag::Genuine(number)));
        } else if article.overwrite(place..place, &label, Class::Splice)
            && is_spaced
            && article.cells[place - 1].c != ' '
        {
            article.cells.splice(place..place, cells_of(" ", Tag::Prose));
        }
    }
}

/// Takes all citations out and gives the place of each in what is left.
fn take_out(article: &mut Article) -> Vec<(usize, usize)> {
    let start = |number: &usize| article.range_of(Tag::Genuine(*number)).map(|range| range.start);
    let mut order: Vec<usize> = (0..numbers(article)).collect();
    order.sort_by_key(start);
    order.into_iter().filter_map(|number| Some((article.remove(number)?, number))).collect()
}

/// Puts a citation back, `drift` characters too late.
fn put_back(article: &mut Article, place: usize, drift: usize, number: usize, is_spaced: bool) {
    let label = article.label(number);
    let at = place + drift;
    if drift == 0 {
        let cells = cells_of(&label, Tag::Genuine(number));
        article.cells.splice(at..at, cells);
    } else if article.overwrite(at..at, &label, Class::Splice) && is_spaced && article.cells[at - 1].c != ' ' {
        article.cells.splice(at..at, cells_of(" ", Tag::Prose));
    }
}

/// Puts label `number` at `at` and takes it from where it was.
fn insert(article: &mut Article, at: usize, number: usize, moved: bool, is_spaced: bool) {
    let label = article.label(number);
    if moved && article.overwrite(at..at, &label, Class::Splice) {
        if is_spaced && article.cells[at - 1].c != ' ' {
            article.cells.splice(at..at, cells_of(" ", Tag::Prose));
        }
        article.remove(number);
    }
}

/// Characters outside the basic plane, at the ends of words.
fn sprinkle(article: &mut Article, random: &mut Random) {
    for _ in 0..random.between(2, 9) {
        let at = random.between(0, article.cells.len() / 2);
        let found =
            (at..article.cells.len()).find(|at| article.cells[*at].c == ' ' && article.cells[*at].tag == Tag::Prose);
        if let Some(at) = found {
            article.cells.splice(at..at, cells_of(random.pick::<&str>(&[" 🙂", " 🚀", " 👍🏽", " 🎉"]), Tag::Prose));
        }
    }
}

fn insertion(article: &mut Article, random: &mut Random) {
    let is_spaced = random.chance(30);
    for number in (0..numbers(article)).rev() {
        if random.chance(50) {
            let at = random.between(3, article.cells.len());
            insert(article, at, number, true, is_spaced);
        }
    }
}

/// A clean-up took characters out before the citations, and their offsets
/// stayed.
fn stale_offsets(article: &mut Article, random: &mut Random) {
    let every = random.between(60, 400);
    let step = random.between(1, 4);
    let is_spaced = random.chance(20);
    let places = take_out(article);
    for (place, number) in places.into_iter().rev() {
        put_back(article, place, place / every * step, number, is_spaced);
    }
}

/// The claim was searched for as text, and found too early.
fn first_match(article: &mut Article, random: &mut Random) {
    let is_spaced = random.chance(50);
    for number in (0..numbers(article)).rev() {
        let Some(own) = article.range_of(Tag::Genuine(number)) else { continue };
        let before: Vec<char> = article.cells[..own.start].iter().rev().map(|cell| cell.c).take(60).collect();
        let word: Vec<char> = before
            .into_iter()
            .skip_while(|c| !c.is_alphanumeric())
            .take_while(|c| c.is_alphanumeric())
            .take(4)
            .collect();
        let word: Vec<char> = word.into_iter().rev().collect();
        if word.len() < 2 {
            continue;
        }
        let stands = |at: usize| word.iter().enumerate().all(|(step, c)| article.cells[at + step].c == *c);
        if let Some(at) = (0..own.start.saturating_sub(60)).find(|at| stands(*at)) {
            insert(article, at + word.len(), number, true, is_spaced);
        }
    }
}

/// Sources kept once, by their last citation: nothing is damaged.
fn drop_repeats(article: &mut Article) {
    for number in (0..numbers(article)).rev() {
        if article.cited[number + 1..].contains(&article.cited[number]) {
            article.remove(number);
        }
    }
}

fn overlap(process: Process, article: &mut Article, random: &mut Random) {
    for number in 0..numbers(article) {
        if !random.chance(50) {
            continue;
        }
        let outer = article.label(number);
        let inner = article.label(random.between(0, numbers(article) - 1));
        let is_same = inner == outer;
        let letters: Vec<char> = outer.chars().collect();
        let inner_letters: Vec<char> = inner.chars().collect();
        let cut = random.between(3, letters.len().saturating_sub(3).max(3));
        let head: String = letters[..cut].iter().collect();
        let tail: String = letters[cut..].iter().collect();
        let text = match process {
            Process::OverlapTwice => format!("{outer}{}{outer}", if random.chance(50) { " " } else { "" }),
            _ if is_same => continue,
            Process::OverlapInside => format!("{head}{inner}{tail}"),
            Process::OverlapCrossing => format!("{head}{inner}"),
            // The later label begins inside the earlier one and keeps its end.
            _ => {
                let kept = random.between(2, inner_letters.len() / 2);
                let rest: String = inner_letters[kept..].iter().collect();
                format!("{outer}{rest}")
            }
        };
        article.rewrite(number, &text, Class::Overlap);
    }
}

fn cut_label(process: Process, article: &mut Article, random: &mut Random) {
    for number in 0..numbers(article) {
        if !random.chance(50) {
            continue;
        }
        let letters: Vec<char> = article.label(number).chars().collect();
        // At least four letters are left, and at least two are gone.
        let most = match article.marker {
            Marker::NamedLink => letters.iter().position(|c| *c == ']').unwrap_or(letters.len()),
            _ => letters.len(),
        };
        if most < 9 {
            continue;
        }
        let cut = random.between(6, most - 3);
        let text: String = match process {
            Process::LabelHeadCut => letters[letters.len() - cut..].iter().collect(),
            _ => letters[..cut].iter().collect(),
        };
        article.rewrite(number, &text, Class::Truncated);
    }
}

fn cut_url(article: &mut Article, random: &mut Random) {
    for number in 0..numbers(article) {
        let source = &article.sources[article.cited[number]];
        let url = format!("https://{}/{}", source.host, source.path);
        let letters: Vec<char> = url.chars().collect();
        if !random.chance(60) {
            continue;
        }
        let cut = random.between(14, letters.len() - 2);
        let head: String = letters[..cut].iter().collect();
        let text = if random.chance(70) { format!("({head}…)") } else { format!("({head}...)") };
        article.rewrite(number, &text, Class::Truncated);
    }
}

/// Headings, and lists, whose line ends are gone.
fn flatten(article: &mut Article, random: &mut Random) {
    let mut at = 0;
    while let Some(next) = (at..article.cells.len()).find(|at| article.cells[*at].c == '\n') {
        let is_prose = article.cells[next].tag == Tag::Prose;
        let ends = next > 2 && obelus::language::ends_sentence(article.cells[next - 1].c);
        if is_prose && ends && random.chance(50) {
            let heading: String = article.cells[next..]
                .iter()
                .take_while(|cell| cell.tag == Tag::Prose)
                .map(|cell| cell.c)
                .skip_while(|c| c.is_whitespace())
                .take_while(|c| *c != '\n' && *c != '.')
                .take(24)
                .collect();
            let lines = article.cells[next..].iter().take_while(|cell| cell.c.is_whitespace()).count();
            article.sites.push(crate::article::Site { class: Class::Layout, taken: String::new() });
            let mut cells = cells_of(" ", Tag::Prose);
            cells.extend(cells_of("## ", Tag::Site(article.sites.len() - 1)));
            cells.extend(cells_of(&format!("{} ", heading.trim()), Tag::Prose));
            article.cells.splice(next..next + lines, cells);
        }
        at = next + 1;
    }
}
