//! What a server says first, and what it offers.

use super::common::Home;
use super::judge::{Case, Want, attempt, judge, try_all};
use super::server::{Behaviour, Flow, Message, Moment, Offer, Server, Wire};

/// A server whose first bytes are `preface`, and `version`.
fn greeting(preface: impl Into<Vec<u8>>, version: &'static str) -> Behaviour {
    Behaviour { preface: preface.into(), version, ..Behaviour::default() }
}

#[test]
fn what_is_no_server_is_told_apart() {
    let noise = |says| Want::unreachable(&["protocol"], says);
    let closed = |says| Want::unreachable(&["dropped"], says);
    let cases: Vec<(&str, Vec<u8>, Flow, Want)> = vec![
        ("silence", vec![], Flow::Hold, Want::unreachable(&["banner-timeout"], "sent no SSH banner")),
        (
            "half a banner",
            b"SSH-2.0-Half".to_vec(),
            Flow::Hold,
            Want::unreachable(&["banner-timeout"], "no SSH banner"),
        ),
        ("an end at once", vec![], Flow::Close, closed("closed the connection before authentication")),
        ("a web server", b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), Flow::Close, closed("closed the connection")),
        ("a megabyte of lines", b"a line before the version\r\n".repeat(40_000), Flow::Close, noise("")),
        ("a megabyte of one line", vec![b'x'; 1 << 20], Flow::Close, noise("")),
        ("a megabyte of nothing", vec![0; 1 << 20], Flow::Hold, noise("")),
        (
            "silence behind the version",
            b"SSH-2.0-Silent\r\n".to_vec(),
            Flow::Hold,
            Want::late("did not finish in time"),
        ),
        ("noise behind the version", [&b"SSH-2.0-Noise\r\n"[..], &[0xa5; 4096]].concat(), Flow::Close, noise("broke")),
        ("an end behind the version", b"SSH-2.0-Gone\r\n".to_vec(), Flow::Close, closed("before authentication")),
        (
            "a lonely packet of nothing",
            [&b"SSH-2.0-Empty\r\n"[..], &[0, 0, 0, 12, 11], &[0; 11]].concat(),
            Flow::Close,
            Want { kinds: &["protocol", "dropped"], ..noise("") },
        ),
        (
            "packets of length nought",
            [&b"SSH-2.0-Zero\r\n"[..], &[0; 64]].concat(),
            Flow::Close,
            Want { kinds: &["protocol", "dropped"], ..noise("") },
        ),
        (
            "a packet that is all padding and more",
            [&b"SSH-2.0-Padding\r\n"[..], &[0, 0, 0, 12, 255], &[0; 11]].concat(),
            Flow::Close,
            noise("broke"),
        ),
    ];
    try_all(cases.len(), |index, transport| {
        let (name, bytes, end, want) = &cases[index];
        let home = Home::new();
        let _server = Server::raw(&home, bytes.clone(), *end);
        attempt(&home, transport, &[], "echo hello", want).map_err(|wrong| format!("{name}: {wrong}"))
    });
}

#[test]
fn lines_before_the_version_are_allowed() {
    judge(&[
        Case::new("as it should be", Behaviour::default(), Want::ok("hello\n")),
        Case::new("some lines", greeting("Welcome.\r\nBe careful.\r\n", "SSH-2.0-Chatty"), Want::ok("hello\n")),
        Case::new("many lines", greeting("a line\n".repeat(500), "SSH-2.0-Chatty"), Want::ok("hello\n")),
        Case::new("a long line", greeting(format!("{}\n", "x".repeat(4000)), "SSH-2.0-Chatty"), Want::ok("hello\n")),
        Case::new("bytes that are no text", greeting([0xff, 0x80, b'\n'], "SSH-2.0-Chatty"), Want::ok("hello\n")),
        Case::new("the version of both", greeting("", "SSH-1.99-Both"), Want::ok("hello\n")),
    ]);
}

#[test]
fn an_old_version_is_refused() {
    judge(&[Case::new("1.5", greeting("", "SSH-1.5-Old"), Want::unreachable(&["protocol"], "127.0.0.1"))]);
}

#[test]
fn no_algorithm_in_common_is_named() {
    let offers = [
        ("key exchange", Offer { exchange: "diffie-hellman-group1-sha1", ..Offer::default() }),
        ("host key", Offer { host_key: Some("ssh-dss"), ..Offer::default() }),
        ("cipher", Offer { cipher: "arcfour", ..Offer::default() }),
        ("MAC", Offer { cipher: "aes256-ctr", mac: "hmac-md5", ..Offer::default() }),
    ];
    let cases = offers.map(|(name, offer)| {
        let says = match name {
            "key exchange" => "no matching key exchange method found",
            "host key" => "no matching host key type found",
            "cipher" => "no matching cipher found",
            _ => "no matching MAC found",
        };
        let behaviour = Behaviour { offer, ..Behaviour::default() };
        Case::new(name, behaviour, Want::unreachable(&["protocol"], says))
    });
    judge(&cases);
}

#[test]
fn an_exchange_that_is_broken_is_refused() {
    let reply = |bytes: Vec<u8>| {
        Behaviour::scripted(move |moment, wire| match moment {
            Moment::Exchange => {
                let packet = wire.seal(&bytes);
                wire.raw(&packet);
                Flow::Hold
            }
            _ => Flow::On,
        })
    };
    let replies = [
        ("a reply of nothing", vec![31]),
        ("a reply that ends early", vec![31, 0, 0, 0, 51, 0]),
        ("a reply that promises the world", vec![31, 255, 255, 255, 255]),
        ("another message", vec![94, 0, 0, 0, 0, 0, 0, 0, 0]),
        ("new keys too early", vec![21]),
    ];
    let want = Want { kinds: &["protocol", "auth-timeout"], ..Want::late("") };
    judge(&replies.map(|(name, bytes)| Case::new(name, reply(bytes), want.clone())));
}

#[test]
fn a_strict_exchange_takes_nothing_else() {
    let strict = |script: fn(Moment, &mut Wire) -> Flow| {
        let offer = Offer { exchange: "curve25519-sha256,kex-strict-s-v00@openssh.com", ..Offer::default() };
        Behaviour { offer, ..Behaviour::scripted(script) }
    };
    let chatter = strict(|moment, wire| {
        if let Moment::Exchange = moment {
            wire.send(&Message::new(2).text("slipped in"));
        }
        Flow::On
    });
    judge(&[
        Case::new("nothing else", strict(|_, _| Flow::On), Want::ok("hello\n")),
        Case::new("something to be ignored", chatter, Want::unreachable(&["protocol"], "broke")),
    ]);
}
