//! Arguments of requests, and the request they ask for.

use std::time::Duration;

use crate::http::{LoginWhen, Redirects, Request, Tls};
use crate::modules::{Args, Argument, Kind, ModuleError};
use crate::secret::Secret;

/// Caches.
pub const FORCE: Argument = Argument::bool("force", false, "Gets it even when it is no newer than what is there.");
/// Who asks.
pub const HTTP_AGENT: Argument = Argument::text("http_agent", "The `User-Agent`.").default("ansible-httpget");
/// Proxies.
pub const USE_PROXY: Argument = Argument::bool("use_proxy", true, "Uses the proxy that the environment names.");
/// Certificates.
pub const VALIDATE_CERTS: Argument = Argument::bool("validate_certs", true, "Checks the server's certificate.");
/// Login.
pub const URL_USERNAME: Argument = Argument::text("url_username", "The user to log in as.");
/// Login.
pub const URL_PASSWORD: Argument = Argument::text("url_password", "Its password.").secret();
/// Login.
pub const FORCE_BASIC_AUTH: Argument = Argument::bool("force_basic_auth", false, "Logs in before it is asked to.");
/// The client's certificate.
pub const CLIENT_CERT: Argument = Argument::path("client_cert", "A certificate of the host's own, as PEM.");
/// Its key.
pub const CLIENT_KEY: Argument = Argument::path("client_key", "Its key, where that is a file of its own.");
/// Headers.
pub const HEADERS: Argument = Argument::of("headers", Kind::Dict, "Headers to send.");
/// Unpacking.
pub const DECOMPRESS: Argument = Argument::bool("decompress", true, "Unpacks what is sent compressed.");
/// Ciphers.
pub const CIPHERS: Argument = Argument::list("ciphers", "The TLS ciphers that may be used.");
/// Logins of a file.
pub const USE_NETRC: Argument = Argument::bool("use_netrc", true, "Takes logins from `~/.netrc`.");

/// The request that the arguments ask for; `method`, body and redirections are the module's to set.
///
/// # Errors
/// When the address or a header would break out of its line.
pub fn request(args: &Args, url: &str) -> Result<Request, ModuleError> {
    let text = |name: &str| args.text(name).map(str::to_owned);
    let mut headers: Vec<(String, Secret)> = Vec::new();
    for (name, value) in args.dict("headers").into_iter().flatten() {
        headers.push((name.to_string(), Secret::new(value.to_string())));
    }
    if let Some(agent) = args.text("http_agent") {
        headers.retain(|(name, _)| !name.eq_ignore_ascii_case("user-agent"));
        headers.insert(0, ("User-Agent".to_owned(), Secret::new(agent.to_owned())));
    }
    if args.bool("force") {
        headers.push(("Cache-Control".to_owned(), Secret::new("no-cache".to_owned())));
    }
    let breaks = |text: &str| text.contains(['\r', '\n', '\0']);
    if let Some((name, _)) = headers.iter().find(|(name, value)| breaks(name) || breaks(value.expose())) {
        return Err(ModuleError::new(format!("the header {name:?} is more than one line")));
    }
    if breaks(url) || url.trim().is_empty() {
        return Err(ModuleError::new("url is no address"));
    }
    let seconds = args.int("timeout").and_then(|seconds| u64::try_from(seconds).ok()).unwrap_or(10);
    Ok(Request {
        headers,
        login: text("url_username").map(|user| (user, Secret::new(text("url_password").unwrap_or_default()))),
        login_when: if args.bool("force_basic_auth") { LoginWhen::First } else { LoginWhen::Asked },
        redirects: Redirects::All,
        tls: Tls {
            verify: args.bool("validate_certs"),
            authorities: text("ca_path"),
            certificate: text("client_cert"),
            key: text("client_key"),
            ciphers: args.texts("ciphers"),
        },
        timeout: Duration::from_secs(seconds.max(1)),
        proxy: args.bool("use_proxy"),
        netrc: args.bool("use_netrc"),
        decompress: args.bool("decompress"),
        unix_socket: text("unix_socket"),
        ..Request::get(&url.trim().replace(' ', "%20"))
    })
}
