//! How probable it is that somebody set labels at given places of a text.
//!
//! Authors set labels at few of the places that a text has: behind sentences,
//! before their stops, at commas, behind words. How much more often a place is
//! chosen than by chance is the share of labels that a habit sets at places of
//! its kind, by the share that such places have in the text. A label that obeys
//! no habit stands at any place alike.

use crate::language::{closes, ends_clause, ends_sentence, is_quote, is_word_char};

use super::plain::ratio;

/// What a place in a text is, for a label set before its character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    AfterStop,
    BeforeStop,
    AfterClause,
    BeforeClause,
    WordEnd,
    WordStart,
    InWord,
}

const KINDS: usize = 7;

/// How common a habit is, and how it spreads labels over the kinds: behind
/// sentences; before their stops; at both and at clauses; at clauses; behind
/// phrases.
const HABITS: [(f64, [f64; KINDS]); 5] = [
    (0.42, [0.930, 0.010, 0.020, 0.020, 0.014, 0.003, 0.003]),
    (0.20, [0.020, 0.920, 0.010, 0.030, 0.014, 0.003, 0.003]),
    (0.18, [0.440, 0.200, 0.060, 0.190, 0.100, 0.005, 0.005]),
    (0.10, [0.060, 0.050, 0.240, 0.540, 0.100, 0.005, 0.005]),
    (0.10, [0.060, 0.060, 0.050, 0.200, 0.600, 0.010, 0.020]),
];

/// How exactly a place is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exactness {
    /// It is where the label stands.
    Exact,
    /// A space more or less, here and there, was an exporter's.
    Nearly,
    /// Text was taken out piece by piece, so the place lies a little around.
    About,
}

impl Exactness {
    /// The chances of the places from so many characters before on.
    const fn spread(self) -> (usize, &'static [f64]) {
        match self {
            Self::Exact => (0, &[1.0]),
            Self::Nearly => (2, &[0.03, 0.10, 0.74, 0.10, 0.03]),
            Self::About => (3, &[0.12, 0.14, 0.15, 0.18, 0.15, 0.14, 0.12]),
        }
    }
}

/// The places of a text, and how much likelier each is than by chance.
pub(super) struct Places {
    kinds: Vec<Kind>,
    /// For each habit and kind.
    ratios: [[f64; KINDS]; HABITS.len()],
}

impl Places {
    pub(super) fn of(chars: &[char]) -> Self {
        let kinds = kinds(chars);
        let mut counts = [0_usize; KINDS];
        for kind in &kinds {
            if let Some(count) = counts.get_mut(*kind as usize) {
                *count += 1;
            }
        }
        let ratios = HABITS.map(|(_, spread)| {
            let mut ratios = [0.0; KINDS];
            for ((slot, share), count) in ratios.iter_mut().zip(spread).zip(counts) {
                *slot = share / ratio(count.max(1), kinds.len());
            }
            ratios
        });
        Self { kinds, ratios }
    }

    /// How much likelier than by chance a label is that was meant to stand at
    /// `meant`, as far as that is known, and stands at `stands`.
    pub(super) fn sight(&self, meant: usize, stands: usize, exactness: Exactness) -> Sight {
        let (before, chances) = exactness.spread();
        let mut sight = Sight::default();
        for (step, chance) in chances.iter().enumerate() {
            let near = (meant + step).saturating_sub(before);
            sight.add(self.ratios_at(near), *chance, near != stands);
        }
        sight
    }

    /// For each habit how much likelier than by chance a label stands at
    /// `place`.
    pub(super) fn ratios_at(&self, place: usize) -> [f64; HABITS.len()] {
        let kind = self.kinds.get(place).copied().unwrap_or(Kind::InWord);
        self.ratios.map(|ratios| ratios.get(kind as usize).copied().unwrap_or_default())
    }

    /// How many places there are.
    pub(super) fn len(&self) -> usize {
        self.kinds.len()
    }
}

/// For each habit how much likelier than by chance a label is by some
/// hypothesis, and the part of that by which it stands elsewhere than it was
/// meant to.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sight {
    all: [f64; HABITS.len()],
    moved: [f64; HABITS.len()],
}

impl Sight {
    /// Another place where the label may have been meant to stand.
    pub(super) fn add(&mut self, ratios: [f64; HABITS.len()], chance: f64, is_moved: bool) {
        for ((all, moved), ratio) in self.all.iter_mut().zip(&mut self.moved).zip(ratios) {
            *all += chance * ratio;
            *moved += if is_moved { chance * ratio } else { 0.0 };
        }
    }
}

/// By how much labels are likelier than labels anywhere, if so many of them
/// obey no habit; as a logarithm.
pub(super) fn evidence(sights: impl Iterator<Item = Sight>, strays: f64) -> f64 {
    log_of_sum(products(sights, strays).into_iter().zip(HABITS).map(|(product, (prior, _))| prior.ln() + product))
}

fn products(sights: impl Iterator<Item = Sight>, strays: f64) -> [f64; HABITS.len()] {
    let mut products = [Product::default(); HABITS.len()];
    for sight in sights {
        for (product, ratio) in products.iter_mut().zip(sight.all) {
            product.multiply(strays + (1.0 - strays) * ratio);
        }
    }
    products.map(Product::log)
}

/// The probabilities that a label was set by habit and stands elsewhere now, or
/// stands there still.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Told {
    pub(super) moved: f64,
    pub(super) stays: f64,
}

