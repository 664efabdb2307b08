//! `--output-dir`: each host's output in files of its own, and lists of hosts by outcome.
//!
//! No name leads out of the directory, and no file there is followed elsewhere. Keeps few files open at a time.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indexmap::IndexMap;
use rustix::fs::OFlags;

use crate::event::{Captured, Event, EventKind, HostReport, Outcome, Stream, Subscriber, SubscriberError, Summary};

/// Files open at a time, at most: a run under a limit of 256 descriptors needs the rest for connections.
const OPEN_FILES: usize = 64;

/// Lists that are always written, so that none is left from an earlier run.
const LISTS: [Outcome; 6] =
    [Outcome::Ok, Outcome::Failed, Outcome::Unreachable, Outcome::TimedOut, Outcome::Cancelled, Outcome::NotStarted];

type Key = (Arc<str>, Stream);

/// Writes output to files.
pub struct OutputDir {
    directory: PathBuf,
    /// Least recently used first.
    open: IndexMap<Key, File>,
    /// Bytes written to each file of this run.
    written: HashMap<Key, u64>,
    hosts: BTreeMap<Outcome, Vec<Arc<str>>>,
    failure: Option<io::Error>,
}

impl OutputDir {
    /// Writes to `directory`, which is made (for its owner alone) if it is not there.
    ///
    /// # Errors
    /// Fails when it cannot be made or is something else.
    pub fn new(directory: &Path) -> io::Result<Self> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true).mode(0o700).create(directory).map_err(|error| name_path(&error, directory))?;
        Ok(Self {
            directory: directory.to_owned(),
            open: IndexMap::new(),
            written: HashMap::new(),
            hosts: BTreeMap::new(),
            failure: None,
        })
    }

    /// Does `action` unless an earlier one failed: a full disk is met once, not once a host.
    fn attempt(&mut self, action: impl FnOnce(&mut Self) -> io::Result<()>) {
        if self.failure.is_none() {
            self.failure = action(self).err();
        }
    }

    fn append(&mut self, key: Key, bytes: &[u8]) -> io::Result<()> {
        let path = self.path(&key);
        let mut file = match self.open.shift_remove(&key) {
            Some(file) => file,
            None => self.open(&key, &path)?,
        };
        file.write_all(bytes).map_err(|error| name_path(&error, &path))?;
        *self.written.entry(key.clone()).or_default() += bytes.len() as u64;
        self.open.insert(key, file);
        Ok(())
    }

    fn open(&mut self, key: &Key, path: &Path) -> io::Result<File> {
        if self.open.len() >= OPEN_FILES {
            self.open.shift_remove_index(0);
        }
        let is_new = !self.written.contains_key(key);
        let open = || {
            // Neither a link nor a pipe that waits for a reader may stand in for the file.
            let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
            let mut options = OpenOptions::new();
            options.create(true).custom_flags(flags);
            if is_new {
                options.write(true).truncate(true)
            } else {
                options.append(true)
            };
            options.open(path)
        };
        let file = open().or_else(|error| {
            if error.raw_os_error() != Some(rustix::io::Errno::MFILE.raw_os_error()) {
                return Err(error);
            }
            self.open.clear();
            open()
        });
        file.map_err(|error| name_path(&error, path))
    }

    fn end_host(&mut self, report: &HostReport) -> io::Result<()> {
        let ran = report.rc.is_some() || report.stdout.total() + report.stderr.total() > 0;
        for (stream, captured) in [(Stream::Stdout, &report.stdout), (Stream::Stderr, &report.stderr)] {
            let key = (Arc::clone(&report.host), stream);
            if ran {
                self.complete(&key, captured)?;
            } else {
                remove_stale(&self.path(&key))?;
            }
        }
        Ok(())
    }

    /// Makes sure that a file is there and lacks nothing: what a command says while it is being ended may not come
    /// as an event.
    fn complete(&mut self, key: &Key, captured: &Captured) -> io::Result<()> {
        let missing = captured.total().saturating_sub(self.written.get(key).copied().unwrap_or(0));
        if !self.written.contains_key(key) || missing > 0 && !captured.is_truncated() {
            self.open.shift_remove(key);
            self.written.remove(key);
            self.append(key.clone(), &captured.head)?;
        } else if missing > 0 {
            let path = self.path(key);
            return Err(io::Error::other(format!("{}: {missing} bytes are missing", path.display())));
        }
        self.open.shift_remove(key);
        Ok(())
    }

    fn write_lists(&self, summary: &Summary) -> io::Result<()> {
        let outcomes = LISTS.into_iter().chain(summary.counts.keys().copied().filter(|it| !LISTS.contains(it)));
        for outcome in outcomes {
            let hosts = self.hosts.get(&outcome).map_or(&[][..], Vec::as_slice);
            let path = self.directory.join(format!("hosts.{}", outcome.name()));
            write_list(&path, hosts).map_err(|error| name_path(&error, &path))?;
        }
        Ok(())
    }

    fn path(&self, (host, stream): &Key) -> PathBuf {
        let suffix = match stream {
            Stream::Stdout => "stdout",
            Stream::Stderr => "stderr",
        };
        self.directory.join(format!("{}.{suffix}", file_name(host)))
    }
}

