//! `supervisorctl`: programs that supervisord runs.

use crate::modules::flow::{self, Flow};
use crate::modules::{
    Answer, Args, Argument, BLANK, Module, ModuleError, Question, Return, Rule, ScriptCall, Spec, Step, TaskContext,
    TaskResult, actions, probes,
};
use crate::secret::Secret;
use crate::template::Value;

/// The module.
pub struct Supervisorctl;

/// The module.
pub static MODULE: Supervisorctl = Supervisorctl;

static SPEC: Spec = Spec {
    name: "supervisorctl",
    collections: &["community.general"],
    summary: "Starts, stops, adds and removes programs of supervisord.",
    arguments: &[
        Argument::text("name", "The program; a group with `:` at its end; `all`.").required(),
        Argument::path("config", "The configuration that supervisorctl reads."),
        Argument::text("server_url", "Where supervisord listens; needed with `password`."),
        Argument::text("username", "The user that it asks for."),
        Argument::text("password", "The password that it asks for; with it `config` is not read.").secret(),
        Argument::text("state", "What is to be.").required().choices(&[
            "present", "started", "stopped", "restarted", "absent", "signalled",
        ]),
        Argument::bool("stop_before_removing", false, "Stops it before it is removed."),
        Argument::text("signal", "The signal, with `state: signalled`."),
        Argument::path("supervisorctl_path", "The program supervisorctl."),
    ],
    rules: &[Rule::If("state", "signalled", &["signal"])],
    returns: &[
        Return { name: "name", about: "The program or group." },
        Return { name: "state", about: "What it was to be." },
        Return { name: "affected", about: "What something was done to." },
    ],
    ..BLANK
};

/// What supervisorctl is started with.
#[derive(Clone)]
struct Program {
    path: String,
    options: Vec<String>,
    secrets: Vec<(String, Secret)>,
}

impl Program {
    fn of(args: &Args) -> Result<Self, ModuleError> {
        let path = args.needed("supervisorctl_path").to_owned();
        let Some(password) = args.text("password").filter(|password| !password.is_empty()) else {
            let options = [("config", "-c"), ("server_url", "-s"), ("username", "-u")];
            let given = options.iter().filter_map(|(name, option)| Some([(*option).to_owned(), args.text(name)?.to_owned()]));
            return Ok(Self { path, options: given.flatten().collect(), secrets: Vec::new() });
        };
        let Some(url) = args.text("server_url") else {
            return Err(ModuleError::new("with `password`, `server_url` must be given"));
        };
        // As arguments, others would see them; in a configuration `%` has a meaning.
        let lines = [("serverurl", url), ("username", args.needed("username")), ("password", password)];
        if lines.iter().any(|(_, text)| text.contains('\n')) {
            return Err(ModuleError::new("server_url, username and password are one line each"));
        }
        let config = lines.iter().filter(|(_, text)| !text.is_empty());
        let config: Vec<String> = config.map(|(name, text)| format!("{name}={}\n", text.replace('%', "%%"))).collect();
        let config = Secret::new(format!("[supervisorctl]\n{}", config.concat()));
        Ok(Self { path, options: Vec::new(), secrets: vec![("OPSCTL_CONFIG".to_owned(), config)] })
    }
}

/// What is asked for.
struct Wanted {
    program: Program,
    /// As given, with its `:`.
    name: String,
    state: String,
    signal: String,
    stop: bool,
}

impl Module for Supervisorctl {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = &context.args;
        let wanted = Wanted {
            program: Program::of(args)?,
            name: args.needed("name").to_owned(),
            state: args.needed("state").to_owned(),
            signal: args.needed("signal").to_owned(),
            stop: args.bool("stop_before_removing"),
        };
        let words = [wanted.program.path.clone()].into_iter().chain(wanted.program.options.clone());
        let mut question = Question::new(&probes::SUPERVISOR, words);
        question.secrets.clone_from(&wanted.program.secrets);
        flow::ask(question, move |answer| wanted.decide(&answer))
    }
}

fn is_active(status: &str) -> bool {
    matches!(status, "RUNNING" | "STARTING")
}

impl Wanted {
    /// The name without its `:`.
    fn bare(&self) -> &str {
        self.name.trim_end_matches(':')
    }

    fn means(&self, process: &str) -> bool {
        if self.name.ends_with(':') {
            return process.split_once(':').is_some_and(|(group, _)| group == self.bare());
        }
        process == self.name || self.name == "all"
    }

