//! Requests to web servers: what one asks, what it was answered, and asking from the controller.
//!
//! Blocks while it asks, so callers do that away from the runtime's threads. Knows no host and no task.

mod ask;
#[cfg(test)]
pub(crate) mod testing;
mod url;

pub use ask::ask;
pub use url::{base, is_own, join, masked, scheme};

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::secret::Secret;

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Where to; it may hold a password.
    pub url: Secret,
    /// `GET`, `POST`, …
    pub method: String,
    /// Headers, by name; some hold tokens.
    pub headers: Vec<(String, Secret)>,
    /// User and password.
    pub login: Option<(String, Secret)>,
    /// When the login is told.
    pub login_when: LoginWhen,
    /// What is sent.
    pub body: Option<Body>,
    /// Which redirections are followed.
    pub redirects: Redirects,
    /// Certificates.
    pub tls: Tls,
    /// Without a sign of life for so long, the request has failed.
    pub timeout: Duration,
    /// Whether the proxy of the environment is used.
    pub proxy: bool,
    /// Whether `~/.netrc` is looked at for a login.
    pub netrc: bool,
    /// Whether a compressed answer is unpacked.
    pub decompress: bool,
    /// A socket that stands for the server.
    pub unix_socket: Option<String>,
}

/// When a login is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginWhen {
    /// At once.
    First,
    /// When the server wants one.
    Asked,
}

/// What is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// Bytes.
    Bytes(Arc<[u8]>),
    /// A file of the controller.
    File(PathBuf),
    /// A file of the host that asks.
    Remote(String),
}

/// Which redirections are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redirects {
    /// All.
    All,
    /// Those of `GET` and `HEAD`.
    Safe,
    /// None.
    None,
}

/// How a server proves who it is, and the client too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// Whether the server's certificate is checked.
    pub verify: bool,
    /// A file of certificates that are trusted.
    pub authorities: Option<String>,
    /// The client's certificate.
    pub certificate: Option<String>,
    /// Its key.
    pub key: Option<String>,
    /// The ciphers that may be used.
    pub ciphers: Vec<String>,
}

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// The status; none where the protocol has none (`file:`, `ftp:`).
    pub status: Option<u16>,
    /// What the server says of it.
    pub reason: String,
    /// Where the answer came from in the end.
    pub url: String,
    /// Its headers, as they came.
    pub headers: Vec<(String, String)>,
    /// What all answers on the way set: names and values.
    pub cookies: Vec<(String, String)>,
    /// What it holds.
    pub body: Received,
    /// How long it took.
    pub elapsed: Duration,
}

/// What an answer holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received {
    /// Bytes.
    Bytes(Arc<[u8]>),
    /// A temporary file of the controller.
    File(Download),
}

/// A temporary file that goes with the last one who knows it.
#[derive(Clone, Debug)]
pub struct Download {
    path: Arc<tempfile::TempPath>,
    /// Its size in bytes.
    pub size: u64,
}

/// Why there is no answer; says `Connection refused`, `timed out`, and the like.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RequestError(pub String);

impl Request {
    /// A plain `GET`.
    #[must_use]
    pub fn get(url: &str) -> Self {
        Self {
            url: Secret::new(url.to_owned()),
            method: "GET".to_owned(),
            headers: Vec::new(),
            login: None,
            login_when: LoginWhen::Asked,
            body: None,
            redirects: Redirects::All,
            tls: Tls { verify: true, authorities: None, certificate: None, key: None, ciphers: Vec::new() },
            timeout: Duration::from_secs(10),
            proxy: true,
            netrc: true,
            decompress: true,
            unix_socket: None,
        }
    }

    /// Whether redirections of this request are followed.
    #[must_use]
    pub fn follows(&self) -> bool {
        match self.redirects {
            Redirects::All => true,
            Redirects::Safe => matches!(self.method.as_str(), "GET" | "HEAD"),
            Redirects::None => false,
        }
    }

    /// Whether a header is given.
    #[must_use]
    pub fn has_header(&self, name: &str) -> bool {
        self.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name))
    }
}

impl Response {
    /// A header; several of one name are joined by commas.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        let found = self.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        let values: Vec<&str> = found.map(|(_, value)| value.as_str()).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    /// Keeps the cookie that a `Set-Cookie` sets.
    pub fn keep_cookie(&mut self, header: &str) {
        let pair = header.split(';').next().unwrap_or_default();
        let Some((name, value)) = pair.split_once('=') else { return };
        let (name, value) = (name.trim().to_owned(), value.trim().to_owned());
        self.cookies.retain(|(known, _)| *known != name);
        self.cookies.push((name, value));
    }
}

impl Default for Received {
    fn default() -> Self {
        Self::Bytes(Arc::from([]))
    }
}

impl Download {
    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl PartialEq for Download {
    fn eq(&self, other: &Self) -> bool {
        self.path() == other.path()
    }
}

impl Eq for Download {}