impl Subscriber for OutputDir {
    fn on_event(&mut self, event: &Event) -> Result<(), SubscriberError> {
        match &event.kind {
            EventKind::Output { host, stream, bytes } => {
                self.attempt(|this| this.append((Arc::clone(host), *stream), bytes));
            }
            EventKind::HostEnded(report) => {
                self.hosts.entry(report.outcome).or_default().push(Arc::clone(&report.host));
                self.attempt(|this| this.end_host(report));
            }
            EventKind::RunEnded(summary) => {
                // The lists are tried in any case: they are small and say what is missing.
                let lists = self.write_lists(summary);
                return self.failure.take().map_or(lists, Err).map_err(SubscriberError::Output);
            }
            _ => {}
        }
        Ok(())
    }

    fn wants_output(&self) -> bool {
        true
    }
}

/// `host` as a file name: what could lead elsewhere or hide the file is written as `%2F` (the byte's value).
fn file_name(host: &str) -> String {
    let mut name = String::new();
    for (index, c) in host.chars().enumerate() {
        if matches!(c, '/' | '%' | '\\') || c.is_control() || (index == 0 && matches!(c, '.' | '-')) {
            let mut bytes = [0; 4];
            // Writing to a String cannot fail.
            c.encode_utf8(&mut bytes).bytes().for_each(|byte| _ = write!(name, "%{byte:02X}"));
        } else {
            name.push(c);
        }
    }
    name
}

fn write_list(path: &Path, hosts: &[Arc<str>]) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().permissions(fs::Permissions::from_mode(0o644)).tempfile_in(directory)?;
    let mut hosts = hosts.to_vec();
    hosts.sort_unstable();
    let text: String = hosts.iter().flat_map(|host| [&**host, "\n"]).collect();
    file.write_all(text.as_bytes())?;
    file.persist(path)?;
    Ok(())
}

fn remove_stale(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(name_path(&error, path)),
        _ => Ok(()),
    }
}

fn name_path(error: &io::Error, path: &Path) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{at, failed, not_started, ok, run_events, summary};
    use super::*;

    fn output(host: &str, text: &str) -> Event {
        let bytes = text.as_bytes().into();
        at(1, EventKind::Output { host: host.into(), stream: Stream::Stdout, bytes })
    }

    #[test]
    fn files_hold_what_came_and_lists_name_the_hosts() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("b.stdout"), "of an earlier run").unwrap();
        fs::write(directory.path().join("c.stdout"), "of an earlier run").unwrap();
        let mut subscriber = OutputDir::new(directory.path()).unwrap();
        let reports = [ok("a", "xy"), failed("b", 1, ""), not_started("c")];
        let events = run_events(&reports);
        for event in [output("a", "x"), output("a", "y")].iter().chain(&events) {
            subscriber.on_event(event).unwrap();
        }
        let read = |name: &str| fs::read_to_string(directory.path().join(name)).ok();
        assert_eq!(read("a.stdout").as_deref(), Some("xy"));
        assert_eq!((read("b.stdout").as_deref(), read("c.stdout")), (Some(""), None));
        assert_eq!((read("hosts.ok").as_deref(), read("hosts.failed").as_deref()), (Some("a\n"), Some("b\n")));
        assert_eq!((read("hosts.not-started").as_deref(), read("hosts.cancelled").as_deref()), (Some("c\n"), Some("")));
    }

    #[test]
    fn more_hosts_than_open_files_lose_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let mut subscriber = OutputDir::new(directory.path()).unwrap();
        for round in 0..2 {
            for host in 0..OPEN_FILES * 2 {
                subscriber.on_event(&output(&format!("h{host}"), &round.to_string())).unwrap();
            }
        }
        assert!(subscriber.open.len() <= OPEN_FILES);
        assert!(
            (0..OPEN_FILES * 2)
                .all(|host| { fs::read(directory.path().join(format!("h{host}.stdout"))).unwrap() == b"01" })
        );
    }

    #[test]
    fn what_did_not_come_as_an_event_is_taken_from_the_report() {
        let directory = tempfile::tempdir().unwrap();
        let mut subscriber = OutputDir::new(directory.path()).unwrap();
        subscriber.on_event(&output("a", "first\n")).unwrap();
        subscriber.on_event(&at(2, EventKind::HostEnded(ok("a", "first\nlast\n")))).unwrap();
        assert_eq!(fs::read_to_string(directory.path().join("a.stdout")).unwrap(), "first\nlast\n");
    }

    #[test]
    fn no_name_leads_out_of_the_directory() {
        assert_eq!(file_name("../../etc/passwd"), "%2E.%2F..%2Fetc%2Fpasswd");
        assert_eq!([file_name("."), file_name("web1.example.com")], ["%2E", "web1.example.com"]);
    }

    #[test]
    fn a_link_in_the_way_is_not_followed() {
        let directory = tempfile::tempdir().unwrap();
        let victim = directory.path().join("victim");
        std::os::unix::fs::symlink(&victim, directory.path().join("a.stdout")).unwrap();
        let mut subscriber = OutputDir::new(directory.path()).unwrap();
        subscriber.on_event(&output("a", "x")).unwrap();
        let SubscriberError::Output(error) = subscriber.on_event(&at(2, summary(&[]))).unwrap_err() else { panic!() };
        assert!(error.to_string().contains("a.stdout"), "{error}");
        assert!(!victim.exists());
    }

    #[test]
    fn a_file_in_place_of_the_directory_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(OutputDir::new(file.path()).is_err());
    }
}
