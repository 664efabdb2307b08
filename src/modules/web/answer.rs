//! What curl and wget on a host say, and results that show it.

use std::time::Duration;

use crate::http::{Received, Request, RequestError, Response, join, masked};
use crate::modules::{Answer, LocalReply, ModuleError, TaskResult};
use crate::template::{Dict, Value};

/// How a host's asking ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answered {
    /// A server answered.
    Response(Box<Response>),
    /// None did.
    Failed(RequestError),
    /// The host has nothing to ask with.
    NoClient,
}

/// What a client printed.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    /// The last line: who asked, and what it counts.
    pub line: &'a str,
    /// Its exit code.
    pub rc: i32,
    /// The headers of all answers.
    pub heads: &'a str,
    /// Its messages.
    pub errors: &'a str,
    /// What the last answer holds.
    pub body: &'a [u8],
}

impl Answered {
    /// Reads the answer of the probe or action `web`.
    ///
    /// # Errors
    /// When it is larger than what is kept.
    pub fn of(request: &Request, answer: &Answer) -> Result<Self, ModuleError> {
        let end = memchr::memrchr(b'\n', &answer.stdout);
        let (all, line) = end.map_or((&answer.stdout[..], &b""[..]), |end| answer.stdout.split_at(end));
        let line = String::from_utf8_lossy(line).trim().to_owned();
        let errors = answer.errors();
        let mut words = line.split(' ');
        let (who, _, size) = (words.next().unwrap_or_default(), words.next(), words.next().unwrap_or_default());
        let heads_size = match who {
            "curl" => heads_end(all, size.parse().unwrap_or(0)),
            "wget" | "none" => 0,
            _ if answer.rc != 0 => {
                let message = format!("{}: {}", masked(request.url.expose()), errors.trim());
                return Ok(Self::Failed(RequestError(message)));
            }
            _ => return Err(ModuleError::new("the answer is larger than what is kept; save it with `dest`")),
        };
        let heads = String::from_utf8_lossy(&all[..heads_size]).into_owned();
        let heads = if who == "wget" { errors.as_ref() } else { &heads };
        let said = Said { line: &line, rc: answer.rc, heads, errors: &errors, body: &all[heads_size..] };
        Ok(said.read(request, answer.duration))
    }

    /// Where the controller asked.
    ///
    /// # Errors
    /// When it did not.
    pub fn fetched(reply: LocalReply) -> Result<Self, ModuleError> {
        match reply {
            LocalReply::Fetched(Ok(response)) => Ok(Self::Response(Box::new(response))),
            LocalReply::Fetched(Err(error)) => Ok(Self::Failed(error)),
            _ => Err(ModuleError::new("the controller has no answer")),
        }
    }
}

/// Where the headers end: they are blocks, no longer than `limit` in all.
fn heads_end(all: &[u8], limit: usize) -> usize {
    let mut end = 0;
    while end < limit && all[end..].starts_with(b"HTTP/") {
        match memchr::memmem::find(&all[end..], b"\r\n\r\n") {
            Some(length) => end += length + 4,
            None => break,
        }
    }
    end
}

impl Said<'_> {
    /// Makes an answer of what was printed.
    #[must_use]
    pub fn read(&self, request: &Request, elapsed: Duration) -> Answered {
        if self.line.starts_with("none") {
            return Answered::NoClient;
        }
        let mut response = Response { elapsed, url: request.url.expose().to_owned(), ..Response::default() };
        read_heads(self.heads, request, &mut response);
        let is_curl = self.line.starts_with("curl");
        let no_status = !request.url.expose().starts_with("http") && self.rc == 0;
        if (is_curl && self.rc != 0) || (response.status.is_none() && !no_status) {
            return Answered::Failed(RequestError(reason(self.rc, self.errors, is_curl)));
        }
        response.body = Received::Bytes(self.body.into());
        Answered::Response(Box::new(response))
    }
}

