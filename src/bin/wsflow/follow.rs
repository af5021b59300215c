//! `--follow`: a file that is still being written, read as a stream that waits for what is appended.
//!
//! mitmproxy appends a flow when its connection closes, in several writes; a flow of which a part is there is waited
//! for like the next one. The file is looked at a few times a second, which works on every file system.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use signal_hook::consts::SIGINT;
use signal_hook::flag;

/// How long to wait before looking again.
const PAUSE: Duration = Duration::from_millis(200);

/// Says to all who follow a file that it is enough.
#[derive(Clone, Default)]
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Ends the following when the user presses Ctrl-C.
    pub(crate) fn at_interrupt() -> anyhow::Result<Stop> {
        let stop = Stop::default();
        // Who presses it twice does not want to wait; the second time the flag is set already.
        flag::register_conditional_default(SIGINT, Arc::clone(&stop.0))
            .and_then(|_| flag::register(SIGINT, Arc::clone(&stop.0)))
            .context("--follow: Ctrl-C cannot be waited for")?;
        Ok(stop)
    }

    pub(crate) fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Why a file is not followed any further as it is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    /// Somebody said so.
    Stopped,
    /// It is shorter than what was read of it.
    Truncated,
    /// Another file has its name, and it was read to its end.
    Replaced,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            End::Stopped => "is not followed any further",
            End::Truncated => "was truncated; starting over",
            End::Replaced => "was replaced by another file; starting over",
        })
    }
}

/// A file that is followed.
pub(crate) struct Followed {
    path: PathBuf,
    state: Mutex<State>,
    stop: Stop,
}

struct State {
    file: File,
    /// Bytes that were read.
    position: u64,
    end: Option<End>,
}

impl Followed {
    /// Follows an open file; the path is where another one may take its place.
    pub(crate) fn new(path: PathBuf, file: File, stop: Stop) -> Followed {
        Followed { path, state: Mutex::new(State { file, position: 0, end: None }), stop }
    }

    /// Why the file came to its end, if it did.
    pub(crate) fn end(&self) -> Option<End> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).end
    }

    fn find_end(&self, state: &State) -> io::Result<Option<End>> {
        if self.stop.is_set() {
            return Ok(Some(End::Stopped));
        }
        let metadata = state.file.metadata()?;
        if metadata.len() < state.position {
            return Ok(Some(End::Truncated));
        }
        // Where there is none, the new one may still be on its way.
        let is_other = |other: fs::Metadata| (other.dev(), other.ino()) != (metadata.dev(), metadata.ino());
        Ok(fs::metadata(&self.path).is_ok_and(is_other).then_some(End::Replaced))
    }
}

/// Waits for bytes. There are none at the [end](Followed::end) only.
impl Read for &Followed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while state.end.is_none() {
            // What may end it is looked for first: what was written to a file before another took its place is read.
            let end = self.find_end(&state)?;
            let count = match end {
                Some(End::Stopped | End::Truncated) => 0,
                Some(End::Replaced) | None => state.file.read(buffer)?,
            };
            if count > 0 {
                state.position += count as u64;
                return Ok(count);
            }
            match end {
                Some(_) => state.end = end,
                None => thread::sleep(PAUSE),
            }
        }
        Ok(0)
    }
}
