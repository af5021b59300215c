//! Input files: mapped into memory where that can be done, read as a stream where not.

use std::env;
use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, bail};
use memmap2::Mmap;
use wsflow::capture::{Format, Reader};

use crate::args::{InputArgs, ReadingArgs};
use crate::follow::{End, Followed, Stop};
use crate::progress::Progress;

/// An input that was opened.
pub(crate) struct Input {
    /// What to call it: the path as it was typed, or `<stdin>`.
    pub(crate) name: String,
    source: Source,
    format: Option<Format>,
    /// Tells how far the reading is.
    progress: Mutex<Option<Progress>>,
}

enum Source {
    Map(Mmap),
    Stream(File),
    Stdin,
    Followed(Followed),
    Nothing,
}

/// The paths to read: those given, or stdin.
pub(crate) fn paths(args: &InputArgs) -> anyhow::Result<Vec<PathBuf>> {
    if args.files.is_empty() {
        if io::stdin().is_terminal() {
            bail!("no FILE was given, and stdin is a terminal; try: wsflow ls dump.flow");
        }
        return Ok(vec![PathBuf::from("-")]);
    }
    Ok(args.files.clone())
}

/// What to call the input of a path.
pub(crate) fn name(path: &Path) -> String {
    if path.as_os_str() == "-" { "<stdin>".to_owned() } else { path.display().to_string() }
}

/// Whether a path can be opened, for one that is not read any more.
pub(crate) fn exists(path: &Path) -> anyhow::Result<()> {
    if path.as_os_str() == "-" {
        return Ok(());
    }
    let name = name(path);
    // To look is enough: a pipe would have to be waited for, and its writer would find nobody reading.
    let metadata = path.metadata().with_context(|| name.clone())?;
    if metadata.is_dir() {
        bail!("{name}: is a directory, not a capture");
    }
    if metadata.is_file() {
        File::open(path).with_context(|| name)?;
    }
    Ok(())
}

/// Opens a path; `-` is stdin.
pub(crate) fn open(path: &Path, args: &ReadingArgs) -> anyhow::Result<Input> {
    let name = name(path);
    if path.as_os_str() == "-" {
        let source = stdin_file().filter(|_| !args.no_mmap).and_then(|file| map(&file).ok());
        let source = source.map_or(Source::Stdin, Source::Map);
        return Ok(Input::new(name, source, args.input_format));
    }
    let file = File::open(path).with_context(|| name.clone())?;
    let metadata = file.metadata().with_context(|| name.clone())?;
    if metadata.is_dir() {
        bail!("{name}: is a directory, not a capture");
    }
    let source = if metadata.is_file() && metadata.len() > 0 && !args.no_mmap {
        match map(&file) {
            Ok(map) => Source::Map(map),
            // Some file systems cannot map files; all can be read.
            Err(_) => Source::Stream(file),
        }
    } else {
        Source::Stream(file)
    };
    Ok(Input::new(name, source, args.input_format))
}

/// Opens a path to be followed; `-` is stdin, which is read to its end anyway.
pub(crate) fn follow(path: &Path, args: &ReadingArgs, stop: Stop) -> anyhow::Result<Input> {
    let Input { name, source, format, .. } = open(path, &ReadingArgs { no_mmap: true, ..*args })?;
    let source = match source {
        // What is no file, such as a named pipe, ends by itself.
        Source::Stream(file) if file.metadata().is_ok_and(|metadata| metadata.is_file()) => {
            Source::Followed(Followed::new(path.to_owned(), file, stop))
        }
        other => other,
    };
    Ok(Input::new(name, source, format))
}

impl Input {
    fn new(name: String, source: Source, format: Option<Format>) -> Input {
        Input { name, source, format, progress: Mutex::new(None) }
    }

    /// Why a file that is followed came to its end.
    pub(crate) fn end(&self) -> Option<End> {
        match &self.source {
            Source::Followed(followed) => followed.end(),
            _ => None,
        }
    }

