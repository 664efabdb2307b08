//! Packets that are broken, too long, or not called for, within a connection that was good.

use super::judge::{Case, Want, judge};
use super::server::{Behaviour, Flow, Message, Moment, Wire};

/// A server that does `act` once the command has begun, and goes on.
fn once_begun(act: impl Fn(&mut Wire) -> Flow + Send + Sync + 'static) -> Behaviour {
    Behaviour::scripted(move |moment, wire| match moment {
        Moment::Output(bytes) if bytes.windows(5).any(|part| part == b"begun") => act(wire),
        _ => Flow::On,
    })
}

fn output(wire: &Wire, bytes: &[u8]) -> Message {
    Message::new(94).word(wire.peer).text(bytes)
}

const LINE: &str = "echo begun; read nothing; sleep 2; echo hello";

#[test]
fn a_packet_that_was_altered_ends_the_connection() {
    let altered = |alter: fn(Vec<u8>) -> Vec<u8>| {
        once_begun(move |wire| {
            let message = output(wire, b"forged");
            let packet = wire.seal(message.payload());
            wire.raw(&alter(packet));
            Flow::Close
        })
    };
    judge(&[
        Case::new(
            "a bit of the body",
            altered(|mut packet| {
                packet[9] ^= 1;
                packet
            }),
            Want::lost(""),
        )
        .running(LINE),
        Case::new(
            "a bit of the length",
            altered(|mut packet| {
                packet[3] ^= 16;
                packet
            }),
            Want::lost(""),
        )
        .running(LINE),
        Case::new(
            "a bit of the tag",
            altered(|mut packet| {
                *packet.last_mut().unwrap() ^= 1;
                packet
            }),
            Want::lost(""),
        )
        .running(LINE),
        Case::new(
            "the end is missing",
            altered(|mut packet| {
                packet.truncate(20);
                packet
            }),
            Want::lost(""),
        )
        .running(LINE),
        Case::new(
            "a length without end",
            altered(|mut packet| {
                packet[0] = 0xff;
                packet
            }),
            Want::lost(""),
        )
        .running(LINE),
        Case::new("zeros", altered(|packet| vec![0; packet.len()]), Want::lost("")).running(LINE),
    ]);
}

#[test]
fn packets_out_of_order_end_the_connection() {
    let behaviour = once_begun(|wire| {
        let (first, second) = (output(wire, b"first"), output(wire, b"second"));
        let (first, second) = (wire.seal(first.payload()), wire.seal(second.payload()));
        wire.raw(&[second, first].concat());
        Flow::Close
    });
    let repeated = once_begun(|wire| {
        let message = output(wire, b"once");
        let packet = wire.seal(message.payload());
        wire.raw(&packet.repeat(2));
        Flow::Close
    });
    judge(&[
        Case::new("two in the wrong order", behaviour, Want::lost("")).running(LINE),
        Case::new("one twice", repeated, Want::lost("")).running(LINE),
    ]);
}

#[test]
fn packets_as_long_as_allowed_pass() {
    // RFC 4253 section 6.1: 35000 bytes in all must be taken.
    let ignored = once_begun(|wire| {
        wire.send(&Message::new(2).text(vec![b'x'; 34_900]));
        Flow::On
    });
    judge(&[Case::new("35000 bytes", ignored, Want::ok("hello\n")).running("echo begun; echo hello")]);
}

#[test]
fn packets_beyond_every_limit_end_the_connection() {
    let long = |length: usize| {
        once_begun(move |wire| {
            wire.send(&Message::new(2).text(vec![b'x'; length]));
            Flow::On
        })
    };
    judge(&[
        Case::new("a third of a megabyte", long(300_000), Want::lost("")).running(LINE),
        Case::new("20 megabytes", long(20 << 20), Want::lost("")).running(LINE),
    ]);
}

#[test]
fn messages_that_are_broken_inside_are_no_output() {
    let sent = |payload: &'static [u8]| {
        once_begun(move |wire| {
            wire.send(&Message::new(payload[0]).plain(&payload[1..]));
            Flow::Close
        })
    };
    let payloads: [(&str, &[u8]); 9] = [
        ("output cut short", &[94, 0, 0]),
        ("output that promises more", &[94, 0, 0, 0, 0, 0, 0, 1, 0, b'x']),
        ("extended output cut short", &[95, 0, 0, 0, 0, 0, 0]),
        ("a request cut short", &[98, 0, 0, 0, 0, 0, 0, 0, 99, b'x']),
        ("an exit status cut short", b"\x62\0\0\0\0\0\0\0\x0bexit-status\0\0\0"),
        ("room cut short", &[93, 0]),
        ("a goodbye cut short", &[1, 0, 0]),
        ("a global request cut short", &[80, 0, 0, 0, 200]),
        ("an offer of nothing", &[20]),
    ];
    judge(&payloads.map(|(name, payload)| Case::new(name, sent(payload), Want::lost("")).running(LINE)));
}

#[test]
fn chatter_everywhere_does_no_harm() {
    let behaviour = Behaviour::scripted(|moment, wire| {
        wire.send(&Message::new(2).text("to be ignored"));
        wire.send(&Message::new(4).byte(1).text("debug\x1b[2J").text("en"));
        if matches!(moment, Moment::Open | Moment::Exec | Moment::Input | Moment::Output(_)) {
            wire.send(&Message::new(80).text("keepalive@openssh.com").byte(1));
            wire.send(&Message::new(80).text("hostkeys-00@openssh.com").byte(0).text("broken"));
            wire.send(&Message::new(80).text("no-such-thing@example.org").byte(0));
        }
        Flow::On
    });
    judge(&[Case::new("chatter", behaviour, Want::ok("hello\n"))]);
}

#[test]
fn a_server_that_does_not_know_a_message_is_borne() {
    let behaviour = Behaviour::scripted(|moment, wire| {
        if matches!(moment, Moment::Input | Moment::Output(_)) {
            wire.send(&Message::new(3).word(7));
        }
        Flow::On
    });
    judge(&[Case::new("not implemented", behaviour, Want::ok("hello\n"))]);
}

#[test]
fn a_message_that_no_client_knows_is_borne() {
    let sent = |number: u8| {
        once_begun(move |wire| {
            wire.send(&Message::new(number).text("what is this"));
            Flow::On
        })
    };
    let case = |name, number, line| Case::new(name, sent(number), Want::ok("hello\n")).running(line);
    // RFC 4251 section 7 leaves the numbers from 192 to private use; the system's ssh takes none of them.
    judge(&[
        case("message 150", 150, "echo begun; echo hello"),
        case("message 199", 199, "echo begun; echo hello").or(Want::lost("")),
    ]);
}
