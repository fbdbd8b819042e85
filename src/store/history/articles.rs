//! The articles: which files are known in which state, what they cite, what
//! was found in them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use rusqlite::{Connection, params};
use url::Url;

use super::stand::note_citing;
use super::{History, HistoryError, TargetId, target_id};

/// An article as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    /// Its path or address.
    pub path: String,
    /// What it was when it was read.
    pub known: KnownArticle,
    /// The distinct targets it cites.
    pub targets: Vec<CitedTarget>,
    /// What is wrong with its text.
    pub findings: Vec<ArticleFinding>,
}

/// What an article cites.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CitedTarget {
    /// Its address.
    pub url: Url,
    /// What is asked where that cannot be connected to.
    pub fallback: Option<Url>,
    /// What the article quotes from it.
    pub quoted: Vec<String>,
}

impl CitedTarget {
    /// A target that nothing is quoted from.
    #[must_use]
    pub fn new(url: Url) -> Self {
        Self { url, fallback: None, quoted: Vec::new() }
    }
}

/// By what a file is known to be unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KnownArticle {
    /// Bytes.
    pub size: u64,
    /// Time of its last change, in nanoseconds since 1970; 0 where it has none.
    pub modified: i64,
    /// Digest of its bytes.
    pub digest: i64,
}

/// What is wrong with an article's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleFinding {
    /// Its key.
    pub key: String,
    /// Its rule.
    pub rule: String,
    /// How bad.
    pub severity: String,
    /// Its line.
    pub line: u32,
    /// What.
    pub message: String,
}

impl History {
    /// All known articles.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn known_articles(&self) -> Result<HashMap<String, KnownArticle>, HistoryError> {
        self.try_sql(|sql| {
            let mut statement = sql.prepare("SELECT path, size, modified, digest FROM documents")?;
            let rows = statement.query_map([], |row| {
                let size: i64 = row.get(1)?;
                let known = KnownArticle {
                    size: u64::try_from(size).unwrap_or_default(),
                    modified: row.get(2)?,
                    digest: row.get(3)?,
                };
                Ok((row.get(0)?, known))
            })?;
            rows.collect()
        })
    }

    /// Notes that a file has another time, and the same bytes.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub fn touch_articles(&self, touched: &[(String, KnownArticle)]) -> Result<(), HistoryError> {
        self.in_transaction(|sql| {
            for (path, known) in touched {
                sql.prepare_cached("UPDATE documents SET size = ?2, modified = ?3 WHERE path = ?1")?
                    .execute(params![path, i64::try_from(known.size).unwrap_or(i64::MAX), known.modified])?;
            }
            Ok(())
        })
    }

    /// Takes articles in as they are now, with what is new in them and what is
    /// mended.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub fn put_articles(&self, run: i64, articles: &[Article], at: Timestamp) -> Result<(), HistoryError> {
        self.in_transaction(|sql| articles.iter().try_for_each(|article| put(sql, run, article, at)))
    }

    /// Forgets articles: what they cite is no longer asked for their sake.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub fn drop_articles(&self, run: i64, paths: &[String], at: Timestamp) -> Result<(), HistoryError> {
        self.in_transaction(|sql| {
            for path in paths {
                put(
                    sql,
                    run,
                    &Article {
                        path: path.clone(),
                        known: KnownArticle::default(),
                        targets: Vec::new(),
                        findings: Vec::new(),
                    },
                    at,
                )?;
                sql.execute("DELETE FROM documents WHERE path = ?1", params![path])?;
            }
            Ok(())
        })
    }
}

