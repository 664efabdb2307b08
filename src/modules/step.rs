//! The steps of a task, and what the engine replies to each.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::probes::Probe;
use super::result::{Diff, ModuleError, TaskResult};
use crate::http;
use crate::secret::Secret;
use crate::template::Dict;

/// What follows, given a reply.
pub type Next<T> = Box<dyn FnOnce(T) -> Result<Step, ModuleError> + Send>;

/// What a module wants next.
pub enum Step {
    /// Read-only questions to the host, answered in one round trip, in order.
    Ask(Vec<Question>, Next<Vec<Answer>>),
    /// Something on the controller.
    Local(LocalRead, Next<LocalReply>),
    /// The only step that alters a host. In check mode it is not executed, and the reply is none.
    Change(Change, Next<Option<Answer>>),
    /// Waits until a question is answered as wanted.
    Wait(Wait),
    /// Alters the run: facts, hosts, groups.
    Effect(Vec<Effect>, Next<()>),
    /// The task's result.
    Done(TaskResult),
}

/// A read-only question to a host.
#[derive(Clone, Debug)]
pub struct Question {
    /// Which.
    pub probe: &'static Probe,
    /// The probe's arguments, `$1` and on.
    pub words: Vec<OsString>,
    /// Added to the environment of the probe: passwords of databases and the like.
    pub secrets: Vec<(String, Secret)>,
    /// The most that is kept of the answer's standard output, in bytes.
    pub limit: usize,
}

/// How a question was answered, or an action ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The exit code; 128+n for a signal.
    pub rc: i32,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
    /// How long it took.
    pub duration: Duration,
    /// When it ended, by the controller's clock; none where nobody looked.
    pub ended: Option<std::time::SystemTime>,
}

/// A change of a host.
#[derive(Debug)]
pub struct Change {
    /// What differs afterwards; empty where that cannot be told.
    pub diff: Vec<Diff>,
    /// What makes it so.
    pub action: Action,
}

/// What makes a change.
#[derive(Debug)]
pub enum Action {
    /// A script of ours.
    Script(ScriptCall),
    /// A command of the user's.
    Command(CommandCall),
    /// Writes a file on the controller, with its missing directories (`fetch`).
    SaveLocal {
        /// Where.
        path: PathBuf,
        /// What.
        content: Content,
    },
    /// A command on the controller (`synchronize`). Its environment says how the host is reached:
    /// `OPSCTL_TARGET_ADDRESS`, `_USER`, `_PORT`, `_KEY`, `_ARGS`, `_SSH`, `_BECOME`; `_LOCAL` where it is this machine.
    LocalCommand(CommandCall),
}

/// A script of ours with its surroundings. Scripts stand in `actions/` as files.
#[derive(Clone, Debug)]
pub struct ScriptCall {
    /// Its text, for `sh`.
    pub script: &'static str,
    /// Its arguments, `$1` and on; hosts show them in their process lists.
    pub words: Vec<OsString>,
    /// Added to its environment; may be secret.
    pub secrets: Vec<(String, Secret)>,
    /// Its standard input.
    pub input: Option<Content>,
}

/// A command of the user's with its surroundings.
#[derive(Clone, Debug)]
pub struct CommandCall {
    /// Exactly these words; no shell looks at them. For a shell line: the shell, `-c`, the line.
    pub words: Vec<OsString>,
    /// Added to its environment.
    pub env: Vec<(String, OsString)>,
    /// Working directory; relative to the login directory.
    pub chdir: Option<String>,
    /// Its standard input.
    pub input: Option<Content>,
    /// A script that is sent first; its path on the host takes the place of the first word.
    pub script: Option<Content>,
}

/// Bytes that go to a host.
#[derive(Clone, Debug)]
pub enum Content {
    /// In memory.
    Bytes(Arc<[u8]>),
    /// A file on the controller, sent piece by piece.
    File(PathBuf),
}

