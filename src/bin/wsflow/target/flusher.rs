//! Bringing a large file to disk while it is still being written, so that the flush at its end has little left to do.

use std::fs::File;
use std::io;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

/// Bytes that are written between two flushes. A small file is flushed once, at its end, and needs no thread.
const STEP: usize = 8 << 20;

/// Flushes a file again and again, on a thread of its own.
#[derive(Debug, Default)]
pub(super) struct Flusher {
    unflushed: usize,
    thread: Option<(SyncSender<()>, JoinHandle<io::Result<()>>)>,
}

impl Flusher {
    /// Notes that bytes were written to the file, which has to be the same at each call.
    pub(super) fn wrote(&mut self, file: &File, bytes: usize) {
        self.unflushed += bytes;
        if self.unflushed < STEP {
            return;
        }
        self.unflushed = 0;
        if self.thread.is_none() {
            // Where there is no thread to be had, the flush at the end does it all.
            self.thread = start(file).ok();
        }
        if let Some((sender, _)) = &self.thread {
            // While it flushes, what is written meanwhile is left to its next turn.
            let _ = sender.try_send(());
        }
    }

    /// Ends the thread. The system tells a failed flush once, so what it was told is told here.
    ///
    /// # Errors
    /// When bytes could not be brought to disk.
    pub(super) fn end(self) -> io::Result<()> {
        let Some((sender, thread)) = self.thread else { return Ok(()) };
        drop(sender);
        thread.join().unwrap_or(Ok(()))
    }
}

fn start(file: &File) -> io::Result<(SyncSender<()>, JoinHandle<io::Result<()>>)> {
    let file = file.try_clone()?;
    let (sender, receiver) = sync_channel(1);
    let flush = move || receiver.iter().try_for_each(|()| file.sync_data());
    Ok((sender, thread::Builder::new().spawn(flush)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_flushed_on_the_way() {
        let file = tempfile::tempfile().unwrap();
        let mut flusher = Flusher::default();
        flusher.wrote(&file, STEP - 1);
        assert!(flusher.thread.is_none());
        for _ in 0..10 {
            flusher.wrote(&file, STEP);
        }
        assert!(flusher.thread.is_some());
        flusher.end().unwrap();
    }
}
