//! Stories in their table: read, told, written. The wire form is JSON; like
//! everything derived it may be thrown away, so it carries no version.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::history::{Drift, Failing, Print, RecheckRule, State, Story};
use crate::store::wire::passages;
use crate::verdict::{Passage, Standing};

use super::TargetId;

/// A story as it is stored; short names, for there are many.
#[derive(Serialize, Deserialize)]
struct StoryWire {
    first: Timestamp,
    since: Timestamp,
    state: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    good_at: Option<Timestamp>,
    standing: String,
    checks: u32,
    good: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failing: Option<FailingWire>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    moved: Option<Url>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    print: Option<PrintWire>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    drift: Option<DriftWire>,
}

#[derive(Serialize, Deserialize)]
struct FailingWire {
    since: Timestamp,
    last: Timestamp,
    checks: u32,
    gone: u32,
    days: u32,
    host_is_gone: bool,
    control: Option<(Timestamp, bool)>,
    day: Option<i64>,
}

#[derive(Serialize, Deserialize)]
struct PrintWire {
    title: Option<String>,
    minima: Vec<u32>,
    #[serde(with = "passages", default, skip_serializing_if = "Vec::is_empty")]
    passages: Vec<Passage>,
}

#[derive(Serialize, Deserialize)]
struct DriftWire {
    before: Option<String>,
    now: Option<String>,
    same: Option<u16>,
    #[serde(with = "passages", default, skip_serializing_if = "Vec::is_empty")]
    lost: Vec<Passage>,
}

pub(super) fn encode(story: &Story) -> String {
    let wire = StoryWire {
        first: story.first_seen,
        since: story.since,
        state: story.state.name().to_owned(),
        last: story.last_checked,
        good_at: story.last_good,
        standing: story.standing.name().to_owned(),
        checks: story.checks,
        good: story.good,
        failing: story.failing.as_ref().map(|failing| FailingWire {
            since: failing.since,
            last: failing.last,
            checks: failing.checks,
            gone: failing.gone,
            days: failing.days,
            host_is_gone: failing.host_is_gone,
            control: failing.control,
            day: failing.last_gone_day,
        }),
        moved: story.moved_to.clone(),
        print: story.print.as_ref().map(|print| PrintWire {
            title: print.title.clone(),
            minima: print.minima.clone(),
            passages: print.passages.clone(),
        }),
        drift: story.drift.as_ref().map(|drift| DriftWire {
            before: drift.title_before.clone(),
            now: drift.title_now.clone(),
            same: drift.same,
            lost: drift.lost.clone(),
        }),
    };
    // Plain data always has a JSON form.
    serde_json::to_string(&wire).unwrap_or_default()
}

pub(super) fn decode(text: &str) -> Option<Story> {
    let wire: StoryWire = serde_json::from_str(text).ok()?;
    Some(Story {
        first_seen: wire.first,
        state: State::from_name(&wire.state)?,
        since: wire.since,
        last_checked: wire.last,
        last_good: wire.good_at,
        standing: Standing::from_name(&wire.standing)?,
        checks: wire.checks,
        good: wire.good,
        failing: wire.failing.map(|failing| Failing {
            since: failing.since,
            last: failing.last,
            checks: failing.checks,
            gone: failing.gone,
            days: failing.days,
            host_is_gone: failing.host_is_gone,
            control: failing.control,
            last_gone_day: failing.day,
        }),
        moved_to: wire.moved,
        print: wire.print.map(|print| Print { title: print.title, minima: print.minima, passages: print.passages }),
        drift: wire.drift.map(|drift| Drift {
            title_before: drift.before,
            title_now: drift.now,
            same: drift.same,
            lost: drift.lost,
        }),
    })
}

/// The story of a target that is new: due at once.
pub(super) fn write_new(sql: &Connection, target: TargetId, at: Timestamp) -> rusqlite::Result<()> {
    write(sql, target, &Story::new(at), &RecheckRule::default())
}

pub(super) fn write(sql: &Connection, target: TargetId, story: &Story, rule: &RecheckRule) -> rusqlite::Result<()> {
    let rank = i64::try_from(story.state.rank()).unwrap_or(i64::MAX);
    sql.prepare_cached("INSERT OR REPLACE INTO stories (target, due, state, story) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![target, rule.due(story).as_millisecond(), rank, encode(story)])
        .map(drop)
}

/// Gives every story the due date that this rule gives it.
pub(super) fn reschedule(sql: &Connection, rule: &RecheckRule) -> rusqlite::Result<()> {
    let mut targets = sql.prepare("SELECT target FROM stories ORDER BY target")?;
    let targets: Vec<TargetId> = targets.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for target in targets {
        if let Some(story) = read(sql, target)? {
            sql.prepare_cached("UPDATE stories SET due = ?2 WHERE target = ?1")?
                .execute(params![target, rule.due(&story).as_millisecond()])?;
        }
    }
    Ok(())
}

/// The story of a target; begun anew where it cannot be read.
pub(super) fn read(sql: &Connection, target: TargetId) -> rusqlite::Result<Option<Story>> {
    let text: Option<String> = sql
        .prepare_cached("SELECT story FROM stories WHERE target = ?1")?
        .query_row(params![target], |row| row.get(0))
        .optional()?;
    Ok(text.as_deref().and_then(decode))
}
