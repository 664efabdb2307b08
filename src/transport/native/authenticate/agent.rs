//! Speaks to ssh-agents: lists their keys and has them sign, on behalf of many sessions at once.
//!
//! A connection to an agent is bound to one session (`session-bind@openssh.com`), or the agent would neither show nor
//! use keys that are meant for certain hosts; so connections are short and not shared. An agent that does not know the
//! binding shows every session the same keys: it is asked once.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use russh::keys::HashAlg;
use russh::keys::agent::AgentSessionBinding;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::sync::{OnceCell, Semaphore};

use super::public::Public;

/// Connections to one agent at a time: OpenSSH's queues 128, and works on one.
const CONNECTIONS: usize = 16;

/// The longest answer that is read, in bytes; OpenSSH's client has the same limit.
const LONGEST_ANSWER: u32 = 256 * 1024;

/// Tries to connect while an agent's queue is full, and the time between them.
const CONNECT_TRIES: u32 = 100;
const CONNECT_PAUSE: Duration = Duration::from_millis(20);

// Message numbers: draft-miller-ssh-agent, section 6.1.
const SUCCESS: u8 = 6;
const REQUEST_IDENTITIES: u8 = 11;
const IDENTITIES_ANSWER: u8 = 12;
const SIGN_REQUEST: u8 = 13;
const SIGN_RESPONSE: u8 = 14;
const EXTENSION: u8 = 27;

/// Why an agent did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub(super) enum AgentError {
    /// It cannot be spoken to.
    #[error("the agent cannot be reached: {0}")]
    Io(#[from] io::Error),
    /// It refused: it is locked, has lost the key, or its user said no.
    #[error("the agent refused to sign")]
    Refused,
    /// It signed with another algorithm than the one that was asked for.
    #[error("the agent signed with another algorithm")]
    WrongAlgorithm,
}

/// A key that an agent holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AgentKey {
    /// The key or certificate.
    pub(super) public: Arc<Public>,
    /// Its comment.
    pub(super) comment: String,
}

/// The agents of a run, by their sockets.
#[derive(Debug, Default)]
pub(super) struct Agents(Mutex<HashMap<PathBuf, Arc<Agent>>>);

impl Agents {
    /// The agent at `socket`, which need not be there.
    pub(super) fn at(&self, socket: &Path) -> Arc<Agent> {
        let mut agents = self.0.lock().expect("nothing panics while it holds this lock");
        Arc::clone(agents.entry(socket.to_owned()).or_insert_with(|| Arc::new(Agent::new(socket))))
    }
}

/// One agent.
#[derive(Debug)]
pub(super) struct Agent {
    socket: PathBuf,
    permits: Semaphore,
    binding: AtomicU8,
    listed: Mutex<Listing>,
    shared: OnceCell<Arc<[AgentKey]>>,
}

/// The last answer to a request for identities, and what it says.
#[derive(Debug, Default)]
struct Listing {
    answer: Vec<u8>,
    keys: Arc<[AgentKey]>,
}

/// Whether an agent binds its connections to sessions.
const UNKNOWN: u8 = 0;
const BINDS: u8 = 1;
const NEVER_BINDS: u8 = 2;

impl Agent {
    fn new(socket: &Path) -> Self {
        Self {
            socket: socket.to_owned(),
            permits: Semaphore::new(CONNECTIONS),
            binding: AtomicU8::new(UNKNOWN),
            listed: Mutex::default(),
            shared: OnceCell::new(),
        }
    }

    /// The keys that it shows to `session`, in its order; those that this client cannot use are left out.
    pub(super) async fn keys(&self, session: Option<&AgentSessionBinding>) -> Result<Arc<[AgentKey]>, AgentError> {
        if self.binding.load(Ordering::Relaxed) == NEVER_BINDS {
            return self.shared.get_or_try_init(|| self.list(None)).await.cloned();
        }
        self.list(session).await
    }

    async fn list(&self, session: Option<&AgentSessionBinding>) -> Result<Arc<[AgentKey]>, AgentError> {
        let _permit = self.permits.acquire().await.expect("it is never closed");
        let mut stream = self.connect(session).await?;
        let answer = ask(&mut stream, &[REQUEST_IDENTITIES]).await?;
        let mut listed = self.listed.lock().expect("nothing panics while it holds this lock");
        if listed.answer != answer {
            *listed = Listing { keys: parse_identities(&answer).ok_or_else(malformed)?, answer };
        }
        Ok(Arc::clone(&listed.keys))
    }

