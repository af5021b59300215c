//! The file that `--in-place` replaces: whether it is still what was read, and whether anybody writes to it.
//!
//! A program that has the file open goes on writing to it when its name is given to another file, and nobody would
//! find what it wrote. So a file that is open for writing is not replaced. That is asked at the beginning, right
//! before the rename and right after it; who comes between the last two is told, and what was written is kept.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use anyhow::{Context as _, bail, ensure};

use super::writers::{self, Writer};
use super::{folder, system};

/// The file, as it was when it was first looked at.
#[derive(Debug)]
pub(super) struct Original {
    /// Keeps hold of it when it has lost its name.
    file: File,
    seen: Metadata,
}

impl Original {
    /// Looks at the file, and refuses one that must not be replaced.
    pub(super) fn open(path: &Path, name: &str) -> anyhow::Result<Original> {
        let metadata = fs::metadata(path).with_context(|| name.to_owned())?;
        ensure!(metadata.is_file(), "{name}: is no file that --in-place could replace; use -o OUT");
        let is_protected = metadata.permissions().readonly()
            || match File::options().write(true).open(path) {
                Ok(_) => false,
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => true,
                Err(error) => return Err(error).with_context(|| format!("cannot write {name}")),
            };
        ensure!(!is_protected, "{name}: is write-protected; use -o OUT, or allow it: chmod u+w {name}");
        let file = File::open(path).with_context(|| name.to_owned())?;
        let seen = file.metadata().with_context(|| name.to_owned())?;
        let original = Original { file, seen };
        original.refuse_writer(name)?;
        Ok(original)
    }

    /// The file as it was seen first.
    pub(super) fn seen(&self) -> &Metadata {
        &self.seen
    }

    /// Refuses to go on when the file is not what it was, or somebody may write to it. A backup is another link to the
    /// file, which changes its `ctime`.
    pub(super) fn check(&self, path: &Path, name: &str, has_new_link: bool) -> anyhow::Result<()> {
        let now = fs::metadata(path).with_context(|| format!("cannot write {name}"))?;
        let ctime = |metadata: &Metadata| (metadata.ctime(), metadata.ctime_nsec());
        let is_unchanged = system::is_same(&self.seen, &now)
            && self.has_same_contents(&now)
            && (has_new_link || ctime(&self.seen) == ctime(&now));
        ensure!(is_unchanged, "{name}: was changed by another program meanwhile; it is left as it is");
        self.refuse_writer(name)
    }

    fn has_same_contents(&self, now: &Metadata) -> bool {
        let of = |metadata: &Metadata| (metadata.len(), metadata.mtime(), metadata.mtime_nsec());
        of(&self.seen) == of(now)
    }

    fn refuse_writer(&self, name: &str) -> anyhow::Result<()> {
        let Some(writer) = writers::of(&self.seen) else { return Ok(()) };
        bail!(
            "{name}: not replaced: {writer} has it open for writing, and what comes then would be lost; end that first, \
             or use -o OUT"
        )
    }

    /// To be asked when another file has its name: whether somebody came between the last look and that. Then the old
    /// contents are kept, under `backup` if that is the same file.
    pub(super) fn check_replaced(mut self, path: &Path, name: &str, backup: Option<&Path>) -> anyhow::Result<()> {
        let now = self.file.metadata().with_context(|| name.to_owned())?;
        let writer = writers::of(&now);
        if writer.is_none() && self.has_same_contents(&now) {
            return Ok(());
        }
        let who = writer.as_ref().map_or_else(|| "another program".to_owned(), Writer::to_string);
        let cannot = || format!("{name}: replaced, while {who} wrote to it; the old contents cannot be kept");
        let kept = match backup {
            Some(backup) => backup.to_owned(),
            None => {
                let mut prefix = path.file_name().unwrap_or_default().to_owned();
                prefix.push(".");
                let mut builder = tempfile::Builder::new();
                let mut kept = builder.prefix(&prefix).suffix(".old").tempfile_in(folder(path)).with_context(cannot)?;
                io::copy(&mut self.file, kept.as_file_mut()).with_context(cannot)?;
                system::hand_on(&self.seen, kept.as_file()).with_context(cannot)?;
                kept.as_file().sync_all().with_context(cannot)?;
                kept.keep().with_context(cannot)?.1
            }
        };
        bail!(
            "{name}: replaced, while {who} wrote to it; the old contents, with what was written, are in {}",
            kept.display()
        )
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    /// A file that was looked at, and then replaced.
    fn replaced(folder: &Path) -> (Original, File) {
        let path = folder.join("f");
        fs::write(&path, "old").unwrap();
        let original = Original::open(&path, "f").unwrap();
        let old = File::options().append(true).open(&path).unwrap();
        fs::write(folder.join("new"), "new").unwrap();
        fs::rename(folder.join("new"), &path).unwrap();
        (original, old)
    }

    #[test]
    fn what_was_written_while_the_name_was_given_away_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let (original, mut old) = replaced(folder.path());
        old.write_all(b" and more").unwrap();
        drop(old);
        let error = original.check_replaced(&folder.path().join("f"), "f", None).unwrap_err().to_string();
        let kept = error.split(" are in ").last().unwrap();
        assert!(error.contains("while another program wrote to it"), "{error}");
        assert_eq!(fs::read_to_string(kept).unwrap(), "old and more");
        assert_eq!(fs::read_to_string(folder.path().join("f")).unwrap(), "new");
    }

    #[test]
    fn who_has_it_open_is_told_though_nothing_was_written_yet() {
        let folder = tempfile::tempdir().unwrap();
        let (original, _old) = replaced(folder.path());
        let error = original.check_replaced(&folder.path().join("f"), "f", Some(Path::new("f.bak"))).unwrap_err();
        assert!(error.to_string().contains(&format!("process {} (", std::process::id())), "{error}");
        assert!(error.to_string().ends_with("are in f.bak"), "{error}");
    }

    #[test]
    fn who_only_reads_is_no_writer() {
        let folder = tempfile::tempdir().unwrap();
        let (original, old) = replaced(folder.path());
        drop(old);
        let _reader = original.file.try_clone().unwrap();
        original.check_replaced(&folder.path().join("f"), "f", None).unwrap();
    }
}
