//! `get_url`: a file of a web server as a file of a host.

use crate::http::{Request, Response, masked};
use crate::modules::files::{Attributes, Look, LookCall, PathState, Write, changed_by, file_arguments, paths, set};
use crate::modules::flow::{self, Flow};
use crate::modules::web::answer::{failure, message};
use crate::modules::web::checksum::{self, Wanted, file_name};
use crate::modules::web::download::{self, Download, Downloaded, Outcome};
use crate::modules::web::{Answered, client, request};
use crate::modules::{
    Action, Answer, Argument, BLANK, Change, Module, ModuleError, Return, Spec, Step, TaskContext,
    TaskResult,
};
use crate::template::Value;

/// The module.
pub struct GetUrl;

/// The module.
pub static MODULE: GetUrl = GetUrl;

static SPEC: Spec = Spec {
    name: "get_url",
    summary: "Gets a file from a web server.",
    arguments: file_arguments![
        Argument::text("url", "Where it is.").required(),
        Argument::path("dest", "Where it goes; a directory gets it under the server's name for it.").required(),
        Argument::text("checksum", "`ALGORITHM:CHECKSUM` that it must have, or `ALGORITHM:ADDRESS` of a list of them."),
        Argument::bool("backup", false, "Keeps the old file."),
        Argument::int("timeout", "Without a sign of life for so many seconds, it has failed.").default("10"),
        Argument::path("tmp_dest", "The directory that takes it meanwhile; else that of `dest`."),
        request::FORCE,
        request::HTTP_AGENT,
        request::USE_PROXY,
        request::VALIDATE_CERTS,
        request::URL_USERNAME.aliases(&["username"]),
        request::URL_PASSWORD.aliases(&["password"]),
        request::FORCE_BASIC_AUTH,
        request::CLIENT_CERT,
        request::CLIENT_KEY,
        request::HEADERS,
        request::DECOMPRESS,
        request::CIPHERS,
        request::USE_NETRC,
    ],
    returns: &[
        Return { name: "dest", about: "Where it went." },
        Return { name: "url", about: "Where it came from." },
        Return { name: "checksum_src", about: "Its SHA-1." },
        Return { name: "checksum_dest", about: "The SHA-1 of what was there." },
        Return { name: "md5sum", about: "Its MD5." },
        Return { name: "status_code", about: "What the server answered." },
        Return { name: "elapsed", about: "How many seconds it took." },
        Return { name: "src", about: "Where it was meanwhile." },
        Return { name: "backup_file", about: "Where the old file was kept, if it was." },
    ],
    ..BLANK
};

impl Module for GetUrl {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let get = Get::of(&context)?;
        let name = file_name(get.request.url.expose()).to_owned();
        let mut call = LookCall::at([get.dest.clone(), paths::join(&get.dest, &name)]).attributes(&get.attributes);
        call.checksum = format!("{}sum", get.wanted.as_ref().map_or("sha1", |wanted| &wanted.algorithm));
        let mut questions = vec![call.question()];
        match &get.wanted {
            Some(wanted) if wanted.is_address() => questions.push(client::question(&get.list()?, "")),
            Some(_) if !get.check => {}
            _ if get.force && !get.check => {}
            _ => {
                let since = if get.force { "" } else { &get.dest };
                questions.push(client::question(&get.head(), since));
            }
        }
        let next = move |answers: Vec<Answer>| {
            let mut answers = answers.into_iter();
            let look = Look::read(&call, &answers.next().unwrap_or_default())?;
            get.looked(look, answers.next())
        };
        Ok(Step::Ask(questions, Box::new(next)))
    }
}

struct Get {
    args: std::sync::Arc<crate::modules::Args>,
    request: Request,
    dest: String,
    wanted: Option<Wanted>,
    attributes: Attributes,
    force: bool,
    check: bool,
}

/// What is at the place, and who can ask.
struct Place {
    look: Look,
    state: PathState,
    directory: bool,
}

impl Get {
    fn of(context: &TaskContext) -> Result<Self, ModuleError> {
        let args = context.args.clone();
        Ok(Self {
            request: request::request(&args, args.needed("url"))?,
            dest: args.needed("dest").to_owned(),
            wanted: Wanted::parse(args.needed("checksum"))?,
            attributes: Attributes::of(&args)?,
            force: args.bool("force"),
            check: context.check,
            args,
        })
    }

    fn list(&self) -> Result<Request, ModuleError> {
        request::request(&self.args, self.wanted.as_ref().map_or("", |wanted| &wanted.value))
    }

    fn head(&self) -> Request {
        Request { method: "HEAD".to_owned(), ..self.request.clone() }
    }

    fn result(&self, dest: &str) -> TaskResult {
        TaskResult::ok().field("url", masked(self.request.url.expose())).field("dest", dest)
    }

    fn fail(&self, message: impl Into<String>) -> ModuleError {
        let url = masked(self.request.url.expose());
        ModuleError::new(message).field("url", url).field("dest", self.dest.as_str())
    }

