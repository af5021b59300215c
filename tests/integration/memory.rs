//! What the program takes of its own does not grow with what it reads: it is the same for a connection of a million
//! messages as for a small one.
//!
//! Measured is `RssAnon`, the highest that was seen while the program ran: what a map of the input takes is not the
//! program's own. Two threads, since each thread has buffers.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use crate::corpus::{self, Shape};

pub(crate) const MIB: u64 = 1 << 20;

/// What any command may take, beside the largest flow where the input is a stream.
pub(crate) const LIMIT: u64 = 48 * MIB;

/// The connections that are read. What grows with them at a hundredth of their size is no buffer.
const SMALL: u64 = 8 * MIB;
const LARGE: u64 = 64 * MIB;

/// What the highest that was seen may differ by from run to run: a buffer of each thread, which a short run may end
/// before it is seen full. What grows with the connection would differ by far more, for that differs by 56 MiB.
const CHANCE: u64 = 8 * MIB;

/// Commands that read everything. `OUT` is a file to write.
const COMMANDS: [&[&str]; 14] = [
    &["ls", "-c"],
    &["ls"],
    &["ls", "--json"],
    &["ls", "--format", "csv", "--parse"],
    &["flows"],
    &["stats", "--json"],
    &["filter", "~b needle", "-c"],
    &["filter", "!~b needle", "-o", "OUT"],
    &["drop", "~msg 0 | ~binary", "-o", "OUT"],
    &["filter", "~jq '. != 1'", "-c"],
    &["filter", "~b needle", "--flows", "--keep-others", "-o", "OUT"],
    &["encode", "--to", "har", "-o", "OUT"],
    &["encode", "--to", "msgpack", "-o", "OUT"],
    &["encode", "--to", "flow", "-o", "OUT"],
];

/// A file with one connection, made once.
fn giant(size: u64) -> &'static Path {
    static FILES: [OnceLock<PathBuf>; 2] = [OnceLock::new(), OnceLock::new()];
    FILES[usize::from(size == LARGE)].get_or_init(|| {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("giant-{}.flow", size / MIB));
        let mut file = BufWriter::new(File::create(&path).unwrap());
        corpus::write(Shape::Giant, size, 1, &mut file).unwrap();
        file.flush().unwrap();
        path
    })
}

/// The memory of a process' own, in bytes; nothing when it is gone, or when it is not the program yet: until then it has
/// that of the tests.
fn own_memory(process: u32) -> Option<u64> {
    let runs = fs::read_link(format!("/proc/{process}/exe")).ok()?;
    if runs.file_name() != Path::new(env!("CARGO_BIN_EXE_wsflow")).file_name() {
        return None;
    }
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().unwrap() << 10)
}

/// Runs the program on a sound file, and says how much memory it had at most.
fn highest(args: &[&str], file: &Path, as_stream: bool) -> u64 {
    let (highest, code) = measure(args, file, as_stream);
    assert_eq!(code, Some(0), "{args:?}");
    assert!(highest > 0, "{args:?}: nothing was measured");
    highest
}

/// Runs the program on a file, and says how much memory it had at most, and its exit code.
pub(crate) fn measure(args: &[&str], file: &Path, as_stream: bool) -> (u64, Option<i32>) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let out = folder.path().join("out");
    let mut command = Command::new(env!("CARGO_BIN_EXE_wsflow"));
    command.args(args.iter().map(|arg| if *arg == "OUT" { out.as_os_str() } else { arg.as_ref() }));
    command.args(["--threads", "2"]).stdout(Stdio::null()).stderr(Stdio::null());
    if as_stream {
        command.arg("-").stdin(Stdio::piped());
    } else {
        command.arg(file).stdin(Stdio::null());
    }
    let mut child = command.spawn().unwrap();
    let writer = child.stdin.take().map(|mut stdin| {
        let mut file = File::open(file).unwrap();
        thread::spawn(move || io::copy(&mut file, &mut stdin))
    });
    let mut highest = 0;
    let status = loop {
        highest = highest.max(own_memory(child.id()).unwrap_or(0));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        // A short run may be over soon after it has become the program.
        thread::sleep(if highest == 0 { Duration::from_micros(100) } else { Duration::from_millis(5) });
    };
    if let Some(writer) = writer {
        // The program may have seen enough before it has read everything.
        drop(writer.join().unwrap());
    }
    (highest, status.code())
}

#[test]
fn memory_does_not_grow_with_the_connection() {
    let lines = thread::scope(|scope| {
        let runs = COMMANDS.map(|args| {
            scope.spawn(move || (args, highest(args, giant(SMALL), false), highest(args, giant(LARGE), false)))
        });
        runs.map(|run| run.join().unwrap())
    });
    for (args, small, large) in lines {
        assert!(large <= LIMIT, "{args:?} took {} MiB", large / MIB);
        assert!(large <= small + CHANCE, "{args:?} took {} MiB, and {} MiB before", large / MIB, small / MIB);
    }
}

#[test]
fn ndjson_takes_what_may_wait_and_no_more() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let path = folder.path().join("urls.ndjson");
    let mut file = BufWriter::new(File::create(&path).unwrap());
    let url = "x".repeat(100 << 10);
    for flow in 0..2500 {
        writeln!(file, r#"{{"flow":{flow},"url":"wss://h/{url}","from_client":true,"text":""}}"#).unwrap();
    }
    file.flush().unwrap();
    let highest = highest(&["ls", "-c"], &path, false);
    // 64 MiB may wait; the holes that they leave behind are not always filled again.
    assert!(highest <= 2 * 64 * MIB + LIMIT, "{} MiB", highest / MIB);
}

/// Its flows are small, so whoever keeps what was read has the whole file in the end.
#[test]
fn a_stream_of_many_flows_takes_no_more_than_a_file() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("chat-64.flow");
    let mut file = BufWriter::new(File::create(&path).unwrap());
    corpus::write(Shape::Chat, LARGE, 1, &mut file).unwrap();
    file.flush().unwrap();
    for args in [&["ls", "-c"][..], &["ls", "--json"], &["flows"]] {
        let highest = highest(args, &path, true);
        assert!(highest <= LIMIT, "{args:?} took {} MiB", highest / MIB);
    }
}

#[test]
fn a_stream_takes_its_largest_flow_and_no_more() {
    for args in [&["ls", "-c"][..], &["ls", "--json"], &["flows"]] {
        let highest = highest(args, giant(LARGE), true);
        assert!(highest <= LARGE + LIMIT, "{args:?} took {} MiB", highest / MIB);
    }
}

/// Each connection has a gap of two thousand years among others of a second, of which percentiles take hundreds of KiB.
#[test]
fn connections_with_all_sizes_of_gaps_take_no_more_than_others() {
    let value = |body: &str, tag: char| format!("{}:{body}{tag}", body.len());
    let message = |time: f64| {
        let time = format!("{time:?}");
        value(&format!("1:1#4:true!0:,{}5:false!5:false!", value(&time, '^')), ']')
    };
    let times = [-62_135_596_000.0].into_iter().chain((0..300_u32).map(f64::from));
    let messages: String = times.map(message).collect();
    let websocket = value(&format!("8:messages;{}", value(&messages, ']')), '}');
    let flow = value(&format!("9:websocket;{websocket}7:version;2:21#4:type;4:http;2:id;1:a;"), '}');
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let path = folder.path().join("gaps.flow");
    fs::write(&path, flow.repeat(1000)).unwrap();
    let (highest, _) = measure(&["stats", "--json"], &path, false);
    assert!(highest > 0 && highest <= LIMIT, "{} MiB", highest / MIB);
}
