//! `obelus repair`: one article in, the repaired article out.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::check::{CheckSettings, RuleSelection};
use crate::document::{self, Document};
use crate::finding::{Confidence, Lacuna};
use crate::input::{self, Source, SourcePlace};
use crate::repair::{self, Ask, AskNobody, Dialogue, RepairSettings, Repaired};
use crate::report;

use super::arguments::Mending;
use super::config::{self, Loaded};
use super::output;

/// Repairs the inputs, each for itself; what cannot be done is told, the rest
/// is done.
pub(super) fn repair(mending: &Mending, loaded: &Loaded) -> anyhow::Result<u8> {
    let settings = settings(mending, loaded)?;
    let inputs = inputs(mending)?;
    let (sources, errors) = input::expand(&inputs, mending.stdin_path.as_deref());
    let only_one = !mending.write && !mending.diff;
    if only_one && sources.len() > 1 {
        bail!(
            "these are {} articles; add --write to repair the files, or --diff to see what would change",
            sources.len()
        );
    }
    if mending.interactive && sources.iter().any(|source| source.place == SourcePlace::Stdin) {
        bail!("--interactive needs standard input for the answers; name a file");
    }
    let mut failed = !errors.is_empty();
    for error in errors {
        tell(&error.path, &error.message);
    }
    let mut ledger = Vec::new();
    for source in sources {
        if let Err(error) = repair_one(&source, mending, &settings, &mut ledger) {
            tell(&source.name, &format!("{error:#}"));
            failed = true;
        }
    }
    if let Some(path) = &mending.ledger {
        output::to_file(path, |out| out.write_all(&ledger))?;
    }
    Ok(if failed { super::FAILED } else { 0 })
}

fn settings(mending: &Mending, loaded: &Loaded) -> anyhow::Result<RepairSettings> {
    let Some(lacuna) = Lacuna::new(&mending.lacuna) else {
        bail!("--lacuna needs a mark that readers can see, such as […] or [lost: {{n}}]");
    };
    let (root, here) = config::folders(loaded)?;
    let check = CheckSettings {
        rules: RuleSelection::new(&mending.select, &mending.ignore)?,
        min_confidence: Confidence::from_fraction(mending.min_confidence),
        paths: loaded.sections.path_rules(root, here).map_err(|error| config::in_file(loaded, &error))?,
        lacuna,
        ..CheckSettings::default()
    };
    Ok(RepairSettings { check, allow_unsafe: mending.allow_unsafe, ..RepairSettings::default() })
}

fn inputs(mending: &Mending) -> anyhow::Result<Vec<String>> {
    if !mending.inputs.is_empty() {
        return Ok(mending.inputs.clone());
    }
    if io::stdin().is_terminal() {
        bail!("name what to repair, for example: obelus repair article.md");
    }
    Ok(vec!["-".to_owned()])
}

fn repair_one(
    source: &Source,
    mending: &Mending,
    settings: &RepairSettings,
    ledger: &mut Vec<u8>,
) -> anyhow::Result<()> {
    if let SourcePlace::Web(_) = source.place {
        bail!("a page on the web cannot be repaired; save it and repair the file");
    }
    let bytes = input::read(&source.place).map_err(anyhow::Error::msg)?;
    let format = mending.input_format.map(Into::into);
    let document = document::read(bytes.clone(), format, Some(&source.name))?;
    let repaired = repair::repair(&document, &source.name, settings, asker(mending).as_mut());
    let after = document.rewrite(&bytes, &repaired.changes)?;
    report::write_ledger(&document, &repaired, ledger)?;
    tell_refused(source, &repaired);
    match &source.place {
        SourcePlace::File(path) if mending.write => {
            if !repaired.changes.is_empty() {
                write(path, &bytes, &after, mending)?;
            }
            tell_done(source, &repaired);
            if mending.diff {
                show_diff(source, &document, &repaired)?;
            }
        }
        _ if mending.write => bail!("standard input cannot be written back; leave --write out"),
        _ if mending.diff => show_diff(source, &document, &repaired)?,
        _ => {
            output::to_stdout(|out| out.write_all(&after))?;
        }
    }
    Ok(())
}

fn asker(mending: &Mending) -> Box<dyn Ask> {
    if !mending.interactive {
        return Box::new(AskNobody);
    }
    Box::new(Dialogue::new(io::stdin().lock(), io::stderr(), |text| report::printable(text).into_owned()))
}

fn show_diff(source: &Source, document: &Document, repaired: &Repaired) -> anyhow::Result<()> {
    let after = repaired.changes.apply(&document.source);
    let diff = repair::unified_diff(&source.name, &document.source, &after);
    output::to_stdout(|out| out.write_all(diff.as_bytes()))?;
    Ok(())
}

/// Replaces the file as it was read, keeping a copy, or touches nothing.
fn write(path: &Path, before: &[u8], after: &[u8], mending: &Mending) -> anyhow::Result<()> {
    // A link stays a link: its file is written.
    let path = &path.canonicalize().with_context(|| format!("{} is gone", path.display()))?;
    let is_unchanged = || fs::read(path).is_ok_and(|now| now == before);
    if !is_unchanged() {
        bail!("it changed while it was read; nothing was written, run the repair again");
    }
    let backup = backup_path(path);
    if !mending.no_backup {
        keep(&backup, before)?;
    }
    let written = output::to_file(path, |out| {
        if is_unchanged() { out.write_all(after) } else { Err(io::Error::other("it changed while it was repaired")) }
    });
    if written.is_err() && !mending.no_backup {
        // The copy is ours and of no use: the file is as it was.
        let _ = fs::remove_file(&backup);
    }
    written
}

/// Keeps the original, and never writes over what is there.
fn keep(backup: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut file = match fs::OpenOptions::new().write(true).create_new(true).open(backup) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            bail!("{} is there already and is never written over; move it away, or add --no-backup", backup.display())
        }
        Err(error) => return Err(error).with_context(|| format!("{} could not be written", backup.display())),
    };
    file.write_all(bytes).and_then(|()| file.sync_all()).with_context(|| {
        let _ = fs::remove_file(backup);
        format!("{} could not be written", backup.display())
    })
}

fn backup_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".orig");
    name.into()
}

fn tell(path: &str, message: &str) {
    let _ = writeln!(io::stderr(), "obelus: {}: {}", report::printable(path), report::printable(message));
}

fn tell_refused(source: &Source, repaired: &Repaired) {
    for refused in &repaired.refused {
        tell(&source.name, &format!("{} was not repaired: {}", refused.rule.name, refused.reason));
    }
}

fn tell_done(source: &Source, repaired: &Repaired) {
    let count = repaired.made.len();
    let edits = if count == 1 { "1 edit".to_owned() } else { format!("{count} edits") };
    let left = match repaired.left {
        0 => String::new(),
        left => format!("; {left} more with --unsafe or --interactive"),
    };
    tell(&source.name, &format!("{edits} made{left}"));
}
