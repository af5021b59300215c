//! Who has a file open for writing: a look through `/proc`, where the system has one.
//!
//! What this user may not look into is not seen: processes of other users, unless this is root, and those beyond a
//! container or on another machine that shares the disk.

use std::fmt;
use std::fs::{self, DirEntry, Metadata};
use std::path::Path;

use super::system;

/// A process that has a file open for writing.
#[derive(Debug)]
pub(super) struct Writer {
    process: u32,
    program: String,
}

impl fmt::Display for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {} ({})", self.process, self.program)
    }
}

/// A process that has this file open for writing, if one is seen.
pub(super) fn of(file: &Metadata) -> Option<Writer> {
    entries(Path::new("/proc")).find_map(|entry| {
        let process = entry.file_name().to_str()?.parse().ok()?;
        let folder = entry.path();
        let has_it = entries(&folder.join("fd")).any(|descriptor| {
            fs::metadata(descriptor.path()).is_ok_and(|open| system::is_same(&open, file))
                && may_write(&folder.join("fdinfo").join(descriptor.file_name()))
        });
        let program = || fs::read_to_string(folder.join("comm")).unwrap_or_default().trim_end().to_owned();
        has_it.then(|| Writer { process, program: program() })
    })
}

/// What is in a folder; nothing where it may not be read, or is gone, as processes go.
fn entries(folder: &Path) -> impl Iterator<Item = DirEntry> {
    fs::read_dir(folder).into_iter().flatten().map_while(Result::ok)
}

/// Whether a descriptor was opened for writing, by the flags that `proc_pid_fdinfo(5)` describes: octal, and the lowest
/// two bits are the access mode of `open(2)`, of which 0 is reading only.
fn may_write(description: &Path) -> bool {
    let description = fs::read_to_string(description).unwrap_or_default();
    let flags = description.lines().find_map(|line| line.strip_prefix("flags:"));
    flags.and_then(|flags| u64::from_str_radix(flags.trim(), 8).ok()).is_some_and(|flags| flags & 0b11 != 0)
}
