//! `uri`: asks a web server.

use std::sync::Arc;

use sha1::{Digest as _, Sha1};

use crate::http::{Body, Received, Redirects, Request, RequestError, Response, masked};
use crate::modules::files::copy::hex;
use crate::modules::files::{Attributes, Look, LookCall, PathState, Write, changed_by, file_arguments, paths};
use crate::modules::flow::{self, Flow};
use crate::modules::web::answer::{failure, message};
use crate::modules::web::body::{self, Part};
use crate::modules::web::checksum::file_name;
use crate::modules::web::download::{self, Download, Downloaded, Outcome};
use crate::modules::web::{Answered, client, fields, request};
use crate::modules::{
    Answer, Args, Argument, BLANK, Change, CheckMode, Content, Kind, LocalRead, LocalReply, Module, ModuleError,
    Question, Return, Rule, Spec, Step, TaskContext, TaskResult, probes,
};
use crate::secret::Secret;
use crate::template::Value;

/// The module.
pub struct Uri;

/// The module.
pub static MODULE: Uri = Uri;

static SPEC: Spec = Spec {
    name: "uri",
    summary: "Asks a web server.",
    arguments: file_arguments![
        Argument::text("url", "Whom and what.").required(),
        Argument::path("dest", "Where the answer is saved; a directory gets it under the server's name for it."),
        Argument::text("method", "`GET`, `POST`, …").default("GET"),
        Argument::of("body", Kind::Raw, "What is sent."),
        Argument::text("body_format", "What the body is turned into.").default("raw").choices(&[
            "form-urlencoded",
            "json",
            "raw",
            "form-multipart",
        ]),
        Argument::text("src", "A file that is sent."),
        Argument::bool("remote_src", false, "Takes `src` from the host."),
        Argument::bool("return_content", false, "Puts the answer into the result."),
        Argument::text("follow_redirects", "Which redirections are followed.").default("safe").choices(&[
            "all", "no", "none", "safe", "urllib2", "yes",
        ]),
        Argument::path("creates", "When it exists, nothing is asked."),
        Argument::path("removes", "When it does not exist, nothing is asked."),
        Argument::of("status_code", Kind::List(&Kind::Int), "The statuses that are good.").default("200"),
        Argument::int("timeout", "Without a sign of life for so many seconds, it has failed.").default("30"),
        Argument::path("unix_socket", "A socket that is asked instead of the server."),
        Argument::path("ca_path", "A file of certificates that are trusted."),
        request::FORCE,
        request::HTTP_AGENT,
        request::USE_PROXY,
        request::VALIDATE_CERTS,
        request::URL_USERNAME.aliases(&["user"]),
        request::URL_PASSWORD.aliases(&["password"]),
        request::FORCE_BASIC_AUTH,
        request::CLIENT_CERT,
        request::CLIENT_KEY,
        request::HEADERS,
        request::DECOMPRESS,
        request::CIPHERS,
        request::USE_NETRC,
    ],
    rules: &[Rule::Exclusive(&["body", "src"])],
    check_mode: CheckMode::Skipped,
    returns: &[
        Return { name: "status", about: "What the server answered." },
        Return { name: "url", about: "Where the answer came from in the end." },
        Return { name: "redirected", about: "Whether that is another address." },
        Return { name: "content", about: "The answer, with `return_content`." },
        Return { name: "json", about: "The answer, where it is JSON." },
        Return { name: "cookies", about: "The cookies that were set." },
        Return { name: "cookies_string", about: "The same as a header." },
        Return { name: "elapsed", about: "How many seconds it took." },
        Return { name: "path", about: "Where it was saved." },
    ],
    ..BLANK
};

