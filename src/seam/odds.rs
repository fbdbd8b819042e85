//! What became of a document's labels on the whole, and so of each.
//!
//! A place says little alone: `(host)` between two words is the habit of one
//! author and an accident in the text of another. So each document is asked
//! what nobody tells us, and every answer is weighed: by which *habit* its
//! labels were set ([`HABITS`]: the share of genuine labels at each kind of
//! place), whether genuine and displaced labels are set off by a space
//! ([`GAPS`]), and which *share* of all is displaced ([`SHARES`]). For each set
//! of answers the facts of all labels together are so probable or less; by
//! Bayes' rule that weighs the sets, and a label's probability is the mean over
//! them. A finite mixture with a prior on a grid, summed exactly: two passes
//! over the labels, and no iteration that could settle wrongly.

use crate::finding::Confidence;

use super::evidence::{Fact, Place};
use super::facts::Reading;
use super::site::{Form, Gap};

/// How labels are spread over [`Place::ALL`], and how common such documents
/// are.
struct Habit {
    /// For labels, marks and tokens: products set tokens behind what they
    /// wrote, hardly ever between words.
    prior: [f64; 3],
    spread: [f64; PLACES],
}

impl Habit {
    /// How many genuine labels away from any end repeat the one before. Who
    /// cites behind phrases cites a source twice in a row; who cites behind
    /// sentences hardly does so inside one.
    fn repeating(&self) -> f64 {
        if self.is_end() { 0.015 } else { 0.25 }
    }

    /// Nearly all stand at the ends of sentences.
    fn is_end(&self) -> bool {
        let [after, before, ..] = self.spread;
        after + before > 0.9
    }
}

const PLACES: usize = Place::ALL.len();

/// After sentences; before their stops; both, and at clauses; at clauses;
/// behind the words they belong to; at the heads of blocks, as in lists.
const HABITS: [Habit; 6] = [
    Habit { prior: [0.38, 0.33, 0.45], spread: [0.946, 0.006, 0.020, 0.002, 0.012, 0.002, 0.010, 0.002] },
    Habit { prior: [0.15, 0.17, 0.18], spread: [0.030, 0.910, 0.020, 0.002, 0.020, 0.002, 0.014, 0.002] },
    Habit { prior: [0.20, 0.20, 0.24], spread: [0.520, 0.150, 0.060, 0.010, 0.160, 0.020, 0.075, 0.005] },
    Habit { prior: [0.08, 0.08, 0.08], spread: [0.120, 0.120, 0.020, 0.005, 0.560, 0.120, 0.050, 0.005] },
    Habit { prior: [0.13, 0.20, 0.03], spread: [0.080, 0.070, 0.040, 0.020, 0.140, 0.030, 0.605, 0.015] },
    Habit { prior: [0.06, 0.02, 0.02], spread: [0.060, 0.010, 0.100, 0.700, 0.010, 0.010, 0.105, 0.005] },
];

/// What moves labels, and what they leave.
struct Displacement {
    prior: f64,
    spread: [f64; PLACES],
    /// How many of them hit a gap on the right.
    clear: f64,
    /// How many repeat the one before: where labels were written twice, the
    /// copy follows the original.
    repeating: f64,
    /// They stand where they were set, with the space before them.
    in_place: bool,
}

/// Chance puts few labels at the ends of anything. A label that ate what
/// follows is where it belongs; but the sentence behind it has lost its head,
/// which capitals show where there are any. A search for the words of the
/// claim, which found them too early, puts it behind a word. Counted on the
/// half of SpliceBench's texts that weights are fitted on.
const DISPLACED: [Displacement; 4] = [
    Displacement {
        prior: 0.78,
        spread: [0.022, 0.018, 0.003, 0.012, 0.014, 0.025, 0.892, 0.014],
        clear: 0.13,
        repeating: 0.42,
        in_place: false,
    },
    Displacement {
        prior: 0.09,
        spread: [0.120, 0.010, 0.002, 0.002, 0.010, 0.005, 0.371, 0.480],
        clear: 0.14,
        repeating: 0.25,
        in_place: true,
    },
    Displacement {
        prior: 0.07,
        spread: [0.620, 0.006, 0.001, 0.001, 0.005, 0.003, 0.360, 0.004],
        clear: 0.10,
        repeating: 0.25,
        in_place: true,
    },
    Displacement {
        prior: 0.06,
        spread: [0.005, 0.220, 0.005, 0.002, 0.108, 0.005, 0.650, 0.005],
        clear: 0.95,
        repeating: 0.25,
        in_place: false,
    },
];

/// Whether genuine labels are set off by a space, and whether displaced ones
/// are; and how common that is for labels, marks and tokens.
struct Gaps {
    genuine: bool,
    displaced: bool,
    prior: [f64; 3],
}

const GAPS: [Gaps; 4] = [
    Gaps { genuine: true, displaced: false, prior: [0.70, 0.02, 0.45] },
    Gaps { genuine: true, displaced: true, prior: [0.22, 0.01, 0.15] },
    Gaps { genuine: false, displaced: false, prior: [0.06, 0.87, 0.30] },
    Gaps { genuine: false, displaced: true, prior: [0.02, 0.10, 0.10] },
];

