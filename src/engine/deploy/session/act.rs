//! Actions: scripts of ours, commands of the user's, and what is done on the controller.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::sync::{Arc, Mutex};

use super::output::Output;
use super::source::{Source, may_travel, refused_input};
use super::{Access, Call, Place, Session, Trouble, check_names, local};
use crate::engine::ConnectionKind;
use crate::event::FailureKind;
use crate::modules::{Action, Answer, CommandCall, Content, ScriptCall};
use crate::remote::{Command, Input, Limits, Program, Script, StopSignal, random_hex};
use crate::transport::Target;

/// Longest script of the user's, in bytes: it is held in memory.
const SCRIPT_LIMIT: u64 = 64 * 1024 * 1024;

/// Becomes the words, whatever they are.
const EXEC: &str = "exec \"$@\"";

/// What an action runs.
#[derive(Clone)]
pub(super) enum Work {
    /// A text for the shell, which may be extended.
    Source(Source),
    /// Anything else.
    Program(Program),
}

/// An action as it is to run.
#[derive(Clone)]
pub(super) struct Prepared {
    pub work: Work,
    pub env: Vec<(String, OsString)>,
    pub chdir: Option<String>,
}

impl Prepared {
    fn into_command(self) -> Command {
        let mut command = match self.work {
            Work::Source(source) => source.command(),
            Work::Program(program) => Command::new(program),
        };
        command.env.extend(self.env);
        command.chdir = self.chdir;
        command
    }

    /// The command with its input inside of it, where that can be.
    fn with_input(&self, input: Option<&Content>, token: &str) -> Option<Command> {
        match (&self.work, input) {
            (Work::Source(source), Some(Content::Bytes(bytes))) if may_travel(bytes) => {
                let work = Work::Source(source.clone().with_input(bytes, token));
                Some(Self { work, ..self.clone() }.into_command())
            }
            _ => None,
        }
    }
}

impl Session {
    /// Carries out an action and returns its end.
    ///
    /// # Errors
    /// When it could not be carried out, or was ended by a limit, an order or a broken connection.
    pub async fn act(
        &mut self,
        access: &Access,
        action: &Action,
        limits: Limits,
        stop: &mut StopSignal,
    ) -> Result<Answer, Trouble> {
        match action {
            Action::Script(call) => {
                let names = call.secrets.iter().map(|(name, _)| name.as_str());
                check_names(access, names)?;
                self.carry_out(self.place(access), of_script(call, access), call.input.as_ref(), limits, stop).await
            }
            Action::Command(call) => {
                check_names(access, call.env.iter().map(|(name, _)| name.as_str()))?;
                let prepared = of_command(call, access).await?;
                self.carry_out(self.place(access), prepared, call.input.as_ref(), limits, stop).await
            }
            Action::LocalCommand(call) => {
                check_names(access, call.env.iter().map(|(name, _)| name.as_str()))?;
                let mut prepared = of_command(call, access).await?;
                prepared.env.extend(way_to(&self.target, self.connection, access));
                let place = Place { connection: ConnectionKind::Local, privilege: None };
                self.carry_out(place, prepared, call.input.as_ref(), limits, stop).await
            }
            Action::SaveLocal { path, content } => local::save(path.clone(), content.clone()).await,
        }
    }

    pub(super) async fn carry_out(
        &mut self,
        place: Place,
        prepared: Prepared,
        input: Option<&Content>,
        limits: Limits,
        stop: &mut StopSignal,
    ) -> Result<Answer, Trouble> {
        let token = random_hex();
        if !self.streams_input(&place)
            && let Some(command) = prepared.with_input(input, &token)
        {
            let mut output = Output::default();
            let call = Call { place: place.clone(), command: &command, input: None, limits };
            let rc = self.run(call, &mut output, stop).await?;
            if !refused_input(output.stdout(), &token) {
                return Ok(output.answer(rc));
            }
            self.note_streaming(&place);
        }
        let command = prepared.into_command();
        let (input, failure) = open_input(input).await?;
        let mut output = Output::default();
        let rc = self.run(Call { place, command: &command, input, limits }, &mut output, stop).await?;
        match failure.take() {
            Some(error) => Err(Trouble::failed(FailureKind::Local, error)),
            None => Ok(output.answer(rc)),
        }
    }

    fn streams_input(&self, place: &Place) -> bool {
        self.shells.iter().any(|open| open.place == *place && open.streams_input)
    }

    fn note_streaming(&mut self, place: &Place) {
        self.shells.iter_mut().filter(|open| open.place == *place).for_each(|open| open.streams_input = true);
    }
}

