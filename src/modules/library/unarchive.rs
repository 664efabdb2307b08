//! `unarchive`: unpacks archives.

use crate::http::{Request, masked};
use crate::modules::files::look::Fields;
use crate::modules::files::{Attributes, file_arguments};
use crate::modules::flow::{self, Flow};
use crate::modules::web::{Answered, answer, client, download, request};
use crate::modules::{
    Answer, Args, Argument, BLANK, Content, LocalKind, LocalRead, LocalReply, Module, ModuleError, Question, Return,
    Rule, ScriptCall, Spec, Step, TaskContext, TaskResult, actions, probes,
};
use crate::template::{Dict, Value};

/// The module.
pub struct Unarchive;

/// The module.
pub static MODULE: Unarchive = Unarchive;

static SPEC: Spec = Spec {
    name: "unarchive",
    summary: "Unpacks an archive, unless all of it is there.",
    arguments: file_arguments![
        Argument::text("src", "The archive on the controller; with `remote_src` on the host, or an address.").required(),
        Argument::path("dest", "The directory that it goes into.").required(),
        Argument::bool("remote_src", false, "Takes `src` from the host or from a server."),
        Argument::bool("copy", true, "The opposite of `remote_src`, in old playbooks."),
        Argument::path("creates", "When it exists, nothing is unpacked."),
        Argument::bool("list_files", false, "Puts the names of its files into the result."),
        Argument::bool("keep_newer", false, "Leaves files that are newer."),
        Argument::list("exclude", "Patterns of what is left out."),
        Argument::list("include", "Names of what alone is taken."),
        Argument::list("extra_opts", "Further options of tar or unzip."),
        Argument::bool("decrypt", true, "Decrypts a vaulted archive; it always is."),
        Argument::of("io_buffer_size", crate::modules::Kind::Int, "No matter: the host's programs read it."),
        request::VALIDATE_CERTS,
    ],
    rules: &[Rule::Exclusive(&["include", "exclude"]), Rule::Exclusive(&["copy", "remote_src"])],
    returns: &[
        Return { name: "dest", about: "Where it went." },
        Return { name: "src", about: "The archive, where it was unpacked from." },
        Return { name: "handler", about: "What kind of archive it is." },
        Return { name: "extract_results", about: "How unpacking ended, when anything was unpacked." },
        Return { name: "files", about: "Its files, with `list_files`." },
    ],
    ..BLANK
};

impl Module for Unarchive {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args.clone();
        let remote = if args.is_given("copy") { !args.bool("copy") } else { args.bool("remote_src") };
        let source = args.needed("src").to_owned();
        let web = source.contains("://");
        if web && !remote {
            let message = "is only supported when remote_src is True";
            return Err(ModuleError::new(format!("Unsupported option, an URI src ({}) {message}", masked(&source))));
        }
        let request = if web { Some(Request { ..request::request(&args, &source)? }) } else { None };
        let plan = Plan { words: words(&args), context: Attributes::of(&args)?.context_text(), args, source, request };
        let creates = plan.args.needed("creates").to_owned();
        if creates.is_empty() {
            return plan.begin(context.check, remote);
        }
        let check = context.check;
        flow::ask(Question::new(&probes::EXISTING, ["", &creates, ""]), move |answer| {
            if answer.text().trim() == "created" {
                let skipped = TaskResult { skipped: true, ..TaskResult::ok() };
                return flow::done(skipped.message(format!("skipped, since {creates} exists")));
            }
            plan.begin(check, remote)
        })
    }
}

struct Plan {
    args: std::sync::Arc<Args>,
    source: String,
    request: Option<Request>,
    context: String,
    words: Vec<String>,
}

/// The words of an archive, as scripts take them.
fn words(args: &Args) -> Vec<String> {
    let mode = match args.value("mode") {
        Some(Value::Int(mode)) => format!("{mode:o}"),
        Some(mode) => mode.to_string(),
        None => String::new(),
    };
    let mut words = vec![
        args.needed("dest").to_owned(),
        args.bool("keep_newer").to_string(),
        args.needed("owner").to_owned(),
        args.needed("group").to_owned(),
        mode,
    ];
    for list in ["extra_opts", "exclude", "include"] {
        let items = args.texts(list);
        words.push(items.len().to_string());
        words.extend(items);
    }
    words
}

impl Plan {
    fn begin(self, check: bool, remote: bool) -> Flow {
        if remote && self.request.is_none() {
            let words = std::iter::once(self.source.clone()).chain(self.words.iter().cloned());
            return flow::ask(Question::new(&probes::UNARCHIVE, words), move |answer| self.looked(check, &answer));
        }
        if check {
            return flow::done(skipped());
        }
        if self.request.is_some() {
            return self.act("web", None);
        }
        let read = LocalRead::File { kind: "files", name: self.source.clone() };
        let next = move |reply: LocalReply| match reply {
            LocalReply::File(file) if file.kind == LocalKind::File => {
                let content = file.content.clone().map_or_else(|| Content::File(file.path.clone()), Content::Bytes);
                self.act("sent", Some(content))
            }
            _ => Err(ModuleError::new(format!("{} is no file", self.source))),
        };
        Ok(Step::Local(read, Box::new(next)))
    }