impl Gap {
    /// How probable it is by a habit of the author.
    fn genuine(self, is_spaced: bool) -> f64 {
        // Who sets labels off may forget it behind a stop; scripts without
        // spaces set them off behind words of other scripts alone.
        let slip = match self {
            Self { is_unspaced: true, .. } => 0.10,
            Self { behind_letter: true, .. } => 0.006,
            Self { behind_letter: false, .. } => 0.04,
        };
        if self.is_there == is_spaced { 1.0 - slip } else { slip }
    }

    /// How probable it is where chance, or a space that goes with every label,
    /// decides.
    fn displaced(self, is_spaced: bool) -> f64 {
        let there = match self {
            _ if is_spaced => 0.98,
            Self { is_unspaced: true, .. } => 0.05,
            _ => 0.18,
        };
        if self.is_there { there } else { 1.0 - there }
    }
}

/// Which part of the labels is displaced, and how common such documents are.
const SHARES: [(f64, f64); 7] =
    [(0.0005, 0.72), (0.03, 0.06), (0.12, 0.06), (0.3, 0.05), (0.55, 0.04), (0.75, 0.035), (0.92, 0.035)];

/// What the document says of one of its labels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Odds {
    /// The probability that it is displaced, all facts taken together.
    pub probability: f64,
    /// Log-odds of that, less the facts of the label itself.
    pub given: f64,
    /// The habit sets labels behind sentences, or before their stops, and it
    /// stands elsewhere.
    pub breaks_habit: bool,
    /// A tenth of the labels at least is displaced.
    pub among_others: bool,
    /// It repeats the label before it, inside a sentence that names nobody, and
    /// all others that are where they belong stand at ends.
    pub is_lone_copy: bool,
}

/// Two labels of one source in a row, the second inside a sentence, where all
/// others stand at ends: seldom meant, and worth a look.
const LONE_COPY: f64 = 0.62;

impl Odds {
    /// As a confidence; nothing seen on one page makes certain.
    #[must_use]
    pub fn confidence(self) -> Confidence {
        let least = if self.is_lone_copy { LONE_COPY } else { 0.0 };
        Confidence::from_fraction(self.probability.clamp(least, 0.99))
    }
}

/// For each reading of a document, in order. Labels, marks and tokens have
/// their own habits.
#[must_use]
pub fn odds(readings: &[Reading]) -> Vec<Odds> {
    let mut all = vec![None; readings.len()];
    for form in Form::ALL {
        let own: Vec<usize> =
            (0..readings.len()).filter(|at| readings.get(*at).is_some_and(|reading| reading.form == form)).collect();
        if own.is_empty() {
            continue;
        }
        let labels: Vec<Label> = own.iter().filter_map(|at| readings.get(*at)).map(Label::of).collect();
        let mixture = Mixture::of(form, &labels);
        let mut found: Vec<Odds> = labels.iter().map(|label| mixture.odds(label)).collect();
        mark_lone_copies(&labels, &mut found);
        for (at, odds) in own.into_iter().zip(found) {
            if let Some(slot) = all.get_mut(at) {
                *slot = Some(odds);
            }
        }
    }
    all.into_iter().flatten().collect()
}

fn mark_lone_copies(labels: &[Label], found: &mut [Odds]) {
    /// So many labels at ends make a habit; one is enough where words beside
    /// the copy speak against it, too.
    const HABIT: usize = 2;
    /// The weight of such words.
    const TELLING: f64 = 1.5;
    /// A name before it weighs so much.
    const NAMED: f64 = -1.3;
    let is_copy = |label: &Label| label.repeats == Some(true);
    let others = || {
        labels
            .iter()
            .zip(found.iter())
            .filter(|(label, odds)| odds.probability < 0.5 && !is_copy(label) && !label.is_gloss)
    };
    let at_ends = others().filter(|(label, _)| label.place.is_end()).count();
    if at_ends == 0 || others().count() > at_ends {
        return;
    }
    for (label, odds) in labels.iter().zip(found) {
        let is_inside = matches!(label.place, Place::Inside | Place::Clause);
        odds.is_lone_copy =
            is_copy(label) && (label.sum > TELLING || is_inside && label.sum > NAMED && at_ends >= HABIT);
    }
}

/// How probable a label's facts are if it is displaced, by how probable they
/// are if it is not; its place and its gaps apart.
struct Label {
    form: Form,
    place: Place,
    gap: Option<Gap>,
    is_clear: bool,
    /// It belongs to the name before it, so its place says nothing of a habit.
    is_gloss: bool,
    /// Whether it repeats the one before; `None` at ends, where sources repeat
    /// by right.
    repeats: Option<bool>,
    sum: f64,
    facts: f64,
}

impl Label {
    fn of(reading: &Reading) -> Self {
        /// Beyond this more facts change nothing, and products stay finite.
        const MOST: f64 = 30.0;
        let sum: f64 = reading.facts.iter().map(|fact| fact.weight()).sum();
        Self {
            form: reading.form,
            place: reading.place,
            gap: reading.gap,
            is_clear: reading.is_clear,
            is_gloss: !reading.place.is_end() && reading.facts.contains(&Fact::Gloss),
            repeats: reading.repeats_previous,
            sum,
            facts: sum.clamp(-MOST, MOST).exp(),
        }
    }

