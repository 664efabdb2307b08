//! A temporary directory as a host: probes and actions run for real, in a shell of this machine.

use std::ffi::OsString;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value as Json;
use sha1::{Digest as _, Sha1};

use super::{Mode, cases, task};
use crate::modules::{
    Action, Answer, CommandCall, Content, Diff, Effect, LocalFile, LocalKind, LocalPath, LocalRead, LocalReply,
    LocalVars, ModuleError, Question, ScriptCall, Step, Typed, Waited,
};
use crate::testing::write_program;

/// A temporary directory and a shell.
pub struct TestHost {
    shell: Vec<OsString>,
    root: tempfile::TempDir,
    /// Directories that stand in front of `PATH`: for commands of the test's own.
    pub commands: Vec<PathBuf>,
    /// Commands that are not there.
    pub without: Vec<&'static str>,
    /// Addresses of servers, and where they are for the controller.
    pub servers: Vec<(String, String)>,
}

/// How a task went.
#[derive(Debug)]
pub struct Ran {
    /// What it ended with; fields as `register` sees them.
    pub result: Result<serde_json::Map<String, Json>, ModuleError>,
    /// The warnings of the result.
    pub warnings: Vec<String>,
    /// Rounds of questions.
    pub asked: usize,
    /// Changes, also those that check mode left out.
    pub changes: usize,
    /// What all changes differ in.
    pub diff: Vec<Diff>,
    /// Effects on the run.
    pub effects: Vec<Effect>,
    /// The steps, in words.
    pub trace: Vec<String>,
}

/// Runs a test in every shell that is found here; dash must be.
#[expect(clippy::missing_panics_doc, reason = "it does not panic, as the expectation says")]
pub fn on_each_shell(test: impl Fn(&TestHost)) {
    let shells: [&[&str]; 5] = [&["dash"], &["busybox", "sh"], &["bash", "--posix"], &["ksh"], &["mksh"]];
    let found: Vec<_> = shells.into_iter().filter(|shell| in_path(shell[0])).collect();
    assert!(!found.is_empty(), "none of the shells is here");
    for shell in found {
        test(&TestHost::new(shell));
    }
}

fn in_path(name: &str) -> bool {
    std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).any(|folder| folder.join(name).exists())
}

