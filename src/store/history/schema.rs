//! The tables, version by version.

use crate::store::database::Kind;

/// The history's kind of file.
pub const KIND: Kind = Kind {
    name: "history",
    // "obhi"
    application_id: 0x6f62_6869,
    migrations: &[VERSION_1, VERSION_2],
    when_damaged: "; keep a copy, take out what can be read with `obelus audit export --output kept.jsonl`, and into a new history with `obelus audit import kept.jsonl --database new.db`",
};

/// Times are milliseconds since 1970. `observations`, `controls` and `excuses`
/// are only ever added to; `stories` and `changes` follow from them.
const VERSION_1: &str = "
    CREATE TABLE hosts (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE
    );
    CREATE TABLE targets (
        id INTEGER PRIMARY KEY,
        url TEXT NOT NULL UNIQUE,
        fallback TEXT,
        host INTEGER NOT NULL REFERENCES hosts (id),
        first_seen INTEGER NOT NULL
    );
    CREATE INDEX targets_by_host ON targets (host);
    CREATE TABLE runs (
        id INTEGER PRIMARY KEY,
        began INTEGER NOT NULL,
        ended INTEGER
    );
    CREATE TABLE facts (
        id INTEGER PRIMARY KEY,
        digest INTEGER NOT NULL,
        packed BLOB NOT NULL
    );
    CREATE INDEX facts_by_digest ON facts (digest);
    CREATE TABLE observations (
        id INTEGER PRIMARY KEY,
        target INTEGER NOT NULL REFERENCES targets (id),
        run INTEGER NOT NULL REFERENCES runs (id),
        at INTEGER NOT NULL,
        elapsed INTEGER NOT NULL,
        facts INTEGER NOT NULL REFERENCES facts (id)
    );
    CREATE INDEX observations_by_target ON observations (target);
    -- Observations that failed for want of a network of our own.
    CREATE TABLE excuses (observation INTEGER PRIMARY KEY REFERENCES observations (id));
    CREATE TABLE controls (
        id INTEGER PRIMARY KEY,
        host INTEGER NOT NULL REFERENCES hosts (id),
        at INTEGER NOT NULL,
        is_healthy INTEGER NOT NULL
    );
    CREATE INDEX controls_by_host ON controls (host);
    CREATE TABLE stories (
        target INTEGER PRIMARY KEY REFERENCES targets (id),
        due INTEGER NOT NULL,
        state INTEGER NOT NULL,
        story TEXT NOT NULL
    );
    CREATE INDEX stories_by_due ON stories (due);
    CREATE INDEX stories_by_state ON stories (state);
    CREATE TABLE changes (
        id INTEGER PRIMARY KEY,
        run INTEGER NOT NULL REFERENCES runs (id),
        at INTEGER NOT NULL,
        subject TEXT NOT NULL,
        key TEXT NOT NULL,
        rule TEXT NOT NULL,
        severity TEXT NOT NULL,
        kind TEXT NOT NULL,
        message TEXT NOT NULL
    );
    CREATE INDEX changes_by_run ON changes (run);
    CREATE TABLE documents (
        id INTEGER PRIMARY KEY,
        path TEXT NOT NULL UNIQUE,
        size INTEGER NOT NULL,
        modified INTEGER NOT NULL,
        digest INTEGER NOT NULL
    );
    CREATE TABLE citations (
        document INTEGER NOT NULL REFERENCES documents (id),
        target INTEGER NOT NULL REFERENCES targets (id),
        PRIMARY KEY (document, target)
    ) WITHOUT ROWID;
    CREATE INDEX citations_by_target ON citations (target);
    CREATE TABLE findings (
        document INTEGER NOT NULL REFERENCES documents (id),
        key TEXT NOT NULL,
        rule TEXT NOT NULL,
        severity TEXT NOT NULL,
        line INTEGER NOT NULL,
        message TEXT NOT NULL,
        PRIMARY KEY (document, key)
    ) WITHOUT ROWID;
    CREATE TABLE acks (
        key TEXT PRIMARY KEY,
        reason TEXT NOT NULL,
        until INTEGER,
        at INTEGER NOT NULL
    );
    -- `settled`: the last observation that the stories have heard;
    -- `settings`: what the documents were checked with.
    CREATE TABLE notes (
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL
    );
";

/// What articles quote from their references; and facts are packed with a
/// dictionary from here on (`wire`), which older programs cannot read. The
/// articles are read once more, for their quotations are not known yet.
const VERSION_2: &str = "
    CREATE TABLE quotations (
        document INTEGER NOT NULL REFERENCES documents (id),
        target INTEGER NOT NULL REFERENCES targets (id),
        quoted TEXT NOT NULL,
        PRIMARY KEY (document, target, quoted)
    ) WITHOUT ROWID;
    CREATE INDEX quotations_by_target ON quotations (target);
    DELETE FROM notes WHERE name = 'checked-with';
";