    /// Its probability as a displaced and as a genuine label.
    fn likelihoods(&self, case: &Case) -> (f64, f64) {
        let of = |spread: &[f64; PLACES]| spread.get(self.place as usize).copied().unwrap_or_default();
        // Before a comma or a stop there always is a gap.
        let is_told = matches!(self.place, Place::BeforeStop | Place::ClauseEnd | Place::BlockEnd);
        let clear = if self.is_clear && !is_told { case.displaced.clear } else { 1.0 };
        let Case { habit, displaced: from, gaps, .. } = case;
        let (displaced, genuine) = self.gap.map_or((1.0, 1.0), |gap| {
            let genuine = gap.genuine(gaps.genuine);
            (if from.in_place { genuine } else { gap.displaced(gaps.displaced) }, genuine)
        });
        let (displaced, genuine) = match self.repeats {
            Some(true) => (displaced * from.repeating, genuine * habit.repeating()),
            Some(false) => (displaced * (1.0 - from.repeating), genuine * (1.0 - habit.repeating())),
            None => (displaced, genuine),
        };
        // Numbers stand behind commas, labels before them.
        let clause = if self.form != Form::Mark && self.place == Place::Clause { 0.1 } else { 1.0 };
        let spread = if self.is_gloss { &case.displaced.spread } else { &case.habit.spread };
        (of(&case.displaced.spread) * clear * displaced * self.facts, of(spread) * clause * genuine)
    }
}

/// One set of answers, and how it is weighed.
struct Case {
    habit: &'static Habit,
    displaced: &'static Displacement,
    gaps: &'static Gaps,
    share: f64,
    weight: f64,
}

impl Case {
    /// All, by what is known before a label is seen; in logarithms.
    fn all(form: Form) -> impl Iterator<Item = Self> {
        let pairs = HABITS.iter().flat_map(|habit| DISPLACED.iter().map(move |displaced| (habit, displaced)));
        pairs.flat_map(move |(habit, displaced)| {
            GAPS.iter().flat_map(move |gaps| {
                let prior = form.pick(habit.prior) * displaced.prior * form.pick(gaps.prior);
                SHARES.iter().map(move |(share, common)| {
                    let weight = (prior * common).ln();
                    Self { habit, displaced, gaps, share: *share, weight }
                })
            })
        })
    }

    /// The probability of a label's facts, and the part of it that is the
    /// label's being displaced.
    fn mixed(&self, label: &Label) -> (f64, f64) {
        let (displaced, genuine) = label.likelihoods(self);
        let part = self.share * displaced;
        (part + (1.0 - self.share) * genuine, part)
    }
}

/// The logarithm of a product that no float could hold; taking one for each
/// factor would cost more than all the rest.
fn log_of_product(factors: impl Iterator<Item = f64>) -> f64 {
    const HELD: std::ops::Range<f64> = 1e-200..1e200;
    let (mut log, mut product) = (0.0, 1.0);
    for factor in factors {
        product *= factor;
        if !HELD.contains(&product) {
            log += f64::ln(product);
            product = 1.0;
        }
    }
    log + f64::ln(product)
}

/// The weights of all cases, and what they say of the document.
struct Mixture {
    cases: Vec<Case>,
    /// The habit sets labels behind sentences, or before their stops.
    ends_sentences: bool,
    /// A tenth of the labels at least is displaced.
    is_damaged: bool,
}

impl Mixture {
    fn of(form: Form, labels: &[Label]) -> Self {
        let mut cases: Vec<Case> = Case::all(form).collect();
        for case in &mut cases {
            case.weight += log_of_product(labels.iter().map(|label| case.mixed(label).0));
        }
        let most = cases.iter().map(|case| case.weight).fold(f64::NEG_INFINITY, f64::max);
        let total: f64 = cases.iter().map(|case| (case.weight - most).exp()).sum();
        for case in &mut cases {
            case.weight = (case.weight - most).exp() / total;
        }
        // What hardly weighs need not be asked again.
        cases.retain(|case| case.weight > 1e-6);
        let is_likely =
            |is: fn(&Case) -> bool| cases.iter().filter(|case| is(case)).map(|case| case.weight).sum::<f64>() > 0.5;
        let ends_sentences = is_likely(|case| case.habit.is_end());
        let is_damaged = is_likely(|case| case.share > 0.1);
        Self { cases, ends_sentences, is_damaged }
    }

    fn odds(&self, label: &Label) -> Odds {
        let mean = |case: &Case| {
            let (whole, part) = case.mixed(label);
            case.weight * part / whole
        };
        let probability = self.cases.iter().map(mean).sum::<f64>().clamp(1e-9, 1.0 - 1e-9);
        Odds {
            probability,
            given: (probability / (1.0 - probability)).ln() - label.sum,
            breaks_habit: self.ends_sentences && !label.place.is_end(),
            among_others: self.is_damaged,
            is_lone_copy: false,
        }
    }
}
