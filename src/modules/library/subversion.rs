//! `subversion`: checkouts of Subversion, through the host's own svn.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::modules::clients::{self, Clients};
use crate::modules::flow::{self, Flow};
use crate::modules::packages::version::compare;
use crate::modules::{
    Answer, Args, Argument, BLANK, Module, ModuleError, Question, Return, ScriptCall, Spec, Step, TaskContext,
    TaskResult, actions, probes,
};
use crate::secret::Secret;
use crate::template::Value;

/// The module.
pub struct Subversion;

/// The module.
pub static MODULE: Subversion = Subversion;

static SPEC: Spec = Spec {
    name: "subversion",
    summary: "Makes and updates checkouts of Subversion. Unproven on a real system.",
    arguments: &[
        Argument::text("repo", "The address of the repository.").required().aliases(&["name", "repository"]),
        Argument::path("dest", "The checkout; needed unless `checkout`, `update` and `export` are off."),
        Argument::text("revision", "The revision.").default("HEAD").aliases(&["rev", "version"]),
        Argument::bool("force", false, "Throws changes of the checkout away; without, they are an error."),
        Argument::bool("in_place", false, "Makes a checkout of a directory that is there and is none."),
        Argument::text("username", "The user of the repository."),
        Argument::text("password", "The user's password; needs svn 1.10 or newer, which reads it from its input.").secret(),
        Argument::path("executable", "The svn."),
        Argument::bool("checkout", true, "Makes a checkout that is missing."),
        Argument::bool("update", true, "Updates one that is there."),
        Argument::bool("export", false, "Exports and makes no checkout; always a change."),
        Argument::bool("switch", true, "Has the checkout follow `repo`."),
        Argument::bool("validate_certs", false, "Looks at certificates."),
    ],
    returns: &[
        Return { name: "before", about: "Revision and address before, where there was a checkout." },
        Return { name: "after", about: "Revision and address then." },
    ],
    ..BLANK
};

impl Module for Subversion {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let task = Task { args: context.args, check: context.check };
        let args = &task.args;
        let (checkout, update, export) = (args.bool("checkout"), args.bool("update"), args.bool("export"));
        if args.needed("dest").is_empty() && (checkout || update || export) {
            let message = "the destination directory must be specified unless checkout=no, update=no, and export=no";
            return Err(ModuleError::new(message));
        }
        let mut words = task.words();
        words.push(if checkout || update || export { "" } else { "remote" }.to_owned());
        let mut question = Question::new(&probes::SVN, words);
        question.secrets = task.secrets();
        flow::ask(question, move |answer| task.decide(&answer))
    }
}

struct Task {
    args: Arc<Args>,
    check: bool,
}

impl Task {
    fn words(&self) -> Vec<String> {
        let args = &self.args;
        let trust = if args.bool("validate_certs") { "" } else { "yes" };
        flow::words([
            args.needed("executable"),
            trust,
            args.needed("username"),
            args.needed("dest"),
            args.needed("repo"),
            args.needed("revision"),
        ])
    }

    fn secrets(&self) -> Vec<(String, Secret)> {
        let password = self.args.text("password").filter(|password| !password.is_empty());
        password.into_iter().map(|password| ("OPSCTL_PASSWORD".to_owned(), Secret::new(password.to_owned()))).collect()
    }

    fn decide(self, answer: &Answer) -> Flow {
        let args = &self.args;
        let clients = Clients::read(answer);
        let program = args.text("executable").filter(|program| !program.is_empty()).unwrap_or("svn");
        clients.require("version", program)?;
        let version = clients.said("version");
        clients::accept(Some(&version))?;
        if !self.secrets().is_empty() && compare(version.text().trim(), "1.10.0") == Ordering::Less {
            return Err(ModuleError::new("a password needs svn 1.10 or newer: older ones would show it to everybody"));
        }
        if let Some(remote) = clients.find("remote") {
            clients::accept(Some(remote))?;
            let text = remote.text().into_owned();
            return flow::done(TaskResult::ok().field("after", revision(&text).unwrap_or("Unable to get remote revision")));
        }
        if args.bool("export") || !clients.holds("there") {
            return self.fresh();
        }
        if clients.holds("info") {
            return self.settle(&clients);
        }
        if args.bool("in_place") {
            let verbs: &[&str] = if args.bool("force") { &["over", "revert"] } else { &["over"] };
            return self.run(verbs, None, false);
        }
        let message = format!("ERROR: {} folder already exists, but its not a subversion repository.", args.needed("dest"));
        Err(ModuleError::new(message))
    }