fn of_script(call: &ScriptCall, access: &Access) -> Prepared {
    let source = Source::of_script(call.script, call.words.clone());
    let secrets = call.secrets.iter().map(|(name, secret)| (name.clone(), OsString::from(secret.expose())));
    let env = access.environment.iter().cloned().chain(secrets).collect();
    Prepared { work: Work::Source(source), env, chdir: None }
}

/// What a command of the controller is told of the host: how `ssh` reaches it, and as whom its tasks run.
fn way_to(target: &Target, connection: ConnectionKind, access: &Access) -> Vec<(String, OsString)> {
    let port = target.port.map(|port| port.to_string());
    // As rsync reads words of its remote shell.
    let word = |word: &String| {
        if word.contains([' ', '"', '\'']) { format!("\"{}\"", word.replace('"', "\"\"")) } else { word.clone() }
    };
    let arguments: Vec<String> = target.ssh_args.iter().map(word).collect();
    let local = (connection == ConnectionKind::Local).then(|| "1".into());
    let values: [(&str, Option<OsString>); 8] = [
        ("ADDRESS", Some(target.address.clone().into())),
        ("USER", target.user.clone().map(Into::into)),
        ("PORT", port.map(Into::into)),
        ("KEY", target.private_key_file.clone().map(Into::into)),
        ("ARGS", Some(arguments.join(" ").into())),
        ("SSH", target.ssh_executable.clone().map(Into::into)),
        ("BECOME", access.privilege.as_ref().map(|privilege| privilege.user.clone().into())),
        ("LOCAL", local),
    ];
    let named = |(name, value): (&str, Option<OsString>)| Some((format!("OPSCTL_TARGET_{name}"), value?));
    values.into_iter().filter_map(named).collect()
}

async fn of_command(call: &CommandCall, access: &Access) -> Result<Prepared, Trouble> {
    let work = match &call.script {
        Some(script) => {
            let content = read_script(script).await?;
            let arguments = call.words.iter().skip(1).cloned().collect();
            Work::Program(Program::Script(Script::new(content, arguments)))
        }
        None if call.input.is_some() => Work::Source(Source::of_script(EXEC, call.words.clone())),
        None => Work::Program(Program::Argv(call.words.clone())),
    };
    let env = access.environment.iter().chain(&call.env).cloned().collect();
    Ok(Prepared { work, env, chdir: call.chdir.clone() })
}

async fn read_script(script: &Content) -> Result<Vec<u8>, Trouble> {
    let path = match script {
        Content::Bytes(bytes) => return Ok(bytes.to_vec()),
        Content::File(path) => path.clone(),
    };
    let shown = path.display().to_string();
    let read = move || {
        let mut content = Vec::new();
        File::open(&path)?.take(SCRIPT_LIMIT + 1).read_to_end(&mut content)?;
        Ok(content)
    };
    let content = blocking(&shown, read).await?;
    if content.len() as u64 > SCRIPT_LIMIT {
        let message = format!("{shown}: scripts may have {} MiB at most", SCRIPT_LIMIT / 1024 / 1024);
        return Err(Trouble::failed(FailureKind::Local, message));
    }
    Ok(content)
}

/// Opens what an action reads, and tells where an error of reading it will be.
async fn open_input(input: Option<&Content>) -> Result<(Option<Input>, ReadFailure), Trouble> {
    let failure = ReadFailure::default();
    let input: Option<Input> = match input {
        None => None,
        Some(Content::Bytes(bytes)) => Some(Box::new(Cursor::new(Arc::clone(bytes)))),
        Some(Content::File(path)) => {
            let shown = path.display().to_string();
            let path = path.clone();
            let inner = blocking(&shown, move || File::open(path)).await?;
            Some(Box::new(Watched { inner, shown, failure: failure.clone() }))
        }
    };
    Ok((input, failure))
}

/// Does something that may block, away from the runtime's thread; `shown` names it in errors.
pub(super) async fn blocking<T: Send + 'static>(
    shown: &str,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, Trouble> {
    let done = tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)));
    done.map_err(|error| Trouble::failed(FailureKind::Local, format!("{shown}: {error}")))
}

/// Where a reader leaves the error that ended it.
#[derive(Clone, Default)]
struct ReadFailure(Arc<Mutex<Option<String>>>);

impl ReadFailure {
    fn take(&self) -> Option<String> {
        self.0.lock().ok().and_then(|mut error| error.take())
    }
}

struct Watched {
    inner: File,
    shown: String,
    failure: ReadFailure,
}

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer).inspect_err(|error| {
            if let Ok(mut failure) = self.failure.0.lock() {
                *failure = Some(format!("{}: {error}", self.shown));
            }
        })
    }
}
