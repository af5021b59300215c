//! Every direct dependency is listed in ARCHITECTURE.md with the reason for it, and nothing else is.

use std::collections::BTreeSet;
use std::fs;

use crate::support::root;

/// The lines of a section, without its title.
fn section<'t>(text: &'t str, title: &str) -> impl Iterator<Item = &'t str> {
    let title = title.to_owned();
    let is_title = |line: &str| line.starts_with("## ") || line.starts_with('[');
    text.lines().skip_while(move |line| *line != title).skip(1).take_while(move |line| !is_title(line))
}

#[test]
fn every_dependency_has_its_reason() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let names =
        |title| section(&manifest, title).filter_map(|line| line.split_once(" = ").map(|(name, _)| name.to_owned()));
    let depended: BTreeSet<_> =
        manifest.lines().filter(|line| line.ends_with("dependencies]")).flat_map(names).collect();
    assert!(depended.len() > 25, "{depended:?}");

    let architecture = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let mut listed = BTreeSet::new();
    for line in section(&architecture, "## Dependencies") {
        let columns: Vec<_> = line.split('|').collect();
        if let [_, crates, why, _] = columns.as_slice()
            && crates.contains('`')
        {
            assert!(why.trim().len() > 10, "{line}");
            listed.extend(crates.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    assert_eq!(listed, depended, "the table of dependencies in ARCHITECTURE.md, and Cargo.toml");
}
