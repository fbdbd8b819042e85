//! The examples of `docs/scheduling.md`, the pre-commit hook and the GitHub
//! Action: each file is well formed for its reader, and every command in them
//! is one that this program takes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::missing_docs_in_private_items,
    unreachable_pub,
    reason = "a test fails by panicking, and reads files and clocks itself"
)]

use std::fs;
use std::process::Command;

use yaml_rust2::{Yaml, YamlLoader};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn read(name: &str) -> String {
    fs::read_to_string(format!("{ROOT}/{name}")).unwrap()
}

/// The fenced blocks of the page in one language.
fn blocks(language: &str) -> Vec<String> {
    let page = read("docs/scheduling.md");
    let fence = format!("```{language}\n");
    page.split(&fence).skip(1).map(|rest| rest.split("\n```").next().unwrap().to_owned()).collect()
}

fn yaml(text: &str) -> Yaml {
    YamlLoader::load_from_str(text).unwrap().remove(0)
}

/// Every command of ours in a text, as its words.
fn commands(text: &str) -> Vec<Vec<String>> {
    let mut commands = Vec::new();
    for (at, _) in text.match_indices("obelus ") {
        let before = text[..at].chars().next_back().unwrap_or('\n');
        let rest = &text[at + "obelus ".len()..];
        let is_command = ["audit ", "check "].iter().any(|name| rest.starts_with(name));
        if !is_command || before.is_alphanumeric() || before == '`' {
            continue;
        }
        let line = rest.lines().next().unwrap().split(" #").next().unwrap();
        let line = line.split(" || ").next().unwrap().split(" > ").next().unwrap();
        commands.push(line.split_whitespace().map(|word| word.trim_matches('"').to_owned()).collect());
    }
    commands
}

