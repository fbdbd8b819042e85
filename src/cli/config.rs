//! `obelus.toml` on the command line. A key of the file becomes the flag of
//! the same name, put in front of what was typed unless that flag was typed
//! too; so the parser of the arguments is the only one, and knows every
//! default, unit and error.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, CommandFactory};

use crate::config::{ConfigError, ConfigFile, Given, Sections, Setting};
use crate::text::Position;

use super::arguments::Arguments;

/// The file's name.
const NAME: &str = "obelus.toml";

/// Flags of one run, that no file may set for all of them: where to write, and
/// what changes files.
const ONLY_TYPED: &[&str] = &[
    "config",
    "output",
    "stdin-path",
    "write",
    "unsafe",
    "write-baseline",
    "record",
    "replay",
    "help",
    "version",
    "diff",
    "interactive",
    "ledger",
    "witness",
    "from",
    "conversation",
];

/// Flags that decide where requests go and whom to trust. A file that came
/// with the articles may not set them: whoever sent those could see to it that
/// everything is asked of a machine of his own.
const ONLY_TRUSTED: &[&str] = &["allow-private", "archive", "cacert", "connect-to", "proxy", "resolver"];

/// What was read, and from where.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    /// The file, where there is one.
    pub(super) path: Option<PathBuf>,
    /// Its tables.
    pub(super) sections: Sections,
    /// By flag, the line that set it.
    lines: BTreeMap<String, u32>,
    /// What it sets of flags that this command does not have, each with its line.
    for_others: Vec<(String, u32)>,
}

/// The arguments as typed, with those of the configuration put in.
pub(super) fn with_configuration(typed: Vec<OsString>) -> anyhow::Result<(Vec<OsString>, Loaded)> {
    let root = Arguments::command();
    // What is wrong with the arguments themselves is told by the real parser.
    let Ok(matches) = root.clone().try_get_matches_from(&typed) else { return Ok((typed, Loaded::default())) };
    let (command, matches, depth) = deepest(&root, &matches);
    if !has(command, "config") {
        return Ok((typed, Loaded::default()));
    }
    let Some(path) = find(matches)? else { return Ok((typed, Loaded::default())) };
    let text = read(&path)?;
    let located = |error: ConfigError| anyhow!("{}:{error}", path.display());
    let file = ConfigFile::parse(&text).map_err(located)?;
    let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
    if !is_trusted(matches, &path) {
        check_strange(&file).map_err(located)?;
    }
    let (mut lines, mut for_others) = (BTreeMap::new(), Vec::new());
    let mut added = Vec::new();
    for setting in &file.settings {
        let arguments = arguments_of(&root, setting, &folder).map_err(located)?;
        if has(command, &setting.key) && !is_settled(command, matches, &setting.key) {
            lines.insert(setting.key.clone(), setting.key_at.line);
            added.extend(arguments);
        } else if !has(command, &setting.key) {
            let words: Vec<_> = arguments.iter().map(|word| word.to_string_lossy()).collect();
            for_others.push((words.join(" "), setting.key_at.line));
        }
    }
    let mut all = typed;
    let behind_command = all.len().min(1 + depth);
    all.splice(behind_command..behind_command, added);
    Ok((all, Loaded { path: Some(path), sections: file.sections, lines, for_others }))
}

/// The subcommand that was chosen, its matches, and how many words chose it.
fn deepest<'a>(root: &'a Command, matches: &'a ArgMatches) -> (&'a Command, &'a ArgMatches, usize) {
    let (mut command, mut matches, mut depth) = (root, matches, 0);
    while let Some((name, inner)) = matches.subcommand() {
        let Some(found) = command.find_subcommand(name) else { break };
        (command, matches, depth) = (found, inner, depth + 1);
    }
    (command, matches, depth)
}

fn argument<'a>(command: &'a Command, key: &str) -> Option<&'a Arg> {
    command.get_arguments().find(|argument| argument.get_long() == Some(key))
}

fn has(command: &Command, key: &str) -> bool {
    argument(command, key).is_some()
}

/// Whether the flag, or one that excludes it, was typed.
fn is_settled(command: &Command, matches: &ArgMatches, key: &str) -> bool {
    let Some(argument) = argument(command, key) else { return true };
    let is_typed = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
    let excludes = command
        .get_arguments()
        .filter(|other| command.get_arg_conflicts_with(other).iter().any(|met| met.get_id() == argument.get_id()));
    let excluded = command.get_arg_conflicts_with(argument);
    is_typed(argument.get_id().as_str()) || excludes.chain(excluded).any(|other| is_typed(other.get_id().as_str()))
}

/// The named file, else the nearest one, walking up from the first input.
fn find(matches: &ArgMatches) -> anyhow::Result<Option<PathBuf>> {
    if let Some(path) = matches.get_one::<PathBuf>("config") {
        return Ok(Some(path.clone()));
    }
    let inputs = matches.try_get_many::<String>("inputs").ok().flatten();
    let first = inputs
        .and_then(|mut inputs| inputs.next())
        .filter(|input| input.as_str() != "-" && !input.starts_with("http://") && !input.starts_with("https://"));
    let here = std::env::current_dir().context("the folder of this run cannot be read")?;
    let start = first.map_or_else(|| here.clone(), |input| here.join(input));
    // Nobody's pattern is a folder; what is walked up from is what stands before it.
    let found =
        start.ancestors().filter(|folder| folder.is_dir()).map(|folder| folder.join(NAME)).find(|file| file.is_file());
    Ok(found.map(|file| file.strip_prefix(&here).map(Path::to_path_buf).unwrap_or(file)))
}

