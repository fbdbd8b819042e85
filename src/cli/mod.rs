//! The command line: arguments in, a report and an exit code out.

mod arguments;
mod audit;
mod audit_arguments;
mod audit_lists;
mod config;
mod output;
mod progress;
mod repair;
mod schema;

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{CommandFactory, Parser};

use crate::check::{self, Baseline, CheckSettings, RuleSelection};
use crate::config::units;
use crate::fetch::{FetchSettings, StopSignal, TargetFilter, check_certificates};
use crate::finding::Confidence;
use crate::input;
use crate::pipeline::{self, CacheFile, Job, Looking, Memory, ReadAs, References};
use crate::report::{self, InputError, RenderSettings, Report};
use crate::rules;
use crate::verdict::Standing;

use arguments::{Arguments, Command, FailOn, Known, Network, Reading, SchemaOf, Searches};
use config::Loaded;

/// Exit code: the job could not be done.
const FAILED: u8 = 2;

/// Runs the program; the arguments come from the environment.
#[must_use]
pub fn run() -> ExitCode {
    let (typed, loaded) = match config::with_configuration(std::env::args_os().collect()) {
        Ok(found) => found,
        Err(error) => return failed(&error),
    };
    let arguments = match Arguments::try_parse_from(&typed) {
        Ok(arguments) => arguments,
        Err(error) => {
            return usage(&error);
        }
    };
    match dispatch(arguments.command, &typed, &loaded) {
        Ok(code) => ExitCode::from(code),
        Err(error) => failed(&error),
    }
}

/// Help goes out as it is; what was typed wrong is said in one line.
fn usage(error: &clap::Error) -> ExitCode {
    use clap::error::ErrorKind;
    let is_help = matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    );
    if is_help {
        let _ = error.print();
        return ExitCode::from(if error.use_stderr() { FAILED } else { 0 });
    }
    let _ = writeln!(io::stderr(), "obelus: {}", report::printable(&in_one_line(&error.render().to_string())));
    ExitCode::from(FAILED)
}

/// The message of the argument parser without its heading and the usage below.
fn in_one_line(message: &str) -> String {
    let message = message.strip_prefix("error: ").unwrap_or(message);
    let end = ["\n\nUsage:", "\n\nFor more information"].iter().filter_map(|mark| message.find(mark)).min();
    let words: Vec<&str> = message.get(..end.unwrap_or(message.len())).unwrap_or_default().split_whitespace().collect();
    format!("{}; --help shows how it is used", words.join(" ").replace(" tip: ", "; "))
}

fn failed(error: &anyhow::Error) -> ExitCode {
    let _ = writeln!(io::stderr(), "obelus: {}", report::printable(&format!("{error:#}")));
    ExitCode::from(FAILED)
}

fn dispatch(command: Command, typed: &[OsString], loaded: &Loaded) -> anyhow::Result<u8> {
    match command {
        Command::Check { reading, network, searches, known } => check(&reading, &network, searches, &known, loaded),
        Command::Extract { reading } => extract(&reading),
        Command::Audit { command } => audit::dispatch(command, loaded),
        Command::Config { .. } => output::to_stdout(|out| config::print(typed, loaded, out)),
        Command::Schema { of } => output::to_stdout(|out| {
            let schema = match of {
                SchemaOf::Config => schema::of_config(),
                SchemaOf::Report => report::schema(),
            };
            serde_json::to_writer_pretty(&mut *out, &schema)?;
            writeln!(out)
        }),
        Command::Completions { shell } => output::to_stdout(|out| {
            clap_complete::generate(shell, &mut Arguments::command(), "obelus", out);
            Ok(())
        }),
        Command::Man { command } => manual(&command),
        Command::Repair { mending } => repair::repair(&mending, loaded),
        Command::Rules => output::to_stdout(|out| rules_table(out)),
        Command::Explain { rule } => explain(&rule),
    }
}

