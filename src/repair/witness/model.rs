//! One restored gap tests the fault model, and sharpens it for the others.
//!
//! Where every label stands the same number of characters too late, the text
//! between a splice and the label it repeats, and the text lost there, add up
//! to that number. A restored gap gives it; if it lies within what the model
//! allows and all restored gaps agree, the lengths of the others follow.

use crate::check::DocumentReport;
use crate::document::Document;
use crate::fault::{Parameter, Process};
use crate::finding::{Evidence, Fix, Lacuna, Lost};
use crate::text::{Edit, EditSet};

/// `restored` holds findings, as indices, and the code points restored there.
pub(super) fn sharpen(document: &Document, report: &mut DocumentReport, restored: &[(usize, u32)], lacuna: &Lacuna) {
    let Some(parameter) = shift(report) else { return };
    let between = |lost: Lost| lost.best.and_then(|best| parameter.best.checked_sub(best));
    let mut shifts: Vec<u32> = restored
        .iter()
        .filter_map(|(index, lost)| Some(between(report.findings.get(*index)?.finding.lost?)? + lost))
        .collect();
    shifts.sort_unstable();
    shifts.dedup();
    let [shift] = shifts.as_slice() else { return };
    if !parameter.range.contains(shift) {
        return;
    }
    let is_restored = |index: usize| restored.iter().any(|(done, _)| *done == index);
    let others = report.findings.iter_mut().enumerate().filter(|(index, _)| !is_restored(*index));
    for (_, placed) in others {
        let Some(lost) = placed.finding.lost else { continue };
        let Some(exact) = between(lost).and_then(|between| shift.checked_sub(between)) else { continue };
        let (old, new) = (lacuna.mark(lost.best), lacuna.mark(Some(exact)));
        placed.finding.lost = Some(Lost { min: Some(exact), max: Some(exact), best: Some(exact) });
        let words = format!("a restored gap shows that every label stands {shift} characters too late");
        placed.finding.evidence.push(Evidence::new("restored-gap", words));
        if let Some(fix) = &mut placed.finding.fix {
            remark(document, fix, &old, &new);
        }
    }
    for diagnosed in &mut report.diagnoses {
        for parameter in diagnosed.diagnosis.parameters.iter_mut().filter(|parameter| parameter.name == "shift") {
            *parameter = Parameter { name: "shift", range: *shift..=*shift, best: *shift };
        }
    }
}

/// The shift of the model that explains the damage.
fn shift(report: &DocumentReport) -> Option<Parameter> {
    let first = report.diagnoses.first()?;
    (first.diagnosis.process == Process::ConstantShift)
        .then(|| first.diagnosis.parameters.iter().find(|parameter| parameter.name == "shift").cloned())?
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
