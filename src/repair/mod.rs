//! Repairs with proof: what the evidence allows, and not a word more.
//!
//! Rules say how their findings can be repaired; here it is decided which of
//! that is done. A round plans fixes that do not touch each other, makes them,
//! and checks the text again, until nothing is left to do: so the result, put
//! in again, comes out as it is. All changes together are one set of edits over
//! the file as it was.

mod ask;
mod diff;
mod export;
mod plan;
mod witness;

use std::collections::BTreeSet;

use crate::check::{self, CheckSettings, DocumentReport};
use crate::document::{self, Document, Unencodable};
use crate::finding::{Confidence, Evidence, FindingKey, Provenance, RuleMeta, Safety, safety_of};
use crate::text::{Draft, EditSet, SourceSpan};

pub use ask::{Answer, Ask, AskNobody, Dialogue, Question, Suggestion};
pub use diff::unified_diff;
pub use export::{FromExport, NoArticle, Search, render_export, witness_from_export};
use witness::Kin;
pub use witness::{Shown, Witness};

/// What may be done.
#[derive(Debug)]
pub struct RepairSettings {
    /// How the article is checked, before and after.
    pub check: CheckSettings,
    /// Whether reconstructions are written, too.
    pub allow_unsafe: bool,
    /// From here on a finding is certain enough for its safe fix to be made
    /// unasked: a citation that is no stray must not be lost.
    pub certain: Confidence,
    /// Other copies of the article.
    pub witnesses: Vec<Witness>,
}

impl Default for RepairSettings {
    fn default() -> Self {
        Self { check: CheckSettings::default(), allow_unsafe: false, certain: Confidence::ERROR, witnesses: Vec::new() }
    }
}

/// A repaired article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repaired {
    /// All changes, over [`Document::source`].
    pub changes: EditSet,
    /// Each edit with its reason, in the order in which they were made.
    pub made: Vec<Made>,
    /// Edits that the file's encoding cannot hold.
    pub refused: Vec<Refused>,
    /// Findings of the repaired text that have a repair which was not made.
    pub left: usize,
    /// The process that made the damage, where the export shows it.
    pub process: Option<Shown>,
}

/// One edit that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The rule that asked for it.
    pub rule: &'static RuleMeta,
    /// The finding's name.
    pub key: FindingKey,
    /// The bytes of the decoded file that it stands for.
    pub span: SourceSpan,
    /// What stood there.
    pub before: String,
    /// What stands there now.
    pub after: String,
    /// What attests it.
    pub provenance: Provenance,
    /// The facts behind the finding.
    pub evidence: Vec<Evidence>,
}

impl Made {
    /// Whether it was written because it is proved.
    #[must_use]
    pub fn safety(&self) -> Safety {
        safety_of(self.provenance)
    }
}

/// A repair that could not be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The rule that asked for it.
    pub rule: &'static RuleMeta,
    /// Why not.
    pub reason: Unencodable,
}

/// Fixes bring about few new ones; a text that never comes to rest is left as
/// it is after so many rounds.
const ROUNDS: usize = 12;

/// Repairs a document that goes by `name`, asking `ask` where there is a choice.
/// Copies with which the text never comes to rest are not heard.
#[must_use]
pub fn repair(document: &Document, name: &str, settings: &RepairSettings, ask: &mut dyn Ask) -> Repaired {
    let (repaired, is_at_rest) = repair_beside(document, name, settings, &settings.witnesses, ask);
    if is_at_rest || settings.witnesses.is_empty() {
        return repaired;
    }
    repair_beside(document, name, settings, &[], ask).0
}

/// Repairs with the help of `witnesses`; says whether nothing is left to do.
fn repair_beside(
    document: &Document,
    name: &str,
    settings: &RepairSettings,
    witnesses: &[Witness],
    ask: &mut dyn Ask,
) -> (Repaired, bool) {
    let kin = witness::kin(document, witnesses, &settings.check.lacuna);
    let (report, process) = checked(document, name, settings, witnesses, &kin);
    let (repaired, is_at_rest) = repair_checked(document, &report, settings, (witnesses, kin), ask);
    (Repaired { process, ..repaired }, is_at_rest)
}

/// What the desk has decided to keep is no damage.
fn checked(
    document: &Document,
    name: &str,
    settings: &RepairSettings,
    witnesses: &[Witness],
    kin: &Kin,
) -> (DocumentReport, Option<Shown>) {
    let mut report = check::check(name.to_owned(), document, &settings.check);
    check::settle(&mut report, &settings.check, false);
    let process = witness::collate(document, &mut report, witnesses, kin, &settings.check.lacuna);
    (report, process)
}

fn repair_checked(
    document: &Document,
    report: &DocumentReport,
    settings: &RepairSettings,
    (witnesses, mut kin): (&[Witness], Kin),
    ask: &mut dyn Ask,
) -> (Repaired, bool) {
    let mut draft = Draft::new(&document.source);
    let mut repaired =
        Repaired { changes: EditSet::default(), made: Vec::new(), refused: Vec::new(), left: 0, process: None };
    let mut declined: BTreeSet<FindingKey> = BTreeSet::new();
    let mut latest: Option<DocumentReport> = None;
    let mut is_at_rest = false;
    for _ in 0..ROUNDS {
        let current = latest.as_ref().unwrap_or(report);
        let plan = plan::plan(document, current, settings, &mut declined, ask);
        repaired.refused.extend(plan.refused);
        let is_done = plan.edits.is_empty();
        for chosen in plan.chosen {
            for edit in chosen.edits.edits() {
                repaired.made.push(Made {
                    rule: chosen.rule,
                    key: chosen.key.clone(),
                    span: draft.source_span(edit.span),
                    before: draft.text().get(edit.span.range()).unwrap_or_default().to_owned(),
                    after: edit.replacement.clone(),
                    provenance: chosen.provenance,
                    evidence: chosen.evidence.clone(),
                });
            }
        }
        draft.apply(&plan.edits);
        let Some(text) = repaired_text(document, &draft).filter(|_| !is_done || !witnesses.is_empty()) else {
            is_at_rest = is_done;
            break;
        };
        if is_done {
            // Who repairs the article again asks the copies with nothing else
            // in hand, and must hear the same.
            let renewed = witness::kin(&text, witnesses, &settings.check.lacuna);
            if renewed == kin {
                is_at_rest = true;
                break;
            }
            kin = renewed;
        }
        latest = Some(checked(&text, &report.path, settings, witnesses, &kin).0);
    }
    let rest = latest.as_ref().unwrap_or(report);
    repaired.left = rest.findings.iter().filter(|placed| placed.finding.fix.is_some()).count();
    repaired.changes = draft.changes(&document.source);
    (repaired, is_at_rest)
}

/// The article as it is now.
fn repaired_text(document: &Document, draft: &Draft) -> Option<Document> {
    let mut text = document::read_text(draft.text().to_owned(), document.format).ok()?;
    text.is_encoding_guessed = document.is_encoding_guessed;
    Some(text)
}
