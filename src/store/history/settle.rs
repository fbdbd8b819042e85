//! From observations to stories: what they have not heard yet is told to them,
//! failures of our own network left out, and what changed is noted.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};
use url::Url;

use crate::history::{Check, DeathRule, Heard, RecheckRule, State, Story, excused};
use crate::verdict::{Observation, Outcome, Verdict};

use super::stand::{Stand, note_change};
use super::{History, HistoryError, TargetId, tell, time, wire};

/// By what rules stories are told.
pub struct SettleRules<'a> {
    /// What proves that a page is gone.
    pub death: DeathRule,
    /// When to ask again.
    pub recheck: RecheckRule,
    /// The judgement.
    pub judge: &'a dyn Fn(&Observation) -> Verdict,
}

/// What a settling did.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Settled {
    /// Observations told.
    pub told: usize,
    /// Observations left out, for our own network failed.
    pub excused: usize,
    /// Hosts whose health could decide something, each with an address of it
    /// that failed.
    pub controls: Vec<(String, Url)>,
}

/// The note that says which rule the due dates follow.
const RECHECK: &str = "recheck";

impl History {
    /// Tells the stories what they have not heard; changes are noted under
    /// `run`. One observation is in memory at a time.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read or written.
    pub fn settle(&self, run: i64, rules: &SettleRules<'_>) -> Result<Settled, HistoryError> {
        let mut settled = self.in_transaction(|sql| {
            let after = settled_up_to(sql)?;
            let excused = excused_after(sql, after)?;
            let (mut settled, mut last) = (Settled::default(), after);
            for_each_after(sql, after, &mut |one| {
                last = one.id;
                if excused.contains(&one.id) {
                    settled.excused += 1;
                    return sql
                        .prepare_cached("INSERT OR IGNORE INTO excuses (observation) VALUES (?1)")?
                        .execute(params![one.id])
                        .map(drop);
                }
                settled.told += 1;
                let mut story = tell::read(sql, one.target)?.unwrap_or_else(|| Story::new(one.observation.at));
                let before = Stand::of(&story);
                story.hear(&Check::of(&one.observation, &(rules.judge)(&one.observation)), &rules.death);
                tell::write(sql, one.target, &story, &rules.recheck)?;
                note_change(sql, run, one.target, before, &story)
            })?;
            set_settled(sql, last)?;
            Ok(settled)
        })?;
        settled.controls = self.wanted_controls(&rules.death)?;
        Ok(settled)
    }

    /// Tells the stories of a host what a control request showed.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read or written.
    pub fn settle_control(
        &self,
        run: i64,
        host: &str,
        at: Timestamp,
        is_healthy: bool,
        rules: &SettleRules<'_>,
    ) -> Result<(), HistoryError> {
        // As it is read again: in whole milliseconds.
        let at = time(at.as_millisecond());
        self.record_control(host, at, is_healthy)?;
        self.in_transaction(|sql| {
            let mut statement = sql.prepare_cached(
                "SELECT stories.target FROM stories JOIN targets ON targets.id = stories.target
                 JOIN hosts ON hosts.id = targets.host WHERE hosts.name = ?1 AND stories.state = ?2",
            )?;
            let failing = i64::try_from(State::Failing.rank()).unwrap_or_default();
            let targets: Vec<TargetId> =
                statement.query_map(params![host, failing], |row| row.get(0))?.collect::<Result<_, _>>()?;
            for target in targets {
                let Some(mut story) = tell::read(sql, target)? else { continue };
                let before = Stand::of(&story);
                story.hear_control(at, is_healthy, &rules.death);
                tell::write(sql, target, &story, &rules.recheck)?;
                note_change(sql, run, target, before, &story)?;
            }
            Ok(())
        })
    }

