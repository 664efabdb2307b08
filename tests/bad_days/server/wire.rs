//! One connection as the server's script sees it: what is sent, and when keys change.

use std::collections::VecDeque;
use std::io::{Read, Result, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use ring::agreement::{EphemeralPrivateKey, UnparsedPublicKey, X25519, agree_ephemeral};
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use rustix::net::sockopt::set_socket_linger;

use super::host_key::HostKey;
use super::packet::{Cipher, Fields, Message, number, string};

/// The algorithms that a server offers.
#[derive(Clone)]
pub struct Offer {
    pub exchange: &'static str,
    /// None offers that of the host key.
    pub host_key: Option<&'static str>,
    pub cipher: &'static str,
    pub mac: &'static str,
}

impl Default for Offer {
    fn default() -> Self {
        Self {
            exchange: "curve25519-sha256",
            host_key: None,
            cipher: "aes256-gcm@openssh.com",
            mac: "hmac-sha2-256-etm@openssh.com",
        }
    }
}

/// What reaches the conversation.
pub enum Event {
    /// A packet's payload.
    Packet(Vec<u8>),
    /// Output of the command, on stdout (0) or stderr (1).
    Output(u32, Vec<u8>),
    /// One of the command's two outputs has ended.
    OutputEnd,
    /// The client has gone.
    Gone,
}

pub struct Wire {
    stream: TcpStream,
    cipher: Cipher,
    openers: Sender<Cipher>,
    pub events: Receiver<Event>,
    pub sender: Sender<Event>,
    /// What the next key exchange is proven by.
    pub host_key: HostKey,
    pub offer: Offer,
    versions: (Vec<u8>, Vec<u8>),
    offers: (Option<Vec<u8>>, Option<Vec<u8>>),
    session: Option<Vec<u8>>,
    waiting: VecDeque<Vec<u8>>,
    /// The first channel's number on the client's side.
    pub peer: u32,
}

impl Wire {
    /// Greets and hears the client's version; nothing is offered yet.
    pub fn greet(mut stream: TcpStream, version: &str, host_key: HostKey, offer: Offer) -> Result<Self> {
        stream.write_all(format!("{version}\r\n").as_bytes())?;
        let theirs = read_line(&mut stream)?;
        let (sender, events) = channel();
        let (openers, next) = channel();
        let (source, packets) = (stream.try_clone()?, sender.clone());
        std::thread::spawn(move || read_packets(source, &packets, &next));
        let versions = (theirs, version.as_bytes().to_vec());
        let cipher = Cipher::default();
        let (offers, session, waiting) = ((None, None), None, VecDeque::new());
        Ok(Self {
            stream,
            cipher,
            openers,
            events,
            sender,
            host_key,
            offer,
            versions,
            offers,
            session,
            waiting,
            peer: 0,
        })
    }

    /// Sends a packet, after a key exchange that is under way.
    pub fn send(&mut self, message: &Message) {
        if self.is_exchanging() && !(1..50).contains(&message.payload()[0]) {
            return self.waiting.push_back(message.payload().to_vec());
        }
        let packet = self.seal(message.payload());
        self.raw(&packet);
    }

    /// The bytes of the next packet, for a script to alter before it sends them.
    pub fn seal(&mut self, payload: &[u8]) -> Vec<u8> {
        self.cipher.seal(payload)
    }

    /// Sends bytes as they are. A client that has gone is heard of by reading.
    pub fn raw(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
    }

    pub fn disconnect(&mut self, reason: u32, text: &str) {
        self.send(&Message::new(1).word(reason).text(text).text(""));
    }

    /// Offers algorithms: the beginning of a key exchange.
    pub fn start_exchange(&mut self) {
        let own = self.host_key.algorithms();
        let host_key = self.offer.host_key.unwrap_or(&own);
        let Offer { exchange, cipher, mac, .. } = self.offer;
        let lists = [exchange, host_key, cipher, cipher, mac, mac, "none", "none", "", ""];
        let offer = lists.iter().fold(Message::new(20).plain(&[7; 16]), Message::text);
        let offer = offer.byte(0).word(0);
        self.send(&offer);
        self.offers.1 = Some(offer.payload().to_vec());
    }

    /// Whether a key exchange is under way.
    pub fn is_exchanging(&self) -> bool {
        self.offers.1.is_some()
    }

    /// Hears the client's offer; answers it if it begins the exchange.
    pub(super) fn hear_offer(&mut self, payload: &[u8]) {
        self.offers.0 = Some(payload.to_vec());
        if !self.is_exchanging() {
            self.start_exchange();
        }
    }

    /// Answers the client's half of the exchange, and changes keys.
    pub(super) fn answer_exchange(&mut self, payload: &[u8]) {
        let theirs = Fields::of(payload).text();
        let private = EphemeralPrivateKey::generate(&X25519, &SystemRandom::new()).unwrap();
        let ours = private.compute_public_key().unwrap();
        let theirs_key = UnparsedPublicKey::new(&X25519, theirs);
        let Ok(secret) = agree_ephemeral(private, &theirs_key, number) else { return };
        let offers = std::mem::take(&mut self.offers);
        let (client, server) = (offers.0.unwrap(), offers.1.unwrap());
        let blob = self.host_key.shown(wanted_host_keys(&client));
        let parts =
            [&self.versions.0, &self.versions.1, &client, &server, &blob, &theirs.to_vec(), &ours.as_ref().to_vec()];
        let hashed: Vec<u8> = parts.iter().flat_map(string).chain(secret.iter().copied()).collect();
        let hash = digest(&SHA256, &hashed).as_ref().to_vec();
        let session = self.session.get_or_insert_with(|| hash.clone()).clone();
        let signature = self.host_key.sign(&hash);
        self.send(&Message::new(31).text(&blob).text(ours).text(signature));
        self.send(&Message::new(21));
        let derive =
            |letter: u8| digest(&SHA256, &[&secret[..], &hash, &[letter], &session].concat()).as_ref().to_vec();
        self.cipher = Cipher::new(&derive(b'D'), &derive(b'B'));
        // The reader has gone with the client.
        let _ = self.openers.send(Cipher::new(&derive(b'C'), &derive(b'A')));
        for payload in std::mem::take(&mut self.waiting) {
            let packet = self.seal(&payload);
            self.raw(&packet);
        }
    }

    /// Ends the connection in order, and waits for the client to go.
    pub(super) fn close(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Write);
        self.hold();
    }

    /// Ends the connection as a crash does.
    pub(super) fn reset(&mut self) {
        set_socket_linger(&self.stream, Some(Duration::ZERO)).unwrap();
        // The reader's copy of the socket must be gone too, so it is told to end: the linger makes this a reset.
        let _ = rustix::net::shutdown(&self.stream, rustix::net::Shutdown::Read);
    }

    /// Says nothing more until the client goes.
    pub(super) fn hold(&mut self) {
        while !matches!(self.events.recv(), Ok(Event::Gone) | Err(_)) {}
    }
}

/// Reads the client's version.
fn read_line(stream: &mut TcpStream) -> Result<Vec<u8>> {
    let mut line = Vec::new();
    let mut byte = [0];
    while byte != *b"\n" {
        stream.read_exact(&mut byte)?;
        line.extend(byte);
    }
    Ok(line.trim_ascii_end().to_vec())
}

/// The host key algorithms in a client's offer, the best first: the second list behind 16 random bytes.
fn wanted_host_keys(offer: &[u8]) -> &[u8] {
    let mut lists = Fields::of(&offer[16..]);
    lists.text();
    lists.text()
}

fn read_packets(mut source: TcpStream, packets: &Sender<Event>, next: &Receiver<Cipher>) {
    let mut cipher = Cipher::default();
    while let Ok(payload) = cipher.open(&mut source) {
        let changes = payload.first() == Some(&21);
        if packets.send(Event::Packet(payload)).is_err() {
            return;
        }
        if changes {
            let Ok(next) = next.recv() else { return };
            cipher = next;
        }
    }
    // The conversation may have ended before.
    let _ = packets.send(Event::Gone);
}
