//! The captures that mitmproxy is asked about.

use std::fs;
use std::path::{Path, PathBuf};

/// The flow files of a folder.
pub(crate) fn captures(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "flow" || extension == "mitm"));
    paths.sort();
    assert!(!paths.is_empty());
    paths
}

pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// The captures of the project, and mitmproxy's own samples where `WSFLOW_SAMPLES` names their folder.
pub(crate) fn all_captures() -> Vec<PathBuf> {
    let mut all = [captures(&fixtures()), captures(&fixtures().join("versions"))].concat();
    if let Some(samples) = std::env::var_os("WSFLOW_SAMPLES") {
        all.extend(captures(Path::new(&samples)));
        // Of a version that mitmproxy cannot read, as little as we can.
        all.retain(|path| path.file_name().is_some_and(|name| name != "dumpfile-010.mitm"));
    }
    all
}
