//! The fuzz targets on what is there already, without cargo-fuzz: all fixtures, and what lies in `corpus/`: small inputs
//! that reach much, and those that once showed a defect.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "src/lib.rs"]
mod targets;

use std::fs;
use std::path::{Path, PathBuf};

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

#[test]
fn every_target_holds_for_what_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let fixtures = files(&root.join("fixtures"));
    std::thread::scope(|scope| {
        for (name, run) in TARGETS {
            let fixtures = &fixtures;
            std::thread::Builder::new()
                .name((*name).to_owned())
                .spawn_scoped(scope, move || {
                    let own = files(&root.join("fuzz/corpus").join(name));
                    for path in fixtures.iter().chain(&own) {
                        let data = fs::read(path).unwrap();
                        if let Err(panic) = std::panic::catch_unwind(|| run(&data)) {
                            eprintln!("{name} does not hold for {}", path.display());
                            std::panic::resume_unwind(panic);
                        }
                    }
                })
                .unwrap();
        }
    });
}
