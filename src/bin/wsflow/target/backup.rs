//! The backup of a file that is replaced: a second name for the old contents, given before the first name is taken
//! away, so that the old contents have a name at every moment.

use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};

use super::{folder, signals, system, temporary_like, temporary_names};

/// Where the old contents of a file will be kept.
#[derive(Debug)]
pub(super) struct Backup {
    path: PathBuf,
    may_replace: bool,
}

impl Backup {
    /// A backup of the file `path`, under the same name with `suffix` behind it.
    pub(super) fn new(path: &Path, suffix: &OsStr, original: &Metadata, force: bool) -> anyhow::Result<Backup> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(suffix);
        let is_plain = !suffix.is_empty() && Path::new(&name).file_name() == Some(name.as_os_str());
        ensure!(is_plain, "--backup: `{}` is no suffix of a file name; try .bak", suffix.display());
        let backup = Backup { path: path.with_file_name(name), may_replace: force };
        match fs::symlink_metadata(&backup.path) {
            Ok(there) if there.is_dir() => bail!("{}: is a directory, not a backup", backup.path.display()),
            Ok(there) if !force && !system::is_same(&there, original) => bail!(
                "{}: a backup exists already; give another --backup suffix, or --force to replace it",
                backup.path.display()
            ),
            _ => Ok(backup),
        }
    }

    /// Gives the contents of `path` the second name: by a link, whose path is given back, or by a copy.
    pub(super) fn keep(self, path: &Path) -> anyhow::Result<Option<PathBuf>> {
        let name = self.path.display().to_string();
        let cannot = || format!("cannot write the backup {name}");
        let original = fs::metadata(path).with_context(cannot)?;
        // A run that was ended between the two names leaves this; and to rename one of two links to a file over the
        // other does nothing, by the rules of POSIX.
        if fs::symlink_metadata(&self.path).is_ok_and(|there| system::is_same(&there, &original)) {
            return Ok(Some(self.path));
        }
        let link =
            temporary_names().make_in(folder(path), |link| signals::guarded(link, |link| fs::hard_link(path, link)));
        let (kept, is_link) = match link {
            Ok(link) => (link.into_temp_path(), true),
            // Some file systems have no hard links.
            Err(_) => (copy(path, &original).with_context(cannot)?, false),
        };
        let named = if self.may_replace { kept.persist(&self.path) } else { kept.persist_noclobber(&self.path) };
        named.map_err(|error| error.error).with_context(cannot)?;
        Ok(is_link.then_some(self.path))
    }
}

fn copy(path: &Path, original: &Metadata) -> io::Result<tempfile::TempPath> {
    let mut copy = temporary_like(original, path)?;
    io::copy(&mut fs::File::open(path)?, copy.as_file_mut())?;
    copy.as_file().sync_all()?;
    Ok(copy.into_temp_path())
}