    /// Where this rule is not the one that the due dates follow, makes them
    /// anew.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read or written.
    pub fn reschedule(&self, rule: &RecheckRule) -> Result<(), HistoryError> {
        let wanted = format!("{:?} {:?}", rule.distances, rule.after_failure);
        if self.note(RECHECK)?.as_ref() == Some(&wanted) {
            return Ok(());
        }
        self.in_transaction(|sql| tell::reschedule(sql, rule))?;
        self.set_note(RECHECK, &wanted)
    }

    /// Makes all stories anew from the observations and controls; the number
    /// of those that had been told otherwise.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read or written.
    pub fn rebuild(&self, rules: &SettleRules<'_>) -> Result<usize, HistoryError> {
        self.in_transaction(|sql| {
            let mut targets = sql.prepare("SELECT id, first_seen, host FROM targets")?;
            let rows = targets.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            let mut differing = 0;
            for row in rows {
                let (target, first_seen, host): (TargetId, i64, i64) = row?;
                let mut story = Story::new(time(first_seen));
                let controls = controls_of(sql, host)?;
                let mut next = controls.iter().peekable();
                for observation in observations_of(sql, target)? {
                    while let Some((at, is_healthy)) = next.next_if(|(at, _)| *at < observation.at) {
                        story.hear_control(*at, *is_healthy, &rules.death);
                    }
                    story.hear(&Check::of(&observation, &(rules.judge)(&observation)), &rules.death);
                }
                next.for_each(|(at, is_healthy)| story.hear_control(*at, *is_healthy, &rules.death));
                let known = tell::read(sql, target)?;
                if known.as_ref() != Some(&story) {
                    differing += 1;
                    tell::write(sql, target, &story, &rules.recheck)?;
                }
            }
            let last: Option<i64> = sql.query_row("SELECT max(id) FROM observations", [], |row| row.get(0))?;
            set_settled(sql, last.unwrap_or_default())?;
            // A run may have another rule for due dates than whoever rebuilds.
            sql.execute("DELETE FROM notes WHERE name = ?1", params![RECHECK])?;
            Ok(differing)
        })
    }

    fn wanted_controls(&self, rule: &DeathRule) -> Result<Vec<(String, Url)>, HistoryError> {
        self.try_sql(|sql| {
            let mut statement = sql.prepare_cached(
                "SELECT hosts.name, targets.url, stories.story FROM stories JOIN targets ON targets.id = stories.target
                 JOIN hosts ON hosts.id = targets.host WHERE stories.state = ?1
                 AND EXISTS (SELECT 1 FROM citations WHERE citations.target = targets.id)
                 ORDER BY hosts.name, targets.id",
            )?;
            let failing = i64::try_from(State::Failing.rank()).unwrap_or_default();
            let rows = statement.query_map(params![failing], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
            })?;
            let mut wanted = BTreeMap::new();
            for row in rows {
                let (host, url, story) = row?;
                let is_wanted = tell::decode(&story).is_some_and(|story| story.wants_control(rule));
                if let (true, Ok(url)) = (is_wanted, Url::parse(&url)) {
                    wanted.entry(host).or_insert(url);
                }
            }
            Ok(wanted.into_iter().collect())
        })
    }
}

pub(super) fn settled_up_to(sql: &Connection) -> rusqlite::Result<i64> {
    let value: Option<String> =
        sql.query_row("SELECT value FROM notes WHERE name = 'settled'", [], |row| row.get(0)).optional()?;
    Ok(value.and_then(|value| value.parse().ok()).unwrap_or(0))
}

pub(super) fn set_settled(sql: &Connection, id: i64) -> rusqlite::Result<()> {
    sql.execute("INSERT OR REPLACE INTO notes (name, value) VALUES ('settled', ?1)", params![id.to_string()]).map(drop)
}

/// An observation that its story has not heard.
struct Unheard {
    id: i64,
    target: TargetId,
    host: String,
    /// Whether the reference was well when it was last known.
    was_good: bool,
    observation: Observation,
}