#[test]
fn every_command_is_taken() {
    let texts = [
        blocks("sh").join("\n"),
        blocks("ini").join("\n"),
        blocks("cron").join("\n"),
        blocks("yaml").join("\n"),
        read(".pre-commit-hooks.yaml"),
        read("action.yml").replace("$ARGUMENTS", "--offline").replace("$SARIF", "a.sarif").replace("$INPUTS", "."),
    ];
    let found: Vec<Vec<String>> = texts.iter().flat_map(|text| commands(text)).collect();
    assert!(found.len() >= 14, "{found:#?}");
    for words in found {
        // Help comes only after all that stands before it was understood.
        let output = Command::new(env!("CARGO_BIN_EXE_obelus")).args(&words).arg("--help").output().unwrap();
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn units_are_whole() {
    let units = blocks("ini");
    assert_eq!(units.len(), 2);
    let folder = tempfile::tempdir().unwrap();
    for (unit, name, sections) in
        [(&units[0], "obelus.service", ["[Unit]", "[Service]"]), (&units[1], "obelus.timer", ["[Timer]", "[Install]"])]
    {
        for section in sections {
            assert!(unit.contains(section), "{name} lacks {section}");
        }
        for line in unit.lines().filter(|line| !line.is_empty() && !line.starts_with('[')) {
            assert!(line.contains('='), "{name}: {line}");
        }
        // A program that is there stands for ours.
        let unit = unit.replace("/usr/local/bin/obelus", "/bin/true").replace("/srv/articles", "/");
        fs::write(folder.path().join(name), unit).unwrap();
    }
    let verified = Command::new("systemd-analyze").arg("verify").arg(folder.path().join("obelus.timer")).output();
    match verified {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
        Err(_) => eprintln!("SKIPPED: no systemd-analyze, so the units were only read"),
    }
}

#[test]
fn cron_lines_have_five_times_and_a_command() {
    for line in blocks("cron").join("\n").lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let is_time = |field: &&str| field.bytes().all(|byte| byte.is_ascii_digit() || b"*/,-".contains(&byte));
        assert_eq!(fields.iter().take_while(|field| is_time(field)).count(), 5, "{line}");
        assert!(line.contains("obelus audit run"));
    }
}

#[test]
fn workflow_hook_and_action_are_what_their_readers_want() {
    let workflow = yaml(&blocks("yaml")[0]);
    let steps = workflow["jobs"]["audit"]["steps"].as_vec().unwrap();
    assert!(steps.iter().all(|step| step["run"].as_str().is_some() != step["uses"].as_str().is_some()));
    assert!(workflow["on"]["schedule"][0]["cron"].as_str().is_some());
    let audit = steps.iter().find(|step| step["id"].as_str() == Some("audit")).unwrap();
    assert!(audit["run"].as_str().unwrap().contains("--fail-on new-error"));
    // A job that fails keeps the history: else what is new would be new again.
    let save = steps.iter().find(|step| step["uses"].as_str().is_some_and(|uses| uses.contains("cache/save"))).unwrap();
    assert!(save["if"].as_str().unwrap().starts_with("always()"));
    let restore = steps.iter().find(|step| step["uses"].as_str().is_some_and(|uses| uses.contains("cache/restore")));
    assert_eq!(save["with"]["path"], restore.unwrap()["with"]["path"]);

    let hook = &yaml(&read(".pre-commit-hooks.yaml"))[0];
    for key in ["id", "name", "entry", "language"] {
        assert!(hook[key].as_str().is_some(), "the hook lacks {key}");
    }
    let action = yaml(&read("action.yml"));
    assert_eq!(action["runs"]["using"].as_str(), Some("composite"));
    let steps = action["runs"]["steps"].as_vec().unwrap();
    assert!(steps.iter().all(|step| step["run"].as_str().is_some() && step["shell"].as_str() == Some("bash")));
    // What comes from outside goes through variables, never into the script.
    assert!(steps.iter().all(|step| !step["run"].as_str().unwrap().contains("${{")));
}

/// The scripts of the examples, as their runners run them, in a folder with an
/// article and with a `gh` that notes what it is told.
#[test]
fn scripts_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let damaged = "The council met. (nato.int) But it doe(nato.int)why this issue keeps coming up.\n";
    fs::create_dir_all(path("articles")).unwrap();
    fs::write(path("articles/a.md"), damaged).unwrap();
    fs::write(path("obelus.toml"), "offline = true\n").unwrap();
    fs::create_dir(path("bin")).unwrap();
    fs::write(path("bin/gh"), "#!/bin/sh\necho \"$@\" >> gh.log\n[ \"$2\" != list ] || cat issues\n").unwrap();
    fs::write(path("issues"), "").unwrap();
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_obelus")).parent().unwrap();
    let run = |script: &str| {
        let found = format!("{}:{}:{}", path("bin").display(), program.display(), std::env::var("PATH").unwrap());
        let output = Command::new("bash")
            .current_dir(folder.path())
            .env("PATH", found)
            .envs([("TITLE", "Citations: what changed"), ("INPUTS", "."), ("ARGUMENTS", "--offline")])
            .env("SARIF", "report.sarif")
            .args(["-e", "-c", script])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (output.status.code(), said)
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path("bin/gh"), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let workflow = yaml(&blocks("yaml")[0]);
    let steps = workflow["jobs"]["audit"]["steps"].as_vec().unwrap();
    let (audit, comment) = (
        steps.iter().find(|step| step["id"].as_str() == Some("audit")).unwrap()["run"].as_str().unwrap(),
        steps.last().unwrap()["run"].as_str().unwrap(),
    );
    let told = || fs::read_to_string(path("gh.log")).unwrap_or_default();
    // The first night: a new error, and an issue.
    assert_eq!(run(audit).0, Some(1));
    assert_eq!(run(comment), (Some(0), String::new()));
    assert!(told().ends_with("issue create --title Citations: what changed --body-file changes.md\n"), "{}", told());
    assert!(fs::read_to_string(path("changes.md")).unwrap().contains("splice/cut-word"));
    // The second: nothing is new, and nobody is told.
    assert_eq!(run(audit).0, Some(0));
    let before = told();
    assert_eq!(run(comment), (Some(0), String::new()));
    assert_eq!(told(), before);
    // The third: it is mended, which is said where there is an issue already.
    fs::write(path("articles/a.md"), "The council met.\n").unwrap();
    fs::write(path("issues"), "7\n").unwrap();
    assert_eq!(run(audit).0, Some(0));
    assert_eq!(run(comment), (Some(0), String::new()));
    assert!(told().ends_with("issue comment 7 --body-file changes.md\n"), "{}", told());

    // cron mails nothing on a night without changes.
    let line = blocks("cron")[0].split_whitespace().skip(5).collect::<Vec<_>>().join(" ");
    let line = line.replace("/srv/articles", ".");
    assert_eq!(run(&line), (Some(0), String::new()));
    fs::write(path("articles/a.md"), damaged).unwrap();
    let (code, mail) = run(&line);
    assert!(code == Some(1) && mail.lines().count() == 1 && mail.contains("splice/cut-word"), "{mail}");

    let action = yaml(&read("action.yml"));
    let scripts: Vec<&str> =
        action["runs"]["steps"].as_vec().unwrap().iter().filter_map(|step| step["run"].as_str()).collect();
    assert!(scripts[0].starts_with("cargo install --locked --path"));
    assert_eq!(run(scripts[1]), (Some(0), String::new()));
    assert!(path("report.sarif").is_file());
    let (code, annotations) = run(scripts[2]);
    assert!(code == Some(1) && annotations.contains("::error file=articles/a.md"), "{annotations}");
}

/// Completions and the manual page are made from the arguments.
#[test]
fn completions_and_manual_pages_know_the_commands() {
    let print = |words: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_obelus")).args(words).output().unwrap();
        assert!(output.status.success(), "{words:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let completions = print(&["completions", shell]);
        assert!(completions.contains("max-duration"), "{shell}");
    }
    let manual = print(&["man"]);
    assert!(manual.contains(".TH") && manual.contains("audit"), "{manual}");
    let manual = print(&["man", "audit", "run"]);
    assert!(manual.contains("max\\-duration"), "{manual}");
}
