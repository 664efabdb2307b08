//! One host of a play: carries its tasks' questions and actions to it.
//!
//! A session opens a shell for each privilege that is asked for, when it is first asked for, and keeps it for the whole
//! run. Questions that are asked together cost one round trip. Knows no module and no playbook.

mod act;
mod answers;
mod common;
mod jobs;
mod local;
mod open;
mod output;
mod questions;
mod source;
mod trouble;
mod wait;

pub use jobs::JobStatus;
pub use trouble::Trouble;

use std::ffi::OsString;
use std::sync::Arc;

use self::answers::Answers;
use self::open::Opening;
use self::source::is_variable;
use crate::engine::ConnectionKind;
use crate::event::{FailureKind, Fate};
use crate::modules::{Answer, Question};
use crate::remote::{Command, End, EndCause, Input, Limits, OutputSink, Privilege, Shell, StopSignal, random_hex};
use crate::transport::{ConnectOptions, HostKeyPolicy, Target, Transport};

/// How many round trips a command takes on a channel of its own: open it, learn its group, let it go.
const FED_TRIPS: u32 = 3;

/// How hosts are reached; shared by all of a run.
pub struct Reach {
    /// For hosts over SSH.
    pub ssh: Arc<dyn Transport>,
    /// For hosts that are the controller itself, and for commands on it.
    pub local: Arc<dyn Transport>,
    /// How to connect.
    pub connect: ConnectOptions,
    /// Further connection attempts after a transient failure.
    pub retries: u32,
}

/// As whom, and with what around it, something runs on a host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// Another user to run as.
    pub privilege: Option<Privilege>,
    /// The task's environment.
    pub environment: Vec<(String, OsString)>,
}

/// One host, connected when it is first needed.
pub struct Session {
    reach: Arc<Reach>,
    target: Target,
    connection: ConnectionKind,
    /// The fingerprint of its host key that a person has accepted.
    confirmed: Option<String>,
    shells: Vec<Open>,
    round_trips: u32,
    attempts: u32,
}

/// Where a shell runs, and as whom.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    connection: ConnectionKind,
    privilege: Option<Privilege>,
}

struct Open {
    place: Place,
    shell: Shell,
    /// Whether this host takes no input from a frame.
    streams_input: bool,
}

/// What a command needs to run.
struct Call<'a> {
    place: Place,
    command: &'a Command,
    input: Option<Input>,
    limits: Limits,
}

impl Session {
    /// A host that is not connected yet.
    #[must_use]
    pub fn new(reach: Arc<Reach>, target: Target, connection: ConnectionKind) -> Self {
        Self { reach, target, connection, confirmed: None, shells: Vec::new(), round_trips: 0, attempts: 0 }
    }

    /// Accepts and records the unknown host key with this fingerprint (`SHA256:…`) when it is next connected.
    pub fn confirm_host_key(&mut self, fingerprint: String) {
        self.confirmed = Some(fingerprint);
    }

    /// Round trips taken so far by what was run; connecting is not counted, nor what goes along with it.
    #[must_use]
    pub fn round_trips(&self) -> u32 {
        self.round_trips
    }

    /// Connection attempts made so far.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Asks all questions at once, in one round trip as long as they fit into one frame.
    ///
    /// # Errors
    /// When the host cannot be asked, or leaves one of them without an answer.
    pub async fn ask(
        &mut self,
        access: &Access,
        questions: &[Question],
        limits: Limits,
        stop: &mut StopSignal,
    ) -> Result<Vec<Answer>, Trouble> {
        let secrets = questions.iter().flat_map(|question| &question.secrets);
        check_names(access, secrets.map(|(name, _)| name.as_str()))?;
        let mut all = Vec::with_capacity(questions.len());
        for frame in questions::frames(questions) {
            all.extend(self.ask_frame(access, frame, limits, stop).await?);
        }
        Ok(all)
    }

