//! The fuzz targets on what is there already, without cargo-fuzz: all fixtures, and what lies in `corpus/`: small inputs
//! that reach much, and those that once showed a defect.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "src/lib.rs"]
mod targets;

use std::path::{Path, PathBuf};
use std::{fs, panic, thread};

use targets::TARGETS;

/// Fixtures beyond this size take a while, byte by byte.
const LARGEST: u64 = 64 << 10;

/// All files in a folder, and in those within it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else { return files };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            files.extend(self::files(&path));
        } else if path.metadata().unwrap().len() <= LARGEST {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The inputs for which a target does not hold.
fn failures(name: &str, run: fn(&[u8]), inputs: &[&PathBuf]) -> Vec<String> {
    let fails = |path: &&&PathBuf| {
        let data = fs::read(path).unwrap();
        panic::catch_unwind(|| run(&data)).is_err()
    };
    inputs.iter().filter(fails).map(|path| format!("{name}: {}", path.display())).collect()
}

#[test]
fn every_target_holds_for_what_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let fixtures = files(&root.join("fixtures"));
    assert!(fixtures.len() > 100);
    let failures: Vec<String> = thread::scope(|scope| {
        let threads: Vec<_> = TARGETS
            .iter()
            .map(|(name, run)| {
                let fixtures = &fixtures;
                scope.spawn(move || {
                    let own = files(&root.join("fuzz/corpus").join(name));
                    assert!(!own.is_empty(), "{name} has no corpus");
                    failures(name, *run, &fixtures.iter().chain(&own).collect::<Vec<_>>())
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(failures.is_empty(), "does not hold, for the reason above: {failures:#?}");
}
