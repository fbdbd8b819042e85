//! The command line: arguments in, a report and an exit code out.

mod arguments;
mod output;
mod progress;
mod units;

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Parser;

use crate::check::{self, CheckSettings, RuleSelection};
use crate::fetch::{FetchSettings, StopSignal};
use crate::finding::{Confidence, Severity};
use crate::input;
use crate::pipeline::{self, Job, References};
use crate::report::{self, InputError, RenderSettings, Report};
use crate::rules;
use crate::verdict::Standing;

use arguments::{Arguments, Command, FailOn, Network, Reading};

/// Exit code: the job could not be done.
const FAILED: u8 = 2;

/// Runs the program; the arguments come from the environment.
#[must_use]
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let is_help = !error.use_stderr();
            let _ = error.print();
            return ExitCode::from(if is_help { 0 } else { FAILED });
        }
    };
    match dispatch(arguments.command) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            let _ = writeln!(io::stderr(), "obelus: {}", report::printable(&format!("{error:#}")));
            ExitCode::from(FAILED)
        }
    }
}

fn dispatch(command: Command) -> anyhow::Result<u8> {
    match command {
        Command::Check { reading, network } => check(&reading, &network),
        Command::Extract { reading } => extract(&reading),
        Command::Rules => output::to_stdout(|out| rules_table(out)),
        Command::Explain { rule } => explain(&rule),
    }
}

fn check(reading: &Reading, network: &Network) -> anyhow::Result<u8> {
    let references = if reading.offline { References::Withhold } else { References::Ask };
    let rules = RuleSelection::new(&reading.select, &reading.ignore)?;
    run_job(reading, network, rules, references, false)
}

fn extract(reading: &Reading) -> anyhow::Result<u8> {
    run_job(reading, &Network::default(), RuleSelection::none(), References::LeaveOut, true)
}

fn run_job(
    reading: &Reading,
    network: &Network,
    rules: RuleSelection,
    references: References,
    citations_only: bool,
) -> anyhow::Result<u8> {
    let Some(render) = report::renderer(&reading.format) else {
        bail!("no format is called “{}”; use terminal, json or jsonl", reading.format);
    };
    let inputs = inputs(reading)?;
    let (sources, errors) = input::expand(&inputs, reading.stdin_path.as_deref());
    let job = Job {
        sources,
        format: reading.input_format.map(Into::into),
        check: CheckSettings { rules, min_confidence: Confidence::from_fraction(reading.min_confidence) },
        fetch: fetch_settings(network)?,
        references,
        may_download: !reading.offline,
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
        citations_only,
    };
    match &reading.output {
        Some(path) => output::to_file(path, |out| render(&report, settings, out))?,
        None => {
            output::to_stdout(|out| render(&report, settings, out))?;
        }
    }
    Ok(exit_code(&report, reading.fail_on))
}

/// What to read: the arguments, else what is piped in.
fn inputs(reading: &Reading) -> anyhow::Result<Vec<String>> {
    if !reading.inputs.is_empty() {
        return Ok(reading.inputs.clone());
    }
    if io::stdin().is_terminal() {
        bail!("name what to check, for example: obelus check article.md");
    }
    Ok(vec!["-".to_owned()])
}

fn fetch_settings(network: &Network) -> anyhow::Result<FetchSettings> {
    let defaults = FetchSettings::default();
    let extra_roots_pem = network
        .cacert
        .iter()
        .map(|path| {
            std::fs::read(path).with_context(|| format!("the certificate file {} could not be read", path.display()))
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
        ..defaults
    })
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
    let limit = match fail_on {
        FailOn::Error => Some(Severity::Error),
        FailOn::Warning => Some(Severity::Warning),
        FailOn::Info => Some(Severity::Info),
        FailOn::Never => None,
    };
    let worst = check::worst(&report.documents);
    match (report.errors.is_empty(), limit, worst) {
        (false, ..) => FAILED,
        (true, Some(limit), Some(worst)) if limit <= worst => 1,
        _ => 0,
    }
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
