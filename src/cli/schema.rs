//! JSON Schemas of what goes in and what comes out, for editors and programs.
//! Both are made from the code that reads and writes: the flags and the types.

use std::any::TypeId;

use clap::{Arg, ArgAction, CommandFactory};
use serde_json::{Map, Value, json};

use crate::config::Sections;

use super::arguments::Arguments;
use super::config;

/// The schema of `obelus.toml`.
pub(super) fn of_config() -> Value {
    let mut schema = schemars::schema_for!(Sections).to_value();
    let flags = config::keys(&Arguments::command());
    if let Some(object) = schema.as_object_mut() {
        object.insert("title".to_owned(), json!("obelus.toml"));
        object.insert("additionalProperties".to_owned(), json!(false));
        object.remove("description");
    }
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    if let Some(properties) = properties {
        properties.extend(flags.iter().map(|(key, flag)| (key.clone(), of_flag(flag))));
    }
    schema
}

fn of_flag(flag: &Arg) -> Value {
    let mut schema = Map::new();
    if let Some(help) = flag.get_help() {
        schema.insert("description".to_owned(), json!(help.to_string()));
    }
    if matches!(flag.get_action(), ArgAction::SetTrue) {
        schema.insert("type".to_owned(), json!("boolean"));
        return Value::Object(schema);
    }
    let one = of_value(flag);
    if config::may_be_bare(flag) {
        schema.insert("anyOf".to_owned(), json!([{ "type": "boolean" }, one]));
        return Value::Object(schema);
    }
    if matches!(flag.get_action(), ArgAction::Append) {
        schema.insert("anyOf".to_owned(), json!([one, { "type": "array", "items": one }]));
    } else if let Value::Object(one) = one {
        schema.extend(one);
    }
    Value::Object(schema)
}

fn of_value(flag: &Arg) -> Value {
    let names: Vec<String> = flag.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    if !names.is_empty() {
        return json!({ "enum": names });
    }
    let parsed = flag.get_value_parser().type_id();
    let is = |wanted: &[TypeId]| wanted.iter().any(|wanted| parsed == *wanted);
    if is(&[TypeId::of::<usize>(), TypeId::of::<u32>(), TypeId::of::<u16>()]) {
        json!({ "type": "integer", "minimum": 0 })
    } else if is(&[TypeId::of::<f64>()]) {
        json!({ "type": "number" })
    } else if is(&[TypeId::of::<u64>(), TypeId::of::<std::time::Duration>()]) {
        json!({ "type": ["string", "number"] })
    } else {
        json!({ "type": "string" })
    }
}
