//! Bringing a large file to disk while it is still being written, so that the flush at its end has little left to do.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use super::system;

/// Bytes that are written between two turns. A small file is flushed once, at its end, and needs no thread.
const STEP: u64 = 8 << 20;

/// The thread that sends parts to disk, and where it is told which.
type Sender = (SyncSender<Range<u64>>, JoinHandle<io::Result<()>>);

/// Sends a file to disk part by part, on a thread of its own.
#[derive(Debug, Default)]
pub(super) struct Flusher {
    written: u64,
    sent: u64,
    thread: Option<Sender>,
}

impl Flusher {
    /// Notes that bytes were written to the end of the file, which has to be the same at each call.
    pub(super) fn wrote(&mut self, file: &File, bytes: usize) {
        self.written += bytes as u64;
        if self.written - self.sent < STEP {
            return;
        }
        if self.thread.is_none() {
            // Where there is no thread to be had, the flush at the end does it all.
            self.thread = start(file).ok();
        }
        // While it is busy, what is written meanwhile is left to its next turn.
        if let Some((sender, _)) = &self.thread
            && sender.try_send(self.sent..self.written).is_ok()
        {
            self.sent = self.written;
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

fn start(file: &File) -> io::Result<Sender> {
    let file = file.try_clone()?;
    let (sender, receiver) = sync_channel(1);
    let send = move || receiver.iter().try_for_each(|part| system::send_to_disk(&file, part));
    Ok((sender, thread::Builder::new().spawn(send)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_sent_on_the_way() {
        let file = tempfile::tempfile().unwrap();
        let mut flusher = Flusher::default();
        flusher.wrote(&file, STEP as usize - 1);
        assert!(flusher.thread.is_none());
        flusher.wrote(&file, 1);
        assert_eq!(flusher.sent, STEP);
        flusher.end().unwrap();
    }

    #[test]
    fn a_part_may_lie_beyond_the_end() {
        let file = tempfile::tempfile().unwrap();
        system::send_to_disk(&file, 0..u64::MAX >> 1).unwrap();
        system::send_to_disk(&file, 5..5).unwrap();
    }
}
