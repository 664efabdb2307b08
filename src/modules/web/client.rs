//! What a request is to curl and wget: their settings, which no process list shows.

use std::fmt::Write as _;

use crate::http::{Body, LoginWhen, Request, is_own, masked, scheme};
use crate::modules::{LocalRead, LocalReply, ModuleError, Question, ScriptCall, Step, actions, probes};
use crate::secret::Secret;

/// Kept of an answer, in bytes.
const LIMIT: usize = 16 * 1024 * 1024;

/// The question that asks a server for what nobody alters by asking. `since` is a file on the host: only what is newer
/// is wanted.
#[must_use]
pub fn question(request: &Request, since: &str) -> Question {
    let (simple, options) = simple(request);
    let mut question = Question::new(&probes::WEB, [since, &simple, &options]);
    question.secrets = settings(request);
    question.limit = LIMIT;
    question
}

/// The action that asks a server; its input is the body.
#[must_use]
pub fn action(request: &Request) -> ScriptCall {
    let (simple, options) = simple(request);
    let mut call = ScriptCall::new(actions::WEB, [&simple, &options, sends(request)]);
    call.secrets = settings(request);
    call
}

/// Says that the body is the standard input.
#[must_use]
pub fn sends(request: &Request) -> &'static str {
    match request.body {
        None | Some(Body::Remote(_)) => "",
        Some(_) => "body",
    }
}

/// Has the controller ask, for a host that has neither curl nor wget.
///
/// # Errors
/// When only the host itself can ask for that.
pub fn fetch(
    request: Request,
    next: impl FnOnce(LocalReply) -> Result<Step, ModuleError> + Send + 'static,
) -> Result<Step, ModuleError> {
    if let Some(reason) = not_for_controller(&request) {
        return Err(ModuleError::new(reason));
    }
    Ok(Step::Local(LocalRead::Fetch(Box::new(request)), Box::new(next)))
}

/// Why the controller cannot ask in the host's place, if it cannot.
#[must_use]
pub fn not_for_controller(request: &Request) -> Option<String> {
    let url = request.url.expose();
    (is_own(url) || request.unix_socket.is_some()).then(|| {
        format!(
            "the host has neither curl nor wget for {}, and the controller cannot ask what only the host can reach",
            masked(url)
        )
    })
}

/// The address as any `wget` may have it on its command line, if nothing is secret and all is plain; and its options.
#[must_use]
pub fn simple(request: &Request) -> (String, String) {
    let url = request.url.expose();
    let plain_headers = request.headers.iter().all(|(name, _)| name == "User-Agent" || name == "Cache-Control");
    let plain = plain_headers
        && matches!(request.method.as_str(), "GET" | "HEAD")
        && request.login.is_none()
        && request.body.is_none()
        && request.follows()
        && request.unix_socket.is_none()
        // It may not check certificates.
        && scheme(url) == "http"
        && masked(url) == url
        && !url.contains(['?', '#']);
    // Not its `-T`: that of busybox 1.35 ends with a fault.
    let options = if request.method == "HEAD" { "--spider" } else { "" };
    (if plain { url.to_owned() } else { String::new() }, options.to_owned())
}

/// The settings for both, in the environment.
#[must_use]
pub fn settings(request: &Request) -> Vec<(String, Secret)> {
    let pair = |name: &str, text: String| (name.to_owned(), Secret::new(text));
    vec![
        pair("HTTP_CURL", curl(request)),
        pair("HTTP_WGET", wget(request)),
        pair("HTTP_URL", request.url.expose().to_owned()),
    ]
}

/// One line of curl's settings.
fn set(text: &mut String, name: &str, value: &str) {
    let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\r', "\\r");
    writeln!(text, "{name} = \"{}\"", value.replace('\t', "\\t")).expect("a String takes every write");
}

