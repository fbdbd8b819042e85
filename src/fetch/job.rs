//! What the run has to do: questions that wait, inquiries under way, and what
//! each is for.

use url::Url;

use crate::verdict::Probe;

use super::Question;
use super::inquiry::Inquiry;

/// Something to ask.
#[derive(Debug)]
pub(super) enum Job {
    /// The question at this place, not begun.
    Waiting(usize),
    /// An inquiry under way.
    Begun(Box<Task>),
}

/// An inquiry and what it is for.
#[derive(Debug)]
pub(super) struct Task {
    pub goal: Goal,
    pub inquiry: Inquiry,
    /// The body of its last answer, where that is wanted.
    pub body: Vec<u8>,
}

/// What an inquiry is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Goal {
    /// The observation at this place.
    Observation(usize),
    /// Observations that wait for a control.
    Control,
    /// Work that waits for a robots.txt.
    Robots,
}

/// A job that no question made.
pub(super) fn new_job(goal: Goal, probe: Probe) -> Job {
    Job::Begun(Box::new(Task { goal, inquiry: Inquiry::new(probe.into()), body: Vec::new() }))
}

/// Whether it asks for a robots.txt.
pub(super) fn is_for_robots(job: &Job) -> bool {
    matches!(job, Job::Begun(task) if task.goal == Goal::Robots)
}

/// What a job asks next.
pub(super) fn url_of<'a>(job: &'a Job, questions: &'a [Option<Question>]) -> Option<&'a Url> {
    match job {
        Job::Waiting(place) => questions.get(*place)?.as_ref().map(|question| &question.probe.url),
        Job::Begun(task) => Some(task.inquiry.url()),
    }
}