fn for_each_after(
    sql: &Connection,
    after: i64,
    hear: &mut dyn FnMut(Unheard) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let mut statement = sql.prepare_cached(
        "SELECT observations.id, observations.target, at, elapsed, packed, url, fallback, hosts.name, state
         FROM observations JOIN facts ON facts.id = facts JOIN targets ON targets.id = observations.target
         JOIN hosts ON hosts.id = targets.host LEFT JOIN stories ON stories.target = targets.id
         WHERE observations.id > ?1 ORDER BY observations.id",
    )?;
    let mut rows = statement.query(params![after])?;
    while let Some(row) = rows.next()? {
        let packed: Vec<u8> = row.get(4)?;
        let url: String = row.get(5)?;
        let Some(observation) = observation(&packed, &url, row.get(6)?, row.get(2)?, row.get(3)?) else { continue };
        let state = row.get::<_, Option<u32>>(8)?.and_then(|rank| State::ALL.get(rank as usize));
        let was_good = state.is_some_and(|state| matches!(state, State::Alive | State::Moved | State::Drifted));
        hear(Unheard { id: row.get(0)?, target: row.get(1)?, host: row.get(7)?, was_good, observation })?;
    }
    Ok(())
}

/// The observations after this one that failed for want of a network of our
/// own.
fn excused_after(sql: &Connection, after: i64) -> rusqlite::Result<HashSet<i64>> {
    let mut hosts: HashMap<String, Rc<str>> = HashMap::new();
    let (mut ids, mut heard) = (Vec::new(), Vec::new());
    for_each_after(sql, after, &mut |one| {
        let seen = &one.observation;
        let host = hosts.entry(one.host).or_insert_with_key(|host| Rc::from(host.as_str()));
        let elapsed = SignedDuration::try_from(seen.elapsed).unwrap_or_default();
        ids.push(one.id);
        heard.push(Heard {
            began: seen.at.checked_sub(elapsed).unwrap_or(seen.at),
            ended: seen.at,
            host: Rc::clone(host),
            is_answered: matches!(
                seen.outcome,
                Outcome::Answered { .. } | Outcome::TooManyRedirects | Outcome::BadRedirect | Outcome::Tls(_)
            ),
            was_good: one.was_good,
        });
        Ok(())
    })?;
    let excused = excused(&heard);
    Ok(ids.into_iter().zip(excused).filter_map(|(id, is_excused)| is_excused.then_some(id)).collect())
}

/// An observation out of its columns.
pub(super) fn observation(
    packed: &[u8],
    url: &str,
    fallback: Option<String>,
    at: i64,
    elapsed: i64,
) -> Option<Observation> {
    let url = Url::parse(url).ok()?;
    let fallback = fallback.and_then(|fallback| Url::parse(&fallback).ok());
    wire::unpack(packed, &url, fallback.as_ref(), time(at), elapsed)
}

/// The observations of a target that count, in their order.
pub(super) fn observations_of(sql: &Connection, target: TargetId) -> rusqlite::Result<Vec<Observation>> {
    let mut statement = sql.prepare_cached(
        "SELECT at, elapsed, packed, url, fallback FROM observations JOIN facts ON facts.id = facts
         JOIN targets ON targets.id = target WHERE target = ?1
         AND observations.id NOT IN (SELECT observation FROM excuses) ORDER BY at, observations.id",
    )?;
    let mut rows = statement.query(params![target])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let packed: Vec<u8> = row.get(2)?;
        found.extend(observation(&packed, &row.get::<_, String>(3)?, row.get(4)?, row.get(0)?, row.get(1)?));
    }
    Ok(found)
}

fn controls_of(sql: &Connection, host: i64) -> rusqlite::Result<Vec<(Timestamp, bool)>> {
    let mut statement = sql.prepare_cached("SELECT at, is_healthy FROM controls WHERE host = ?1 ORDER BY at")?;
    let rows = statement.query_map(params![host], |row| Ok((time(row.get(0)?), row.get(1)?)))?;
    rows.collect()
}