    /// Where there is nothing, or an export is asked for.
    fn fresh(self) -> Flow {
        let args = &self.args;
        match (args.bool("export"), args.bool("checkout")) {
            (true, _) if args.bool("force") => self.run(&["overwrite"], None, false),
            (true, _) => self.run(&["export"], None, false),
            (false, true) => self.run(&["checkout"], None, false),
            (false, false) => flow::done(TaskResult::ok()),
        }
    }

    fn settle(self, clients: &Clients) -> Flow {
        let args = &self.args;
        if !args.bool("update") {
            return flow::done(TaskResult::ok());
        }
        let altered = is_altered(&clients.text("status"));
        if altered && !args.bool("force") {
            return Err(ModuleError::new("ERROR: modified files exist in the repository."));
        }
        let info = clients.text("info");
        let head = clients.said("head");
        clients::accept(Some(&head))?;
        let head = head.text().into_owned();
        let number = |text: &str| revision(text).and_then(|line| line.split_once(':')?.1.trim().parse::<u64>().ok());
        let (here, there) = (number(&info), number(&head));
        let moves = args.bool("switch") && {
            let url = url(&info).and_then(|line| line.split_once(':')).map(|(_, url)| url.trim().to_owned());
            url.is_none_or(|url| url.trim_end_matches('/') != args.needed("repo").trim_end_matches('/'))
        };
        if !altered && !moves && here.is_some() && here == there {
            let at = place(&info);
            return flow::done(TaskResult::ok().field("before", at.clone()).field("after", at));
        }
        if self.check {
            let line = |text: &str| revision(text).unwrap_or("Unable to get revision").to_owned();
            let result = TaskResult::with_changed(altered || moves || here < there);
            let result = result.field("before", line(&info)).field("after", line(&head));
            if !result.changed {
                return flow::done(result);
            }
            return flow::change(Vec::new(), self.call(&["update"]), move |_| flow::done(result));
        }
        let mut verbs = Vec::new();
        verbs.extend(args.bool("switch").then_some("switch"));
        verbs.extend(altered.then_some("revert"));
        verbs.push("update");
        self.run(&verbs, Some(place(&info)), altered)
    }

    fn call(&self, verbs: &[&str]) -> ScriptCall {
        let words = self.words().into_iter().chain(verbs.iter().map(|verb| (*verb).to_owned()));
        ScriptCall { secrets: self.secrets(), ..ScriptCall::new(actions::SVN, words) }
    }

    fn run(self, verbs: &[&str], before: Option<Value>, altered: bool) -> Flow {
        let steps: Vec<String> = verbs.iter().map(|verb| (*verb).to_owned()).collect();
        let call = self.call(verbs);
        let diff = flow::diff_lines(self.args.needed("dest"), &[], &steps);
        flow::change(vec![diff], call, move |answer| {
            let Some(answer) = answer else { return flow::done(TaskResult::changed()) };
            let clients = Clients::read(&answer);
            let mut changed = altered || before.is_none();
            for verb in &steps {
                let said = clients.said(verb);
                clients::accept(Some(&said))?;
                let text = said.text();
                changed |= match verb.as_str() {
                    "switch" | "update" => text.lines().any(is_change),
                    _ => true,
                };
            }
            if self.args.bool("export") {
                return flow::done(TaskResult::changed());
            }
            let after = place(&clients.text("info"));
            let result = TaskResult::with_changed(changed).field("before", before.unwrap_or(Value::Null));
            flow::done(result.field("after", after))
        })
    }
}

/// `A    file`: something that svn did to a file.
fn is_change(line: &str) -> bool {
    let mut letters = line.chars();
    letters.next().is_some_and(|letter| "ABDUCGE".contains(letter)) && letters.next().is_some_and(char::is_whitespace)
}

/// Whether files that svn knows were altered.
fn is_altered(status: &str) -> bool {
    status.lines().any(|line| line.chars().next().is_some_and(|letter| !matches!(letter, '?' | 'X')))
}

/// The line with the revision: the first one that is a word, a colon and a number.
fn revision(info: &str) -> Option<&str> {
    info.lines().find(|line| {
        line.split_once(':').is_some_and(|(name, number)| {
            let name = name.trim_end();
            let number = number.trim_start();
            !name.is_empty()
                && name.chars().all(|letter| letter.is_alphanumeric() || letter == '_')
                && !number.is_empty()
                && number.chars().all(|digit| digit.is_ascii_digit())
        })
    })
}

/// The line with the address.
fn url(info: &str) -> Option<&str> {
    info.lines().find(|line| line.starts_with("URL:") || line.starts_with("URL :"))
}

fn place(info: &str) -> Value {
    let revision = revision(info).unwrap_or("Unable to get revision");
    Value::list(vec![Value::text(revision), Value::text(url(info).unwrap_or("Unable to get URL"))])
}
