//! Which fixes are made in one round.
//!
//! A fix is made without asking when it is safe and its finding is certain.
//! Where two want to change the same bytes, the one whose rule comes first in
//! the list of rules goes first; the other may find its place in the next
//! round.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::{DocumentReport, PlacedFinding};
use crate::document::Document;
use crate::finding::{Evidence, Finding, FindingKey, Fix, Provenance, RuleMeta, Safety, safety_of};
use crate::text::{Edit, EditSet, SourceSpan};

use super::ask::{Answer, Ask, Question, Suggestion};
use super::{Refused, RepairSettings};

/// The fixes of one round.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) chosen: Vec<Chosen>,
    /// All their edits.
    pub(super) edits: EditSet,
    pub(super) refused: Vec<Refused>,
}

/// A fix that is to be made.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) rule: &'static RuleMeta,
    pub(super) key: FindingKey,
    pub(super) edits: EditSet,
    pub(super) provenance: Provenance,
    pub(super) evidence: Vec<Evidence>,
}

/// One of the ways to repair a finding.
struct Choice<'a> {
    title: &'a str,
    edits: &'a EditSet,
    provenance: Provenance,
}

fn choices(fix: &Fix) -> Vec<Choice<'_>> {
    let own = Choice { title: &fix.title, edits: &fix.edits, provenance: fix.provenance };
    let others = fix.alternatives.iter().map(|other| Choice {
        title: &other.title,
        edits: &other.edits,
        provenance: other.provenance,
    });
    std::iter::once(own).chain(others).filter(|choice| !choice.edits.is_empty()).collect()
}

/// What is done unasked, as an index into the choices.
fn unasked(finding: &Finding, choices: &[Choice<'_>], settings: &RepairSettings) -> Option<usize> {
    let position = |safety: Safety| choices.iter().position(|choice| safety_of(choice.provenance) == safety);
    if settings.allow_unsafe {
        return position(Safety::Unsafe).or_else(|| position(Safety::Safe));
    }
    position(Safety::Safe).filter(|index| *index == 0 && settings.certain <= finding.confidence)
}

pub(super) fn plan(
    document: &Document,
    report: &DocumentReport,
    settings: &RepairSettings,
    declined: &mut BTreeSet<FindingKey>,
    ask: &mut dyn Ask,
) -> Plan {
    let mut plan = Plan::default();
    let mut taken = Taken::default();
    for placed in in_order(report) {
        let Some(fix) = placed.finding.fix.as_ref().filter(|_| !declined.contains(&placed.key)) else { continue };
        let choices = choices(fix);
        let free: Vec<Choice<'_>> = choices.into_iter().filter(|choice| taken.is_free(choice.edits)).collect();
        let Some(choice) = choose(placed, &free, settings, declined, ask) else { continue };
        if let Some(reason) = choice.edits.edits().iter().find_map(|edit| document.encode(edit).err()) {
            declined.insert(placed.key.clone());
            plan.refused.push(Refused { rule: placed.finding.rule, reason });
            continue;
        }
        taken.take(choice.edits);
        plan.chosen.push(Chosen {
            rule: placed.finding.rule,
            key: placed.key.clone(),
            edits: choice.edits.clone(),
            provenance: choice.provenance,
            evidence: placed.finding.evidence.clone(),
        });
    }
    // What is chosen is ledgered by place.
    plan.chosen.sort_by_key(|chosen| chosen.edits.edits().first().map(|edit| edit.span));
    plan.edits = EditSet::new(taken.edits).unwrap_or_default();
    plan
}

fn choose<'a, 'c>(
    placed: &PlacedFinding,
    choices: &'a [Choice<'c>],
    settings: &RepairSettings,
    declined: &mut BTreeSet<FindingKey>,
    ask: &mut dyn Ask,
) -> Option<&'a Choice<'c>> {
    let unasked = unasked(&placed.finding, choices, settings);
    let is_plain = choices.len() == 1 && unasked.is_some();
    if choices.is_empty() || is_plain || !ask.is_willing() {
        return unasked.and_then(|index| choices.get(index));
    }
    let suggestions = choices
        .iter()
        .map(|choice| Suggestion { title: choice.title, edits: choice.edits, safety: safety_of(choice.provenance) })
        .collect();
    match ask.ask(&Question { placed, suggestions, unasked }) {
        Answer::Take(index) => choices.get(index),
        Answer::Leave => {
            declined.insert(placed.key.clone());
            None
        }
        Answer::Unasked => {
            if unasked.is_none() {
                declined.insert(placed.key.clone());
            }
            unasked.and_then(|index| choices.get(index))
        }
    }
}

/// By the rule's place in the list of rules, then by place in the text.
fn in_order(report: &DocumentReport) -> Vec<&PlacedFinding> {
    let rank: BTreeMap<&str, usize> =
        crate::rules::RULES.iter().enumerate().map(|(rank, rule)| (rule.meta.name, rank)).collect();
    let mut findings: Vec<&PlacedFinding> = report.findings.iter().collect();
    findings.sort_by_key(|placed| (rank.get(placed.finding.rule.name).copied(), placed.finding.span));
    findings
}

/// The bytes that are spoken for.
#[derive(Debug, Default)]
struct Taken {
    spans: BTreeSet<SourceSpan>,
    edits: Vec<Edit>,
}

impl Taken {
    fn is_free(&self, edits: &EditSet) -> bool {
        edits.edits().iter().all(|edit| {
            // Two that are taken never overlap: the nearest tell.
            let before = self.spans.range(..=edit.span).rev().take(2);
            let behind = self.spans.range(edit.span..).take(2);
            before.chain(behind).all(|span| !Edit::deletion(*span).conflicts(edit))
        })
    }

    fn take(&mut self, edits: &EditSet) {
        self.spans.extend(edits.edits().iter().map(|edit| edit.span));
        self.edits.extend_from_slice(edits.edits());
    }
}
