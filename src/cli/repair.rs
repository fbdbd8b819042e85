//! `obelus repair`: one article in, the repaired article out.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::check::{CheckSettings, RuleSelection};
use crate::document::{self, Document};
use crate::finding::{Confidence, Lacuna};
use crate::input::{self, Source, SourcePlace};
use crate::repair::{self, Ask, AskNobody, Dialogue, FromExport, RepairSettings, Repaired, Search, Witness};
use crate::report;

use super::arguments::Mending;
use super::config::{self, Loaded};
use super::output;

/// Repairs the inputs, each for itself; what cannot be done is told, the rest
/// is done.
pub(super) fn repair(mending: &Mending, loaded: &Loaded) -> anyhow::Result<u8> {
    let mut settings = settings(mending, loaded)?;
    let export = mending.from.as_deref().map(export_place);
    if let Some(export) = export.as_ref().filter(|_| mending.inputs.is_empty()) {
        return render_anew(export, mending);
    }
    if mending.citation_style.is_some() {
        bail!("leave the article out to have it rendered anew, or --citation-style out to have it repaired");
    }
    let inputs = inputs(mending)?;
    let (sources, errors) = input::expand(&inputs, mending.stdin_path.as_deref());
    let only_one = !mending.write && !mending.diff;
    if only_one && sources.len() > 1 {
        bail!(
            "these are {} articles; add --write to repair the files, or --diff to see what would change",
            sources.len()
        );
    }
    if export.is_some() && sources.len() > 1 {
        bail!("an export is the source of one article; name one");
    }
    let reads_stdin = sources.iter().filter(|source| source.place == SourcePlace::Stdin).count()
        + mending.witness.iter().chain(&mending.from).filter(|name| *name == "-").count();
    if mending.interactive && reads_stdin > 0 {
        bail!("--interactive needs standard input for the answers; name a file");
    }
    if reads_stdin > 1 {
        bail!("standard input can be read only once; name a file for the article or the witness");
    }
    let mut failed = !errors.is_empty();
    for error in errors {
        tell(&error.path, &error.message);
    }
    let mut ledger = Vec::new();
    for source in sources {
        if let Err(error) = repair_one(&source, mending, &mut settings, export.as_ref(), &mut ledger) {
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
    let witnesses = mending.witness.iter().map(|name| witness(name)).collect::<anyhow::Result<_>>()?;
    Ok(RepairSettings { check, allow_unsafe: mending.allow_unsafe, witnesses, ..RepairSettings::default() })
}

/// Where a raw export is.
fn export_place(name: &str) -> SourcePlace {
    if name == "-" { SourcePlace::Stdin } else { SourcePlace::File(name.into()) }
}

/// Looks through the export for the article.
fn search<'a>(place: &SourcePlace, article: Option<&Document>, mending: &'a Mending) -> anyhow::Result<Search<'a>> {
    let mut search = Search::new(article, mending.conversation.as_deref());
    let read = input::stream(place, &mut |part| search.read(part));
    read.map_err(anyhow::Error::msg)
        .with_context(|| format!("the export {} could not be read", mending.from.as_deref().unwrap_or_default()))?;
    Ok(search)
}

/// The article as the export gives it.
fn render_anew(export: &SourcePlace, mending: &Mending) -> anyhow::Result<u8> {
    if mending.write || mending.diff {
        bail!("--write and --diff need the damaged article; without it the article is printed");
    }
    let style = mending.citation_style.unwrap_or_default();
    let article = search(export, None, mending)?.render(style)?;
    tell_export(&article);
    output::to_stdout(|out| out.write_all(article.text.as_bytes()))
}

fn tell_export(export: &FromExport) {
    tell("export", &format!("{}: {}", export.product, export.measured));
    match export.unplaced {
        0 => {}
        1 => tell("export", "1 source is cited without a place, and was left out"),
        count => tell("export", &format!("{count} sources are cited without a place, and were left out")),
    }
}

fn tell_process(source: &Source, repaired: &Repaired) {
    let Some(shown) = repaired.process else { return };
    let shift = shown.characters.map_or(String::new(), |shift| format!(" ({shift} characters)"));
    let message = format!(
        "what made the damage: {}: {}{shift}; the export shows it at {} of {} displaced citations",
        shown.process.name(),
        shown.process.summary(),
        shown.explains,
        shown.of
    );
    tell(&source.name, &message);
}

/// Another copy of the article, whatever its format.
fn witness(name: &str) -> anyhow::Result<Witness> {
    let failed = || format!("the witness {name} could not be read");
    let place = if name == "-" { SourcePlace::Stdin } else { SourcePlace::File(name.into()) };
    let bytes = input::read(&place).map_err(anyhow::Error::msg).with_context(failed)?;
    Ok(Witness::new(document::read(bytes, None, Some(name)).with_context(failed)?))
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
    settings: &mut RepairSettings,
    export: Option<&SourcePlace>,
    ledger: &mut Vec<u8>,
) -> anyhow::Result<()> {
    if let SourcePlace::Web(_) = source.place {
        bail!("a page on the web cannot be repaired; save it and repair the file");
    }
    let bytes = input::read(&source.place).map_err(anyhow::Error::msg)?;
    let format = mending.input_format.map(Into::into);
    let document = document::read(bytes.clone(), format, Some(&source.name))?;
    if let Some(export) = export {
        let (witness, about) = search(export, Some(&document), mending)?.witness()?;
        tell_export(&about);
        settings.witnesses.insert(0, witness);
    }
    let repaired = repair::repair(&document, &source.name, settings, asker(mending).as_mut());
    let after = document.rewrite(&bytes, &repaired.changes)?;
    report::write_ledger(&document, &repaired, ledger)?;
    tell_refused(source, &repaired);
    tell_process(source, &repaired);
    match &source.place {
        SourcePlace::File(path) if mending.write => {
            if !repaired.changes.is_empty() {
                write(path, &bytes, &after, !mending.no_backup)?;
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
pub(super) fn write(path: &Path, before: &[u8], after: &[u8], keeps_copy: bool) -> anyhow::Result<()> {
    // A link stays a link: its file is written.
    let path = &path.canonicalize().with_context(|| format!("{} is gone", path.display()))?;
    let is_unchanged = || fs::read(path).is_ok_and(|now| now == before);
    if !is_unchanged() {
        bail!("it changed while it was read; nothing was written, run the repair again");
    }
    let backup = backup_path(path);
    if keeps_copy {
        keep(&backup, before)?;
    }
    let written = output::to_file(path, |out| {
        if is_unchanged() { out.write_all(after) } else { Err(io::Error::other("it changed while it was repaired")) }
    });
    if written.is_err() && keeps_copy {
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
