//! The pages in `man/` are those that the program makes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::support::{root, wsflow};

fn pages(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read_to_string(entry.path()).unwrap())).collect()
}

#[test]
fn the_pages_are_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    wsflow(["man", "--dir", folder.path().to_str().unwrap()]).run().ok();
    let (made, kept) = (pages(folder.path()), pages(&root().join("man")));
    assert!(made.len() > 8 && made.contains_key("wsflow.1") && made.contains_key("wsflow-ls.1"));
    let how = "write them with: cargo run -- man --dir man";
    assert_eq!(made.keys().collect::<Vec<_>>(), kept.keys().collect::<Vec<_>>(), "{how}");
    for (name, page) in &made {
        assert!(*page == kept[name], "man/{name} is not up to date; {how}");
    }
}

#[test]
fn a_page_is_printed() {
    let printed = wsflow(["man", "filter"]).run().ok().text();
    assert_eq!(printed, fs::read_to_string(root().join("man/wsflow-filter.1")).unwrap());
    assert!(printed.contains("~injected"), "{printed}");
    let finished = wsflow(["man", "fliter"]).run().code(2);
    assert!(finished.stderr.contains("the commands are ls, flows"), "{}", finished.stderr);
}