fn check(
    reading: &Reading,
    network: &Network,
    searches: Searches,
    known: &Known,
    loaded: &Loaded,
) -> anyhow::Result<u8> {
    if reading.fail_on == FailOn::NewError {
        bail!("only `obelus audit run` knows which errors are new; use error, warning, info or never");
    }
    let references = if reading.offline { References::Withhold } else { References::Ask };
    let settings = check_settings(reading, known, loaded)?;
    let mut fetch = fetch_settings(network)?;
    fetch.hosts = loaded.sections.host_rules(&secret).map_err(|error| config::in_file(loaded, &error))?;
    let looking = Looking { pages: searches.propose, archive: searches.archive, date: searches.date };
    let report = run_job(reading, network, settings, fetch, (references, looking))?;
    if let Some(path) = &known.write_baseline {
        output::to_file(path, |out| check::write_baseline(&report.documents, out))?;
    }
    Ok(exit_code(&report, reading.fail_on))
}

/// The value of a variable of the environment.
fn secret(name: &str) -> Option<String> {
    std::env::var_os(name).and_then(|value| value.into_string().ok())
}

fn check_settings(reading: &Reading, known: &Known, loaded: &Loaded) -> anyhow::Result<CheckSettings> {
    let (root, here) = config::folders(loaded)?;
    let paths = loaded.sections.path_rules(root, here).map_err(|error| config::in_file(loaded, &error))?;
    let baseline = known.baseline.as_ref().map(|path| {
        let failed = || format!("the baseline {} could not be used", path.display());
        let bytes = std::fs::read(path).with_context(failed)?;
        Baseline::parse(&bytes).with_context(failed)
    });
    Ok(CheckSettings {
        rules: RuleSelection::new(&reading.select, &reading.ignore)?,
        min_confidence: Confidence::from_fraction(reading.min_confidence),
        paths,
        baseline: baseline.transpose()?,
        keep_text: reading.format == "html",
        ..CheckSettings::default()
    })
}

fn extract(reading: &Reading) -> anyhow::Result<u8> {
    let settings = CheckSettings { rules: RuleSelection::none(), ..CheckSettings::default() };
    let network = Network::default();
    let nothing = (References::LeaveOut, Looking::default());
    let report = run_job(reading, &network, settings, fetch_settings(&network)?, nothing)?;
    Ok(exit_code(&report, reading.fail_on))
}

fn read_as(reading: &Reading) -> ReadAs {
    ReadAs { format: reading.input_format.map(Into::into), base: reading.base.clone() }
}

fn run_job(
    reading: &Reading,
    network: &Network,
    check: CheckSettings,
    fetch: FetchSettings,
    (references, looking): (References, Looking),
) -> anyhow::Result<Report> {
    let Some(render) = report::renderer(&reading.format) else {
        let names: Vec<&str> = report::RENDERERS.iter().map(|(name, _)| *name).collect();
        bail!("no format is called “{}”; use one of {}", reading.format, names.join(", "));
    };
    let inputs = inputs(reading)?;
    let (sources, errors) = input::expand(&inputs, reading.stdin_path.as_deref());
    let job = Job {
        sources,
        reading: read_as(reading),
        check,
        fetch,
        references,
        looking,
        memory: memory(network),
        may_download: !reading.offline && network.replay.is_none(),
    };
    let stop = StopSignal::on_interrupt();
    let shows_progress = !reading.no_progress && !reading.quiet && io::stderr().is_terminal();
    let mut progress = progress::progress(shows_progress);
    let mut report = pipeline::run(job, &stop, progress.as_mut())?;
    report.errors.splice(0..0, errors);
    tell_errors(&report.errors);
    tell_network(&report);
    let settings = RenderSettings {
        color: reading.output.is_none() && reading.color.is_on(),
        quiet: reading.quiet,
        verbose: reading.verbose,
        citations_only: references == References::LeaveOut,
        fail_on: reading.fail_on.limit(),
    };
    match &reading.output {
        Some(path) => output::to_file(path, |out| render(&report, settings, out))?,
        None => {
            output::to_stdout(|out| render(&report, settings, out))?;
        }
    }
    Ok(report)
}

/// What to read: the arguments, else what is piped in.
fn inputs(reading: &Reading) -> anyhow::Result<Vec<String>> {
    if !reading.inputs.is_empty() {
        return Ok(reading.inputs.clone());
    }
    if !is_fed(&io::stdin()) {
        bail!("name what to check, for example: obelus check article.md");
    }
    Ok(vec!["-".to_owned()])
}

