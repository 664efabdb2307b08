//! Programs as sources: `PROGRAM --list` prints groups and variables as JSON, `PROGRAM --host NAME` one host's.

use std::io::Read;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use indexmap::IndexSet;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use serde_json::{Map, Value};

use super::builder::{BuildError, Builder};
use super::files::Files;
use super::{InventoryError, ProgramGroup, ProgramOptions, Source};

/// Most bytes that a program may print.
const OUTPUT_LIMIT: u64 = 64 << 20;

/// Most bytes of standard error that are kept for a message.
const STDERR_LIMIT: u64 = 4096;

/// Most characters of garbage that are shown.
const SAMPLE_LIMIT: usize = 80;

/// Runs the program and adds what it prints.
pub fn add(
    builder: &mut Builder,
    files: &mut Files,
    path: &Path,
    options: ProgramOptions,
) -> Result<(), InventoryError> {
    let listing = Call { path, arguments: &["--list"], options };
    let output = listing.run()?;
    files.record(listing.command(), &output);
    let mut groups = listing.object(&output)?;
    let mut hostvars = listing.take_hostvars(&mut groups)?;
    let mut reader = Reader {
        builder,
        call: &listing,
        source: Source { file: Arc::from(listing.command()), line: None },
        hosts: IndexSet::new(),
    };
    for (name, body) in &groups {
        reader.group(name, body)?;
    }
    let Reader { builder, hosts, .. } = reader;
    for (index, name) in hosts {
        let own = Call { path, arguments: &["--host", &name], options };
        let (call, vars) = if let Some(all) = &mut hostvars {
            (&listing, all.remove(&name).unwrap_or(Value::Null))
        } else {
            (&own, own.host_vars(files)?)
        };
        let source = Source { file: Arc::from(call.command()), line: None };
        let vars = match vars {
            Value::Null => continue,
            Value::Object(vars) => vars,
            _ => return Err(call.garbage(format!("variables of host `{name}` are no object"))),
        };
        for (key, value) in vars {
            builder.set_host_var(index, &key, value, source.clone());
        }
    }
    Ok(())
}

struct Reader<'a> {
    builder: &'a mut Builder,
    call: &'a Call<'a>,
    source: Source,
    hosts: IndexSet<(usize, String)>,
}

impl Reader<'_> {
    fn group(&mut self, name: &str, body: &Value) -> Result<(), InventoryError> {
        let group = self.builder.add_group(name).map_err(|error| self.build_error(&error))?;
        let Value::Object(body) = body else { return self.group_hosts(name, group, body) };
        if !["hosts", "vars", "children"].iter().any(|key| body.contains_key(*key)) {
            // An object of nothing known is, by an old rule, a host of the group's name and its variables.
            self.group_hosts(name, group, &Value::from(vec![name]))?;
            return self.group_vars(group, body);
        }
        if let Some(hosts) = body.get("hosts") {
            self.group_hosts(name, group, hosts)?;
        }
        match body.get("vars") {
            Some(Value::Object(vars)) => self.group_vars(group, vars)?,
            Some(_) => return Err(self.call.garbage(format!("`vars` of group `{name}` is no object"))),
            None => {}
        }
        let children = match body.get("children") {
            Some(Value::Array(children)) => children.as_slice(),
            Some(_) => return Err(self.call.garbage(format!("`children` of group `{name}` is no list"))),
            None => &[],
        };
        for child in children {
            let child = self.text(name, child)?;
            let child = self.builder.add_group(child).map_err(|error| self.build_error(&error))?;
            self.builder.add_child(group, child).map_err(|error| self.build_error(&error))?;
        }
        Ok(())
    }

    fn group_hosts(&mut self, name: &str, group: usize, hosts: &Value) -> Result<(), InventoryError> {
        let Value::Array(hosts) = hosts else {
            return Err(self.call.garbage(format!("`hosts` of group `{name}` is no list")));
        };
        for host in hosts {
            let host = self.text(name, host)?;
            let index = self.builder.add_host(host, group).map_err(|error| self.build_error(&error))?;
            self.hosts.insert((index, host.to_owned()));
        }
        Ok(())
    }

    fn group_vars(&mut self, group: usize, vars: &Map<String, Value>) -> Result<(), InventoryError> {
        for (name, value) in vars {
            let set = self.builder.set_group_var(group, name, value.clone(), self.source.clone());
            set.map_err(|error| self.build_error(&error))?;
        }
        Ok(())
    }

    fn text<'v>(&self, group: &str, value: &'v Value) -> Result<&'v str, InventoryError> {
        value.as_str().ok_or_else(|| self.call.garbage(format!("group `{group}` names something that is no string")))
    }

    fn build_error(&self, error: &BuildError) -> InventoryError {
        self.call.garbage(error.to_string())
    }
}