    fn looked(mut self, look: Look, web: Option<Answer>) -> Flow {
        let Some(wanted) = self.wanted.clone().filter(Wanted::is_address) else { return self.decide(look, web) };
        let list = self.list()?;
        let read = move |mut this: Self, look: Look, answered: Answered| {
            let text = this.good(answered)?;
            let url = this.request.url.expose().to_owned();
            this.wanted = Some(wanted.listed(&String::from_utf8_lossy(&bytes(&text)?), &url)?);
            this.decide(look, None)
        };
        match Answered::of(&list, &web.unwrap_or_default())? {
            Answered::NoClient => {
                self.wanted = None;
                client::fetch(list, move |reply| read(self, look, Answered::fetched(reply)?))
            }
            answered => read(self, look, answered),
        }
    }

    /// An answer that is a file.
    fn good(&self, answered: Answered) -> Result<Response, ModuleError> {
        match answered {
            Answered::NoClient => Err(self.fail("nobody could ask")),
            Answered::Failed(error) => Err(self.fail(failure(&error))),
            Answered::Response(response) => match response.status {
                None | Some(200) => Ok(*response),
                Some(status) => Err(self
                    .fail("Request failed")
                    .field("status_code", i64::from(status))
                    .field("elapsed", elapsed(&response))
                    .field("response", message(&response))),
            },
        }
    }

    fn decide(self, look: Look, web: Option<Answer>) -> Flow {
        let directory = look.paths[0].is_directory();
        let state = look.paths[usize::from(directory)].clone();
        if !directory && state.exists() && !self.force && self.matches(&state) {
            return self.settle(&look, &state, "file already exists", "file already exists but file attributes changed");
        }
        if !directory && !state.has_parent() {
            return Err(self.fail(format!("Destination {} does not exist", state.parent())));
        }
        let place = Place { look, state, directory };
        let head = self.head();
        match web.map(|answer| Answered::of(&head, &answer)).transpose()? {
            Some(Answered::NoClient) => self.fetch(place),
            Some(Answered::Response(response)) if response.status == Some(304) => {
                let result = self.result(&place.state.name).message(message(&response)).field("status_code", 304);
                flow::done(result.field("elapsed", elapsed(&response)))
            }
            Some(answered) if self.check => {
                let response = self.good(answered)?;
                self.predict(&place, &response)
            }
            // A server may not like `HEAD`; what it says to `GET` counts.
            _ => self.download(place),
        }
    }

    fn matches(&self, state: &PathState) -> bool {
        self.wanted.as_ref().is_some_and(|wanted| wanted.value == state.checksum)
    }

    /// The file is as it is to be, but for its attributes.
    fn settle(self, look: &Look, state: &PathState, same: &'static str, altered: &'static str) -> Flow {
        let fix = self.attributes.fix(look, state)?;
        let result = self.result(&state.name).field("elapsed", 0);
        if fix.is_empty() {
            return flow::done(state.describe(result).message(same));
        }
        let diff = vec![crate::modules::files::diff::properties(&state.name, &fix.before, &fix.after)];
        let change = Change { diff, action: set::attributes(&state.name, fix) };
        let state = state.clone();
        Ok(Step::Change(
            change,
            Box::new(move |answer| {
                let state = answer.as_ref().map(changed_by).transpose()?.map_or(state, |changed| changed.state);
                flow::done(TaskResult { changed: true, ..state.describe(result).message(altered) })
            }),
        ))
    }

    /// What check mode says: nobody knows what a server's file is before it is here.
    fn predict(self, place: &Place, response: &Response) -> Flow {
        let (state, look) = (&place.state, &place.look);
        let write = Write { content: None, ..Write::new(state.clone(), [], self.attributes.clone()) };
        let result = self.result(&state.name).field("status_code", i64::from(response.status.unwrap_or(200)));
        let result = TaskResult { changed: true, ..result }.message(message(response));
        Ok(Step::Change(Change { diff: Vec::new(), action: write.action(look)? }, Box::new(|_| flow::done(result))))
    }

    fn download(self, place: Place) -> Flow {
        let named = |wanted: &Wanted| (wanted.algorithm.clone(), wanted.value.clone());
        let stale = self.force || self.wanted.is_some() || place.directory;
        let download = Download {
            dest: if place.directory { place.look.paths[0].name.clone() } else { place.state.name.clone() },
            directory: place.directory,
            naming: "get_url",
            scratch: self.args.needed("tmp_dest").to_owned(),
            checksum: self.wanted.as_ref().map(named),
            since: if stale { String::new() } else { place.state.name.clone() },
            statuses: vec![200],
            content: false,
            backup: self.args.bool("backup"),
        };
        let call = download.action(&self.request, &place.look, &place.state, &self.attributes)?;
        flow::change(Vec::new(), call, move |answer| {
            let Some(answer) = answer else { return flow::done(TaskResult::changed()) };
            let done = Downloaded::read(&self.request, &answer)?;
            if done.answered == Answered::NoClient {
                return self.fetch(place);
            }
            self.ended(&place, done)
        })
    }

