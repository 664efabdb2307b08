//! Processes that a test starts: watched, waited for within a limit, ended with the test.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// No test's process lives longer than this.
const LIMIT: Duration = Duration::from_secs(90);

/// How often a condition that has no event of its own is looked at.
const INTERVAL: Duration = Duration::from_millis(10);

/// Waits until `condition` holds.
pub fn wait_until(what: &str, limit: Duration, mut condition: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < limit, "waited {limit:?} in vain for {what}");
        #[expect(clippy::disallowed_methods, reason = "the process table has no events; bounded by the limit above")]
        std::thread::sleep(INTERVAL);
    }
}

/// Runs `command` to its end without input.
pub fn run(command: &mut Command) -> Ran {
    Running::start(command.stdin(Stdio::null())).finish()
}

/// A process that has ended.
#[derive(Debug)]
pub struct Ran {
    pub status: ExitStatus,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Ran {
    /// The exit code; 128+n for a signal.
    pub fn code(&self) -> i32 {
        self.status.code().or_else(|| self.status.signal().map(|signal| 128 + signal)).unwrap()
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.stdout.clone()).unwrap()
    }

    /// Fails with all that was said unless the exit code is `code`.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code(), code, "stdout:\n{}\nstderr:\n{}", String::from_utf8_lossy(&self.stdout), self.stderr);
        self
    }

    /// The lines of `--format jsonl`.
    pub fn lines(&self) -> Vec<Value> {
        self.text().lines().map(|line| line.parse().unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
    }

    /// The line about the end of `host`.
    #[track_caller]
    pub fn host(&self, host: &str) -> Value {
        let lines = self.lines();
        let found = lines.iter().find(|line| line["type"] == "host" && line["host"] == host);
        found.unwrap_or_else(|| panic!("no end of {host} in\n{}{}", self.text(), self.stderr)).clone()
    }

    /// The last line, which must be the summary.
    #[track_caller]
    pub fn summary(&self) -> Value {
        let last = self.lines().pop().expect("there are lines");
        assert_eq!(last["type"], "summary", "{}", self.text());
        last
    }
}

/// A process that runs, its output collected as it comes.
pub struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Pipe,
    stderr: Pipe,
}

#[derive(Clone, Default)]
struct Pipe(Arc<Mutex<(Vec<u8>, bool)>>);

impl Pipe {
    fn collect(source: Option<impl Read + Send + 'static>) -> Self {
        let pipe = Self::default();
        let Some(mut source) = source else {
            pipe.0.lock().unwrap().1 = true;
            return pipe;
        };
        let filled = pipe.clone();
        std::thread::spawn(move || {
            let mut buffer = vec![0; 64 * 1024];
            while let Ok(length @ 1..) = source.read(&mut buffer) {
                filled.0.lock().unwrap().0.extend_from_slice(&buffer[..length]);
            }
            filled.0.lock().unwrap().1 = true;
        });
        pipe
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap().0).into_owned()
    }

    fn is_closed(&self) -> bool {
        self.0.lock().unwrap().1
    }

    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap().0)
    }
}

impl Running {
    /// Starts `command`; both outputs are collected. Its input is what the command says, a pipe where it says nothing.
    pub fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdin = child.stdin.take();
        let (stdout, stderr) = (Pipe::collect(child.stdout.take()), Pipe::collect(child.stderr.take()));
        Self { child, stdin, stdout, stderr }
    }

    /// Starts `command` and reads nothing of its stdout until [`Running::resume`].
    pub fn stalled(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stderr = Pipe::collect(child.stderr.take());
        Self { child, stdin: None, stdout: Pipe::default(), stderr }
    }

    /// Reads stdout from now on.
    pub fn resume(&mut self) {
        self.stdout = Pipe::collect(self.child.stdout.take());
    }

    /// Starts `command` with a pipe as its input.
    pub fn with_input(command: &mut Command) -> Self {
        Self::start(command.stdin(Stdio::piped()))
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Writes to the input.
    pub fn type_in(&mut self, text: impl AsRef<[u8]>) {
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(text.as_ref()).unwrap();
        stdin.flush().unwrap();
    }

    /// Ends the input.
    pub fn end_input(&mut self) {
        self.stdin = None;
    }

    /// Waits until stdout holds `text`.
    pub fn wait_stdout(&mut self, text: &str) {
        let stdout = self.stdout.clone();
        self.wait_in(&stdout, text);
    }

    /// Waits until stderr holds `text`.
    pub fn wait_stderr(&mut self, text: &str) {
        let stderr = self.stderr.clone();
        self.wait_in(&stderr, text);
    }

    fn wait_in(&self, pipe: &Pipe, text: &str) {
        wait_until(&format!("`{text}` in\n{}\n{}", self.stdout.text(), self.stderr.text()), LIMIT, || {
            let closed = pipe.is_closed();
            let found = pipe.text().contains(text);
            assert!(found || !closed, "no `{text}` in\n{}\n{}", self.stdout.text(), self.stderr.text());
            found
        });
    }

    /// Ends the input, and waits for the end of the process and of its output.
    pub fn finish(mut self) -> Ran {
        self.stdin = None;
        self.finish_with_input()
    }

    /// Waits for the end of the process and of its output while its input stays open.
    pub fn finish_with_input(mut self) -> Ran {
        wait_until("the end of the process", LIMIT, || self.child.try_wait().unwrap().is_some());
        let status = self.child.wait().unwrap();
        wait_until("the end of its output, which something it started still holds", LIMIT, || {
            self.stdout.is_closed() && self.stderr.is_closed()
        });
        Ran { status, stdout: self.stdout.take(), stderr: String::from_utf8_lossy(&self.stderr.take()).into_owned() }
    }

    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Ended already in the good case.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Direct children of a process.
pub fn children(pid: u32) -> Vec<u32> {
    let processes =
        fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    processes.filter(|process: &u32| parent(*process) == Some(pid)).collect()
}

/// Children, their children, and so on.
pub fn descendants(pid: u32) -> Vec<u32> {
    children(pid).into_iter().flat_map(|child| [vec![child], descendants(child)].concat()).collect()
}

fn parent(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold anything.
    stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
}

/// The most memory a process has held so far, in bytes; none when it has ended.
pub fn peak_memory(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}