impl Module for Uri {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args.clone();
        let mut request = request::request(&args, args.needed("url"))?;
        request.method = args.needed("method").to_uppercase();
        if request.method.is_empty() || !request.method.bytes().all(|byte| byte.is_ascii_uppercase()) {
            let message = "Parameter 'method' needs to be a single word in uppercase, like GET or POST.";
            return Err(ModuleError::new(message));
        }
        request.redirects = match args.needed("follow_redirects") {
            "safe" => Redirects::Safe,
            "none" | "no" => Redirects::None,
            _ => Redirects::All,
        };
        let statuses = args.list("status_code").iter().filter_map(|code| code.to_string().parse().ok()).collect();
        let ask = Ask { attributes: Attributes::of(&args)?, request, input: None, statuses, args };
        ask.with_body()
    }
}

struct Ask {
    args: Arc<Args>,
    request: Request,
    /// The body, as the action's input.
    input: Option<Content>,
    statuses: Vec<i64>,
    attributes: Attributes,
}

impl Ask {
    fn with_body(mut self) -> Flow {
        let none = Value::Null;
        let body = self.args.value("body").unwrap_or(&none).clone();
        if let Some(source) = self.args.text("src").map(str::to_owned) {
            if self.args.bool("remote_src") {
                self.request.body = Some(Body::Remote(source));
                return self.conditions();
            }
            return Ok(Step::Local(LocalRead::File { kind: "files", name: source }, Box::new(|reply| self.with_file(reply))));
        }
        match self.args.needed("body_format") {
            "json" => {
                self.content_type("application/json");
                self.send(body::json(&body).into_bytes());
            }
            "form-urlencoded" => {
                self.content_type("application/x-www-form-urlencoded");
                if !matches!(body, Value::Null) {
                    self.send(body::form(&body)?.into_bytes());
                }
            }
            "form-multipart" => {
                let parts = body::parts(&body)?;
                return self.read_parts(parts);
            }
            _ if matches!(body, Value::Null) => {}
            _ => self.send(body::raw(&body).into_bytes()),
        }
        self.conditions()
    }

    fn content_type(&mut self, mime: &str) {
        if !self.request.has_header("content-type") {
            self.request.headers.push(("Content-Type".to_owned(), Secret::new(mime.to_owned())));
        }
    }

    fn send(&mut self, bytes: Vec<u8>) {
        let bytes: Arc<[u8]> = bytes.into();
        self.request.body = Some(Body::Bytes(bytes.clone()));
        self.input = Some(Content::Bytes(bytes));
    }

    fn with_file(mut self, reply: LocalReply) -> Flow {
        let LocalReply::File(file) = reply else { return Err(ModuleError::new("src is no file")) };
        if let Some(bytes) = file.content {
            self.send(bytes.to_vec());
        } else {
            self.request.body = Some(Body::File(file.path.clone()));
            self.input = Some(Content::File(file.path));
        }
        self.conditions()
    }

    /// Reads the files of a form, one after another.
    fn read_parts(mut self, mut parts: Vec<Part>) -> Flow {
        let missing = parts.iter().position(|part| part.content.is_none());
        let Some(index) = missing else {
            // The same for the same parts, and nothing that stands in them.
            let digest = parts.iter().fold(Sha1::new(), |sha, part| sha.chain_update(part.content.as_deref().unwrap_or_default()));
            let (mime, bytes) = body::multipart(&parts, &format!("==============={}==", hex(&digest.finalize())));
            self.request.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
            self.content_type(&mime);
            self.send(bytes);
            return self.conditions();
        };
        let name = parts[index].filename.clone().unwrap_or_default();
        if self.args.bool("remote_src") {
            return Err(ModuleError::new(format!("{name}: files of forms are read on the controller, not with `remote_src`")));
        }
        let read = LocalRead::File { kind: "files", name: name.clone() };
        let next = move |reply: LocalReply| match reply {
            LocalReply::File(file) if file.content.is_some() => {
                parts[index].content = file.content.map(|bytes| bytes.to_vec());
                self.read_parts(parts)
            }
            _ => Err(ModuleError::new(format!("{name}: a file of a form may have 1 MiB at most"))),
        };
        Ok(Step::Local(read, Box::new(next)))
    }