    /// Has it sign `data` with the key or certificate `public`; gives the signature as it goes into a packet.
    pub(super) async fn sign(
        &self,
        session: Option<&AgentSessionBinding>,
        public: &Public,
        hash: Option<HashAlg>,
        data: &[u8],
    ) -> Result<Vec<u8>, AgentError> {
        let (flags, algorithm) = match hash {
            Some(HashAlg::Sha512) => (4_u32, Some("rsa-sha2-512")),
            Some(HashAlg::Sha256) => (2, Some("rsa-sha2-256")),
            _ => (0, None),
        };
        let mut request = vec![SIGN_REQUEST];
        put(&mut request, public.blob());
        put(&mut request, data);
        request.extend(flags.to_be_bytes());

        let _permit = self.permits.acquire().await.expect("it is never closed");
        let mut stream = self.connect(session).await?;
        let answer = ask(&mut stream, &request).await?;
        let Some((&SIGN_RESPONSE, mut rest)) = answer.split_first() else {
            return Err(AgentError::Refused);
        };
        let signature = take(&mut rest).ok_or_else(malformed)?;
        let name = take(&mut &*signature).ok_or_else(malformed)?;
        if algorithm.is_some_and(|algorithm| algorithm.as_bytes() != name) {
            return Err(AgentError::WrongAlgorithm);
        }
        Ok(signature.to_vec())
    }

    async fn connect(&self, session: Option<&AgentSessionBinding>) -> Result<UnixStream, AgentError> {
        let mut stream = self.open().await?;
        let state = self.binding.load(Ordering::Relaxed);
        if let Some(session) = session.filter(|_| state != NEVER_BINDS) {
            let bound = ask(&mut stream, &bind_request(session)).await?.first() == Some(&SUCCESS);
            if state == UNKNOWN {
                self.binding.store(if bound { BINDS } else { NEVER_BINDS }, Ordering::Relaxed);
            }
        }
        Ok(stream)
    }

    async fn open(&self) -> io::Result<UnixStream> {
        for _ in 1..CONNECT_TRIES {
            match UnixStream::connect(&self.socket).await {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => tokio::time::sleep(CONNECT_PAUSE).await,
                done => return done,
            }
        }
        UnixStream::connect(&self.socket).await
    }
}

fn bind_request(session: &AgentSessionBinding) -> Vec<u8> {
    let mut request = vec![EXTENSION];
    put(&mut request, b"session-bind@openssh.com");
    put(&mut request, session.host_key());
    put(&mut request, session.session_id());
    put(&mut request, session.signature());
    request.push(0); // Not forwarding.
    request
}

async fn ask(stream: &mut UnixStream, request: &[u8]) -> io::Result<Vec<u8>> {
    let mut frame = Vec::with_capacity(request.len() + 4);
    put(&mut frame, request);
    stream.write_all(&frame).await?;
    let length = stream.read_u32().await?;
    if length > LONGEST_ANSWER {
        return Err(malformed());
    }
    let mut answer = vec![0; length as usize];
    stream.read_exact(&mut answer).await?;
    Ok(answer)
}

fn parse_identities(answer: &[u8]) -> Option<Arc<[AgentKey]>> {
    let Some((&IDENTITIES_ANSWER, rest)) = answer.split_first() else {
        return Some(Arc::default());
    };
    let (count, mut rest) = rest.split_at_checked(4)?;
    let mut keys = Vec::new();
    for _ in 0..u32::from_be_bytes(count.try_into().ok()?) {
        let blob = take(&mut rest)?;
        let comment = String::from_utf8_lossy(take(&mut rest)?).into_owned();
        keys.extend(Public::from_blob(blob).map(|public| AgentKey { public: Arc::new(public), comment }));
    }
    Some(keys.into())
}

fn put(buffer: &mut Vec<u8>, bytes: &[u8]) {
    buffer.extend(u32::try_from(bytes.len()).expect("a packet is shorter").to_be_bytes());
    buffer.extend(bytes);
}

fn take<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, rest) = bytes.split_at_checked(4)?;
    let (taken, rest) = rest.split_at_checked(u32::from_be_bytes(length.try_into().ok()?) as usize)?;
    *bytes = rest;
    Some(taken)
}

fn malformed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "its answer makes no sense")
}