/// Something on the controller. Names are looked for where Ansible looks for them: role, playbook, …
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LocalRead {
    /// A file; its content is read only when it is not larger than 1 MiB.
    File {
        /// `files`, `templates` or `vars`.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// A file; or a directory, with all that is below it.
    Source {
        /// `files`, `templates` or `vars`.
        kind: &'static str,
        /// Its name.
        name: String,
        /// Whether links to directories are followed, save those that lead to one above.
        follow: bool,
        /// Whether vaulted files are decrypted.
        decrypt: bool,
    },
    /// What stands at a path exactly, as it stands, vaulted or not.
    Path(PathBuf),
    /// All files and directories below a directory.
    Tree {
        /// `files`, `templates` or `vars`.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// The variables of a YAML file, which is looked for as one of `vars`.
    Vars {
        /// Its name.
        name: String,
    },
    /// A web server's answer to the controller.
    Fetch(Box<http::Request>),
    /// Waits; with a prompt, for a line from the terminal.
    Pause {
        /// How long; none until a key is pressed.
        limit: Option<Duration>,
        /// What is asked.
        prompt: Option<String>,
        /// Whether what is typed is shown.
        echo: bool,
    },
}

/// What is on the controller.
#[derive(Clone, Debug, PartialEq)]
pub enum LocalReply {
    /// A file.
    File(LocalFile),
    /// A tree: every entry, parents before their children.
    Tree(Vec<LocalFile>),
    /// What stands at the path, if anything does.
    Path(Option<LocalPath>),
    /// Variables of a file.
    Vars(LocalVars),
    /// What a web server answered, or why it did not.
    Fetched(Result<http::Response, http::RequestError>),
    /// The end of a pause.
    Line(Typed),
}

/// Variables that a file of the controller holds.
#[derive(Clone, Debug, PartialEq)]
pub struct LocalVars {
    /// Where it stands.
    pub path: PathBuf,
    /// What it holds; texts are templated when used.
    pub vars: Dict,
    /// Whether the whole file was vaulted.
    pub vaulted: bool,
}

/// How a pause ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    /// What was typed; none where nobody could be asked, or time ended the pause.
    pub line: Option<String>,
    /// Whether there was somebody to ask.
    pub asked: bool,
    /// When it began.
    pub began: std::time::SystemTime,
    /// How long it took.
    pub took: Duration,
}

/// What stands at a path of the controller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalPath {
    /// The file; one that a link leads to.
    pub file: LocalFile,
    /// Name of its owner; the number where it has none.
    pub owner: String,
    /// When it was altered.
    pub modified: std::time::SystemTime,
}

/// A file on the controller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalFile {
    /// Where it stands.
    pub path: PathBuf,
    /// Its name below the tree's root; for a file alone its base name.
    pub relative: PathBuf,
    /// What it is.
    pub kind: LocalKind,
    /// Permission bits.
    pub mode: u32,
    /// Size in bytes.
    pub size: u64,
    /// Its bytes, decrypted when it is vaulted; none for directories and where it is larger than 1 MiB.
    pub content: Option<Arc<[u8]>>,
    /// Hexadecimal SHA-1 of its bytes, as `checksum` in results; none for directories.
    pub sha1: Option<String>,
}

/// What stands on the controller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LocalKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link and where it leads.
    Link(PathBuf),
}

/// Waits until a question is answered as wanted.
pub struct Wait {
    /// Asked again and again.
    pub until: Question,
    /// Whether the answer is the wanted one.
    pub accepts: Box<dyn Fn(&Answer) -> bool + Send>,
    /// Before the first try.
    pub delay: Duration,
    /// Between tries.
    pub every: Duration,
    /// In all.
    pub limit: Duration,
    /// Whether each try makes a connection of its own (after a reboot).
    pub link: Link,
    /// What follows.
    pub next: Next<Waited>,
}

/// What a wait does about its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// Uses the one there is; a lost one ends the task.
    Keep,
    /// Makes a new one for each try; none is only a try that failed.
    Reconnect,
}

/// How a wait ended.
#[derive(Clone, Debug)]
pub struct Waited {
    /// How long it took.
    pub elapsed: Duration,
    /// The wanted answer; none when the limit passed.
    pub answer: Option<Answer>,
    /// The last try's error or answer, for the message.
    pub last: String,
}

/// A change of the run.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Facts of the host, as `setup` gathers them: `ansible_` names.
    Facts(Dict),
    /// Variables of the host, as `set_fact` sets them.
    SetFacts {
        /// The variables.
        vars: Dict,
        /// Whether they are facts as well.
        cacheable: bool,
    },
    /// Variables of the host, as `include_vars` sets them; their texts are templated when used.
    IncludeVars(Dict),
    /// A host, its groups and variables (`add_host`).
    AddHost {
        /// Its name.
        name: String,
        /// Groups it joins.
        groups: Vec<String>,
        /// Its variables.
        vars: Dict,
    },
    /// A group that this host joins (`group_by`).
    GroupBy {
        /// Its name.
        group: String,
        /// The groups above it.
        parents: Vec<String>,
    },
}

/// Kept of an answer's standard output unless told, in bytes.
const ANSWER_LIMIT: usize = 1024 * 1024;

impl Question {
    /// A question with its arguments.
    pub fn new<W: Into<OsString>>(probe: &'static Probe, words: impl IntoIterator<Item = W>) -> Self {
        let words = words.into_iter().map(Into::into).collect();
        Self { probe, words, secrets: Vec::new(), limit: ANSWER_LIMIT }
    }
}

impl Answer {
    /// Standard output as text.
    #[must_use]
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.stdout)
    }

    /// Standard error as text.
    #[must_use]
    pub fn errors(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.stderr)
    }
}

impl ScriptCall {
    /// A script with its arguments.
    pub fn new<W: Into<OsString>>(script: &'static str, words: impl IntoIterator<Item = W>) -> Self {
        Self { script, words: words.into_iter().map(Into::into).collect(), secrets: Vec::new(), input: None }
    }
}
