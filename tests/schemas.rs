//! The JSON Schemas in `docs/schemas` are those that the program prints, and
//! what the program writes is what they say.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    clippy::missing_docs_in_private_items,
    unreachable_pub,
    reason = "a test fails by panicking, and reads files and clocks itself"
)]

use std::fs;
use std::process::Command;

use serde_json::Value;

fn printed(arguments: &[&str]) -> Vec<u8> {
    Command::new(env!("CARGO_BIN_EXE_obelus")).args(arguments).output().unwrap().stdout
}

#[test]
fn schemas_are_fresh() {
    for name in ["config", "report"] {
        let path = format!("{}/docs/schemas/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let kept = fs::read_to_string(&path).unwrap_or_default();
        let fresh = String::from_utf8(printed(&["schema", name])).unwrap();
        assert!(kept == fresh, "docs/schemas/{name}.json is stale: obelus schema {name} > docs/schemas/{name}.json");
    }
}

#[test]
fn reports_are_what_the_schema_says() {
    let schema: Value = serde_json::from_slice(&printed(&["schema", "report"])).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/articles");
    let report: Value = serde_json::from_slice(&printed(&["check", "--offline", "--format", "json", folder])).unwrap();
    let errors: Vec<String> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    assert!(!validator.is_valid(&serde_json::json!({ "schema_version": "one" })));
}

#[test]
fn configurations_are_what_the_schema_says() {
    let schema: Value = serde_json::from_slice(&printed(&["schema", "config"])).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let json = |text: &str| serde_json::to_value(toml::from_str::<toml::Table>(text).unwrap()).unwrap();
    for good in [
        "",
        "timeout = \"5s\"\nselect = [\"splice\"]\nfail-on = \"warning\"\noffline = true\nretries = 3\n",
        "[host.\"*.example.org\"]\naccept = [403]\ninterval = \"2s\"\n[[path]]\nmatch = [\"a/**\"]\nseverity = { link = \"info\" }\n",
    ] {
        assert!(validator.is_valid(&json(good)), "{good}");
    }
    for bad in [
        "timeoutt = 1\n",
        "offline = 3\n",
        "fail-on = \"perhaps\"\n",
        "[host.\"a\"]\nwait = 1\n",
        "[[path]]\nselect = [\"x\"]\n",
    ] {
        assert!(!validator.is_valid(&json(bad)), "{bad}");
    }
}
