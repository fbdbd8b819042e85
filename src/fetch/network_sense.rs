//! Whether this machine has a network, as far as name servers show it. One
//! answer of any name server, even a "no", settles that it has one. Silence
//! about one host settles nothing: that may be the host's own fault. So what
//! ended in silence is held back until it is settled, and all of it ends alike.

use std::collections::BTreeSet;

use super::fault::Silence;

/// What is known, and work `T` that waits for more.
#[derive(Debug)]
pub(super) struct NetworkSense<T> {
    is_present: bool,
    is_absent: bool,
    silent_about: BTreeSet<String>,
    held_back: Vec<T>,
}

impl<T> Default for NetworkSense<T> {
    fn default() -> Self {
        Self { is_present: false, is_absent: false, silent_about: BTreeSet::new(), held_back: Vec::new() }
    }
}

impl<T> NetworkSense<T> {
    /// So many hosts without a word mean that nobody is there.
    const SILENT_HOSTS: usize = 3;

    /// Takes in what the name servers said about `host`.
    pub(super) fn hear(&mut self, host: &str, silence: Option<Silence>) {
        match silence {
            None => self.is_present = true,
            Some(_) if self.is_present => {}
            // The system itself says so.
            Some(Silence::Unreachable) => self.is_absent = true,
            Some(Silence::Waited) => {
                self.silent_about.insert(host.to_owned());
                self.is_absent = self.is_absent || self.silent_about.len() >= Self::SILENT_HOSTS;
            }
        }
    }

    /// Whether there is none.
    pub(super) fn is_absent(&self) -> bool {
        self.is_absent
    }

    /// Whether nobody knows yet.
    pub(super) fn is_open(&self) -> bool {
        !self.is_absent && !self.is_present
    }

    /// Holds work back that ended in silence.
    pub(super) fn hold(&mut self, work: T) {
        self.held_back.push(work);
    }

    /// Hands back everything that is held back.
    pub(super) fn release(&mut self) -> Vec<T> {
        std::mem::take(&mut self.held_back)
    }
}
