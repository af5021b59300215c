//! Whatever is recovered is a sound capture, all of the input is accounted for, and to recover it again changes nothing.

use std::convert::Infallible;
use std::ops::ControlFlow;

use wsflow::capture::{Format, Reader};
use wsflow::check::{self, Kind, Severity};
use wsflow::recover::{self, Options, Summary};

pub fn run(data: &[u8]) {
    for (whole_only, keep_faulty) in [(false, false), (true, false), (false, true)] {
        let options = Options { whole_only, keep_faulty, threads: 1 };
        let (saved, summary) = recover(data, options);
        let count = summary.kept + u64::from(summary.rebuilt.is_some());
        assert_eq!(Reader::from_slice(&saved, Some(Format::Flow)).unwrap().count() as u64, count);
        assert_sound(&saved, keep_faulty);
        let (again, second) = recover(&saved, options);
        assert!(again == saved && second.is_whole(), "{second:?}");
        match summary.rebuilt {
            None => {
                // mitmproxy accepts a line break at the end.
                let kept = data.len() as u64 - summary.lost_bytes;
                assert!(kept == saved.len() as u64 || kept == saved.len() as u64 + 1, "{summary:?}");
            }
            Some(_) => assert!(!whole_only),
        }
    }
}

fn recover(data: &[u8], options: Options) -> (Vec<u8>, Summary) {
    let mut saved = Vec::new();
    let summary = recover::run(data, options, &mut saved).unwrap();
    (saved, summary)
}

fn assert_sound(saved: &[u8], keep_faulty: bool) {
    let Ok(()) = check::run(Reader::from_slice(saved, Some(Format::Flow)).unwrap(), 1, |finding| {
        let is_fault = match keep_faulty {
            true => matches!(finding.kind, Kind::BrokenStructure | Kind::IncompleteRecord),
            false => finding.kind.severity() == Severity::Fault || finding.kind == Kind::IncompleteRecord,
        };
        assert!(!is_fault, "{finding:?}");
        Ok::<_, Infallible>(ControlFlow::Continue(()))
    });
}
