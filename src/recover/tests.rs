use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::check::Severity;
use crate::flow::Flow;
use crate::state::State;
use crate::tnetstring;

fn fixture(name: &str) -> Vec<u8> {
    fs::read(format!("{}/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn recover_with(file: &[u8], options: Options) -> (Vec<u8>, Summary) {
    let mut saved = Vec::new();
    let summary = run(file, options, &mut saved).unwrap();
    (saved, summary)
}

fn recover(file: &[u8]) -> (Vec<u8>, Summary) {
    recover_with(file, Options::default())
}

fn records(file: &[u8]) -> Vec<Vec<u8>> {
    Reader::from_slice(file, Some(Format::Flow)).unwrap().filter_map(Result::ok).map(|r| r.data.to_vec()).collect()
}

/// The faults in a file.
fn faults(file: &[u8]) -> Vec<Finding> {
    let mut faults = Vec::new();
    let reader = Reader::from_slice(file, Some(Format::Flow)).unwrap();
    check::run(reader, 1, |finding| {
        if finding.kind.severity() == Severity::Fault || finding.kind == Kind::IncompleteRecord {
            faults.push(finding);
        }
        Ok::<_, ()>(ControlFlow::Continue(()))
    })
    .unwrap();
    faults
}

/// Recovers a file in which a byte was changed, and asserts that what is saved is sound, and all that was not touched.
#[track_caller]
fn assert_recovers_changed(damaged: &[u8], whole: &[Vec<u8>], position: usize) {
    let (saved, summary) = recover(damaged);
    assert_eq!(faults(&saved), [], "byte {position}");
    let mut start = 0;
    let untouched: Vec<_> = whole
        .iter()
        .filter(|record| {
            start += record.len();
            !(start - record.len()..start).contains(&position)
        })
        .collect();
    let kept = records(&saved);
    assert!(untouched.iter().all(|record| kept.contains(record)), "byte {position}");
    // The changed one was kept as it is now, lost, or built anew as it seemed to be cut off.
    match (summary.losses, &summary.rebuilt) {
        (0, None) => assert_eq!(saved, damaged),
        (0, Some(_)) => assert_eq!(kept.len(), whole.len()),
        (1, None) => assert_eq!(kept.len(), whole.len() - 1),
        (losses, rebuilt) => panic!("byte {position}: {losses} losses, {rebuilt:?}"),
    }
    assert_eq!(summary.kept + u64::from(summary.rebuilt.is_some()), kept.len() as u64);
}

/// Every byte of two connections is changed: to each other value where `WSFLOW_ALL_CHANGES` is set, which takes minutes;
/// else to those with one bit flipped, and to those that mean something in a tnetstring.
#[test]
fn any_changed_byte_costs_one_flow_at_most() {
    let file = [fixture("tls.flow"), fixture("invalid-utf8.flow")].concat();
    let whole = records(&file);
    let values: Vec<u8> = match std::env::var_os("WSFLOW_ALL_CHANGES") {
        Some(_) => (1..=255).collect(),
        None => (0..8).map(|bit| 1 << bit).collect(),
    };
    let tried = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (file, whole, values, tried) = (&file, &whole, &values, &tried);
            scope.spawn(move || {
                let mut damaged = file.clone();
                for position in (thread..file.len()).step_by(threads) {
                    let flipped = values.iter().map(|mask| file[position] ^ mask);
                    let hostile = [b"09:,;#^!~]}"[position % 11], 0xff];
                    for byte in flipped.chain(hostile).filter(|byte| *byte != file[position]) {
                        damaged[position] = byte;
                        assert_recovers_changed(&damaged, whole, position);
                        tried.fetch_add(1, Ordering::Relaxed);
                    }
                    damaged[position] = file[position];
                }
            });
        }
    });
    let tried = tried.into_inner();
    assert!(tried >= file.len() * values.len(), "{tried}");
}

#[test]
fn a_file_that_is_cut_off_keeps_its_messages() {
    let file = fixture("edited-messages.flow");
    let whole = records(&file);
    let messages_of =
        |record: &[u8]| Flow::parse(record).unwrap().websocket().unwrap().unwrap().messages().unwrap().count();
    let mut most = 0;
    for length in 0..file.len() {
        let (saved, summary) = recover(&file[..length]);
        assert_eq!(faults(&saved), [], "cut at {length}");
        assert_eq!(summary.lost_bytes == 0, summary.losses == 0);
        let kept = records(&saved);
        let before = whole.iter().scan(0, |end, record| {
            *end += record.len();
            Some(*end)
        });
        let before = before.filter(|end| *end <= length).count();
        assert_eq!(kept[..before], whole[..before]);
        if let Some(rebuilt) = &summary.rebuilt {
            let last = kept.last().unwrap();
            assert_eq!((kept.len(), messages_of(last) as u64), (before + 1, rebuilt.messages));
            assert!(rebuilt.messages as usize <= messages_of(&whole[before]));
            most = most.max(rebuilt.messages);
            let state: State<'_> = tnetstring::from_slice(last).unwrap();
            assert!(state.get("metadata").unwrap().get("recovered").is_some());
        }
        let options = Options { whole_only: true, ..Options::default() };
        let (saved, summary) = recover_with(&file[..length], options);
        assert_eq!((records(&saved).len(), summary.rebuilt), (before, None));
    }
    assert_eq!(most, messages_of(&whole[0]).max(messages_of(&whole[1])) as u64);
}

