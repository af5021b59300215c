//! Running the program, and the captures to run it on.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustix::pty::{self, OpenptFlags};
use rustix::termios::{self, Winsize};
use serde_json::Value;
use wsflow::state::State;
use wsflow::tnetstring;

/// A run of the program, to be finished with [`run`](Self::run).
#[must_use = "nothing runs before `run` is called"]
pub(crate) struct Wsflow {
    command: Command,
    stdin: Option<Vec<u8>>,
}

/// What came out of a run.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) code: i32,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

/// The program with these arguments; stdin is empty.
pub(crate) fn wsflow<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Wsflow {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wsflow"));
    command.args(args).current_dir(root());
    // Looks are those of a terminal without colours, whatever who runs the tests likes.
    for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "WSFLOW_CONFIG", "WSFLOW_PAGER", "PAGER"] {
        command.env_remove(variable);
    }
    command.env("TERM", "dumb");
    Wsflow { command, stdin: None }
}

impl Wsflow {
    /// Bytes for stdin.
    pub(crate) fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Wsflow {
        self.stdin = Some(bytes.into());
        self
    }

    /// The folder to run in; the project's when not given.
    pub(crate) fn in_folder(mut self, folder: &Path) -> Wsflow {
        self.command.current_dir(folder);
        self
    }

    /// A variable of the environment.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Wsflow {
        self.command.env(name, value);
        self
    }

    /// Runs to the end.
    pub(crate) fn run(mut self) -> Finished {
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        self.command.stdin(if self.stdin.is_some() { Stdio::piped() } else { Stdio::null() });
        let mut child = self.command.spawn().unwrap();
        let writer = self.stdin.map(|bytes| {
            let mut stdin = child.stdin.take().unwrap();
            // The program may have seen enough before it has read everything.
            std::thread::spawn(move || drop(stdin.write_all(&bytes)))
        });
        let output = child.wait_with_output().unwrap();
        if let Some(writer) = writer {
            writer.join().unwrap();
        }
        Finished {
            code: output.status.code().expect("the program was ended by a signal"),
            stdout: output.stdout,
            stderr: String::from_utf8(output.stderr).expect("stderr is text"),
        }
    }
}

/// A terminal of this width: the end that a person would sit at, and the other.
pub(crate) fn open_terminal(width: u16) -> (OwnedFd, fs::File) {
    let controller = pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    pty::grantpt(&controller).unwrap();
    pty::unlockpt(&controller).unwrap();
    let path = pty::ptsname(&controller, Vec::new()).unwrap();
    let terminal = fs::OpenOptions::new().read(true).write(true).open(path.to_str().unwrap()).unwrap();
    let size = Winsize { ws_row: 24, ws_col: width, ws_xpixel: 0, ws_ypixel: 0 };
    termios::tcsetwinsize(&terminal, size).unwrap();
    (controller, terminal)
}

/// The program while it runs, and what it has written so far.
pub(crate) struct Running {
    child: Child,
    stdout: Arc<Mutex<Vec<String>>>,
    /// What reads stdout to its end.
    reader: Option<thread::JoinHandle<()>>,
    stderr: Option<thread::JoinHandle<String>>,
}