/// Whether the user named the file, or keeps it where the program was started
/// or above.
fn is_trusted(matches: &ArgMatches, path: &Path) -> bool {
    let is_named = matches.get_one::<PathBuf>("config").is_some();
    let here = std::env::current_dir().unwrap_or_default();
    is_named || here.join(path).parent().is_some_and(|folder| here.starts_with(folder))
}

/// What a file found beside the articles may not say.
fn check_strange(file: &ConfigFile) -> Result<(), ConfigError> {
    let trust = "the file was found beside the articles; name it with --config if you trust it";
    if let Some(setting) = file.settings.iter().find(|setting| ONLY_TRUSTED.contains(&setting.key.as_str())) {
        let message = format!("“{}” decides where requests go, and {trust}", setting.key);
        return Err(ConfigError { at: setting.key_at, message });
    }
    let secret = file.sections.host.iter().find(|(_, options)| !options.headers_from_env.is_empty());
    secret.map_or(Ok(()), |(host, _)| {
        let message = format!("[host.\"{host}\"] would send a secret of yours, and {trust}");
        Err(ConfigError { at: Position { line: 1, column: 1 }, message })
    })
}

fn read(path: &Path) -> anyhow::Result<String> {
    let failed = || format!("the configuration {} could not be read", path.display());
    let bytes = std::fs::read(path).with_context(failed)?;
    String::from_utf8(bytes).map_err(|_| anyhow!("it is not UTF-8")).with_context(failed)
}

/// A setting as it would be typed; tried by itself, so that an error has the
/// place of the value.
fn arguments_of(root: &Command, setting: &Setting, folder: &Path) -> Result<Vec<OsString>, ConfigError> {
    let key = &setting.key;
    let wrong = |at, message: String| ConfigError { at, message };
    let Some((command, argument)) = owner(root, key) else {
        return Err(wrong(setting.key_at, format!("no flag is called “{key}”; `obelus config` lists what there is")));
    };
    if ONLY_TYPED.contains(&key.as_str()) {
        return Err(wrong(setting.key_at, format!("“{key}” can only be given on the command line")));
    }
    let is_switch = matches!(argument.get_action(), ArgAction::SetTrue);
    let arguments: Vec<OsString> = match &setting.given {
        Given::Switch(false) if is_switch => return Ok(Vec::new()),
        Given::Switch(false) if may_be_bare(argument) => return Ok(Vec::new()),
        Given::Switch(true) if is_switch || may_be_bare(argument) => vec![format!("--{key}").into()],
        Given::Values(values) if !is_switch => {
            if values.len() > 1 && !takes_many(argument) {
                return Err(wrong(setting.value_at, format!("“{key}” takes one value")));
            }
            values.iter().map(|value| format!("--{key}={}", from_folder(argument, value, folder)).into()).collect()
        }
        Given::Switch(_) => return Err(wrong(setting.value_at, format!("“{key}” takes a value"))),
        Given::Values(_) => return Err(wrong(setting.value_at, format!("“{key}” takes true or false"))),
    };
    let typed = std::iter::once(OsString::from(command.get_name())).chain(arguments.clone());
    match command.clone().try_get_matches_from(typed) {
        Ok(_) => Ok(arguments),
        Err(error) => Err(wrong(setting.value_at, in_short(&error))),
    }
}

/// Whether a flag may stand without its value.
pub(super) fn may_be_bare(argument: &Arg) -> bool {
    argument.get_num_args().is_some_and(|number| number.min_values() == 0)
        && !matches!(argument.get_action(), ArgAction::SetTrue)
}

fn takes_many(argument: &Arg) -> bool {
    matches!(argument.get_action(), ArgAction::Append)
}

/// Files are named from the folder of the configuration.
fn from_folder(argument: &Arg, value: &str, folder: &Path) -> String {
    let is_path = argument.get_value_parser().type_id() == std::any::TypeId::of::<PathBuf>();
    if is_path { folder.join(value).to_string_lossy().into_owned() } else { value.to_owned() }
}

/// The first command that has the flag and can be typed with it alone.
fn owner<'a>(command: &'a Command, key: &str) -> Option<(&'a Command, &'a Arg)> {
    let own = argument(command, key).filter(|_| !command.get_arguments().any(Arg::is_required_set));
    own.map(|argument| (command, argument))
        .or_else(|| command.get_subcommands().find_map(|command| owner(command, key)))
}

