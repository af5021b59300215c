//! Every command in the ways that it is used, for tests of what holds for all of them.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::Path;

use wsflow::output::{Field, FindingField, FlowField, MessageField};

use crate::support::{captures, fixture, root, wsflow};

/// `FILE` is a capture, `OUT` what is written, `ALL` all fields of the command, `DIR` a folder to write to.
const USES: [&str; 86] = [
    "ls FILE",
    "ls FILE FILE",
    "ls --json FILE",
    "ls --json --parse FILE FILE",
    "ls --format ndjson FILE",
    "ls --format json FILE",
    "ls --format csv --parse FILE",
    "ls --format raw FILE",
    "ls --format raw --null FILE",
    "ls --format raw --separator | FILE",
    "ls --fields ALL FILE",
    "ls --fields ALL --json FILE",
    "ls --fields ALL --format csv FILE",
    "ls --fields ALL --format raw FILE",
    "ls --count FILE",
    "ls --limit 3 --time-format relative FILE",
    "ls --filter ~all --id 0 FILE",
    "ls --input-format flow --no-mmap --threads 1 FILE",
    "ls --follow -",
    "ls --color never --pager --no-pager FILE",
    "flows FILE",
    "flows --all FILE FILE",
    "flows --all --json FILE",
    "flows --all --format ndjson FILE",
    "flows --all --format json FILE FILE",
    "flows --all --format csv FILE",
    "flows --all --format raw FILE",
    "flows --all --format raw --null FILE",
    "flows --all --format raw --separator | FILE",
    "flows --all --fields ALL FILE",
    "flows --all --fields ALL --json FILE",
    "flows --all --fields ALL --format csv FILE",
    "flows --all --fields ALL --format raw FILE",
    "flows --count FILE",
    "flows --color never --pager --no-pager FILE",
    "flows --limit 1 --time-format unix --filter ~all FILE",
    "flows --input-format flow --no-mmap --threads 1 FILE",
    "show FILE",
    "show --raw FILE",
    "show --as hex FILE",
    "show --json FILE",
    "show --color never --pager --no-pager FILE",
    "show --proto fixtures/chat.proto --message Envelope --proto-path fixtures FILE",
    "show FILE 0 --filter ~all --time-format unix",
    "show --input-format flow --no-mmap --threads 1 FILE 0:0",
    "filter ~all FILE",
    "filter ~all FILE FILE --json --parse",
    "filter ~all --format csv --fields ALL FILE",
    "filter ~all --format raw --null FILE",
    "filter ~all --format raw --separator | FILE",
    "filter ~all --count --limit 2 --time-format unix FILE",
    "filter ~dropped FILE",
    "filter ~all --color never --pager --no-pager FILE",
    "filter ~all --input-format flow --no-mmap --threads 1 FILE",
    "filter --invert-match --id 0:0 FILE",
    "filter ~all --flows --keep-others --force FILE --output OUT",
    "drop ~all FILE --dry-run",
    "drop ~all --delete FILE --output OUT --force",
    "drop ~all --undo FILE --output OUT",
    "drop --id 0:0 --input-format flow --no-mmap --threads 1 FILE --dry-run",
    "drop ~all DIR/copy --in-place --backup .bak --force",
    "encode FILE --to flow --output OUT",
    "encode FILE --to msgpack --output OUT",
    "encode FILE FILE --to ndjson --force --output OUT",
    "encode FILE --to csv --filter ~all --output OUT",
    "encode FILE --to har --input-format flow --no-mmap --threads 1 --output OUT",
    "stats FILE",
    "stats --kinds FILE",
    "stats --color never --pager --no-pager FILE",
    "stats FILE FILE --limit 1",
    "stats --json FILE FILE",
    "stats --format json --filter ~all --id 0 FILE",
    "stats --input-format flow --no-mmap --threads 1 FILE",
    "check FILE",
    "check FILE FILE --deny connection-open --allow text-not-utf8 --limit 99",
    "check --json --fields ALL FILE",
    "check --format csv FILE",
    "check --color never --pager --no-pager FILE",
    "check --format raw --null --time-format unix FILE",
    "check --format raw --separator | --fields ALL FILE",
    "check --input-format flow --no-mmap --threads 1 FILE",
    "recover FILE --output OUT",
    "recover --whole-only --keep-faulty --force --input-format flow --no-mmap --threads 1 FILE --output OUT",
    "completion bash",
    "man filter",
    "man --dir DIR/man",
];

/// A command and its arguments.
#[derive(Clone, Debug)]
pub(crate) struct Use(Vec<&'static str>);

/// All uses of all commands.
pub(crate) fn uses() -> impl Iterator<Item = Use> {
    USES.into_iter().map(|line| Use(line.split(' ').collect()))
}

impl Use {
    pub(crate) fn command(&self) -> &'static str {
        self.0[0]
    }

    pub(crate) fn has(&self, word: &str) -> bool {
        self.0.contains(&word)
    }

    /// The arguments: for a file, an output, and a folder in which a copy of the file is made where one is changed.
    pub(crate) fn args(&self, file: &Path, out: &Path, folder: &Path) -> Vec<OsString> {
        if self.has("DIR/copy") {
            std::fs::copy(file, folder.join("copy")).unwrap();
        }
        let argument = |word: &&str| match *word {
            "FILE" => file.into(),
            "OUT" => out.into(),
            "ALL" => self.all_fields().into(),
            word => word.strip_prefix("DIR/").map_or(word.into(), |name| folder.join(name).into()),
        };
        self.0.iter().map(argument).collect()
    }

    fn all_fields(&self) -> String {
        fn names<F: Field>() -> String {
            F::ALL.iter().map(|info| info.name).collect::<Vec<_>>().join(",")
        }
        match self.command() {
            "flows" => names::<FlowField>(),
            "check" => names::<FindingField>(),
            _ => names::<MessageField>(),
        }
    }
}

#[test]
fn every_use_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    for used in uses() {
        let finished = wsflow(used.args(&fixture("conversation.flow"), &out, folder.path())).run();
        let expected = if used.has("~dropped") { 1 } else { 0 };
        assert!(finished.code == expected, "{used:?}: {} {}", finished.code, finished.stderr);
        drop(std::fs::remove_file(&out));
    }
}

#[test]
fn every_command_is_there_with_every_option() {
    for page in captures(&root().join("man"), ".1") {
        let name = page.file_stem().and_then(OsStr::to_str).unwrap();
        let Some(command) = name.strip_prefix("wsflow-") else { continue };
        let help = wsflow(["help", command]).run().ok().text();
        let lines = help.lines().filter(|line| line.trim_start().starts_with('-'));
        let options = lines.filter_map(|line| line.split([' ', ',']).find(|word| word.starts_with("--")));
        let used: BTreeSet<_> = uses().filter(|used| used.command() == command).flat_map(|used| used.0).collect();
        let missing: Vec<_> = options.filter(|option| *option != "--help" && !used.contains(option)).collect();
        assert!(!used.is_empty() && missing.is_empty(), "no use of `{command}` with {missing:?}");
    }
}