impl TestHost {
    /// A host whose scripts run in `shell`.
    #[expect(clippy::missing_panics_doc, reason = "it does not panic, as the expectation says")]
    pub fn new(shell: &[&str]) -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("home")).unwrap();
        fs::create_dir(root.path().join("controller")).unwrap();
        Self {
            shell: shell.iter().map(Into::into).collect(),
            root,
            commands: Vec::new(),
            without: Vec::new(),
            servers: Vec::new(),
        }
    }

    /// The words of its shell, for another host with the same.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "it does not panic, as the expectation says")]
    pub fn shell_words(&self) -> Vec<&str> {
        self.shell.iter().map(|word| word.to_str().expect("shells are named in ASCII")).collect()
    }

    /// The login directory.
    #[must_use]
    pub fn home(&self) -> PathBuf {
        self.root.path().join("home")
    }

    /// A path below the login directory.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "it does not panic, as the expectation says")]
    pub fn path(&self, name: &str) -> String {
        self.home().join(name).to_str().unwrap().to_owned()
    }

    /// The directory where the controller looks for files.
    #[must_use]
    pub fn controller(&self) -> PathBuf {
        self.root.path().join("controller")
    }

    /// Writes a file below the login directory.
    #[expect(clippy::missing_panics_doc, reason = "it does not panic, as the expectation says")]
    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.home().join(name), text).unwrap();
    }

    /// Reads a file below the login directory.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "it does not panic, as the expectation says")]
    pub fn read(&self, name: &str) -> String {
        let path = self.home().join(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Permission bits of a file below the login directory.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "it does not panic, as the expectation says")]
    pub fn mode(&self, name: &str) -> u32 {
        use std::os::unix::fs::PermissionsExt as _;
        fs::symlink_metadata(self.home().join(name)).unwrap().permissions().mode() & 0o7777
    }

    /// Runs a task and expects it to end well.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "it does not panic, as the expectation says")]
    pub fn run(&self, module: &str, args: &Json) -> Ran {
        let ran = self.run_as(module, args, Mode { check: false, diff: true });
        let failed = ran.result.as_ref().is_ok_and(|result| result["failed"] == true);
        assert!(ran.result.is_ok() && !failed, "{:?}: {ran:?}", self.shell);
        ran
    }

    /// Runs a task in check mode, then for real, then again, and expects what idempotence promises. Gives the real run.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "it does not panic, as the expectation says")]
    pub fn run_thrice(&self, module: &str, args: &Json) -> Ran {
        let check = self.run_as(module, args, Mode { check: true, diff: true });
        let ran = self.run(module, args);
        assert_eq!(check.changed(), ran.changed(), "check mode predicts: {check:?} {ran:?}");
        let again = self.run(module, args);
        assert!(!again.changed(), "{:?}: the second run changes nothing: {again:?}", self.shell);
        assert!(again.asked <= 1, "one round trip when nothing changes: {again:?}");
        assert!(ran.asked + ran.changes <= 2, "two round trips when something changes: {ran:?}");
        ran
    }

    /// Runs a task and expects it to fail. Gives the message.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "it does not panic, as the expectation says")]
    pub fn fail(&self, module: &str, args: &Json) -> String {
        let ran = self.run_as(module, args, Mode::default());
        match &ran.result {
            Err(error) => error.message.clone(),
            Ok(result) if result["failed"] == true => result["msg"].as_str().unwrap_or_default().to_owned(),
            Ok(_) => panic!("{:?}: it did not fail: {ran:?}", self.shell),
        }
    }

    /// Runs a task.
    #[must_use]
    pub fn run_as(&self, module: &str, args: &Json, mode: Mode) -> Ran {
        let (module, context) = task(module, args, mode, self.controller());
        let mut ran = Ran {
            result: Err(ModuleError::new("")),
            warnings: Vec::new(),
            asked: 0,
            changes: 0,
            diff: Vec::new(),
            effects: Vec::new(),
            trace: Vec::new(),
        };
        let mut step = module.start(context);
        loop {
            if let Ok(step) = &step {
                ran.trace.push(cases::show(step));
            }
            step = match step {
                Err(error) => {
                    ran.result = Err(error);
                    return ran;
                }
                Ok(Step::Done(result)) => {
                    ran.result = Ok(cases::as_json(&result));
                    ran.warnings = result.warnings;
                    return ran;
                }
                Ok(step) => self.follow(step, mode, &mut ran),
            };
        }
    }

    fn follow(&self, step: Step, mode: Mode, ran: &mut Ran) -> Result<Step, ModuleError> {
        match step {
            Step::Ask(questions, next) => {
                ran.asked += 1;
                next(questions.iter().map(|question| self.ask(question)).collect())
            }
            Step::Local(read, next) => next(self.local(&read)?),
            Step::Change(change, next) => {
                ran.changes += 1;
                ran.diff.extend(change.diff);
                next(if mode.check { None } else { Some(self.act(&change.action)) })
            }
            Step::Wait(wait) => {
                let answer = self.ask(&wait.until);
                let last = answer.errors().into_owned();
                let answer = (wait.accepts)(&answer).then_some(answer);
                (wait.next)(Waited { elapsed: Duration::from_secs(1), answer, last })
            }
            Step::Effect(effects, next) => {
                ran.effects.extend(effects);
                next(())
            }
            Step::Done(_) => unreachable!("the end was seen before"),
        }
    }

    fn ask(&self, question: &Question) -> Answer {
        let mut call = ScriptCall::new(question.probe.script, question.words.clone());
        call.secrets.clone_from(&question.secrets);
        let mut answer = self.script(&call);
        answer.stdout.truncate(question.limit);
        answer
    }

    fn act(&self, action: &Action) -> Answer {
        match action {
            Action::Script(call) => self.script(call),
            Action::Command(call) => self.command(call),
            Action::LocalCommand(call) => {
                let mut call = call.clone();
                for (name, value) in [
                    ("ADDRESS", "testhost"),
                    ("USER", "tester"),
                    ("PORT", "2222"),
                    ("KEY", "/keys/my id"),
                    ("ARGS", "-J jump"),
                    ("BECOME", "root"),
                ] {
                    call.env.push((format!("OPSCTL_TARGET_{name}"), value.into()));
                }
                self.command(&call)
            }
            Action::SaveLocal { path, content } => {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, bytes(content)).unwrap();
                Answer::default()
            }
        }
    }

    fn script(&self, call: &ScriptCall) -> Answer {
        let mut words = self.shell.clone();
        words.extend(["-c".into(), call.script.into(), "sh".into()]);
        words.extend(call.words.iter().cloned());
        let env = call.secrets.iter().map(|(name, secret)| (name.clone(), secret.expose().into())).collect::<Vec<_>>();
        self.spawn(&words, &env, None, call.input.as_ref())
    }

    fn command(&self, call: &CommandCall) -> Answer {
        let mut words = call.words.clone();
        let script = call.script.as_ref().map(|script| {
            let path = self.root.path().join("script");
            write_program(&path, bytes(script));
            path
        });
        if let (Some(path), Some(first)) = (script, words.first_mut()) {
            *first = path.into();
        }
        // As on a host: what cannot be executed is the shell's error.
        let mut all: Vec<OsString> = vec!["/bin/sh".into(), "-c".into(), "exec \"$@\"".into(), "sh".into()];
        all.extend(words);
        self.spawn(&all, &call.env, call.chdir.as_deref(), call.input.as_ref())
    }

    fn spawn(
        &self,
        words: &[OsString],
        env: &[(String, OsString)],
        chdir: Option<&str>,
        input: Option<&Content>,
    ) -> Answer {
        let path = std::env::var_os("PATH").unwrap();
        let own =
            if self.without.is_empty() { std::env::split_paths(&path).collect() } else { vec![self.programs(&path)] };
        let folders = self.commands.iter().cloned().chain(own);
        let started = Instant::now();
        let mut child = Command::new(&words[0])
            .args(&words[1..])
            .env_clear()
            .env("PATH", std::env::join_paths(folders).unwrap())
            .env("HOME", self.home())
            .envs(env.iter().cloned())
            .current_dir(chdir.map_or_else(|| self.home(), |chdir| self.home().join(chdir)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{:?}: {error}", words[0]));
        let mut stdin = child.stdin.take().unwrap();
        let input = input.map(bytes).unwrap_or_default();
        // A script that does not read its input closes the pipe; that is its right.
        let writer = std::thread::spawn(move || stdin.write_all(&input));
        let output = child.wait_with_output().unwrap();
        drop(writer.join().unwrap());
        Answer {
            rc: output.status.code().unwrap_or(-1),
            stdout: output.stdout,
            stderr: output.stderr,
            duration: started.elapsed(),
            ..Answer::default()
        }
    }

    /// A directory with all programs of this machine but those that are not to be there.
    fn programs(&self, path: &std::ffi::OsStr) -> PathBuf {
        let all = self.root.path().join("programs");
        if fs::create_dir(&all).is_ok() {
            for entry in std::env::split_paths(path).filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten()
            {
                if !self.without.iter().any(|name| entry.file_name() == **name) {
                    // The first of a name counts.
                    let _ = std::os::unix::fs::symlink(entry.path(), all.join(entry.file_name()));
                }
            }
        }
        all
    }

    fn local(&self, read: &LocalRead) -> Result<LocalReply, ModuleError> {
        let find = |kind: &str, name: &str| {
            let places = [self.controller().join(kind).join(name), self.controller().join(name)];
            places
                .into_iter()
                .find(|path| path.symlink_metadata().is_ok())
                .ok_or_else(|| ModuleError::new(format!("Could not find or access '{name}' on the controller")))
        };
        match read {
            LocalRead::File { kind, name } => {
                let path = find(kind, name)?;
                let relative = path.file_name().map(PathBuf::from).unwrap_or_default();
                Ok(LocalReply::File(local_file(&path, relative, true)))
            }
            LocalRead::Tree { kind, name } => {
                let root = find(kind, name)?;
                let mut all = Vec::new();
                walk(&root, &root, &mut all);
                Ok(LocalReply::Tree(all))
            }
            LocalRead::Source { kind, name, .. } => {
                let root = find(kind, name)?;
                if !root.is_dir() {
                    let relative = root.file_name().map(PathBuf::from).unwrap_or_default();
                    return Ok(LocalReply::File(local_file(&root, relative, true)));
                }
                let mut all = Vec::new();
                walk(&root, &root, &mut all);
                Ok(LocalReply::Tree(all))
            }
            LocalRead::Path(path) => Ok(LocalReply::Path(path.exists().then(|| {
                let relative = path.file_name().map(PathBuf::from).unwrap_or_default();
                let modified = fs::metadata(path).unwrap().modified().unwrap();
                LocalPath { file: local_file(path, relative, true), owner: "tester".to_owned(), modified }
            }))),
            LocalRead::Vars { name } => {
                let path = find("vars", name)?;
                let json: Json = serde_yaml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
                let vars = crate::template::Value::of_json(&json).as_dict().cloned().unwrap_or_default();
                Ok(LocalReply::Vars(LocalVars { path, vars, vaulted: false }))
            }
            LocalRead::Pause { .. } => Ok(LocalReply::Line(Typed {
                line: Some("typed".to_owned()),
                asked: true,
                began: std::time::UNIX_EPOCH,
                took: Duration::from_secs(2),
            })),
            LocalRead::Fetch(request) => {
                let url =
                    self.servers.iter().fold(request.url.expose().to_owned(), |url, (from, to)| url.replace(from, to));
                let request = crate::http::Request { url: crate::secret::Secret::new(url), ..(**request).clone() };
                Ok(LocalReply::Fetched(crate::http::ask(&request)))
            }
        }
    }
}

impl Ran {
    /// Whether the result says so.
    #[must_use]
    pub fn changed(&self) -> bool {
        self.result.as_ref().is_ok_and(|result| result["changed"] == true)
    }

    /// A field of the result; null when it is not there.
    #[must_use]
    pub fn field(&self, name: &str) -> Json {
        self.result.as_ref().ok().and_then(|result| result.get(name)).cloned().unwrap_or(Json::Null)
    }
}

fn bytes(content: &Content) -> Vec<u8> {
    match content {
        Content::Bytes(bytes) => bytes.to_vec(),
        Content::File(path) => fs::read(path).unwrap(),
    }
}

fn walk(root: &Path, folder: &Path, all: &mut Vec<LocalFile>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let relative = path.strip_prefix(root).unwrap().to_owned();
        let file = local_file(&path, relative, false);
        let directory = file.kind == LocalKind::Directory;
        all.push(file);
        if directory {
            walk(root, &path, all);
        }
    }
}

fn local_file(path: &Path, relative: PathBuf, follow: bool) -> LocalFile {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = if follow { fs::metadata(path) } else { fs::symlink_metadata(path) }.unwrap();
    let kind = match () {
        () if metadata.is_symlink() => LocalKind::Link(fs::read_link(path).unwrap()),
        () if metadata.is_dir() => LocalKind::Directory,
        () => LocalKind::File,
    };
    let content: Option<Arc<[u8]>> = (kind == LocalKind::File).then(|| fs::read(path).unwrap().into());
    LocalFile {
        path: path.to_owned(),
        relative,
        mode: metadata.permissions().mode() & 0o7777,
        size: metadata.len(),
        sha1: content.as_ref().map(|content| hex(&Sha1::digest(content))),
        content: content.filter(|content| content.len() <= 1024 * 1024),
        kind,
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes every write");
        text
    })
}

#[test]
fn ping_answers_in_every_shell() {
    on_each_shell(|host| {
        let ran = host.run_thrice("ping", &serde_json::json!({"data": "hi"}));
        assert_eq!(ran.field("ping"), "hi");
        assert_eq!(host.fail("ping", &serde_json::json!({"data": "crash"})), "Task failed: Module failed: boom");
    });
}