/// A key that damage made foreign is taken out, also where it now begins like another one.
#[test]
fn a_cut_flow_loses_its_damaged_keys() {
    let whole = records(&fixture("edited-messages.flow")).swap_remove(0);
    let at = memchr::memmem::find(&whole, b"11:alpn_offers;").unwrap() + b"11:alpn".len();
    for separator in *b"[.a" {
        let mut cut = whole.clone();
        cut[at] = separator;
        cut.pop();
        let (saved, summary) = recover(&cut);
        assert!(summary.rebuilt.is_some());
        assert_eq!(faults(&saved), []);
        let state: State<'_> = tnetstring::from_slice(&saved).unwrap();
        let was: State<'_> = tnetstring::from_slice(&whole).unwrap();
        let alpn = |state: &State<'_>| format!("{:?}", state.get("client_conn").unwrap().get("alpn").unwrap());
        assert_eq!(alpn(&state), alpn(&was));
    }
}

/// Every version: where the file is cut in the middle of the messages, those before the cut are there.
#[test]
fn flows_of_old_versions_are_rebuilt_too() {
    let mut rebuilt = 0;
    for entry in fs::read_dir(format!("{}/fixtures/versions", env!("CARGO_MANIFEST_DIR"))).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "flow") {
            continue;
        }
        let file = fs::read(&path).unwrap();
        for length in (0..file.len()).step_by(97) {
            let (saved, summary) = recover(&file[..length]);
            assert_eq!(faults(&saved), [], "{} cut at {length}", path.display());
            rebuilt += summary.rebuilt.map_or(0, |rebuilt| rebuilt.messages);
        }
    }
    assert!(rebuilt > 500, "{rebuilt}");
}

#[test]
fn a_sound_file_is_copied() {
    for name in ["mixed-http.flow", "odd-values.flow", "versions/5.1.1.flow", "empty.flow"] {
        let file = fixture(name);
        let (saved, summary) = recover(&file);
        assert!(saved == file && summary.is_whole());
    }
    let with_newline = [&fixture("json.flow")[..], b"\n"].concat();
    let (saved, summary) = recover(&with_newline);
    assert!(saved == fixture("json.flow") && summary.is_whole());
}

#[test]
fn what_is_lost_is_told() {
    let file = fixture("merged.flow");
    let ends: Vec<_> = records(&file)
        .iter()
        .scan(0, |end, record| {
            *end += record.len() as u64;
            Some(*end)
        })
        .collect();
    let mut damaged = file.clone();
    damaged[ends[0] as usize] = b'x';
    damaged[ends[2] as usize + 20] = 0;
    damaged[ends[3] as usize + 20] = 0;
    let (saved, summary) = recover(&damaged);
    assert_eq!((summary.kept, summary.losses, summary.lost_bytes), (2, 2, file.len() as u64 - saved.len() as u64));
    assert_eq!(summary.lost[0].bytes, ends[0]..ends[1]);
    assert_eq!((summary.lost[0].why.kind, summary.lost[0].why.place.offset), (Kind::BrokenStructure, Some(ends[0])));
    assert_eq!(summary.lost[1].bytes, ends[2]..ends[4]);
}

#[test]
fn faulty_values_are_kept_when_asked_for() {
    let mut file = fixture("closes.flow");
    let code = file.windows(21).position(|window| window == b"10:close_code;4:1000#").unwrap();
    file[code + 16] = b'2';
    let (saved, summary) = recover(&file);
    assert_eq!((summary.losses, summary.lost[0].why.kind), (1, Kind::InvalidCloseCode));
    assert!(saved.len() < file.len());
    let (saved, summary) = recover_with(&file, Options { keep_faulty: true, ..Options::default() });
    assert!(saved == file && summary.is_whole());
}

#[test]
fn threads_change_nothing() {
    let mut file = fixture("mixed-http.flow").repeat(100);
    for position in (5_000..file.len()).step_by(70_001) {
        file[position] ^= 1;
    }
    let (one, summary) = recover_with(&file, Options { threads: 1, ..Options::default() });
    assert!(summary.losses > 0);
    let (many, _) = recover_with(&file, Options { threads: 7, ..Options::default() });
    assert!(one == many);
}

#[test]
fn garbage_is_lost_as_a_whole() {
    let file = b"not a capture at all: 12:34,".repeat(1000);
    let (saved, summary) = recover(&file);
    assert_eq!((saved.len(), summary.kept, summary.losses, summary.lost_bytes), (0, 0, 1, file.len() as u64));
}