    async fn ask_frame(
        &mut self,
        access: &Access,
        questions: &[Question],
        limits: Limits,
        stop: &mut StopSignal,
    ) -> Result<Vec<Answer>, Trouble> {
        let token = random_hex();
        let mut command = questions::program(questions, &token).command();
        command.env.extend(access.environment.iter().cloned());
        let mut answers = Answers::new(questions, &token);
        let call = Call { place: self.place(access), command: &command, input: None, limits };
        self.run(call, &mut answers, stop).await?;
        answers.finish().map_err(|unanswered| {
            let name = questions[unanswered.index].probe.name;
            let message = format!("the host gave no answer to the probe `{name}`: {}", unanswered.said);
            Trouble::failed(FailureKind::Protocol, message)
        })
    }

    /// Closes all connections; the next question or action makes new ones.
    pub async fn reset(&mut self) {
        for open in std::mem::take(&mut self.shells) {
            open.shell.close().await;
        }
    }

    /// Closes all connections.
    pub async fn close(mut self) {
        self.reset().await;
    }

    fn place(&self, access: &Access) -> Place {
        Place { connection: self.connection, privilege: access.privilege.clone() }
    }

    /// Runs one command to its end and returns its exit code.
    ///
    /// While it runs, its shell belongs to this future: one that is dropped takes the connection with it, and the host
    /// ends what runs.
    async fn run(&mut self, call: Call<'_>, sink: &mut dyn OutputSink, stop: &mut StopSignal) -> Result<i32, Trouble> {
        let known = self.shells.iter().position(|open| open.place == call.place);
        let mut open = match known {
            Some(index) => {
                self.round_trips += 1;
                self.shells.swap_remove(index)
            }
            None => self.open(&call.place, call.input.is_none().then_some(call.command), call.limits, stop).await?,
        };
        let end = match call.input {
            Some(input) => {
                self.round_trips += FED_TRIPS;
                open.shell.run_fed(call.command, Some(input), call.limits, sink, stop).await
            }
            None => open.shell.run(call.command, call.limits, sink, stop).await,
        };
        if is_in_step(&end) {
            self.shells.push(open);
        } else {
            open.shell.close().await;
        }
        if end.cause == EndCause::Lost {
            // The others' connection is the same.
            let lost = self.shells.extract_if(.., |open| open.place.connection == call.place.connection);
            for open in lost.collect::<Vec<_>>() {
                open.shell.close().await;
            }
        }
        Trouble::judge(end)
    }

    /// Opens a shell, on a connection that stands where there is one; `first` goes along.
    async fn open(
        &mut self,
        place: &Place,
        first: Option<&Command>,
        limits: Limits,
        stop: &mut StopSignal,
    ) -> Result<Open, Trouble> {
        if let Some(open) = self.shells.iter_mut().find(|open| open.place.connection == place.connection)
            && let Some(shell) = open.shell.open_beside(place.privilege.as_ref(), first, limits, stop).await?
        {
            return Ok(Open { place: place.clone(), shell, streams_input: false });
        }
        let opening = Opening {
            transport: match place.connection {
                ConnectionKind::Ssh => self.reach.ssh.as_ref(),
                ConnectionKind::Local => self.reach.local.as_ref(),
            },
            target: &self.target,
            connect: ConnectOptions {
                host_keys: self
                    .confirmed
                    .clone()
                    .map_or(self.reach.connect.host_keys.clone(), HostKeyPolicy::Confirmed),
                ..self.reach.connect.clone()
            },
            retries: self.reach.retries,
            privilege: place.privilege.as_ref(),
            first,
            limits,
        };
        let shell = opening.open(&mut self.attempts, stop).await?;
        Ok(Open { place: place.clone(), shell, streams_input: false })
    }
}

/// Whether the shell can take another command after this end.
fn is_in_step(end: &End) -> bool {
    match end.cause {
        EndCause::Exit => true,
        EndCause::Timeout | EndCause::Cancel => matches!(end.fate, None | Some(Fate::Ended | Fate::Killed)),
        EndCause::Lost => false,
    }
}

/// Refuses names that a shell would take for something else.
fn check_names<'a>(access: &'a Access, secrets: impl Iterator<Item = &'a str>) -> Result<(), Trouble> {
    let mut names = access.environment.iter().map(|(name, _)| name.as_str()).chain(secrets);
    match names.find(|name| !is_variable(name)) {
        Some(name) => {
            Err(Trouble::failed(FailureKind::Local, format!("`{name}` is no name of an environment variable")))
        }
        None => Ok(()),
    }
}
