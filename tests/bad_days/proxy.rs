//! A network between the client and a real server that does not carry every byte as it came.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;

/// What happens to the bytes of one direction; places are counted from its first byte.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// Nothing.
    None,
    /// The connection ends here.
    Cut(usize),
    /// Nothing passes from here on.
    Stall(usize),
    /// One bit of this byte is turned.
    Flip(usize),
    /// This byte is lost.
    Lose(usize),
    /// This byte comes twice.
    Repeat(usize),
    /// This byte and the next change places.
    Swap(usize),
    /// Every byte comes on its own.
    Drip,
}

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    ToClient,
    ToServer,
}

/// Carries every connection to `port` of 127.0.0.1, with one fault in one direction; returns the port to connect to.
pub fn start(port: u16, way: Way, fault: Fault) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let own = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let server = TcpStream::connect(("127.0.0.1", port)).unwrap();
            let (client, server) = (Arc::new(client), Arc::new(server));
            for (from, to, this) in [(&server, &client, Way::ToClient), (&client, &server, Way::ToServer)] {
                let (from, to) = (Arc::clone(from), Arc::clone(to));
                let fault = if this == way { fault } else { Fault::None };
                to.set_nodelay(true).unwrap();
                std::thread::spawn(move || carry(&from, &to, fault));
            }
        }
    });
    own
}

fn carry(mut from: &TcpStream, mut to: &TcpStream, fault: Fault) {
    let (mut buffer, mut place, mut held) = (vec![0; 16 * 1024], 0, None);
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        let mut bytes = Vec::with_capacity(length + 1);
        for byte in &buffer[..length] {
            pass(*byte, place, fault, &mut held, &mut bytes);
            place += 1;
        }
        let size = if matches!(fault, Fault::Drip) { 1 } else { bytes.len().max(1) };
        // One who has gone takes no more; the other end is heard of by reading.
        let taken = bytes.chunks(size).try_for_each(|chunk| to.write_all(chunk));
        if taken.is_err() || matches!(fault, Fault::Cut(end) if place > end) {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}

fn pass(byte: u8, place: usize, fault: Fault, held: &mut Option<u8>, bytes: &mut Vec<u8>) {
    match fault {
        Fault::Cut(end) | Fault::Stall(end) if place >= end => {}
        Fault::Flip(at) if place == at => bytes.push(byte ^ 1),
        Fault::Lose(at) if place == at => {}
        Fault::Repeat(at) if place == at => bytes.extend([byte, byte]),
        Fault::Swap(at) if place == at => *held = Some(byte),
        _ => {
            bytes.push(byte);
            bytes.extend(held.take());
        }
    }
}