fn put(sql: &Connection, run: i64, article: &Article, at: Timestamp) -> rusqlite::Result<()> {
    let known = &article.known;
    let document: i64 = sql
        .prepare_cached(
            "INSERT INTO documents (path, size, modified, digest) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (path) DO UPDATE SET size = excluded.size, modified = excluded.modified, digest = excluded.digest
             RETURNING id",
        )?
        .query_row(
            params![article.path, i64::try_from(known.size).unwrap_or(i64::MAX), known.modified, known.digest],
            |row| row.get(0),
        )?;
    put_targets(sql, run, document, &article.targets, at)?;
    let before = findings_of(sql, document)?;
    let now: BTreeMap<&str, &ArticleFinding> =
        article.findings.iter().map(|finding| (finding.key.as_str(), finding)).collect();
    let noted = |finding: &ArticleFinding, kind: &str| {
        let change = Change {
            subject: &article.path,
            key: &finding.key,
            rule: &finding.rule,
            severity: &finding.severity,
            kind,
            message: &finding.message,
        };
        note(sql, run, at, &change)
    };
    for finding in before.values().filter(|finding| !now.contains_key(finding.key.as_str())) {
        noted(finding, "mended")?;
    }
    for finding in now.values().filter(|finding| !before.contains_key(&finding.key)) {
        noted(finding, "new")?;
    }
    sql.prepare_cached("DELETE FROM findings WHERE document = ?1")?.execute(params![document])?;
    for finding in now.values() {
        sql.prepare_cached(
            "INSERT INTO findings (document, key, rule, severity, line, message) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            document,
            finding.key,
            finding.rule,
            finding.severity,
            finding.line,
            finding.message
        ])?;
    }
    Ok(())
}

fn put_targets(
    sql: &Connection,
    run: i64,
    document: i64,
    targets: &[CitedTarget],
    at: Timestamp,
) -> rusqlite::Result<()> {
    let before: BTreeSet<TargetId> = sql
        .prepare_cached("SELECT target FROM citations WHERE document = ?1")?
        .query_map(params![document], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for emptied in ["DELETE FROM citations WHERE document = ?1", "DELETE FROM quotations WHERE document = ?1"] {
        sql.prepare_cached(emptied)?.execute(params![document])?;
    }
    let mut now = BTreeSet::new();
    for cited in targets {
        let target = target_id(sql, &cited.url, cited.fallback.as_ref(), at)?;
        now.insert(target);
        sql.prepare_cached("INSERT OR IGNORE INTO citations (document, target) VALUES (?1, ?2)")?
            .execute(params![document, target])?;
        for quoted in &cited.quoted {
            sql.prepare_cached("INSERT OR IGNORE INTO quotations (document, target, quoted) VALUES (?1, ?2, ?3)")?
                .execute(params![document, target, quoted])?;
        }
    }
    for target in before.symmetric_difference(&now) {
        note_citing(sql, run, *target, at, now.contains(target))?;
    }
    Ok(())
}

fn findings_of(sql: &Connection, document: i64) -> rusqlite::Result<BTreeMap<String, ArticleFinding>> {
    let mut statement =
        sql.prepare_cached("SELECT key, rule, severity, line, message FROM findings WHERE document = ?1")?;
    let rows = statement.query_map(params![document], |row| {
        let finding = ArticleFinding {
            key: row.get(0)?,
            rule: row.get(1)?,
            severity: row.get(2)?,
            line: row.get(3)?,
            message: row.get(4)?,
        };
        Ok((finding.key.clone(), finding))
    })?;
    rows.collect()
}

/// Something that is not as it was.
pub(super) struct Change<'a> {
    pub subject: &'a str,
    pub key: &'a str,
    pub rule: &'a str,
    pub severity: &'a str,
    /// `new`, `worse`, `mended`, `moved`.
    pub kind: &'a str,
    pub message: &'a str,
}

pub(super) fn note(sql: &Connection, run: i64, at: Timestamp, change: &Change<'_>) -> rusqlite::Result<()> {
    sql.prepare_cached(
        "INSERT INTO changes (run, at, subject, key, rule, severity, kind, message) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![run, at.as_millisecond(), change.subject, change.key, change.rule, change.severity, change.kind, change.message])
    .map(drop)
}
