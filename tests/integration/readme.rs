//! The console blocks of the README: every command is run, and gives the output that stands below it.
//!
//! A command starts with `$ ` and goes to `sh`; the lines below it are its output. A line `…` stands for any
//! number of lines.

use std::process::Command;
use std::{env, fs};

use crate::support::root;

/// Commands that the tests must not run: they build, install, or run the tests themselves.
const NOT_RUN: [&str; 1] = ["$ cargo "];

struct Example {
    line: usize,
    command: String,
    expected: Vec<String>,
}

fn examples(readme: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut in_console = false;
    for (number, line) in readme.lines().enumerate() {
        match line {
            "```console" => in_console = true,
            "```" => in_console = false,
            _ if !in_console => {}
            _ => match line.strip_prefix("$ ") {
                Some(command) => {
                    examples.push(Example { line: number + 1, command: command.to_owned(), expected: Vec::new() });
                }
                None => examples.last_mut().unwrap().expected.push(line.to_owned()),
            },
        }
    }
    examples.retain(|example| !NOT_RUN.iter().any(|start| format!("$ {}", example.command).starts_with(start)));
    examples
}

/// Whether output is what was expected, `…` standing for any lines.
fn matches(expected: &[String], found: &[&str]) -> bool {
    match expected {
        [] => found.is_empty(),
        [dots, rest @ ..] if dots == "…" => (0..=found.len()).any(|skip| matches(rest, &found[skip..])),
        [line, rest @ ..] => found.first() == Some(&line.as_str()) && matches(rest, &found[1..]),
    }
}

fn has_jq() -> bool {
    let found = Command::new("jq").arg("--version").output().is_ok_and(|output| output.status.success());
    assert!(found || env::var_os("CI").is_none(), "jq is needed to run the README's examples in CI");
    found
}

#[test]
fn examples_of_the_readme_give_what_it_says() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let examples = examples(&readme);
    assert!(examples.len() >= 10, "only {} examples were found", examples.len());
    let folder = env!("CARGO_BIN_EXE_wsflow").rsplit_once('/').unwrap().0;
    let path = format!("{folder}:{}", env::var("PATH").unwrap_or_default());
    let has_jq = has_jq();
    for example in &examples {
        if example.command.contains("jq ") && !has_jq {
            eprintln!("jq is not here, so this was not run: {}", example.command);
            continue;
        }
        let output = Command::new("sh")
            .args(["-c", &format!("exec 2>&1\n{}", example.command)])
            .env("PATH", &path)
            .current_dir(root())
            .output()
            .unwrap();
        let found = String::from_utf8_lossy(&output.stdout);
        let found: Vec<_> = found.lines().collect();
        assert!(
            matches(&example.expected, &found),
            "README.md line {}: {}\nexpected:\n{}\nfound:\n{}",
            example.line,
            example.command,
            example.expected.join("\n"),
            found.join("\n")
        );
    }
}