impl Wsflow {
    /// Starts the program, to be looked at while it runs.
    pub(crate) fn start(mut self) -> Running {
        self.command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().unwrap();
        let (out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let stdout = Arc::new(Mutex::new(Vec::new()));
        let lines = Arc::clone(&stdout);
        let reader = Some(thread::spawn(move || {
            BufReader::new(out).lines().for_each(|line| lines.lock().unwrap().push(line.unwrap()));
        }));
        let stderr = Some(thread::spawn(move || {
            let mut text = String::new();
            err.read_to_string(&mut text).unwrap();
            text
        }));
        Running { child, stdout, reader, stderr }
    }
}

impl Running {
    /// The lines that it wrote, when they are so many.
    #[track_caller]
    pub(crate) fn wait_for(&self, count: usize) -> Vec<String> {
        let asked = Instant::now();
        loop {
            let lines = self.stdout.lock().unwrap().clone();
            if lines.len() >= count {
                return lines;
            }
            assert!(asked.elapsed() < Duration::from_secs(20), "{count} lines did not come: {lines:#?}");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Presses Ctrl-C.
    pub(crate) fn interrupt(self) -> Finished {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        self.end()
    }

    /// Waits until it ends by itself.
    pub(crate) fn end(mut self) -> Finished {
        let asked = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(asked.elapsed() < Duration::from_secs(20), "it does not end");
            thread::sleep(Duration::from_millis(10));
        };
        let code = status.code().expect("the program was ended by a signal");
        let stderr = self.stderr.take().unwrap().join().unwrap();
        // The program may be gone before all that it wrote was read.
        self.reader.take().unwrap().join().unwrap();
        let stdout = self.stdout.lock().unwrap().iter().flat_map(|line| [line.as_bytes(), b"\n"].concat()).collect();
        Finished { code, stdout, stderr }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Wsflow {
    /// Runs to the end with a terminal as stderr only, and gives what stdout and the terminal received.
    pub(crate) fn run_beside_terminal(mut self, width: u16) -> (Vec<u8>, String) {
        let (controller, terminal) = open_terminal(width);
        self.command.stdin(Stdio::null()).stderr(terminal.try_clone().unwrap()).stdout(Stdio::piped());
        let child = self.command.spawn().unwrap();
        let reader = read_terminal(controller);
        let stdout = child.wait_with_output().unwrap().stdout;
        (stdout, String::from_utf8(end_terminal(terminal, reader)).unwrap())
    }

    /// Runs to the end with a terminal of this width as stdout, and gives what the terminal received.
    pub(crate) fn run_in_terminal(mut self, width: u16) -> Vec<u8> {
        let (controller, terminal) = open_terminal(width);
        let (stdout, stderr) = (terminal.try_clone().unwrap(), terminal.try_clone().unwrap());
        self.command.stdin(Stdio::null()).stdout(stdout).stderr(stderr);
        let mut child = self.command.spawn().unwrap();
        let reader = read_terminal(controller);
        child.wait().unwrap();
        end_terminal(terminal, reader)
    }
}

/// Stands behind all that a terminal received. A program sends no NUL to one.
const END: &[u8] = b"\0the end";

/// Reads what a terminal receives up to [`END`]. That the last copy of it was closed is no end to rely on: what was
/// written just before may be lost then.
fn read_terminal(controller: OwnedFd) -> thread::JoinHandle<Vec<u8>> {
    let mut controller = fs::File::from(controller);
    thread::spawn(move || {
        let mut received = Vec::new();
        while !received.ends_with(END) {
            let mut part = [0; 4096];
            let length = controller.read(&mut part).expect("the terminal is open until the end is read");
            received.extend_from_slice(&part[..length]);
        }
        received.truncate(received.len() - END.len());
        received
    })
}

/// What the terminal received, when nothing writes to it any more. It stays open until all was read.
fn end_terminal(mut terminal: fs::File, reader: thread::JoinHandle<Vec<u8>>) -> Vec<u8> {
    terminal.write_all(END).unwrap();
    reader.join().unwrap()
}

impl Finished {
    /// The same run, having ended well and without a word on stderr.
    #[track_caller]
    pub(crate) fn ok(self) -> Finished {
        assert_eq!((self.code, self.stderr.as_str()), (0, ""), "stdout: {}", self.text());
        self
    }

    /// The same run, having ended with this code.
    #[track_caller]
    pub(crate) fn code(self, code: i32) -> Finished {
        assert_eq!(self.code, code, "stderr: {}", self.stderr);
        self
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.stdout.clone()).expect("stdout is text")
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.text().lines().map(str::to_owned).collect()
    }

    /// The JSON values of the lines.
    #[track_caller]
    pub(crate) fn json_lines(&self) -> Vec<Value> {
        self.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// The project's folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The path of a fixture.
pub(crate) fn fixture(name: &str) -> PathBuf {
    root().join("fixtures").join(name)
}

/// The bytes of a fixture.
pub(crate) fn fixture_bytes(name: &str) -> Vec<u8> {
    fs::read(fixture(name)).unwrap()
}

/// The fixture `tls.flow`, which is one connection of two text messages and a binary one, with a change to its state.
pub(crate) fn tls_with(change: impl FnOnce(&mut State<'_>)) -> Vec<u8> {
    let capture = fixture_bytes("tls.flow");
    let mut state = tnetstring::from_slice(&capture).unwrap();
    change(&mut state);
    tnetstring::to_vec(&state).unwrap()
}

/// A value of a message in the state of a connection.
pub(crate) fn message_value<'s, 'a>(state: &'s mut State<'a>, message: usize, value: usize) -> &'s mut State<'a> {
    let messages = state.get_mut("websocket").unwrap().get_mut("messages").unwrap();
    &mut messages.as_list_mut().unwrap()[message].as_list_mut().unwrap()[value]
}

/// All captures of a folder whose names end so, in order of their names.
pub(crate) fn captures(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_str().unwrap().ends_with(ending))
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "no *{ending} in {}", folder.display());
    paths
}

/// The folder of mitmproxy's own sample files, where `WSFLOW_SAMPLES` names one. They are not part of the project.
pub(crate) fn samples() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("WSFLOW_SAMPLES")?);
    let folder = if folder.is_absolute() { folder } else { root().join(folder) };
    assert!(folder.is_dir(), "WSFLOW_SAMPLES is set, and {} is no folder", folder.display());
    Some(folder)
}

/// All flow files at hand that can be read to their end: fixtures of all versions, and the samples where they are.
pub(crate) fn readable_captures() -> Vec<PathBuf> {
    let mut all = captures(&root().join("fixtures"), ".flow");
    all.extend(captures(&root().join("fixtures/versions"), ".flow"));
    if let Some(samples) = samples() {
        all.extend(captures(&samples, ".mitm"));
    }
    all.retain(|capture| wsflow([OsStr::new("ls"), OsStr::new("-c"), capture.as_os_str()]).run().code == 0);
    assert!(all.len() > 30, "{}", all.len());
    all
}

/// JSON lines as values.
pub(crate) fn read_json_lines(path: &Path) -> Vec<Value> {
    fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
