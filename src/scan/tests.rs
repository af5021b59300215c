use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use super::*;
use crate::Situation;
use crate::capture::Reader;
use crate::flow::Message;
use crate::migrate::Upgrader;

fn row(record: u64, message: &Message<'_>) -> String {
    let Message { index, opcode, from_client, content, timestamp, dropped, injected, .. } = message;
    let (content, time) = (content.escape_ascii(), timestamp.as_bytes().escape_ascii());
    format!("{record}:{index} {opcode:?} {from_client} {content} {time} {dropped} {injected}")
}

/// The messages and faults of a capture that is cut into batches of a size.
fn cut(capture: &[u8], size: usize) -> Vec<String> {
    let mut rows = Vec::new();
    for batch in Cutter::new(Reader::from_slice(capture, None).unwrap(), Scope::WebSocket).in_batches_of(size) {
        match batch {
            Ok(batch) => {
                for piece in batch.pieces {
                    rows.extend(piece.messages().map(|message| match message {
                        Ok(message) => row(piece.record.index, &message),
                        Err(error) => piece.locate(error).to_string(),
                    }));
                }
            }
            Err(error) => rows.push(error.to_string()),
        }
    }
    rows
}

/// The messages of a capture, flow by flow.
fn uncut(capture: &[u8]) -> Vec<String> {
    let mut upgrader = Upgrader::new();
    let mut rows = Vec::new();
    for record in Reader::from_slice(capture, None).unwrap() {
        let record = record.unwrap();
        let upgrade = upgrader.next(&record).unwrap();
        let Some(websocket) = upgrade.flow().unwrap().websocket().unwrap() else { continue };
        rows.extend(websocket.messages().unwrap().map(|message| row(record.index, &message.unwrap())));
    }
    rows
}

const SIZES: [usize; 5] = [1, 64, 1 << 10, 10 << 10, usize::MAX];

#[test]
fn every_cut_gives_the_same_messages() {
    let mut messages = 0;
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let folders = [root.join("versions"), root];
    let files = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path());
    for path in files.filter(|path| path.extension().is_some_and(|extension| extension == "flow")) {
        let capture = std::fs::read(&path).unwrap();
        let expected = uncut(&capture);
        for size in SIZES {
            assert_eq!(cut(&capture, size), expected, "{} in batches of {size}", path.display());
        }
        messages += expected.len();
    }
    assert!(messages > 300, "{messages}");
}

#[test]
fn every_cut_gives_the_same_faults() {
    let capture = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/edited-messages.flow")).unwrap();
    for at in (0..capture.len()).step_by(7) {
        let mut capture = capture.clone();
        capture[at] ^= 0x11;
        let expected = cut(&capture, usize::MAX);
        for size in SIZES {
            assert_eq!(cut(&capture, size), expected, "byte {at} in batches of {size}");
        }
    }
}

/// Batches of one number each, with a fault in the place of every hundredth.
fn numbers(count: u64) -> impl Iterator<Item = Result<u64, Error>> + Send {
    (0..count).map(|number| match number % 100 {
        99 => Err(Error::new(Situation::Foreign(number.to_string()))),
        _ => Ok(number),
    })
}

#[test]
fn results_and_faults_come_out_in_order() {
    for threads in [1, 2, 7] {
        let mut seen = 0;
        let work = |number: &u64| {
            if number.is_multiple_of(7) {
                std::thread::yield_now();
            }
            *number
        };
        let end: Result<(), ()> = run(numbers(1000), threads, work, |result| {
            match result {
                Ok(number) => assert_eq!(number, seen),
                Err(error) => assert_eq!(error.to_string(), seen.to_string()),
            }
            seen += 1;
            Ok(ControlFlow::Continue(()))
        });
        assert_eq!((end, seen), (Ok(()), 1000), "{threads} threads");
    }
}

#[test]
fn parts_of_a_batch_come_out_together() {
    let mut seen = Vec::new();
    let work = |number: &u64, emit: &mut dyn FnMut(u64)| (0..number % 4).for_each(|part| emit(number * 10 + part));
    let end: Result<(), ()> = run_in_parts((0..200).map(Ok), 3, work, |part| {
        seen.extend(part.ok());
        Ok(ControlFlow::Continue(()))
    });
    let expected: Vec<_> = (0..200_u64).flat_map(|n| (0..n % 4).map(move |part| n * 10 + part)).collect();
    assert_eq!((end, seen), (Ok(()), expected));
}

#[test]
fn batches_are_worked_on_at_the_same_time() {
    // Each of two batches waits until the other has begun.
    let begun = (Mutex::new(0), Condvar::new());
    let work = |number: &u64| {
        if *number < 2 {
            return true;
        }
        *begun.0.lock().unwrap() += 1;
        begun.1.notify_all();
        let waited = begun.1.wait_timeout_while(begun.0.lock().unwrap(), Duration::from_secs(20), |count| *count < 2);
        !waited.unwrap().1.timed_out()
    };
    let end: Result<(), ()> = run((0..4).map(Ok), 2, work, |met| {
        assert!(met.unwrap(), "the other batch was not begun");
        Ok(ControlFlow::Continue(()))
    });
    assert_eq!(end, Ok(()));
}

#[test]
fn the_end_is_final_and_nothing_more_is_read() {
    for (last, end) in [(1, Ok(())), (50, Ok(())), (50, Err("full"))] {
        let (mut outputs, taken) = (0, AtomicU64::new(0));
        let batches = (0..1_000_000).map(|number: u64| {
            taken.fetch_add(1, Ordering::Relaxed);
            Ok(number)
        });
        let found = run(
            batches,
            4,
            |number| *number,
            |_| {
                outputs += 1;
                match outputs == last {
                    true => end.map(|()| ControlFlow::Break(())),
                    false => Ok(ControlFlow::Continue(())),
                }
            },
        );
        assert_eq!((found, outputs), (end, last));
        assert!(taken.into_inner() < 1000);
    }
}

#[test]
#[should_panic(expected = "a scoped thread panicked")]
fn a_panic_of_another_thread_is_passed_on() {
    let here = std::thread::current().id();
    let waits = Mutex::new(());
    let work = |number: &u64| {
        if std::thread::current().id() != here {
            panic!("work");
        }
        if *number >= 2 {
            // Gives the other thread time to come here at all.
            drop(waits.lock());
            std::thread::sleep(Duration::from_millis(2));
        }
    };
    let _: Result<(), ()> = run((0..10_000).map(Ok), 2, work, |_| Ok(ControlFlow::Continue(())));
}

#[test]
fn a_panic_of_the_calling_thread_is_passed_on() {
    let panicked = std::panic::catch_unwind(|| {
        let _: Result<(), ()> =
            run((0..1000).map(Ok), 3, |number: &u64| assert_ne!(*number, 500), |_| Ok(ControlFlow::Continue(())));
    });
    assert!(panicked.is_err());
}