/// What the parser says, without its advice on usage.
fn in_short(error: &clap::Error) -> String {
    let text = error.to_string();
    let first: Vec<&str> =
        text.lines().take_while(|line| !line.starts_with("For more") && !line.starts_with("Usage")).collect();
    first.join(" ").trim_start_matches("error: ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Every flag a file may set, once, by name, with its command.
pub(super) fn keys(command: &Command) -> BTreeMap<String, Arg> {
    let mut keys = BTreeMap::new();
    if has(command, "config") {
        let own =
            command.get_arguments().filter_map(|argument| Some((argument.get_long()?.to_owned(), argument.clone())));
        keys.extend(own.filter(|(key, _)| !ONLY_TYPED.contains(&key.as_str())));
    }
    for inner in command.get_subcommands() {
        for (key, argument) in self::keys(inner) {
            keys.entry(key).or_insert(argument);
        }
    }
    keys
}

/// Prints what is in force, and where it comes from.
pub(super) fn print(arguments: &[OsString], loaded: &Loaded, out: &mut dyn Write) -> io::Result<()> {
    let root = Arguments::command();
    let Ok(matches) = root.clone().try_get_matches_from(arguments) else { return Ok(()) };
    let (command, matches, _) = deepest(&root, &matches);
    let file = loaded.path.as_ref().map_or_else(|| "no file".to_owned(), |path| path.display().to_string());
    writeln!(out, "# configuration: {file}")?;
    for (key, argument) in keys(command) {
        let id = argument.get_id().as_str();
        let origin = match (loaded.lines.get(&key), matches.value_source(id)) {
            (Some(line), _) => format!("{file}:{line}"),
            (None, Some(ValueSource::CommandLine)) => "command line".to_owned(),
            _ => "default".to_owned(),
        };
        let values: Vec<String> = matches
            .get_raw(id)
            .map(|values| values.map(|value| value.to_string_lossy().into_owned()).collect())
            .unwrap_or_default();
        let value = shown(&argument, &values);
        writeln!(out, "{:<40} # {origin}", format!("{key} = {value}"))?;
    }
    // Flags of `audit` and `repair`, as they are typed there.
    for (words, line) in &loaded.for_others {
        writeln!(out, "{:<40} # {file}:{line}, where a command has it", format!("# {words}"))?;
    }
    sections(&loaded.sections, out)
}

fn sections(sections: &Sections, out: &mut dyn Write) -> io::Result<()> {
    for (name, options) in &sections.host {
        writeln!(out, "\n[host.\"{name}\"]")?;
        writeln!(out, "accept = {:?}", options.accept)?;
        for (header, variable) in &options.headers_from_env {
            writeln!(out, "headers-from-env.{header} = {variable:?}")?;
        }
        for (header, value) in &options.headers {
            writeln!(out, "headers.{header} = {value:?}")?;
        }
        let limits = [("interval", options.interval), ("timeout", options.timeout)];
        for (key, limit) in limits.iter().filter_map(|(key, limit)| Some((key, (*limit)?))) {
            writeln!(out, "{key} = \"{limit:?}\"")?;
        }
        if let Some(concurrency) = options.concurrency {
            writeln!(out, "concurrency = {concurrency}")?;
        }
        if let Some(retries) = options.retries {
            writeln!(out, "retries = {retries}")?;
        }
    }
    for options in &sections.path {
        let names =
            |list: &[crate::config::RuleName]| list.iter().map(|name| name.as_str().to_owned()).collect::<Vec<_>>();
        writeln!(out, "\n[[path]]\nmatch = {:?}", options.matching)?;
        writeln!(out, "select = {:?}\nignore = {:?}", names(&options.select), names(&options.ignore))?;
        for (name, level) in &options.severity {
            writeln!(out, "severity.\"{}\" = \"{}\"", name.as_str(), crate::finding::Severity::from(*level).name())?;
        }
    }
    if !sections.severity.is_empty() {
        writeln!(out, "\n[severity]")?;
    }
    for (name, level) in &sections.severity {
        writeln!(out, "\"{}\" = \"{}\"", name.as_str(), crate::finding::Severity::from(*level).name())?;
    }
    Ok(())
}

fn shown(argument: &Arg, values: &[String]) -> String {
    let is_number = |value: &str| value.parse::<f64>().is_ok();
    let one = |value: &String| match value.as_str() {
        "true" | "false" => value.clone(),
        value if is_number(value) => value.to_owned(),
        value => format!("{value:?}"),
    };
    match values {
        [value] if !takes_many(argument) => one(value),
        values => format!("[{}]", values.iter().map(one).collect::<Vec<_>>().join(", ")),
    }
}

/// A table's mistake as an error of the file.
pub(super) fn in_file(loaded: &Loaded, error: &crate::config::SectionError) -> anyhow::Error {
    let path = loaded.path.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
    anyhow!("{path}: {error}")
}

/// The folders that paths and patterns start from: the file's and the run's.
pub(super) fn folders(loaded: &Loaded) -> anyhow::Result<(String, String)> {
    let Ok(here) = std::env::current_dir() else { bail!("the folder of this run cannot be read") };
    let folder = loaded.path.as_ref().and_then(|path| path.parent()).map(|folder| here.join(folder));
    let root = folder.unwrap_or_else(|| here.clone());
    Ok((root.to_string_lossy().into_owned(), here.to_string_lossy().into_owned()))
}
