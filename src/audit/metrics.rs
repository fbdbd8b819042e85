//! The present state as an OpenMetrics text file (openmetrics.io, version
//! 1.0), for a collector such as `node_exporter`'s textfile.

use std::io::{self, Write};

use jiff::Timestamp;

use crate::history::State;
use crate::store::history::Counts;

use super::Ran;

/// Writes the file.
///
/// # Errors
///
/// Those of the writer.
pub fn write(ran: &Ran, counts: &Counts, now: Timestamp, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# HELP obelus_references References that articles cite, by state.\n# TYPE obelus_references gauge")?;
    for state in State::ALL {
        let number = counts.states.get(&state).copied().unwrap_or_default();
        writeln!(out, "obelus_references{{state=\"{}\"}} {number}", state.name())?;
    }
    writeln!(
        out,
        "# HELP obelus_findings Findings in the text of articles, by severity.\n# TYPE obelus_findings gauge"
    )?;
    for severity in ["error", "warning", "info"] {
        let number = counts.findings.get(severity).copied().unwrap_or_default();
        writeln!(out, "obelus_findings{{severity=\"{severity}\"}} {number}")?;
    }
    let gauges = [
        ("articles", "Articles known.", counts.articles),
        ("due", "References that are due.", counts.due),
        ("run_observed", "References that the last run observed.", count(ran.observed)),
        ("run_read", "Articles that the last run read.", count(ran.read)),
        ("run_changes", "Changes that the last run noted.", count(ran.changes.len())),
        ("run_errors", "Inputs that the last run could not read.", count(ran.errors.len())),
    ];
    for (name, help, number) in gauges {
        writeln!(out, "# HELP obelus_{name} {help}\n# TYPE obelus_{name} gauge\nobelus_{name} {number}")?;
    }
    writeln!(
        out,
        "# HELP obelus_run_timestamp_seconds When the last run ended.\n# TYPE obelus_run_timestamp_seconds gauge\n# UNIT obelus_run_timestamp_seconds seconds\nobelus_run_timestamp_seconds {}\n# EOF",
        now.as_second()
    )
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
