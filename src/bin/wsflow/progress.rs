//! How far the reading of an input is, on stderr, for work that takes longer than a second. Only where somebody sees it,
//! and sees nothing else: stderr is a terminal, and stdout is none.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use wsflow::capture::Position;
use wsflow::output;

use crate::streams;

/// How long work may take without a word.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the bar is drawn.
const TICK: Duration = Duration::from_millis(100);

/// The bar that is on the terminal. There is one stderr, and what is said there must not run into the bar.
static SHOWN: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// Watches a reader until it is dropped.
pub(crate) struct Progress {
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Progress {
    /// Watches the reading of an input of this name, and of so many bytes if that is known.
    pub(crate) fn of(name: &str, bytes: Option<u64>, position: Position) -> Option<Progress> {
        if !streams::is_quiet_terminal() {
            return None;
        }
        let name = output::printable(name);
        let (end, ended) = mpsc::channel();
        let watch = move || {
            let mut wait = PATIENCE;
            while let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(wait) {
                wait = TICK;
                let mut shown = SHOWN.lock().unwrap_or_else(PoisonError::into_inner);
                shown.get_or_insert_with(|| bar(&name, bytes)).set_position(position.get());
            }
            let mut shown = SHOWN.lock().unwrap_or_else(PoisonError::into_inner);
            shown.take().iter().for_each(ProgressBar::finish_and_clear);
        };
        let thread = thread::Builder::new().spawn(watch).ok()?;
        Some(Progress { end: Some(end), thread: Some(thread) })
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.end.take();
        self.thread.take().map(JoinHandle::join);
    }
}

/// Says something while no bar is in the way.
pub(crate) fn aside(say: impl FnOnce()) {
    match &*SHOWN.lock().unwrap_or_else(PoisonError::into_inner) {
        Some(bar) => bar.suspend(say),
        None => say(),
    }
}

fn bar(name: &str, bytes: Option<u64>) -> ProgressBar {
    let (bar, template) = match bytes {
        Some(bytes) => (ProgressBar::new(bytes), "{prefix} {wide_bar} {percent:>3} %, {eta} left"),
        None => (ProgressBar::new_spinner(), "{prefix} {spinner} {binary_bytes}"),
    };
    // The templates are sound; a bar that looks otherwise would do as well.
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.with_style(style.progress_chars("#> ")).with_prefix(name.to_owned())
}