    fn ended(self, place: &Place, done: Downloaded) -> Flow {
        if let Answered::Response(response) = &done.answered
            && response.status == Some(304)
        {
            let result = self.result(&place.state.name).message(message(response)).field("status_code", 304);
            return flow::done(result.field("elapsed", elapsed(response)));
        }
        let response = self.good(done.answered)?;
        if done.outcome == Outcome::Mismatch {
            let wanted = self.wanted.as_ref().map_or("", |wanted| &wanted.value);
            let message =
                format!("The checksum for {} did not match {wanted}; it was {}.", done.scratch, done.digest);
            return Err(self.fail(message).field("checksum_src", done.sha1).field("src", done.scratch));
        }
        let fixed = done.outcome == Outcome::Same && !self.attributes.fix(&place.look, &place.state)?.is_empty();
        let result = TaskResult { changed: done.outcome == Outcome::New || fixed, ..self.result(&done.path) };
        let old = if done.old_sha1.is_empty() { Value::Null } else { done.old_sha1.into() };
        let result = result
            .field("checksum_src", done.sha1)
            .field("checksum_dest", old)
            .field("md5sum", done.md5)
            .field("src", done.scratch)
            .field("status_code", i64::from(response.status.unwrap_or(200)))
            .field("elapsed", elapsed(&response))
            .message(message(&response));
        let result = done.changed.state.describe(result);
        flow::done(match done.changed.backup {
            Some(backup) => result.field("backup_file", backup),
            None => result,
        })
    }

    /// The controller gets the file and sends it.
    fn fetch(self, place: Place) -> Flow {
        let request = if self.check { self.head() } else { self.request.clone() };
        client::fetch(request, move |reply| {
            let response = self.good(Answered::fetched(reply)?)?;
            if self.check {
                return self.predict(&place, &response);
            }
            self.send(place, response)
        })
    }

    fn send(self, place: Place, response: Response) -> Flow {
        let Place { look, mut state, directory } = place;
        if directory && file_name(&response.url) != paths::base(&state.name) {
            let name = paths::join(&look.paths[0].name, file_name(&response.url));
            state = PathState { name, ..PathState::default() };
        }
        let algorithm = self.wanted.as_ref().map_or("sha1", |wanted| &wanted.algorithm);
        let sum = checksum::of(algorithm, &response)?;
        if let Some(wanted) = self.wanted.as_ref().filter(|wanted| wanted.value != sum) {
            let url = masked(self.request.url.expose());
            let message = format!("The checksum for {url} did not match {}; it was {sum}.", wanted.value);
            return Err(self.fail(message));
        }
        if state.checksum == sum {
            let message = message(&response);
            let result = self.settle(&look, &state, "", "")?;
            return Ok(told(result, response, message));
        }
        let mut write = Write::new(state.clone(), [], self.attributes.clone());
        write.content = Some(download::content(&response));
        write.backup = self.args.bool("backup");
        let result = TaskResult { changed: true, ..self.result(&state.name) }
            .field("checksum_src", checksum::of("sha1", &response)?)
            .field("md5sum", checksum::of("md5", &response)?)
            .field("status_code", i64::from(response.status.unwrap_or(200)))
            .field("elapsed", elapsed(&response))
            .message(message(&response));
        let change = Change { diff: Vec::new(), action: write.action(&look)? };
        let next = move |answer: Option<Answer>| {
            // What is sent goes when nobody needs it any more.
            let _sent = response;
            let changed = answer.as_ref().map(changed_by).transpose()?.unwrap_or_default();
            let result = changed.state.describe(result);
            flow::done(match changed.backup {
                Some(backup) => result.field("backup_file", backup),
                None => result,
            })
        };
        Ok(Step::Change(change, Box::new(next)))
    }
}

/// The step with what the server said in its result.
fn told(step: Step, response: Response, message: String) -> Step {
    let tell = move |result: TaskResult| {
        let status = i64::from(response.status.unwrap_or(200));
        result.message(message).field("status_code", status).field("elapsed", elapsed(&response))
    };
    match step {
        Step::Done(result) => Step::Done(tell(result)),
        Step::Change(Change { diff, action: Action::Script(call) }, next) => Step::Change(
            Change { diff, action: Action::Script(call) },
            Box::new(move |answer| next(answer).map(|step| told_end(step, tell))),
        ),
        other => other,
    }
}

fn told_end(step: Step, tell: impl FnOnce(TaskResult) -> TaskResult) -> Step {
    if let Step::Done(result) = step { Step::Done(tell(result)) } else { step }
}

fn elapsed(response: &Response) -> i64 {
    i64::try_from(response.elapsed.as_secs()).unwrap_or(i64::MAX)
}

fn bytes(response: &Response) -> Result<Vec<u8>, ModuleError> {
    match &response.body {
        crate::http::Received::Bytes(bytes) => Ok(bytes.to_vec()),
        crate::http::Received::File(_) => Err(ModuleError::new("the list of checksums is too large")),
    }
}
