//! One restored gap tests the fault model, and sharpens it for the others.
//!
//! Where every label stands the same number of characters too late, the text
//! between a splice and the label it repeats, and the text lost there, add up
//! to that number; where every label ate the same number of characters, each
//! gap is that number. A restored gap gives it. If it lies within what the
//! model allows and all restored gaps agree, the lengths of the others follow;
//! if not, the model is refuted, and nothing is known of them.

use crate::check::DocumentReport;
use crate::document::Document;
use crate::fault::{Parameter, Process};
use crate::finding::{Evidence, Fix, Lacuna, Lost};
use crate::text::{Edit, EditSet};

/// What a model makes of a gap: its length follows from one number.
struct Model {
    process: Process,
    parameter: Parameter,
}

impl Model {
    /// The model that explains the damage.
    fn of(report: &DocumentReport) -> Option<Self> {
        let diagnosis = &report.diagnoses.first()?.diagnosis;
        let name = match diagnosis.process {
            Process::ConstantShift => "shift",
            Process::ConstantLoss => "loss",
            _ => return None,
        };
        let parameter = diagnosis.parameters.iter().find(|parameter| parameter.name == name)?.clone();
        Some(Self { process: diagnosis.process, parameter })
    }

    /// What is not lost of the number at a gap.
    fn rest(&self, lost: Lost) -> Option<u32> {
        match self.process {
            Process::ConstantLoss => Some(0),
            _ => self.parameter.best.checked_sub(lost.best?),
        }
    }

    fn words(&self, number: u32) -> String {
        match self.process {
            Process::ConstantLoss => format!("a restored gap shows that every label ate {number} characters"),
            _ => format!("a restored gap shows that every label stands {number} characters too late"),
        }
    }
}

/// White space beside a gap may be the gap's or the words'.
const SLACK: u32 = 2;

/// `restored` holds findings, as indices, and the code points restored there.
pub(super) fn sharpen(document: &Document, report: &mut DocumentReport, restored: &[(usize, u32)], lacuna: &Lacuna) {
    let Some(model) = Model::of(report) else { return };
    let number = |(index, lost): &(usize, u32)| {
        let placed = report.findings.get(*index)?;
        let is_explained = report.diagnoses.first()?.explains.contains(&placed.key);
        Some(model.rest(placed.finding.lost.filter(|_| is_explained)?)? + lost)
    };
    let mut numbers: Vec<u32> = restored.iter().filter_map(number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let (Some(least), Some(most)) = (numbers.first().copied(), numbers.last().copied()) else { return };
    let range = &model.parameter.range;
    let is_refuted = most - least > SLACK || most + SLACK < *range.start() || *range.end() + SLACK < least;
    let known = Some(least).filter(|number| *number == most && range.contains(number));
    if !is_refuted && known.is_none() {
        return;
    }
    let explained = report.diagnoses.first().map(|diagnosed| diagnosed.explains.clone()).unwrap_or_default();
    let is_restored = |index: usize| restored.iter().any(|(done, _)| *done == index);
    let others = report.findings.iter_mut().enumerate().filter(|(index, _)| !is_restored(*index));
    for (_, placed) in others.filter(|(_, placed)| explained.contains(&placed.key)) {
        let Some(lost) = placed.finding.lost else { continue };
        let exact = known.and_then(|number| number.checked_sub(model.rest(lost)?));
        let words = known.map_or_else(
            || "a restored gap shows that no such process made the damage".to_owned(),
            |number| model.words(number),
        );
        placed.finding.lost = Some(Lost { min: exact, max: exact, best: exact });
        placed.finding.evidence.push(Evidence::new("restored-gap", words));
        if let Some(fix) = &mut placed.finding.fix {
            remark(document, fix, &lacuna.mark(lost.best), &lacuna.mark(exact));
        }
    }
    if is_refuted {
        report.diagnoses.remove(0);
    } else if let (Some(number), Some(diagnosed)) = (known, report.diagnoses.first_mut()) {
        let own = diagnosed.diagnosis.parameters.iter_mut().filter(|own| own.name == model.parameter.name);
        own.for_each(|own| *own = Parameter { name: own.name, range: number..=number, best: number });
    }
}

/// Writes the better length into the marks of gaps, escaped or not.
fn remark(document: &Document, fix: &mut Fix, old: &str, new: &str) {
    let (escaped_old, escaped_new) = (document.written(old), document.written(new));
    let renewed = |edits: &EditSet| {
        let renewed = |text: &str| {
            if text.contains(old) { text.replace(old, new) } else { text.replace(&escaped_old, &escaped_new) }
        };
        let edits = edits.edits().iter().map(|edit| Edit::new(edit.span, renewed(&edit.replacement)));
        EditSet::new(edits.collect()).unwrap_or_default()
    };
    if old != new {
        fix.edits = renewed(&fix.edits);
        for alternative in &mut fix.alternatives {
            alternative.edits = renewed(&alternative.edits);
        }
    }
}
