//! From observations to stories: what they have not heard yet is told to them,
//! failures of our own network left out, and what changed is noted.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};
use url::Url;

use crate::finding::KeyMaker;
use crate::history::{Check, DeathRule, Heard, RecheckRule, Sign, State, Story, excused};
use crate::text::Span;
use crate::verdict::{Observation, Outcome, Standing, Verdict};

use super::articles::{Change, note};
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

struct Unheard {
    id: i64,
    target: TargetId,
    host: String,
    observation: Observation,
}

impl History {
    /// Tells the stories what they have not heard; changes are noted under
    /// `run`.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read or written.
    pub fn settle(&self, run: i64, rules: &SettleRules<'_>) -> Result<Settled, HistoryError> {
        let mut settled = self.in_transaction(|sql| {
            let after = settled_up_to(sql)?;
            let unheard = unheard(sql, after)?;
            let mut stories: HashMap<TargetId, Story> = HashMap::new();
            for one in &unheard {
                if let Entry::Vacant(place) = stories.entry(one.target) {
                    let story = tell::read(sql, one.target)?;
                    place.insert(story.unwrap_or_else(|| Story::new(one.observation.at)));
                }
            }
            let before: BTreeMap<TargetId, State> =
                stories.iter().map(|(target, story)| (*target, story.state)).collect();
            let excused = excused(&heard(&unheard, &stories));
            let mut settled = Settled::default();
            for (one, is_excused) in unheard.iter().zip(&excused) {
                if *is_excused {
                    settled.excused += 1;
                    sql.prepare_cached("INSERT OR IGNORE INTO excuses (observation) VALUES (?1)")?
                        .execute(params![one.id])?;
                } else if let Some(story) = stories.get_mut(&one.target) {
                    settled.told += 1;
                    story.hear(&Check::of(&one.observation, &(rules.judge)(&one.observation)), &rules.death);
                }
            }
            for (target, state) in before {
                let Some(story) = stories.get(&target) else { continue };
                tell::write(sql, target, story, &rules.recheck)?;
                note_change(sql, run, target, state, story)?;
            }
            if let Some(last) = unheard.last() {
                set_settled(sql, last.id)?;
            }
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
                let before = story.state;
                story.hear_control(at, is_healthy, &rules.death);
                tell::write(sql, target, &story, &rules.recheck)?;
                note_change(sql, run, target, before, &story)?;
            }
            Ok(())
        })
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
            Ok(differing)
        })
    }

    fn wanted_controls(&self, rule: &DeathRule) -> Result<Vec<(String, Url)>, HistoryError> {
        self.try_sql(|sql| {
            let mut statement = sql.prepare_cached(
                "SELECT hosts.name, targets.url, stories.story FROM stories JOIN targets ON targets.id = stories.target
                 JOIN hosts ON hosts.id = targets.host WHERE stories.state = ?1 ORDER BY hosts.name, targets.id",
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

fn settled_up_to(sql: &Connection) -> rusqlite::Result<i64> {
    let value: Option<String> =
        sql.query_row("SELECT value FROM notes WHERE name = 'settled'", [], |row| row.get(0)).optional()?;
    Ok(value.and_then(|value| value.parse().ok()).unwrap_or(0))
}

fn set_settled(sql: &Connection, id: i64) -> rusqlite::Result<()> {
    sql.execute("INSERT OR REPLACE INTO notes (name, value) VALUES ('settled', ?1)", params![id.to_string()]).map(drop)
}

fn unheard(sql: &Connection, after: i64) -> rusqlite::Result<Vec<Unheard>> {
    let mut statement = sql.prepare_cached(
        "SELECT observations.id, target, at, elapsed, packed, url, fallback, hosts.name
         FROM observations JOIN facts ON facts.id = facts JOIN targets ON targets.id = target
         JOIN hosts ON hosts.id = targets.host WHERE observations.id > ?1 ORDER BY observations.id",
    )?;
    let mut rows = statement.query(params![after])?;
    let mut unheard = Vec::new();
    while let Some(row) = rows.next()? {
        let packed: Vec<u8> = row.get(4)?;
        if let Some(observation) =
            observation(&packed, &row.get::<_, String>(5)?, row.get(6)?, row.get(2)?, row.get(3)?)
        {
            unheard.push(Unheard { id: row.get(0)?, target: row.get(1)?, host: row.get(7)?, observation });
        }
    }
    Ok(unheard)
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
         AND observations.id NOT IN (SELECT observation FROM excuses) ORDER BY observations.id",
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

fn heard<'a>(unheard: &'a [Unheard], stories: &HashMap<TargetId, Story>) -> Vec<Heard<'a>> {
    unheard
        .iter()
        .map(|one| {
            let observation = &one.observation;
            let elapsed = SignedDuration::try_from(observation.elapsed).unwrap_or_default();
            let is_answered = matches!(
                observation.outcome,
                Outcome::Answered { .. } | Outcome::TooManyRedirects | Outcome::BadRedirect | Outcome::Tls(_)
            );
            Heard {
                began: observation.at.checked_sub(elapsed).unwrap_or(observation.at),
                ended: observation.at,
                host: &one.host,
                is_answered,
                was_good: stories.get(&one.target).is_some_and(|story| Sign::of(story.standing) == Sign::Good),
            }
        })
        .collect()
}

/// The rule that reports a reference in this state, and how bad that is.
pub(super) fn rule_of(state: State, standing: Standing) -> (String, &'static str) {
    match state {
        State::Dead => (format!("link/{}", standing.name()), "error"),
        State::Failing => (format!("link/{}", standing.name()), "warning"),
        State::Drifted => ("link/drifted".to_owned(), "warning"),
        State::Moved => ("link/moved".to_owned(), "info"),
        State::Walled => (format!("link/{}", standing.name()), "info"),
        State::Alive | State::Unchecked => (String::new(), "info"),
    }
}

/// The key of a reference's finding, the same as in the reports of `check`.
pub(super) fn key_of(rule: &str, url: &str) -> String {
    KeyMaker::default().key(rule, url, Span::from_range(0..url.len())).as_str().to_owned()
}

fn note_change(sql: &Connection, run: i64, target: TargetId, before: State, story: &Story) -> rusqlite::Result<()> {
    let kind = match (before, story.state) {
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
    let (mut rule, severity) = rule_of(story.state, story.standing);
    if rule.is_empty() {
        "link".clone_into(&mut rule);
    }
    let message = in_words(story);
    let key = key_of(&rule, &url);
    let at = story.since;
    note(sql, run, at, &Change { subject: &url, key: &key, rule: &rule, severity, kind, message: &message })
}

/// Where a reference stands, in a few words.
pub(super) fn in_words(story: &Story) -> String {
    let day = |at: Timestamp| at.strftime("%Y-%m-%d").to_string();
    let last_good = story.last_good.map_or_else(|| "never seen well".to_owned(), |at| format!("last good {}", day(at)));
    match (story.state, &story.failing) {
        (State::Dead, Some(failing)) => {
            format!(
                "dead: {} in {} checks since {}, {last_good}",
                story.standing.name(),
                failing.checks,
                day(failing.since)
            )
        }
        (State::Failing, Some(failing)) => {
            format!(
                "failing since {}: {} in {} checks, {last_good}",
                day(failing.since),
                story.standing.name(),
                failing.checks
            )
        }
        (State::Moved, _) => story.moved_to.as_ref().map_or_else(String::new, |url| format!("moved to {url}")),
        (State::Drifted, _) => story.drift.as_ref().map_or_else(String::new, drift_in_words),
        (State::Walled, _) => format!("behind a wall: {}, {last_good}", story.standing.name()),
        _ => format!("{}, {last_good}", story.state.name()),
    }
}

fn drift_in_words(drift: &crate::history::Drift) -> String {
    let title = match (&drift.title_before, &drift.title_now) {
        (Some(before), Some(now)) if before != now => format!("; its title was “{before}” and is “{now}”"),
        _ => String::new(),
    };
    let same = drift.same.map_or_else(String::new, |same| format!("; about {} % of its text is the same", same / 10));
    format!("no longer the page that was cited{title}{same}")
}
