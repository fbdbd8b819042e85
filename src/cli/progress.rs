//! The bar that is shown while sources are asked.

use indicatif::{ProgressBar, ProgressStyle};

use crate::pipeline::Progress;
use crate::report::printable;
use crate::verdict::Observation;

/// A bar, or nothing.
pub(super) fn progress(shown: bool) -> Box<dyn Progress> {
    if shown { Box::new(Bar(ProgressBar::hidden())) } else { Box::new(Silent) }
}

struct Silent;

impl Progress for Silent {
    fn begin(&mut self, _: usize) {}
    fn more(&mut self, _: usize) {}
    fn answered(&mut self, _: &Observation) {}
    fn end(&mut self) {}
}

struct Bar(ProgressBar);

impl Progress for Bar {
    fn begin(&mut self, references: usize) {
        self.0 = ProgressBar::new(references as u64);
        let style = ProgressStyle::with_template("{bar:24} {pos}/{len} sources {elapsed} {wide_msg}");
        if let Ok(style) = style {
            self.0.set_style(style);
        }
    }

    fn more(&mut self, questions: usize) {
        self.0.inc_length(questions as u64);
    }

    fn answered(&mut self, observation: &Observation) {
        let host = observation.probe.url.host_str().unwrap_or_default();
        self.0.set_message(printable(host).into_owned());
        self.0.inc(1);
    }

    fn end(&mut self) {
        self.0.finish_and_clear();
    }
}
