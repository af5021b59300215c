//! Output files, written so that no input and no earlier output is ever harmed: the one room for all commands.
//!
//! ```text
//! Place::output(OUT) or Place::in_place(FILE)   may this be written? nothing is touched
//!   └─ open()      a temporary file in the same folder
//!        └─ write  …
//!             └─ commit()   flushed to disk, renamed to OUT, the folder flushed to disk
//! ```
//!
//! Until the rename OUT is what it was, and from then on it is whole; a target that is dropped before takes its
//! temporary file with it, and so does a signal that ends the program. What a `kill -9` or a power cut leaves behind is
//! at most a file `.wsflow-XXXXXX.tmp`, never half a file under OUT's name.
//!
//! - A symbolic link is written through: the file that it leads to is replaced, and the link stays. One that leads
//!   nowhere is refused.
//! - A file that is replaced hands on its permissions and, where the system allows it, its owner and group. Other
//!   hard links to it keep the old contents, for the new ones are a new file.
//! - What of a file the system keeps elsewhere (access control lists, extended attributes) is not handed on.
//! - A file that somebody has open for writing is not replaced in place.
//! - What is no file (a FIFO, `/dev/null`) is written straight to; so is stdout.

mod backup;
mod flusher;
mod original;
mod signals;
mod system;
#[cfg(test)]
mod tests;
mod writers;

use std::ffi::OsStr;
use std::fs::{self, File, Metadata};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use tempfile::NamedTempFile;
use wsflow::capture::Format;
use wsflow::output::Terminal;

use backup::Backup;
use flusher::Flusher;
use original::Original;

use crate::input;
use crate::streams::{self, STDOUT, cannot_write};

/// Small writes are gathered to this size; large ones go past the buffer.
const BUFFER: usize = 256 << 10;

/// What is going to be written, as far as a terminal is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// A format that no terminal should get.
    Binary,
    /// Text. Who writes it escapes what is in it for [`Target::terminal`].
    Text,
}

/// A place that may be written to. It has been looked at, and not touched yet.
#[derive(Debug)]
pub(crate) struct Place {
    name: String,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Stdout,
    /// What exists and is no file, to be written straight to.
    Stream(PathBuf, Content),
    /// A file that is not there yet. If it is by the time that it is written, it may be replaced or not.
    New(PathBuf, bool),
    /// A file that is there and will be replaced.
    Replace(PathBuf, Box<Metadata>),
    /// The input itself.
    InPlace {
        path: PathBuf,
        original: Box<Original>,
        backup: Option<Backup>,
    },
}

impl Place {
    /// The place that `-o OUT` names, for a flow file: refused when the ending of OUT means another format.
    pub(crate) fn flow_file(out: &Path, force: bool, inputs: &[PathBuf]) -> anyhow::Result<Place> {
        let extension = out.extension().and_then(OsStr::to_str).unwrap_or_default();
        if let Some(format) = Format::from_extension(extension).filter(|format| *format != Format::Flow) {
            bail!(
                "{}: this command writes flow files, and `.{extension}` means {}; write to -o OUT.flow, and then: \
                 wsflow encode OUT.flow -o {}",
                out.display(),
                format.name(),
                out.display()
            );
        }
        Place::output(out, force, Content::Binary, inputs)
    }