fn curl(request: &Request) -> String {
    let mut text = String::from("silent\nshow-error\ngloboff\nhttp1.1\n");
    let seconds = request.timeout.as_secs().to_string();
    set(&mut text, "url", request.url.expose());
    set(&mut text, "connect-timeout", &seconds);
    set(&mut text, "speed-limit", "1");
    set(&mut text, "speed-time", &seconds);
    // Cookies that are set on the way are sent on.
    set(&mut text, "cookie", "");
    set(&mut text, "write-out", "\ncurl %{http_code} %{size_header} %{url_effective}");
    match request.method.as_str() {
        "GET" if request.body.is_none() => {}
        "HEAD" => text.push_str("head\n"),
        "POST" if request.body.is_some() => {}
        method => set(&mut text, "request", method),
    }
    match &request.body {
        None => {}
        Some(Body::Remote(path)) => set(&mut text, "data-binary", &format!("@{path}")),
        Some(_) => set(&mut text, "data-binary", "@-"),
    }
    for (name, value) in &request.headers {
        let value = value.expose();
        set(&mut text, "header", &if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") });
    }
    if request.body.is_some() && !request.has_header("content-type") {
        set(&mut text, "header", "Content-Type: application/x-www-form-urlencoded");
    }
    if request.body.is_some() && !request.has_header("expect") {
        set(&mut text, "header", "Expect:");
    }
    if !request.has_header("accept") {
        set(&mut text, "header", "Accept:");
    }
    if request.decompress {
        text.push_str("compressed\n");
        if !request.has_header("accept-encoding") {
            set(&mut text, "header", "Accept-Encoding: identity");
        }
    }
    if let Some((user, password)) = &request.login {
        set(&mut text, "user", &format!("{user}:{}", password.expose()));
        let first = request.login_when == LoginWhen::First || request.body.is_some();
        text.push_str(if first { "basic\n" } else { "anyauth\n" });
    }
    if request.follows() {
        text.push_str("location\nmax-redirs = 10\n");
    }
    curl_tls(request, &mut text);
    if !request.proxy {
        set(&mut text, "noproxy", "*");
    }
    if request.netrc && request.login.is_none() {
        text.push_str("netrc-optional\n");
    }
    if let Some(socket) = &request.unix_socket {
        set(&mut text, "unix-socket", socket);
    }
    text
}

fn curl_tls(request: &Request, text: &mut String) {
    let tls = &request.tls;
    if !tls.verify {
        text.push_str("insecure\n");
    }
    for (name, value) in [("cacert", &tls.authorities), ("cert", &tls.certificate), ("key", &tls.key)] {
        if let Some(value) = value {
            set(text, name, value);
        }
    }
    if !tls.ciphers.is_empty() {
        set(text, "ciphers", &tls.ciphers.join(":"));
    }
}

fn wget(request: &Request) -> String {
    let mut text = String::from("tries = 1\ncontent_on_error = on\n");
    let mut set = |name: &str, value: &str| writeln!(text, "{name} = {value}").expect("a String takes every write");
    set("timeout", &request.timeout.as_secs().to_string());
    set("method", &request.method);
    for (name, value) in &request.headers {
        if name == "User-Agent" {
            set("user_agent", value.expose());
        } else {
            set("header", &format!("{name}: {}", value.expose()));
        }
    }
    if let Some((user, password)) = &request.login {
        set("user", user);
        set("password", password.expose());
        if request.login_when == LoginWhen::First || request.body.is_some() {
            set("auth_no_challenge", "on");
        }
    }
    set("max_redirect", if request.follows() { "10" } else { "0" });
    if let Some(Body::Remote(path)) = &request.body {
        set("body_file", path);
    }
    let tls = &request.tls;
    if !tls.verify {
        set("check_certificate", "off");
    }
    for (name, value) in
        [("ca_certificate", &tls.authorities), ("certificate", &tls.certificate), ("private_key", &tls.key)]
    {
        if let Some(value) = value {
            set(name, value);
        }
    }
    if !tls.ciphers.is_empty() {
        set("ciphers", &tls.ciphers.join(":"));
    }
    if !request.proxy {
        set("use_proxy", "off");
    }
    if !request.netrc {
        set("netrc", "off");
    }
    text
}