    /// Whether asking may alter what the server has.
    fn alters(&self) -> bool {
        !matches!(self.request.method.as_str(), "GET" | "HEAD" | "OPTIONS") || self.request.body.is_some()
    }

    /// Looks whether anything is to be asked, and what is at the place of the answer.
    fn conditions(self) -> Flow {
        let text = |name: &str| self.args.text(name).unwrap_or_default().to_owned();
        let (creates, removes, dest) = (text("creates"), text("removes"), text("dest"));
        let mut questions = Vec::new();
        let conditional = !creates.is_empty() || !removes.is_empty();
        if conditional {
            questions.push(Question::new(&probes::EXISTING, ["", &creates, &removes]));
        }
        let name = file_name(self.request.url.expose());
        let call = LookCall::at([dest.clone(), paths::join(&dest, name)]).sha1().attributes(&self.attributes);
        if !dest.is_empty() {
            questions.push(call.question());
        }
        if questions.is_empty() {
            return self.ask();
        }
        let next = move |answers: Vec<Answer>| {
            let mut answers = answers.into_iter();
            if conditional {
                let skipped = match answers.next().unwrap_or_default().text().trim() {
                    "created" => Some(format!("skipped, since '{creates}' exists")),
                    "removed" => Some(format!("skipped, since '{removes}' does not exist")),
                    _ => None,
                };
                if let Some(skipped) = skipped {
                    let lines = vec![Value::from(skipped.as_str())];
                    return flow::done(TaskResult::ok().field("stdout", skipped).field("stdout_lines", lines));
                }
            }
            match answers.next() {
                Some(answer) => self.save(Look::read(&call, &answer)?),
                None => self.ask(),
            }
        };
        Ok(Step::Ask(questions, Box::new(next)))
    }

    fn ask(self) -> Flow {
        let ended = move |this: Self, answer: Answer| match Answered::of(&this.request, &answer)? {
            Answered::NoClient => match client::not_for_controller(&this.request) {
                Some(reason) => this.end(Answered::Failed(RequestError(reason)), None),
                None => client::fetch(this.request.clone(), move |reply| this.end(Answered::fetched(reply)?, None)),
            },
            answered => this.end(answered, None),
        };
        if !self.alters() {
            return flow::ask(client::question(&self.request, ""), move |answer| ended(self, answer));
        }
        let mut call = client::action(&self.request);
        call.input.clone_from(&self.input);
        flow::change(Vec::new(), call, move |answer| ended(self, answer.unwrap_or_default()))
    }

    /// Asks and saves the answer.
    fn save(self, look: Look) -> Flow {
        let directory = look.paths[0].is_directory();
        let state = look.paths[usize::from(directory)].clone();
        if !directory && !state.has_parent() {
            return Err(ModuleError::new(format!("Destination directory {} does not exist", state.parent())));
        }
        let since = !directory && state.is_file() && !self.args.bool("force");
        let download = Download {
            dest: if directory { look.paths[0].name.clone() } else { state.name.clone() },
            directory,
            naming: "uri",
            since: if since { state.name.clone() } else { String::new() },
            statuses: self.statuses.iter().filter_map(|code| u16::try_from(*code).ok()).collect(),
            content: true,
            ..Download::default()
        };
        let mut call = download.action(&self.request, &look, &state, &self.attributes)?;
        call.input.clone_from(&self.input);
        flow::change(Vec::new(), call, move |answer| {
            let done = Downloaded::read(&self.request, &answer.unwrap_or_default())?;
            match done.answered {
                Answered::NoClient => client::fetch(self.request.clone(), move |reply| match Answered::fetched(reply)? {
                    Answered::Response(response) if self.is_good(&response) => self.send_on(&look, state, *response),
                    answered => self.end(answered, None),
                }),
                answered if done.outcome == Outcome::Refused => self.end(answered, Some((state, false))),
                answered => self.end(answered, Some((PathState { name: done.path, ..done.changed.state }, true))),
            }
        })
    }