    fn looked(self, check: bool, answer: &Answer) -> Flow {
        flow::succeeded(Some(answer), "").map_err(|error| plain(&error))?;
        let mut fields = Fields::new(&answer.stdout);
        let (state, handler, source) = (fields.text()?, fields.text()?, fields.text()?);
        let files = String::from_utf8_lossy(fields.rest()).into_owned();
        if check && handler != "ZipArchive" {
            return flow::done(skipped());
        }
        if state == "same" {
            return flow::done(self.result(false, &handler, &source, &files));
        }
        if check {
            let result = self.result(state == "differs", &handler, &source, &files);
            return flow::change(Vec::new(), self.call("path"), |_| flow::done(result));
        }
        self.act("path", None)
    }

    fn call(&self, kind: &str) -> ScriptCall {
        let (simple, options) = self.request.as_ref().map(client::simple).unwrap_or_default();
        let own = [kind.to_owned(), masked(&self.source), simple, options, self.context.clone()];
        let mut call = ScriptCall::new(actions::UNARCHIVE, own.into_iter().chain(self.words.iter().cloned()));
        call.secrets = self.request.as_ref().map(client::settings).unwrap_or_default();
        call
    }

    fn act(self, kind: &str, input: Option<Content>) -> Flow {
        let mut call = self.call(kind);
        call.input = input;
        flow::change(Vec::new(), call, move |answer| {
            let answer = answer.unwrap_or_default();
            if let Some(request) = self.request.clone().filter(|_| answer.rc == 92) {
                return client::fetch(request, move |reply| self.fetched(Answered::fetched(reply)?));
            }
            self.ended(&answer)
        })
    }

    fn fetched(self, answered: Answered) -> Flow {
        let source = masked(&self.source);
        match answered {
            Answered::Response(response) if response.status.is_none_or(|status| status < 400) => {
                let mut call = self.call("sent");
                call.input = Some(download::content(&response));
                flow::change(Vec::new(), call, move |answer| {
                    // What is sent goes when nobody needs it any more.
                    let _sent = response;
                    self.ended(&answer.unwrap_or_default())
                })
            }
            Answered::Response(response) => {
                Err(ModuleError::new(format!("Failure downloading {source}, {}", answer::message(&response))))
            }
            Answered::Failed(error) => {
                Err(ModuleError::new(format!("Failure downloading {source}, {}", answer::failure(&error))))
            }
            Answered::NoClient => Err(ModuleError::new(format!("Failure downloading {source}"))),
        }
    }

    fn ended(&self, answer: &Answer) -> Flow {
        flow::succeeded(Some(answer), "").map_err(|error| plain(&error))?;
        let mut fields = Fields::new(&answer.stdout);
        let (state, handler, source) = (fields.text()?, fields.text()?, fields.text()?);
        let (rc, said) = (fields.text()?, fields.text()?);
        let files = String::from_utf8_lossy(fields.rest()).into_owned();
        let rc: i64 = rc.trim().parse().unwrap_or(1);
        let mut results = Dict::new();
        results.insert("rc".into(), rc.into());
        results.insert("out".into(), "".into());
        results.insert("err".into(), said.into());
        let result = self.result(state == "changed", &handler, &source, &files);
        if rc != 0 {
            let message = format!("failed to unpack {source} to {}", self.args.needed("dest"));
            let failed = TaskResult { changed: false, failed: true, ..result };
            return flow::done(failed.message(message).field("extract_results", Value::dict(results)));
        }
        flow::done(if state == "changed" { result.field("extract_results", Value::dict(results)) } else { result })
    }

    fn result(&self, changed: bool, handler: &str, source: &str, files: &str) -> TaskResult {
        let result = TaskResult::with_changed(changed)
            .field("dest", self.args.needed("dest"))
            .field("src", source)
            .field("handler", handler);
        if !self.args.bool("list_files") {
            return result;
        }
        let names = files.lines().map(|name| Value::from(name.trim_start_matches('/')));
        result.field("files", Value::list(names.collect()))
    }
}

fn skipped() -> TaskResult {
    let message = "remote module (unarchive) does not support check mode when using gtar";
    TaskResult { skipped: true, ..TaskResult::ok() }.message(message)
}

/// The host's own words, without the exit code's.
fn plain(error: &ModuleError) -> ModuleError {
    ModuleError::new(error.message.trim_start_matches(": ").to_owned())
}
