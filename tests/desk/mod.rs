//! An `obelus audit` in a folder, its references led to a server.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

use crate::loopback::{Act, Seen, Server};

pub struct Desk {
    pub folder: tempfile::TempDir,
    pub server: Server,
}

impl Desk {
    pub fn new(script: impl Fn(&Seen) -> Act + Send + Sync + 'static) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), server: Server::plain(script) }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_obelus"));
        command.current_dir(self.folder.path()).arg("audit").args(words);
        if words[0] == "run" {
            command.args(["--host-interval", "0s", "--host-concurrency", "8", "--timeout", "5s"]).args([
                "--connect-to",
                &self.server.rule("*", "80"),
                "--connect-to",
                &self.server.rule("*", "443"),
            ]);
            if !words.contains(&"--retries") {
                command.args(["--retries", "0"]);
            }
        }
        command
    }

    pub fn audit(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    /// Standard output of a run that must go well.
    pub fn says(&self, words: &[&str]) -> String {
        let output = self.audit(words);
        assert!(output.status.code().is_some_and(|code| code < 2), "{words:?}: {}", errors(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Standard error of a run that must fail.
    pub fn refuses(&self, words: &[&str]) -> String {
        let output = self.audit(words);
        assert_eq!(output.status.code(), Some(2), "{words:?}: {}", String::from_utf8_lossy(&output.stdout));
        errors(&output)
    }

    pub fn json(&self, words: &[&str]) -> Value {
        serde_json::from_str(&self.says(&[words, &["--format", "json"]].concat())).unwrap()
    }

    pub fn status(&self) -> Value {
        self.json(&["status"])
    }

    /// How often each address was observed.
    pub fn observed(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for line in self.says(&["export"]).lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            if let Some(url) = line["seen"]["observation"]["probe"]["url"].as_str() {
                *counts.entry(url.to_owned()).or_default() += 1;
            }
        }
        counts
    }
}

pub fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