    fn result(&self) -> TaskResult {
        TaskResult::ok().field("name", self.bare()).field("state", self.state.as_str())
    }

    fn missing(&self) -> ModuleError {
        ModuleError::new("ERROR (no such process)").field("name", self.bare())
    }

    fn decide(self, answer: &Answer) -> Flow {
        if answer.rc == 127 {
            return Err(ModuleError::new(match self.program.path.as_str() {
                "" => "Failed to find required executable \"supervisorctl\"".to_owned(),
                path => format!("Provided path to supervisorctl does not exist or isn't executable: {path}"),
            }));
        }
        let text = answer.text().into_owned();
        let read = |line: &str| {
            let mut words = line.split_whitespace();
            Some((words.next()?.to_owned(), words.next()?.to_owned()))
        };
        let there: Vec<(String, String)> =
            text.lines().filter_map(read).filter(|(process, _)| self.means(process)).collect();
        let those = |fits: fn(&str) -> bool| {
            there.iter().filter(|(_, status)| fits(status)).map(|(process, _)| process.clone()).collect::<Vec<_>>()
        };
        let each = |word: &str, said: &str, on: &[String]| -> Vec<[String; 3]> {
            on.iter().map(|one| [word.to_owned(), one.clone(), format!("{one}: {said}")]).collect()
        };
        match self.state.as_str() {
            // What an update brings is only known after it.
            "restarted" => self.change(those(|_| true), Vec::new()),
            "present" | "absent" if there.is_empty() != (self.state == "present") => flow::done(self.result()),
            "present" => {
                let name = self.bare().to_owned();
                let steps = vec![
                    ["reread".to_owned(), String::new(), String::new()],
                    ["add".to_owned(), name.clone(), format!("{name}: added process group")],
                ];
                self.change(Vec::new(), steps)
            }
            "absent" => {
                let name = self.bare().to_owned();
                let stopped = if self.stop { those(is_active) } else { Vec::new() };
                let mut steps = each("stop", "stopped", &stopped);
                steps.push(["reread".to_owned(), String::new(), String::new()]);
                steps.push(["remove".to_owned(), name.clone(), format!("{name}: removed process group")]);
                self.change(Vec::new(), steps)
            }
            _ if there.is_empty() && self.name != "all" => Err(self.missing()),
            state => {
                let (on, word, said) = match state {
                    "started" => (those(|status| !is_active(status)), "start".to_owned(), "started"),
                    "stopped" => (those(is_active), "stop".to_owned(), "stopped"),
                    _ => (those(|status| status == "RUNNING"), format!("signal {}", self.signal), "signalled"),
                };
                if on.is_empty() {
                    return flow::done(self.result());
                }
                let steps = match self.name.as_str() {
                    "all" if state != "signalled" => vec![[word, "all".to_owned(), String::new()]],
                    _ => each(&word, said, &on),
                };
                self.change(on, steps)
            }
        }
    }

    fn change(self, on: Vec<String>, steps: Vec<[String; 3]>) -> Flow {
        let restart = self.state == "restarted";
        let lines: Vec<String> = steps.iter().map(|[word, one, _]| format!("{word} {one}").trim().to_owned()).collect();
        let lines = if restart { vec![format!("restart {}", self.name)] } else { lines };
        let diff = flow::diff_lines(&format!("supervisord: {}", self.name), &[], &lines);
        let program = &self.program;
        let update = if restart { "update" } else { "" };
        let fixed = [program.path.as_str(), update, &self.name, &program.options.len().to_string()].map(str::to_owned);
        let words = fixed.into_iter().chain(program.options.clone()).chain(steps.into_iter().flatten());
        let mut call = ScriptCall::new(actions::SUPERVISOR, words);
        call.secrets.clone_from(&program.secrets);
        let result = self.result();
        let missing = self.missing();
        let grouped = matches!(self.state.as_str(), "present" | "absent");
        flow::change(vec![diff], call, move |answer| {
            let Some(answer) = answer else {
                return if restart && on.is_empty() { Err(missing) } else { flow::done(TaskResult { changed: true, ..result }) };
            };
            if answer.rc != 0 {
                return Err(ModuleError { message: answer.errors().trim().to_owned(), ..missing });
            }
            let on = if restart { answer.text().lines().map(str::to_owned).collect() } else { on };
            let result = TaskResult { changed: true, ..result };
            let affected = Value::list(on.into_iter().map(Value::text).collect());
            flow::done(if grouped { result } else { result.field("affected", affected) })
        })
    }
}