    /// The records of the input.
    pub(crate) fn reader(&self) -> anyhow::Result<Reader<'_>> {
        let reader = match &self.source {
            Source::Map(map) => Reader::from_slice(map, self.format),
            Source::Stream(file) => Reader::from_stream(file, self.format),
            Source::Stdin => Reader::from_stream(io::stdin(), self.format),
            Source::Followed(followed) => Reader::from_stream(followed, self.format).map(Reader::live),
            Source::Nothing => Reader::from_slice(&[], self.format),
        };
        let reader = reader.with_context(|| self.name.clone())?;
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        // What was read before was read to its end.
        *progress = None;
        *progress = Progress::of(&self.name, self.length(), reader.position());
        Ok(reader)
    }

    /// How many bytes there are, if that is known.
    fn length(&self) -> Option<u64> {
        match &self.source {
            Source::Map(map) => Some(map.len() as u64),
            Source::Stream(file) => file.metadata().ok().map(|metadata| metadata.len()).filter(|length| *length > 0),
            Source::Stdin | Source::Followed(_) | Source::Nothing => None,
        }
    }

    /// The same input, as one that can be read twice and whose bytes are all there at once, for commands that copy
    /// them. What could not be mapped goes to an unnamed temporary file first, and that is mapped.
    pub(crate) fn whole(self) -> anyhow::Result<Input> {
        let Input { name, source, format, .. } = self;
        let source = match source {
            Source::Stream(mut file) => spool(&mut file, &name)?,
            Source::Stdin => spool(&mut io::stdin().lock(), &name)?,
            whole => whole,
        };
        Ok(Input::new(name, source, format))
    }

    /// A flow file that is made here, as a [whole](Self::whole) input.
    pub(crate) fn made(name: String, write: impl FnOnce(&mut File) -> anyhow::Result<()>) -> anyhow::Result<Input> {
        let mut file = tempfile::tempfile()?;
        write(&mut file)?;
        Ok(Input::new(name, whole_file(&file)?, Some(Format::Flow)))
    }

    /// All bytes of a [whole](Self::whole) input.
    pub(crate) fn bytes(&self) -> &[u8] {
        match &self.source {
            Source::Map(map) => map,
            Source::Stream(_) | Source::Stdin | Source::Followed(_) | Source::Nothing => &[],
        }
    }

    /// The format that was asked for.
    pub(crate) fn format(&self) -> Option<Format> {
        self.format
    }
}

/// Stdin, if it is a file that nobody read from yet.
#[cfg(unix)]
fn stdin_file() -> Option<File> {
    use std::io::Seek as _;
    use std::os::fd::AsFd as _;

    let mut file = File::from(io::stdin().as_fd().try_clone_to_owned().ok()?);
    let is_at_start = file.stream_position().ok()? == 0;
    file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() > 0 && is_at_start).then_some(file)
}

#[cfg(not(unix))]
fn stdin_file() -> Option<File> {
    None
}

/// Copies a stream to a file that no other process can find.
fn spool(stream: &mut impl io::Read, name: &str) -> anyhow::Result<Source> {
    let cannot_copy = || {
        let folder = env::temp_dir();
        format!("{name}: cannot be copied to {}, as it has to be; TMPDIR names another folder", folder.display())
    };
    let mut file = tempfile::tempfile().with_context(cannot_copy)?;
    io::copy(stream, &mut file).map_err(|error| {
        let is_full =
            matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge);
        anyhow::Error::new(error).context(if is_full { cannot_copy() } else { format!("{name}: cannot read") })
    })?;
    whole_file(&file).with_context(cannot_copy)
}

fn whole_file(file: &File) -> io::Result<Source> {
    // Nothing cannot be mapped.
    if file.metadata()?.len() == 0 { Ok(Source::Nothing) } else { map(file).map(Source::Map) }
}

/// The one `unsafe` of the project. A map is a promise that nobody shortens the file while it is read; who cannot
/// promise it uses `--no-mmap`.
#[allow(unsafe_code)]
fn map(file: &File) -> io::Result<Mmap> {
    // SAFETY: strictly, this is sound only while nobody changes the file, which no program can know: bytes that change
    // while they are borrowed are undefined behaviour, and one that is shortened ends the process with SIGBUS. This
    // is the risk that ripgrep takes, for the same gain; `--no-mmap` avoids it. (The signal cannot be turned into an
    // error without more `unsafe`: the handler that Rust itself has for it resets it, whoever else handles it.) mitmproxy only appends to the
    // captures that it writes, which a map of fixed length does not see.
    unsafe { Mmap::map(file) }
}
