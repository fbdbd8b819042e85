//! Control requests of a run: which observations wait for one, and those that
//! were answered, so that each is asked once however many wait. Which control
//! an observation needs is `verdict`'s to say.

use std::collections::HashMap;
use std::sync::Arc;

use url::Url;

use crate::verdict::{Control, ControlKind, Observation, Probe, next_control};

/// The controls of one run.
#[derive(Debug, Default)]
pub(super) struct Controls {
    answered: HashMap<Url, Arc<Observation>>,
    waiting: HashMap<Url, Vec<Waiting>>,
}

/// An observation that is not final yet.
#[derive(Debug)]
struct Waiting {
    index: usize,
    observation: Observation,
    kind: ControlKind,
}

/// What becomes of an observation.
#[derive(Debug)]
pub(super) enum Settled {
    /// It is final.
    Done(usize, Box<Observation>),
    /// It waits for this control, which is to be asked.
    Ask(Probe),
    /// It waits for a control that is already being asked.
    Waits,
}

impl Controls {
    /// Gives an observation the controls it needs, as far as they are known.
    pub(super) fn settle(&mut self, index: usize, mut observation: Observation) -> Settled {
        while let Some(control) = next_control(&observation) {
            if let Some(seen) = self.answered.get(&control.url) {
                observation.controls.push(Control { kind: control.kind, seen: Arc::clone(seen) });
                continue;
            }
            let waiting = self.waiting.entry(control.url.clone()).or_default();
            waiting.push(Waiting { index, observation, kind: control.kind });
            return if waiting.len() == 1 { Settled::Ask(Probe::new(control.url)) } else { Settled::Waits };
        }
        Settled::Done(index, Box::new(observation))
    }

    /// Takes in a control's answer; hands back what waited for it, to be
    /// settled again.
    pub(super) fn answer(&mut self, seen: Observation) -> Vec<(usize, Observation)> {
        let url = seen.probe.url.clone();
        let seen = Arc::new(seen);
        self.answered.insert(url.clone(), Arc::clone(&seen));
        let released = self.waiting.remove(&url).unwrap_or_default().into_iter().map(|waiting| {
            let Waiting { index, mut observation, kind } = waiting;
            observation.controls.push(Control { kind, seen: Arc::clone(&seen) });
            (index, observation)
        });
        released.collect()
    }
}