/// Reads blocks of headers; those of wget stand behind two blanks, among its messages.
fn read_heads(heads: &str, request: &Request, response: &mut Response) {
    let mut location: Option<String> = None;
    for line in heads.lines() {
        let line = line.trim();
        let status = line.strip_prefix("HTTP/").or_else(|| line.strip_prefix("wget: server returned error: HTTP/"));
        if let Some(status) = status {
            if let Some(to) = location.take().filter(|_| request.follows()) {
                response.url = join(&response.url, &to);
            }
            let mut words = status.splitn(3, ' ').skip(1);
            response.status = words.next().and_then(|code| code.parse().ok());
            words.next().unwrap_or_default().trim().clone_into(&mut response.reason);
            response.headers.clear();
        } else if let Some((name, value)) = line.split_once(':').filter(|(name, _)| is_name(name)) {
            let (name, value) = (name.to_lowercase(), value.trim().to_owned());
            if name == "set-cookie" {
                response.keep_cookie(&value);
            }
            if name == "location" && response.status.is_some_and(|status| (300..400).contains(&status)) {
                location = Some(value.clone());
            }
            response.headers.push((name, value));
        }
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// Why nobody answered, in the words that people know from their systems.
fn reason(rc: i32, errors: &str, is_curl: bool) -> String {
    let has = |text: &str| errors.contains(text);
    match rc {
        6 if is_curl => "Name or service not known".to_owned(),
        28 if is_curl => "timed out".to_owned(),
        _ if has("Connection refused") || has("Couldn't connect") || has("Could not connect") => {
            "Connection refused".to_owned()
        }
        _ if has("unable to resolve") || has("bad address") => "Name or service not known".to_owned(),
        _ if has("timed out") => "timed out".to_owned(),
        _ => {
            let last = errors.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("no answer");
            let said =
                last.strip_prefix("curl: ").and_then(|rest| rest.split_once(") ")).map_or(last, |(_, said)| said);
            said.to_owned()
        }
    }
}

/// `msg` of an answer, as Ansible words it.
#[must_use]
pub fn message(response: &Response) -> String {
    let status = response.status.unwrap_or(200);
    if status >= 300 {
        return format!("HTTP Error {status}: {}", response.reason);
    }
    let length = response.header("content-length").or_else(|| {
        let size = if let Received::Bytes(bytes) = &response.body { bytes.len() } else { 0 };
        response.status.is_none().then(|| size.to_string())
    });
    format!("OK ({} bytes)", length.as_deref().unwrap_or("unknown"))
}

/// `msg` where nobody answered, as Ansible words it.
#[must_use]
pub fn failure(error: &RequestError) -> String {
    let reason = match error.0.as_str() {
        "Connection refused" => "[Errno 111] Connection refused",
        "Name or service not known" => "[Errno -2] Name or service not known",
        other => other,
    };
    format!("Request failed: <urlopen error {reason}>")
}

/// Fields that a server must not set.
const OURS: [&str; 12] = [
    "changed",
    "failed",
    "skipped",
    "msg",
    "rc",
    "exception",
    "warnings",
    "deprecations",
    "invocation",
    "content",
    "json",
    "ansible_facts",
];

/// Adds what an answer is to a result: its headers, and what is known of them.
#[must_use]
pub fn fields(mut result: TaskResult, request: &Request, response: &Response) -> TaskResult {
    for (name, _) in &response.headers {
        let field = name.to_lowercase().replace('-', "_");
        if !OURS.contains(&field.as_str()) {
            result = result.field(&field, response.header(name).unwrap_or_default());
        }
    }
    if let Some(to) = response.header("location") {
        result = result.field("location", join(&masked(request.url.expose()), &to));
    }
    let mut cookies = Dict::new();
    for (name, value) in &response.cookies {
        cookies.insert(name.as_str().into(), value.as_str().into());
    }
    let pairs: Vec<String> = response.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    if response.status.is_none_or(|status| status < 300) {
        result = result.field("cookies", Value::dict(cookies)).field("cookies_string", pairs.join("; "));
    }
    result
        .field("url", masked(&response.url))
        .field("status", i64::from(response.status.unwrap_or(200)))
        .field("redirected", response.url != request.url.expose())
        .field("elapsed", i64::try_from(response.elapsed.as_secs()).unwrap_or(i64::MAX))
        .message(message(response))
}
