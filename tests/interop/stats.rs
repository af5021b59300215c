//! `wsflow stats` gives the figures that plain Python gives of what mitmproxy reads.

use std::fs::File;
use std::process::Command;

use serde_json::{Map, Value, json};

use crate::captures;
use crate::corpus::{self, Shape};
use crate::mitmproxy::mitmproxy;

/// What `wsflow stats --json` prints, its lists in the order and the shape of the script's.
fn figures(file: &str) -> Vec<Value> {
    let output = Command::new(env!("CARGO_BIN_EXE_wsflow")).args(["stats", "--json", file]).output().unwrap();
    assert!(output.status.success(), "{file}: {}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    lines.lines().map(|line| like_the_script(serde_json::from_str(line).unwrap())).collect()
}

fn like_the_script(mut figures: Map<String, Value>) -> Value {
    for (list, keys) in [
        ("types", &["type", "from_client", "messages", "bytes"][..]),
        ("largest", &["flow", "message", "size"]),
        ("closes", &["code", "connections"]),
        ("size_classes", &["from", "messages"]),
    ] {
        let Some(Value::Array(objects)) = figures.get_mut(list) else { continue };
        for object in objects.iter_mut() {
            let values = keys.iter().map(|key| match &object[key] {
                Value::Null => json!(-1),
                value => value.clone(),
            });
            *object = values.collect();
        }
        if list != "largest" {
            objects.sort_by_key(Value::to_string);
        }
    }
    figures.into()
}

/// Whether all that was expected was found; percentiles of many values may be a thousandth too large.
fn is_same(expected: &Value, found: &Value, tolerance: f64) -> bool {
    match (expected, found) {
        (Value::Number(expected), Value::Number(found)) => {
            let (expected, found) = (expected.as_f64().unwrap(), found.as_f64().unwrap());
            found >= expected - expected.abs() * 1e-12 && found <= expected + expected.abs() * (tolerance + 1e-12)
        }
        (Value::Object(expected), found) => {
            let tolerance = if expected.get("exact") == Some(&Value::Bool(false)) { 1e-3 } else { 0.0 };
            let mut named = expected.iter().filter(|(key, _)| *key != "exact");
            named.all(|(key, value)| match &found[key] {
                // These are exact for any number of values.
                found if ["min", "max", "mean"].contains(&key.as_str()) => is_same(value, found, 0.0),
                found => is_same(value, found, tolerance),
            })
        }
        (Value::Array(expected), Value::Array(found)) => {
            expected.len() == found.len() && expected.iter().zip(found).all(|(a, b)| is_same(a, b, tolerance))
        }
        (expected, found) => expected == found,
    }
}

#[test]
fn the_figures_are_those_of_plain_python() {
    let Some(mitmproxy) = mitmproxy() else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut files = captures::captures(&captures::fixtures());
    // Histograms, and a connection that is counted in pieces.
    for (name, shape) in [("mixed", Shape::Mixed), ("giant", Shape::Giant)] {
        let path = folder.path().join(name);
        corpus::write(shape, 4 << 20, 1, &mut File::create(&path).unwrap()).unwrap();
        files.push(path);
    }
    let names: Vec<_> = files.iter().map(|file| file.to_str().unwrap()).collect();
    let mut expected = mitmproxy.script("stats.py", &names).lines().map(str::to_owned).collect::<Vec<_>>().into_iter();
    let mut compared = 0;
    for name in names {
        for found in figures(name) {
            let expected: Map<String, Value> = serde_json::from_str(&expected.next().unwrap()).unwrap();
            let expected = like_the_script_sorted(expected);
            for (key, value) in expected.as_object().unwrap() {
                assert!(is_same(value, &found[key], 0.0), "{name}: {key} is {} instead of {value}", found[key]);
                compared += 1;
            }
            if let Some(intervals) = found["timeline"]["intervals"].as_array() {
                let in_time = |key: &str| intervals.iter().map(|interval| interval[key].as_u64().unwrap()).sum::<u64>();
                let timed = in_time("client_messages") + in_time("server_messages");
                assert_eq!(json!(timed + found["without_time"].as_u64().unwrap()), found["messages"], "{name}");
            }
        }
    }
    assert_eq!(expected.next(), None);
    assert!(compared > 1000, "{compared}");
}

/// The script's lists in the order in which [`like_the_script`] leaves those that were found.
fn like_the_script_sorted(mut figures: Map<String, Value>) -> Value {
    for list in ["types", "closes", "size_classes"] {
        if let Some(Value::Array(values)) = figures.get_mut(list) {
            values.sort_by_key(Value::to_string);
        }
    }
    figures.into()
}