/// Whether a pipe or a file is on standard input: a terminal, `/dev/null` or
/// nothing at all holds no article.
#[cfg(unix)]
fn is_fed(stdin: &io::Stdin) -> bool {
    use std::os::fd::AsFd;
    use std::os::unix::fs::FileTypeExt;
    let meta = stdin.as_fd().try_clone_to_owned().and_then(|owned| std::fs::File::from(owned).metadata());
    meta.is_ok_and(|meta| !meta.file_type().is_char_device())
}

#[cfg(not(unix))]
fn is_fed(stdin: &io::Stdin) -> bool {
    !stdin.is_terminal()
}

fn fetch_settings(network: &Network) -> anyhow::Result<FetchSettings> {
    let defaults = FetchSettings::default();
    let extra_roots_pem = network
        .cacert
        .iter()
        .map(|path| {
            let pem = std::fs::read(path)
                .with_context(|| format!("the certificate file {} could not be read", path.display()))?;
            match check_certificates(&pem) {
                Ok(()) => Ok(pem),
                Err(reason) => bail!("the certificate file {} cannot be used: {reason}", path.display()),
            }
        })
        .collect::<anyhow::Result<_>>()?;
    Ok(FetchSettings {
        concurrency: network.concurrency,
        host_concurrency: network.host_concurrency,
        host_interval: network.host_interval,
        timeout: network.timeout,
        retries: network.retries,
        max_body: network.max_body,
        user_agent: network.user_agent.clone().unwrap_or_else(|| defaults.user_agent.clone()),
        allow_private: network.allow_private,
        connect_to: network.connect_to.clone(),
        extra_roots_pem,
        name_server: network.resolver,
        max_requests: network.max_requests,
        address_concurrency: network.address_concurrency,
        proxy: network.proxy.clone(),
        robots: network.robots,
        targets: TargetFilter { include: network.include.clone(), exclude: network.exclude.clone() },
        ..defaults
    })
}

fn memory(network: &Network) -> Memory {
    let max_age = network.max_age;
    Memory {
        replay: network.replay.clone(),
        record: network.record.clone(),
        cache: network.cache.clone().map(|path| CacheFile { path, max_age }),
    }
}

fn tell_errors(errors: &[InputError]) {
    for error in errors {
        let _ =
            writeln!(io::stderr(), "obelus: {}: {}", report::printable(&error.path), report::printable(&error.message));
    }
}

/// Says once what kept references from being asked.
fn tell_network(report: &Report) {
    let reasons = [
        ("no-network", "there seems to be no network; the sources were not checked"),
        ("interrupted", "interrupted; the sources that had not answered were not checked"),
    ];
    for (reason, message) in reasons {
        let is_met = report
            .references
            .iter()
            .any(|reference| reference.verdict.standing == Standing::NotChecked && reference.verdict.reason == reason);
        if is_met {
            let _ = writeln!(io::stderr(), "obelus: {message}");
        }
    }
}

fn exit_code(report: &Report, fail_on: FailOn) -> u8 {
    let worst = check::worst(&report.documents);
    match (report.errors.is_empty(), fail_on.limit(), worst) {
        (false, ..) => FAILED,
        (true, Some(limit), Some(worst)) if limit <= worst => 1,
        _ => 0,
    }
}

fn manual(names: &[String]) -> anyhow::Result<u8> {
    let mut command = Arguments::command();
    command.build();
    for name in names {
        let Some(inner) = command.find_subcommand(name) else { bail!("no command is called “{name}”") };
        command = inner.clone();
    }
    output::to_stdout(|out| clap_mangen::Man::new(command).render(out))
}

fn rules_table(out: &mut dyn Write) -> io::Result<()> {
    for rule in rules::RULES {
        let meta = rule.meta;
        writeln!(out, "{:<26} {:<8} {}", meta.name, meta.severity.name(), meta.summary)?;
    }
    Ok(())
}

fn explain(name: &str) -> anyhow::Result<u8> {
    let Some(meta) = rules::find(name) else {
        bail!("no rule is called “{name}”; `obelus rules` lists them");
    };
    output::to_stdout(|out| {
        writeln!(out, "{} ({}): {}\n", meta.name, meta.severity.name(), meta.summary)?;
        for line in meta.docs.lines() {
            writeln!(out, "{}", line.strip_prefix(' ').unwrap_or(line))?;
        }
        Ok(())
    })
}
