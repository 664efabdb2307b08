//! A small web server on the loopback, for tests.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use base64::Engine as _;

/// A server; its thread ends with the process.
pub struct Server {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    replies: BTreeMap<String, Reply>,
    seen: Vec<String>,
}

/// What is answered at a path.
#[derive(Clone, Default)]
pub struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    login: Option<String>,
    echoes: bool,
    /// What `If-Modified-Since` must be for a 304.
    since: bool,
}

impl Reply {
    /// 200 with a text.
    pub fn text(text: &str) -> Self {
        Self::bytes(text.as_bytes().to_vec()).header("Content-Type", "text/plain")
    }

    /// 200 with bytes.
    pub fn bytes(body: Vec<u8>) -> Self {
        Self { status: 200, body, ..Self::default() }
    }

    /// A redirection.
    pub fn redirect(status: u16, to: &str) -> Self {
        Self { status, ..Self::default() }.header("Location", to)
    }

    /// 200 for a login, 401 without.
    pub fn login(user: &str, password: &str) -> Self {
        let encoded = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
        Self { login: Some(format!("Basic {encoded}")), ..Self::text("in") }
    }

    /// 200 with the request's body.
    pub fn echo() -> Self {
        Self { echoes: true, ..Self::text("") }
    }

    /// 304 whenever the request says since when.
    pub fn unmodified(self) -> Self {
        Self { since: true, ..self }
    }

    /// Another status.
    pub fn status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// One more header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

impl Server {
    /// Listens.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                std::thread::spawn(move || serve(&stream, &state));
            }
        });
        Self { address, state }
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Sets what is answered at a path.
    pub fn put(&self, path: &str, reply: Reply) {
        self.state.lock().unwrap().replies.insert(path.to_owned(), reply);
    }

    /// The requests so far, heads and bodies.
    pub fn seen(&self) -> Vec<String> {
        self.state.lock().unwrap().seen.clone()
    }
}

fn serve(mut stream: &TcpStream, state: &Mutex<State>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut head = String::new();
    while reader.read_line(&mut head).ok()? > 2 {}
    let header = |name: &str| {
        let found =
            head.lines().find_map(|line| line.split_once(": ").filter(|(known, _)| known.eq_ignore_ascii_case(name)));
        found.map(|(_, value)| value.trim().to_owned())
    };
    let mut body = vec![0; header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0)];
    if header("expect").is_some() {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").ok()?;
    }
    reader.read_exact(&mut body).ok()?;
    let mut words = head.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let reply = {
        let mut state = state.lock().unwrap();
        state.seen.push(head.clone() + &String::from_utf8_lossy(&body));
        let place = path.split('?').next().unwrap_or_default();
        state.replies.get(place).cloned().unwrap_or_else(|| Reply::text("nothing here").status(404))
    };
    let reply = match &reply.login {
        Some(login) if header("authorization").as_ref() != Some(login) => {
            Reply::text("who").status(401).header("WWW-Authenticate", "Basic realm=\"x\"")
        }
        _ if reply.since && header("if-modified-since").is_some() => Reply { status: 304, ..Reply::default() },
        _ if reply.echoes => Reply { body, ..reply },
        _ => reply,
    };
    let reason = match reply.status {
        200 => "OK",
        201 => "Created",
        302 => "Found",
        304 => "Not Modified",
        401 => "Unauthorized",
        404 => "Not Found",
        _ => "Whatever",
    };
    let mut out =
        format!("HTTP/1.1 {} {reason}\r\nConnection: close\r\nContent-Length: {}\r\n", reply.status, reply.body.len());
    for (name, value) in &reply.headers {
        for part in [name, ": ", value, "\r\n"] {
            out.push_str(part);
        }
    }
    stream.write_all((out + "\r\n").as_bytes()).ok()?;
    if method != "HEAD" {
        stream.write_all(&reply.body).ok()?;
    }
    Some(())
}