    /// Saves what the controller got.
    fn send_on(self, look: &Look, mut state: PathState, response: Response) -> Flow {
        if look.paths[0].is_directory() && file_name(&response.url) != paths::base(&state.name) {
            let name = paths::join(&look.paths[0].name, file_name(&response.url));
            state = PathState { name, ..PathState::default() };
        }
        let name = state.name.clone();
        let mut write = Write::new(state, [], self.attributes.clone());
        write.content = Some(download::content(&response));
        let change = Change { diff: Vec::new(), action: write.action(look)? };
        let next = move |answer: Option<Answer>| {
            let changed = answer.as_ref().map(changed_by).transpose()?.unwrap_or_default();
            let saved = PathState { name, ..changed.state };
            self.end(Answered::Response(Box::new(response)), Some((saved, true)))
        };
        Ok(Step::Change(change, Box::new(next)))
    }

    fn is_good(&self, response: &Response) -> bool {
        self.statuses.contains(&i64::from(response.status.unwrap_or(200)))
    }

    /// The result; `saved` is where the answer was to go, and whether it did.
    fn end(self, answered: Answered, saved: Option<(PathState, bool)>) -> Flow {
        let good = format!("[{}]", self.statuses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "));
        let response = match answered {
            Answered::Response(response) => response,
            Answered::NoClient => return Err(ModuleError::new("nobody could ask")),
            Answered::Failed(error) => {
                let url = masked(self.request.url.expose());
                let message = format!("Status code was -1 and not {good}: {}", failure(&error));
                let mut result = TaskResult::failed(message).field("status", -1).field("url", url).field("elapsed", 0);
                if self.args.bool("return_content") {
                    result = result.field("content", "");
                }
                return flow::done(result.field("redirected", false));
            }
        };
        let mut result = fields(TaskResult::ok(), &self.request, &response);
        if let Some((state, written)) = saved {
            result.changed = written;
            result = state.describe(result).field("path", state.name.as_str());
        }
        let is_good = self.is_good(&response);
        let (json, charset) = kind(&response.header("content-type").unwrap_or_default());
        let wants = self.args.bool("return_content");
        if json || wants || !is_good {
            let text = decode(&response, &charset)?;
            if let Some(value) = serde_json::from_str(&text).ok().filter(|_| json) {
                result = result.field("json", Value::of_json(&value));
            }
            if wants {
                result = result.field("content", text);
            }
        }
        if !is_good {
            result.failed = true;
            let status = response.status.unwrap_or_default();
            result = result.message(format!("Status code was {status} and not {good}: {}", message(&response)));
        }
        flow::done(result)
    }
}

/// Whether a content type means JSON, and its charset.
fn kind(content_type: &str) -> (bool, String) {
    let mut parts = content_type.split(';');
    let subtype = parts.next().and_then(|mime| mime.trim().split_once('/')).map_or("", |(_, subtype)| subtype);
    let subtype = subtype.split_once('+').map_or(subtype, |(_, suffix)| suffix).to_lowercase();
    let charset = parts.find_map(|part| part.trim().split_once('=').filter(|(name, _)| name.eq_ignore_ascii_case("charset")));
    let charset = charset.map_or("utf-8", |(_, value)| value.trim_matches(['"', '\'']));
    (matches!(subtype.as_str(), "json" | "javascript"), charset.to_lowercase())
}

fn decode(response: &Response, charset: &str) -> Result<String, ModuleError> {
    let Received::Bytes(bytes) = &response.body else {
        return Err(ModuleError::new("the answer is larger than what is kept; save it with `dest`"));
    };
    Ok(match charset {
        "iso-8859-1" | "latin-1" | "latin1" => bytes.iter().map(|byte| char::from(*byte)).collect(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    })
}
