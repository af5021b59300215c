//! Signals that end the program take its temporary files with them.
//!
//! A thread waits for them. It keeps the list of files while it removes them and ends the program, so that no file
//! comes to be meanwhile. A signal that was ignored when the program began, as under `nohup`, stays ignored.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::sync::{Mutex, Once, PoisonError};
use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

/// Files that a signal removes. One that has another name by now is not found under this one.
static FILES: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Makes a file that is removed when a signal ends the program.
pub(super) fn guarded<T>(path: &Path, make: impl FnOnce(&Path) -> io::Result<T>) -> io::Result<T> {
    static WAITING: Once = Once::new();
    WAITING.call_once(wait);
    let mut files = FILES.lock().unwrap_or_else(PoisonError::into_inner);
    let made = make(path)?;
    files.push(path.to_owned());
    Ok(made)
}

fn wait() {
    let ignored = ignored();
    let ending = [SIGHUP, SIGINT, SIGTERM].into_iter().filter(move |signal| ignored >> (signal - 1) & 1 == 0);
    let (ready, is_ready) = sync_channel(1);
    // A signal is only taken when there is somebody to act on it. Where no thread can be had it ends the program as it
    // always does, and leaves a file.
    let waiting = thread::Builder::new().spawn(move || {
        let signals = Signals::new(ending);
        let _ = ready.send(());
        let Ok(mut signals) = signals else { return };
        if let Some(signal) = signals.forever().next() {
            let files = FILES.lock().unwrap_or_else(PoisonError::into_inner);
            files.iter().for_each(|file| drop(fs::remove_file(file)));
            drop(emulate_default_handler(signal));
        }
    });
    if waiting.is_ok() {
        let _ = is_ready.recv();
    }
}

/// The signals that are ignored, a bit for each, as `proc_pid_status(5)` has them.
fn ignored() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}