/// One call of the program.
struct Call<'a> {
    path: &'a Path,
    arguments: &'a [&'a str],
    options: ProgramOptions,
}

/// What a finished program left: its standard output and error, and how it ended.
struct Ended {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    status: std::io::Result<ExitStatus>,
}

impl Call<'_> {
    fn command(&self) -> String {
        format!("{} {}", self.path.display(), self.arguments.join(" "))
    }

    fn run(&self) -> Result<Vec<u8>, InventoryError> {
        let not_started = |source| InventoryError::NotStarted { path: self.path.display().to_string(), source };
        // Found by its place, never on the search path.
        let program = std::path::absolute(self.path).map_err(not_started)?;
        let mut command = Command::new(program);
        command.args(self.arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if self.options.group == ProgramGroup::Own {
            command.process_group(0);
        }
        let child = command.spawn().map_err(not_started)?;
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let (sender, receiver) = mpsc::sync_channel(1);
        // A failed send means that the limit has passed and nobody waits any more.
        std::thread::spawn(move || _ = sender.send(wait(child)));
        let Ok(ended) = receiver.recv_timeout(self.options.timeout) else {
            if let Some(pid) = pid {
                let kill = match self.options.group {
                    ProgramGroup::Own => kill_process_group,
                    ProgramGroup::Shared => kill_process,
                };
                // It may have ended by itself just now.
                let _ = kill(pid, Signal::KILL);
            }
            // Gone before the error is shown, unless the kernel itself holds it.
            let _ = receiver.recv_timeout(Duration::from_secs(1));
            return Err(InventoryError::TimedOut { command: self.command(), limit: self.options.timeout });
        };
        let status = ended.status.map_err(not_started)?;
        if !status.success() {
            let status = match (status.code(), status.signal()) {
                (Some(code), _) => format!("exit code {code}"),
                (None, signal) => format!("killed by signal {}", signal.unwrap_or_default()),
            };
            return Err(InventoryError::Failed { command: self.command(), status, stderr: indented(&ended.stderr) });
        }
        if ended.stdout.len() as u64 > OUTPUT_LIMIT {
            return Err(self.garbage(format!("more than {} MiB", OUTPUT_LIMIT >> 20)));
        }
        Ok(ended.stdout)
    }

    fn object(&self, output: &[u8]) -> Result<Map<String, Value>, InventoryError> {
        match serde_json::from_slice(output) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) => Err(self.garbage("a JSON object is expected".to_owned())),
            Err(error) => Err(self.garbage(format!("{error}{}", first_line(output)))),
        }
    }

    fn take_hostvars(&self, groups: &mut Map<String, Value>) -> Result<Option<Map<String, Value>>, InventoryError> {
        let Some(mut meta) = groups.shift_remove("_meta") else { return Ok(None) };
        match meta.get_mut("hostvars").map(Value::take) {
            Some(Value::Object(hostvars)) => Ok(Some(hostvars)),
            _ => Err(self.garbage("`_meta.hostvars` is no object".to_owned())),
        }
    }

    fn host_vars(&self, files: &mut Files) -> Result<Value, InventoryError> {
        let output = self.run()?;
        files.record(self.command(), &output);
        if output.trim_ascii().is_empty() {
            return Ok(Value::Object(Map::new()));
        }
        self.object(&output).map(Value::Object)
    }

    fn garbage(&self, reason: String) -> InventoryError {
        InventoryError::Garbage { command: self.command(), reason }
    }
}

/// Reads both streams to their ends, then collects the process.
fn wait(mut child: Child) -> Ended {
    let stderr = child.stderr.take();
    let errors = std::thread::spawn(move || stderr.map(|stream| drain(stream, STDERR_LIMIT)).unwrap_or_default());
    let stdout = child.stdout.take().map(|stream| drain(stream, OUTPUT_LIMIT + 1)).unwrap_or_default();
    let status = child.wait();
    Ended { stdout, stderr: errors.join().unwrap_or_default(), status }
}

/// The first bytes of a stream; the rest is read too, so that the program can end.
fn drain(mut stream: impl Read, limit: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    // A broken pipe ends the output as an end of file does; the exit status tells the rest.
    let _ = stream.by_ref().take(limit).read_to_end(&mut bytes);
    let _ = std::io::copy(&mut stream, &mut std::io::sink());
    bytes
}

fn indented(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    text.lines().flat_map(|line| ["\n  ".to_owned(), visible(line)]).collect()
}

fn first_line(output: &[u8]) -> String {
    let start = &output[..output.len().min(4 * SAMPLE_LIMIT)];
    let text = String::from_utf8_lossy(start);
    let line: String = text.lines().next().map(visible).unwrap_or_default().chars().take(SAMPLE_LIMIT).collect();
    if line.is_empty() { String::new() } else { format!("; it begins: {line}") }
}

fn visible(line: &str) -> String {
    line.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
