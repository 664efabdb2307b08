//! An SSH server of the tests' own that does what its script says: it works as a server should, and at each moment the
//! script may act in its place.
//!
//! It lets every key in, runs commands with `/bin/sh`, and shares no code with the client under test.

mod command;
mod conversation;
mod host_key;
mod packet;
mod wire;

pub use host_key::{HostKey, authority};
pub use packet::Message;
pub use wire::{Offer, Wire};

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use crate::common::{Home, prepare};

/// When a script is asked, before the server does what it should.
pub enum Moment<'a> {
    /// The client's version and offer have come; its half of the key exchange has not.
    Offered,
    /// The client's half of a key exchange has come.
    Exchange,
    /// The client has changed to new keys.
    Keyed,
    /// The client asks for a service.
    Service,
    /// The client tries to log in: by this method, for the n-th time (from 1); `true` when it has signed.
    Login(&'a str, u32, bool),
    /// The client asks for a channel.
    Open,
    /// The client asks for a command on its channel.
    Exec,
    /// The client has sent input for the command.
    Input,
    /// The command has written this.
    Output(&'a [u8]),
    /// The command has ended.
    Exit,
}

/// How the server goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// As it should.
    On,
    /// The script has answered.
    Done,
    /// In silence, until the client goes.
    Hold,
    /// By closing the connection.
    Close,
    /// By resetting the connection.
    Reset,
}

pub type Script = Arc<dyn Fn(Moment, &mut Wire) -> Flow + Send + Sync>;

/// How a server behaves.
#[derive(Clone)]
pub struct Behaviour {
    /// Lines before the version, as bytes.
    pub preface: Vec<u8>,
    pub version: &'static str,
    pub host_key: HostKey,
    pub offer: Offer,
    /// How much input of a command the client may send; it is widened as input is read, unless it is 0.
    pub window: u32,
    /// The most data that one packet to a command may carry.
    pub packet: u32,
    pub script: Script,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            preface: Vec::new(),
            version: "SSH-2.0-BadDays",
            host_key: HostKey::new(),
            offer: Offer::default(),
            window: 1 << 21,
            packet: 1 << 15,
            script: Arc::new(|_, _| Flow::On),
        }
    }
}

impl Behaviour {
    pub fn scripted(script: impl Fn(Moment, &mut Wire) -> Flow + Send + Sync + 'static) -> Self {
        Self { script: Arc::new(script), ..Self::default() }
    }
}

/// A server on a port of 127.0.0.1.
pub struct Server {
    pub port: u16,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl Server {
    /// Starts a server whose key the home knows; the inventory is one host, `a`.
    pub fn start(home: &Home, behaviour: Behaviour) -> Self {
        let line = behaviour.host_key.line();
        let server = Self::accept(home, move |stream, heard| conversation::hold(stream, &behaviour, heard));
        home.write(".ssh/known_hosts", format!("[127.0.0.1]:{} {line}\n", server.port));
        server
    }

    /// Starts a server that writes `bytes` to each client and then closes, or holds the connection.
    pub fn raw(home: &Home, bytes: impl Into<Vec<u8>>, end: Flow) -> Self {
        let bytes = bytes.into();
        Self::accept(home, move |mut stream, _| {
            // A client that has gone is no concern of the server's.
            let _ = stream.write_all(&bytes);
            if end == Flow::Close {
                let _ = stream.shutdown(std::net::Shutdown::Write);
            }
            let _ = std::io::copy(&mut stream, &mut std::io::sink());
        })
    }

    fn accept(home: &Home, serve: impl Fn(TcpStream, &Mutex<Vec<u8>>) + Send + Sync + 'static) -> Self {
        prepare(home);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        home.write("hosts", format!("a ansible_host=127.0.0.1 ansible_port={port}\n"));
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (serve, kept) = (Arc::new(serve), Arc::clone(&heard));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (serve, kept) = (Arc::clone(&serve), Arc::clone(&kept));
                std::thread::spawn(move || serve(stream, &kept));
            }
        });
        Self { port, heard }
    }

    /// The numbers of all messages that clients have sent.
    pub fn heard(&self) -> Vec<u8> {
        self.heard.lock().unwrap().clone()
    }
}
