//! Where a reference stands, for people: the rule that reports it, the key by
//! which it is acknowledged, the words; and the change from one stand to
//! another.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use crate::finding::KeyMaker;
use crate::history::{State, Story};
use crate::text::Span;
use crate::verdict::Standing;

use super::articles::{Change, note};
use super::{TargetId, tell};

/// A state with the verdict of the last check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stand {
    state: State,
    standing: Standing,
}

impl Stand {
    pub(super) fn of(story: &Story) -> Self {
        Self { state: story.state, standing: story.standing }
    }

    /// The rule that reports it, empty where none does, and how bad that is.
    pub(super) fn rule(self) -> (String, &'static str) {
        match self.state {
            State::Dead => (format!("link/{}", self.standing.name()), "error"),
            State::Failing => (format!("link/{}", self.standing.name()), "warning"),
            State::Drifted => ("link/drifted".to_owned(), "warning"),
            State::Moved => ("link/moved".to_owned(), "info"),
            State::Walled => (format!("link/{}", self.standing.name()), "info"),
            State::Alive | State::Unchecked => (String::new(), "info"),
        }
    }
}

/// The key of a reference's finding, the same as in the reports of `check`.
pub(super) fn key_of(rule: &str, url: &str) -> String {
    KeyMaker::default().key(rule, url, Span::from_range(0..url.len())).as_str().to_owned()
}

/// Notes that a reference stands otherwise than before. What is mended goes by
/// the name that it was reported by.
pub(super) fn note_change(
    sql: &Connection,
    run: i64,
    target: TargetId,
    before: Stand,
    story: &Story,
) -> rusqlite::Result<()> {
    let now = Stand::of(story);
    let kind = match (before.state, now.state) {
        (before, now) if before == now => return Ok(()),
        (State::Unchecked, State::Alive) | (_, State::Unchecked) => return Ok(()),
        (_, State::Alive) => "mended",
        (_, State::Moved) => "moved",
        (State::Unchecked | State::Alive | State::Moved, _) => "new",
        (before, now) if before.rank() < now.rank() => "worse",
        _ => "better",
    };
    let url: String =
        sql.prepare_cached("SELECT url FROM targets WHERE id = ?1")?.query_row(params![target], |row| row.get(0))?;
    let (rule, severity) = if kind == "mended" { before.rule() } else { now.rule() };
    let (key, message) = (key_of(&rule, &url), in_words(story));
    let change = Change { subject: &url, key: &key, rule: &rule, severity, kind, message: &message };
    note(sql, run, story.since, &change)
}

/// Notes that the last article has dropped a reference that was in trouble, or
/// the first one cites it again.
pub(super) fn note_citing(
    sql: &Connection,
    run: i64,
    target: TargetId,
    at: Timestamp,
    is_cited: bool,
) -> rusqlite::Result<()> {
    let rank: i64 = sql
        .prepare_cached("SELECT state FROM stories WHERE target = ?1")?
        .query_row(params![target], |row| row.get(0))?;
    // Most references are well, and some stand in every article.
    if [State::Alive, State::Unchecked].iter().any(|well| i64::try_from(well.rank()) == Ok(rank)) {
        return Ok(());
    }
    let citing = "SELECT url, (SELECT count(*) FROM (SELECT 1 FROM citations WHERE target = ?1 LIMIT 2))
                  FROM targets WHERE id = ?1";
    let (url, citing): (String, i64) =
        sql.prepare_cached(citing)?.query_row(params![target], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let Some(story) = tell::read(sql, target)?.filter(|_| citing == i64::from(is_cited)) else { return Ok(()) };
    let (rule, severity) = Stand::of(&story).rule();
    let (kind, message) =
        if is_cited { ("new", in_words(&story)) } else { ("mended", "no article cites it any more".to_owned()) };
    let key = key_of(&rule, &url);
    note(sql, run, at, &Change { subject: &url, key: &key, rule: &rule, severity, kind, message: &message })
}

/// Where a reference stands, in a sentence that stands alone.
pub(super) fn in_words(story: &Story) -> String {
    match story.state {
        State::Moved | State::Drifted => details(story),
        State::Walled => format!("behind a wall: {}", details(story)),
        _ => format!("{}: {}", story.state.name(), details(story)),
    }
}

/// The same, for who knows the state.
pub(super) fn details(story: &Story) -> String {
    let last_good =
        story.last_good.map_or_else(|| "never seen well".to_owned(), |at| format!("last seen well {}", day(at)));
    match (story.state, &story.failing) {
        (State::Dead | State::Failing, Some(failing)) => {
            let checks = if failing.checks == 1 { "check" } else { "checks" };
            let (standing, since) = (story.standing.name(), day(failing.since));
            format!("{standing} since {since}, {} {checks}, {last_good}", failing.checks)
        }
        (State::Moved, _) => story.moved_to.as_ref().map_or_else(String::new, |url| format!("moved to {url}")),
        (State::Drifted, _) => {
            let changes = story.drift.as_ref().map(|drift| drift.changes().join("; ")).unwrap_or_default();
            format!("no longer the page that was cited on {}: {changes}", day(story.first_seen))
        }
        (State::Walled, _) => format!("{}, {last_good}", story.standing.name()),
        _ => last_good,
    }
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}