    /// The place that `-o OUT` names; `-` is stdout.
    ///
    /// It is refused when it is one of the inputs by any path or link, when it exists and `force` is not given, and
    /// when it is a terminal and `content` is not for one.
    pub(crate) fn output(out: &Path, force: bool, content: Content, inputs: &[PathBuf]) -> anyhow::Result<Place> {
        if out.as_os_str() == "-" {
            let name = STDOUT.to_owned();
            refuse_terminal(&name, content, streams::terminal().is_some())?;
            refuse_input(&name, &system::stdout_metadata().with_context(|| name.clone())?, inputs)?;
            return Ok(Place { name, kind: Kind::Stdout });
        }
        let name = out.display().to_string();
        let kind = match fs::metadata(out) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if out.is_symlink() {
                    bail!("{name}: is a symbolic link that leads nowhere; remove it, or give the path itself");
                }
                ensure!(out.file_name().is_some(), "`{name}` is no name of a file");
                Kind::New(out.to_owned(), force)
            }
            Err(error) => return Err(error).context(name),
            Ok(metadata) => {
                ensure!(!metadata.is_dir(), "{name}: is a directory");
                refuse_input(&name, &metadata, inputs)?;
                ensure!(force || !system::holds_data(&metadata), "{name}: exists already; --force replaces it");
                match metadata.is_file() {
                    true => Kind::Replace(out.canonicalize().with_context(|| name.clone())?, Box::new(metadata)),
                    false => Kind::Stream(out.to_owned(), content),
                }
            }
        };
        Ok(Place { name, kind })
    }

    /// The place of `--in-place`: the input itself. `backup` is appended to its name for the old contents; another
    /// file that has that name already is only replaced with `force`.
    ///
    /// Take the place before the input is opened: it is written only if the file is still the one seen here.
    pub(crate) fn in_place(input: &Path, backup: Option<&OsStr>, force: bool) -> anyhow::Result<Place> {
        let name = input.display().to_string();
        ensure!(input.as_os_str() != "-", "--in-place needs a file, and stdin is none; use -o OUT");
        let original = Box::new(Original::open(input, &name)?);
        let path = input.canonicalize().with_context(|| name.clone())?;
        let backup = backup.map(|suffix| Backup::new(&path, suffix, original.seen(), force)).transpose()?;
        Ok(Place { name, kind: Kind::InPlace { path, original, backup } })
    }

    /// What to call it: the path as it was typed, or `<stdout>`.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Opens it. What is written there shows under its name when it is [committed](Target::commit).
    pub(crate) fn open(self) -> anyhow::Result<Target> {
        let Place { name, kind } = self;
        let cannot = || format!("cannot write {name}");
        let sink = match kind {
            Kind::Stdout => Sink::Direct(streams::stdout_file().with_context(cannot)?),
            Kind::Stream(path, content) => {
                let file = File::options().write(true).open(path).with_context(cannot)?;
                refuse_terminal(&name, content, file.is_terminal())?;
                Sink::Direct(file)
            }
            Kind::New(path, may_replace) => {
                let file = temporary(&path, system::NEW_FILE).with_context(cannot)?;
                Sink::pending(Pending { may_replace, ..Pending::new(file, path) })
            }
            Kind::Replace(path, replaced) => {
                let file = temporary_like(&replaced, &path).with_context(cannot)?;
                Sink::pending(Pending { may_replace: true, ..Pending::new(file, path) })
            }
            Kind::InPlace { path, original, backup } => {
                let file = temporary_like(original.seen(), &path).with_context(cannot)?;
                Sink::pending(Pending {
                    may_replace: true,
                    original: Some(original),
                    backup,
                    ..Pending::new(file, path)
                })
            }
        };
        Ok(Target { name, sink: BufWriter::with_capacity(BUFFER, sink) })
    }
}

fn refuse_terminal(name: &str, content: Content, is_terminal: bool) -> anyhow::Result<()> {
    let is_refused = content == Content::Binary && is_terminal;
    ensure!(!is_refused, "{name}: is a terminal, and the output is binary; write to a file or a pipe");
    Ok(())
}

/// Refuses an output that is one of the inputs. Terminals and pipes may be both.
fn refuse_input(name: &str, out: &Metadata, inputs: &[PathBuf]) -> anyhow::Result<()> {
    for input in inputs {
        let metadata = if input.as_os_str() == "-" { system::stdin_metadata() } else { fs::metadata(input) };
        // An input that cannot be looked at will be told when it is opened.
        if metadata.is_ok_and(|metadata| system::holds_data(&metadata) && system::is_same(out, &metadata)) {
            bail!("{name}: is the input {} itself; give another OUT", input::name(input));
        }
    }
    Ok(())
}

