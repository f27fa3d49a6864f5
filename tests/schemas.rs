//! The schemas in docs/schema: that they are those of the types, and that what is written is what they say.
//!
//! `STAGEWATCH_BLESS=1 cargo test schemas` writes them.

use std::path::PathBuf;

use serde_json::Value;

use super::support::{output_of, program};

const NAMES: [&str; 5] = ["webhook-change", "webhook-operator", "change", "project", "reading-line"];

fn path_of(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("docs/schema/{name}.json"))
}

/// A schema as it is published, with one rule more: nothing that it does not name. Receivers must take new fields; ours must be named.
pub(crate) fn strict(name: &str) -> Value {
    let mut schema = serde_json::from_str(&std::fs::read_to_string(path_of(name)).unwrap()).unwrap();
    close(&mut schema);
    schema
}

fn close(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if fields.contains_key("properties") && !fields.contains_key("additionalProperties") {
                fields.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
            fields.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// Fails with every way in which a text is not what a schema says.
pub(crate) fn check(name: &str, body: &Value) {
    let validator = jsonschema::options().should_validate_formats(true).build(&strict(name)).unwrap();
    let wrong: Vec<String> =
        validator.iter_errors(body).map(|error| format!("{} at {}", error, error.instance_path())).collect();
    assert!(wrong.is_empty(), "not what docs/schema/{name}.json says:\n{}\n{body:#}", wrong.join("\n"));
}

#[test]
fn the_published_schemas_are_those_of_the_types() {
    let (listed, _, code) = output_of(program().arg("schema"));
    let names: Vec<&str> = listed.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!((names.as_slice(), code), (NAMES.as_slice(), 0));
    let bless = std::env::var_os("STAGEWATCH_BLESS").is_some();
    for name in NAMES {
        let (printed, _, _) = output_of(program().args(["schema", name]));
        if bless {
            std::fs::write(path_of(name), &printed).unwrap();
        }
        let published = std::fs::read_to_string(path_of(name)).unwrap_or_default();
        assert!(printed == published, "docs/schema/{name}.json is not current; STAGEWATCH_BLESS=1 cargo test schemas");
    }
    assert_eq!(output_of(program().args(["schema", "nothing"])).2, 2);
}

#[test]
fn what_read_prints_is_what_the_schema_says() {
    let fixtures = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut n_lines = 0;
    for format in std::fs::read_dir(fixtures).unwrap() {
        let folder = format.unwrap().path();
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        for page in std::fs::read_dir(&folder).unwrap() {
            let page = page.unwrap().path();
            if page.to_string_lossy().contains(".expected.") {
                continue;
            }
            let (printed, _, _) = output_of(program().args(["read", &name, "--json"]).arg(&page));
            for line in printed.lines() {
                check("reading-line", &serde_json::from_str(line).unwrap());
                n_lines += 1;
            }
        }
    }
    assert!(n_lines > 50, "{n_lines} lines");
}

#[test]
fn a_body_that_is_not_ours_is_told_apart() {
    for wrong in [
        serde_json::json!({"type": "standard.stage_moved", "timestamp": "2023-05-12T04:15:09Z"}),
        serde_json::json!({"type": "standard.blown_up", "timestamp": "2023-05-12T04:15:09Z", "data": {}}),
    ] {
        let validator = jsonschema::validator_for(&strict("webhook-change")).unwrap();
        assert!(!validator.is_valid(&wrong), "{wrong}");
    }
}
