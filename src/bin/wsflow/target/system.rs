//! What the operating system knows of files: which two are one, who owns them, how a folder is flushed.

use std::fs::{File, Metadata, Permissions};
use std::io;
#[cfg(target_os = "linux")]
use std::num::NonZeroU64;
use std::ops::Range;
use std::os::fd::AsFd as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown};
use std::path::Path;

use crate::streams;

pub(super) fn stdin_metadata() -> io::Result<Metadata> {
    File::from(io::stdin().as_fd().try_clone_to_owned()?).metadata()
}

pub(super) fn stdout_metadata() -> io::Result<Metadata> {
    streams::stdout_file()?.metadata()
}

/// Whether two are the same file, by any path or link.
pub(super) fn is_same(a: &Metadata, b: &Metadata) -> bool {
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

/// Whether what is written there stays there.
pub(super) fn holds_data(metadata: &Metadata) -> bool {
    metadata.is_file() || metadata.file_type().is_block_device()
}

/// The permissions of a new file: reading and writing by all, less what the user's umask takes away.
pub(super) const NEW_FILE: u32 = 0o666;

/// The permissions of a file that is nobody else's business.
pub(super) const PRIVATE: u32 = 0o600;

/// Creates a file that is not there yet.
pub(super) fn create(path: &Path, mode: u32) -> io::Result<File> {
    File::options().read(true).write(true).create_new(true).mode(mode).open(path)
}

/// Flushes a file to disk; what is none, has no disk.
pub(super) fn flush(file: &File) -> io::Result<()> {
    if file.metadata()?.is_file() { file.sync_all() } else { Ok(()) }
}

/// Has the system begin to write a part of a file to disk, without waiting until it is there. The part need not stay in
/// memory: that is the advice at which Linux begins.
#[cfg(target_os = "linux")]
pub(super) fn send_to_disk(file: &File, part: Range<u64>) -> io::Result<()> {
    // A length of none is up to the end, which is not what an empty part means.
    let Some(length) = NonZeroU64::new(part.end - part.start) else { return Ok(()) };
    Ok(rustix::fs::fadvise(file, part.start, Some(length), rustix::fs::Advice::DontNeed)?)
}

/// Writes a file to disk, as far as it is there: elsewhere there is no way to begin without waiting.
#[cfg(not(target_os = "linux"))]
pub(super) fn send_to_disk(file: &File, _part: Range<u64>) -> io::Result<()> {
    file.sync_data()
}

/// Gives a new file the permissions of the one that it will replace, and its owner and group, if this user may give
/// them. Where the group cannot be given, the new one does not get the permissions of the old one either; and where
/// either cannot, a file that runs with the rights of its owner or group must not get theirs from another one.
pub(super) fn hand_on(original: &Metadata, file: &File) -> io::Result<()> {
    let mut mode = original.mode() & 0o7777;
    let (owner, group) = (original.uid(), original.gid());
    if fchown(file, Some(owner), Some(group)).is_err() {
        mode &= 0o777;
        if fchown(file, None, Some(group)).is_err() {
            mode &= !0o070 | (mode & 0o007) << 3;
        }
    }
    file.set_permissions(Permissions::from_mode(mode))
}

/// Flushes the names in a folder to disk, where that can be done.
pub(super) fn flush_folder(folder: &Path) -> io::Result<()> {
    // A folder may be open to writing and closed to reading.
    let Ok(folder) = File::open(folder) else { return Ok(()) };
    match folder.sync_all() {
        Err(error) if !matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Err(error),
        _ => Ok(()),
    }
}