/// A temporary file in the folder of `path`, so that it can be renamed to it. An error says nothing of its name, which
/// nobody gave.
fn temporary(path: &Path, mode: u32) -> io::Result<NamedTempFile> {
    let create = |temporary: &Path| system::create(temporary, mode);
    temporary_names().make_in(folder(path), |temporary| signals::guarded(temporary, create))
}

/// A temporary file that will replace another one.
fn temporary_like(original: &Metadata, path: &Path) -> io::Result<NamedTempFile> {
    // Nobody else may read it while its permissions are not those of the original yet.
    let file = temporary(path, system::PRIVATE)?;
    system::hand_on(original, file.as_file())?;
    Ok(file)
}

fn temporary_names() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".wsflow-").suffix(".tmp");
    builder
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// An output that is being written.
#[derive(Debug)]
pub(crate) struct Target {
    name: String,
    sink: BufWriter<Sink>,
}

#[derive(Debug)]
enum Sink {
    Direct(File),
    Pending(Box<Pending>),
}

/// A file that has its name not yet.
#[derive(Debug)]
struct Pending {
    file: NamedTempFile,
    flusher: Flusher,
    path: PathBuf,
    may_replace: bool,
    /// The file that has to be there still, unchanged, when this one takes its place.
    original: Option<Box<Original>>,
    backup: Option<Backup>,
}

impl Target {
    /// The terminal that it is, by whatever name it was given.
    pub(crate) fn terminal(&self) -> Option<Terminal> {
        match self.sink.get_ref() {
            Sink::Direct(file) if file.is_terminal() => Some(streams::terminal_of(file)),
            Sink::Direct(_) | Sink::Pending(_) => None,
        }
    }

    /// What was written is all: makes it appear under its name. Without this nothing does.
    pub(crate) fn commit(self) -> anyhow::Result<()> {
        let Target { name, sink } = self;
        let cannot = || format!("cannot write {name}");
        match sink.into_inner().map_err(io::IntoInnerError::into_error).with_context(cannot)? {
            Sink::Direct(file) => system::flush(&file).with_context(cannot),
            Sink::Pending(pending) => pending.commit(&name),
        }
    }
}

impl Pending {
    /// A file that will take no other's place.
    fn new(file: NamedTempFile, path: PathBuf) -> Pending {
        Pending { file, flusher: Flusher::default(), path, may_replace: false, original: None, backup: None }
    }

    fn commit(self, name: &str) -> anyhow::Result<()> {
        let Pending { file, flusher, path, may_replace, original, backup } = self;
        let cannot = || format!("cannot write {name}");
        flusher.end().with_context(cannot)?;
        file.as_file().sync_all().with_context(cannot)?;
        let mut link = None;
        if let Some(original) = &original {
            original.check(&path, name, false)?;
            if let Some(backup) = backup {
                link = backup.keep(&path)?;
                original.check(&path, name, true)?;
            }
        }
        let renamed = if may_replace { file.persist(&path) } else { file.persist_noclobber(&path) };
        match renamed {
            Ok(_) => {}
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                bail!("{name}: exists already, since a moment ago; --force replaces it")
            }
            Err(error) => return Err(error.error).with_context(cannot),
        }
        system::flush_folder(folder(&path))
            .with_context(|| format!("{name} is written, its folder cannot be flushed"))?;
        match original {
            Some(original) => original.check_replaced(&path, name, link.as_deref()),
            None => Ok(()),
        }
    }
}

impl Sink {
    fn pending(pending: Pending) -> Sink {
        Sink::Pending(Box::new(pending))
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Sink::Direct(file) => file.write(bytes),
            Sink::Pending(pending) => {
                let written = pending.file.as_file_mut().write(bytes)?;
                pending.flusher.wrote(pending.file.as_file(), written);
                Ok(written)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.sink.write(bytes).map_err(|error| cannot_write(&self.name, &error))
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sink.write_all(bytes).map_err(|error| cannot_write(&self.name, &error))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink.flush().map_err(|error| cannot_write(&self.name, &error))
    }
}
