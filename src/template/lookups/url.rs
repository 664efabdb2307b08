//! `url`: what web servers answer, asked from the controller.

use std::time::Duration;

use super::options::{flag, named, only, texts};
use crate::http::{self, LoginWhen, Received, Redirects, Request};
use crate::secret::Secret;
use crate::template::{Arguments, Calls, TemplateError, Value};

const OPTIONS: &[&str] = &[
    "validate_certs",
    "use_proxy",
    "username",
    "password",
    "headers",
    "force",
    "timeout",
    "http_agent",
    "force_basic_auth",
    "follow_redirects",
    "ca_path",
    "split_lines",
];

/// Largest answer, in bytes: it becomes a value.
const LIMIT: u64 = 64 * 1024 * 1024;

/// The lookup. Templates are computed away from the runtime's threads, so it may block.
pub fn url(_calls: &mut dyn Calls, arguments: Arguments) -> Result<Vec<Value>, TemplateError> {
    only(&arguments, "url", OPTIONS)?;
    let mut all = Vec::new();
    for address in texts(&arguments.positional)? {
        let text = fetched(&request(&address, &arguments)?)?;
        if flag(named(&arguments, "split_lines"), true) {
            all.extend(text.lines().map(Value::text));
        } else {
            all.push(Value::text(text));
        }
    }
    Ok(all)
}

fn request(address: &str, arguments: &Arguments) -> Result<Request, TemplateError> {
    let text =
        |name: &str| named(arguments, name).filter(|value| !matches!(value, Value::Null)).map(ToString::to_string);
    let mut request = Request::get(address);
    request.tls.verify = flag(named(arguments, "validate_certs"), true);
    request.tls.authorities = text("ca_path");
    request.proxy = flag(named(arguments, "use_proxy"), true);
    if let Some(user) = text("username") {
        request.login = Some((user, Secret::new(text("password").unwrap_or_default())));
    }
    if flag(named(arguments, "force_basic_auth"), false) {
        request.login_when = LoginWhen::First;
    }
    if let Some(headers) = named(arguments, "headers").and_then(Value::as_dict) {
        request.headers =
            headers.iter().map(|(name, value)| (name.to_string(), Secret::new(value.to_string()))).collect();
    }
    for (header, value) in [
        ("Cache-Control", flag(named(arguments, "force"), false).then(|| "no-cache".to_owned())),
        ("User-Agent", text("http_agent")),
    ] {
        request.headers.extend(value.map(|value| (header.to_owned(), Secret::new(value))));
    }
    if let Some(timeout) = text("timeout") {
        let seconds = timeout.parse::<f64>().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        request.timeout =
            seconds.ok_or_else(|| TemplateError::value(format!("lookup `url`: `{timeout}` is no timeout")))?;
    }
    request.redirects = match text("follow_redirects").as_deref() {
        None | Some("urllib2" | "all" | "yes" | "True") => Redirects::All,
        Some("safe") => Redirects::Safe,
        Some("none" | "no" | "False") => Redirects::None,
        Some(other) => return Err(TemplateError::value(format!("lookup `url`: `{other}` is no `follow_redirects`"))),
    };
    Ok(request)
}

fn fetched(request: &Request) -> Result<String, TemplateError> {
    let address = http::masked(request.url.expose());
    let response = http::ask(request)
        .map_err(|error| TemplateError::value(format!("Failed lookup url for {address} : {error}")))?;
    let status = response.status.unwrap_or_default();
    if !(200..300).contains(&status) {
        let message = format!("Received HTTP error for {address} : HTTP Error {status}: {}", response.reason);
        return Err(TemplateError::value(message));
    }
    let bytes = match &response.body {
        Received::Bytes(bytes) => bytes.to_vec(),
        Received::File(download) if download.size > LIMIT => {
            return Err(TemplateError::value(format!("lookup `url`: {address} is larger than {LIMIT} bytes")));
        }
        Received::File(download) => std::fs::read(download.path())
            .map_err(|error| TemplateError::value(format!("lookup `url`: {address}: {error}")))?,
    };
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