/// What became of each label, in the light of them all.
pub(super) fn told(sights: &[Sight], strays: f64) -> Vec<Told> {
    let mut told = vec![Told::default(); sights.len()];
    let whole = evidence(sights.iter().copied(), strays);
    let products = products(sights.iter().copied(), strays);
    for (habit, (product, (prior, _))) in products.into_iter().zip(HABITS).enumerate() {
        let weight = (prior.ln() + product - whole).exp();
        for (told, sight) in told.iter_mut().zip(sights) {
            let of = |ratios: [f64; HABITS.len()]| (1.0 - strays) * ratios.get(habit).copied().unwrap_or_default();
            let (all, moved) = (of(sight.all), of(sight.moved));
            told.moved += weight * moved / (strays + all);
            told.stays += weight * (all - moved) / (strays + all);
        }
    }
    told
}

fn kinds(chars: &[char]) -> Vec<Kind> {
    let mut kinds = Vec::with_capacity(chars.len() + 1);
    let (mut before, mut is_ended, mut is_wide) = (None, false, false);
    for at in 0..=chars.len() {
        let next = chars.get(at).copied();
        let parts = |c: Option<char>| c.is_none_or(|c| c.is_whitespace() || closes(c) || is_quote(c));
        let ends = |is_end: fn(char) -> bool| {
            next.is_some_and(|c| is_end(c) && (!c.is_ascii() || parts(chars.get(at + 1).copied())))
        };
        kinds.push(match () {
            () if is_ended && (is_wide || next.is_none_or(char::is_whitespace)) => Kind::AfterStop,
            () if ends(ends_sentence) => Kind::BeforeStop,
            () if before.is_some_and(|c: char| ends_clause(c) && (!c.is_ascii() || parts(next))) => Kind::AfterClause,
            () if ends(ends_clause) => Kind::BeforeClause,
            () if !before.is_some_and(is_word_char) => Kind::WordStart,
            () if next.is_some_and(is_word_char) => Kind::InWord,
            () => Kind::WordEnd,
        });
        if let Some(c) = next {
            is_wide = if ends_sentence(c) { !c.is_ascii() } else { is_wide };
            is_ended = ends_sentence(c) || is_ended && (closes(c) || is_quote(c));
        }
        before = next;
    }
    kinds
}

/// A product that no float could hold; taking a logarithm of each factor would
/// cost more than all the rest.
#[derive(Clone, Copy)]
struct Product {
    log: f64,
    rest: f64,
}

impl Default for Product {
    fn default() -> Self {
        Self { log: 0.0, rest: 1.0 }
    }
}

impl Product {
    fn multiply(&mut self, factor: f64) {
        const HELD: std::ops::Range<f64> = 1e-200..1e200;
        self.rest *= factor;
        if !HELD.contains(&self.rest) {
            self.log += self.rest.ln();
            self.rest = 1.0;
        }
    }

    fn log(self) -> f64 {
        self.log + self.rest.ln()
    }
}

/// The logarithm of a sum, of the logarithms of its parts.
pub(super) fn log_of_sum(parts: impl Iterator<Item = f64> + Clone) -> f64 {
    let most = parts.clone().fold(f64::NEG_INFINITY, f64::max);
    if most == f64::NEG_INFINITY { most } else { most + parts.map(|part| (part - most).exp()).sum::<f64>().ln() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_have_kinds() {
        const TEXT: &str = "He said “no.” Then, 3.5 of it left。好";
        let kinds = kinds(&TEXT.chars().collect::<Vec<_>>());
        let at = |piece: &str| TEXT.split(piece).next().unwrap().chars().count();
        let kind = |piece: &str| kinds[at(piece)];
        assert_eq!(kind(".”"), Kind::BeforeStop);
        assert_eq!(kind(" Then"), Kind::AfterStop);
        assert_eq!(kind(", 3"), Kind::BeforeClause);
        assert_eq!(kind(" 3"), Kind::AfterClause);
        assert_eq!(kind("3.5"), Kind::WordStart);
        assert_eq!(kind("5 of"), Kind::WordStart);
        assert_eq!(kind("hen,"), Kind::InWord);
        assert_eq!(kind(" it"), Kind::WordEnd);
        assert_eq!(kind("。好"), Kind::BeforeStop);
        assert_eq!(kind("好"), Kind::AfterStop);
    }

    #[test]
    fn labels_behind_sentences_are_likelier_than_labels_anywhere() {
        let text: Vec<char> = "One sentence ends. Another one ends. A third one ends. ".repeat(9).chars().collect();
        let places = Places::of(&text);
        let ends: Vec<usize> = (1..text.len()).filter(|at| text[at - 1] == '.').collect();
        let off: Vec<usize> = ends.iter().map(|end| end - 3).collect();
        let sights = |labels: &[(usize, usize)]| -> Vec<Sight> {
            labels.iter().map(|(meant, stands)| places.sight(*meant, *stands, Exactness::Nearly)).collect()
        };
        let stand =
            |at: &[usize]| evidence(sights(&at.iter().map(|at| (*at, *at)).collect::<Vec<_>>()).into_iter(), 0.02);
        assert!(stand(&ends) > 20.0 && stand(&off) < 0.0);
        let mut labels: Vec<(usize, usize)> = ends.iter().map(|end| (*end, end + 3)).collect();
        labels.extend([(8, 20), (ends[0], ends[0])]);
        let told = told(&sights(&labels), 0.02);
        let (last, others) = told.split_last().unwrap();
        assert!(last.stays > 0.9 && last.moved < 0.1);
        let (stray, moved) = others.split_last().unwrap();
        assert!(stray.moved < 0.5 && moved.iter().all(|one| one.moved > 0.9));
    }
}
