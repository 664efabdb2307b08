//! Channels that do not open, commands that are not run, ends that do not come.

use super::judge::{Case, Want, judge};
use super::server::{Behaviour, Flow, Message, Moment, Wire};

/// A server that does `act` instead of what it should at the moments that `at` finds.
fn instead(at: fn(&Moment) -> bool, act: impl Fn(&mut Wire) -> Flow + Send + Sync + 'static) -> Behaviour {
    Behaviour::scripted(move |moment, wire| if at(&moment) { act(wire) } else { Flow::On })
}

fn is_open(moment: &Moment) -> bool {
    matches!(moment, Moment::Open)
}

fn is_exec(moment: &Moment) -> bool {
    matches!(moment, Moment::Exec)
}

fn is_exit(moment: &Moment) -> bool {
    matches!(moment, Moment::Exit)
}

#[test]
fn a_channel_that_is_refused_is_told_with_the_servers_reason() {
    let reasons = [
        (1, "administratively prohibited"),
        (2, "connect failed"),
        (3, "unknown channel type"),
        (4, "resource shortage"),
        (77, "no channel today"),
    ];
    let cases = reasons.map(|(reason, words)| {
        let refuse = move |wire: &mut Wire| {
            wire.send(&Message::new(92).word(wire.peer).word(reason).text("no channel today").text(""));
            Flow::Done
        };
        let words = if reason == 77 { words.to_owned() } else { format!("{words}: no channel today") };
        let want = Want { says: words, ..Want::lost("") };
        Case::new(format!("reason {reason}"), instead(is_open, refuse), want)
    });
    judge(&cases);
}

#[test]
fn a_command_that_is_refused_is_no_shell() {
    let refuse = |wire: &mut Wire| {
        wire.send(&Message::new(100).word(wire.peer));
        Flow::Done
    };
    let close = |wire: &mut Wire| {
        wire.send(&Message::new(97).word(wire.peer));
        Flow::Done
    };
    judge(&[
        Case::new("a refusal", instead(is_exec, refuse), Want { fate: "", ..Want::lost("") }),
        Case::new("an end without a word", instead(is_exec, close), Want { fate: "", ..Want::lost("") }),
    ]);
}

#[test]
fn a_command_that_ends_at_once_is_no_shell() {
    let exit = |code: u32| {
        instead(is_exec, move |wire| {
            wire.send(&Message::new(99).word(wire.peer));
            wire.send(&Message::new(98).word(wire.peer).text("exit-status").byte(0).word(code));
            wire.send(&Message::new(96).word(wire.peer));
            wire.send(&Message::new(97).word(wire.peer));
            Flow::Done
        })
    };
    judge(&[
        Case::new("code 0", exit(0), Want::no_shell("code 0")),
        Case::new("code 127", exit(127), Want::no_shell("code 127")),
        Case::new("a code that is no code", exit(70_000), Want::no_shell("no POSIX shell started")),
    ]);
}

#[test]
fn a_window_that_never_opens_ends_at_the_connect_timeout() {
    let behaviour = Behaviour { window: 0, ..Behaviour::default() };
    judge(&[Case::new("a window of nothing", behaviour, Want::late("did not answer in time"))]);
}

#[test]
fn packets_that_carry_little_are_enough_and_nothing_is_not() {
    let packets = |packet| Behaviour { packet, ..Behaviour::default() };
    judge(&[
        Case::new("one byte each", packets(1), Want::ok("hello\n")),
        Case::new("four gigabytes", packets(u32::MAX), Want::ok("hello\n")),
        Case::new("nothing", packets(0), Want::late("did not answer in time")).or(Want::lost("")),
    ]);
}

#[test]
fn the_end_of_a_shell_is_not_needed_for_the_end_of_its_command() {
    let end = |messages: fn(u32) -> Vec<Message>| {
        instead(is_exit, move |wire| {
            for message in messages(wire.peer) {
                wire.send(&message);
            }
            Flow::Done
        })
    };
    let close = |peer| vec![Message::new(96).word(peer), Message::new(97).word(peer)];
    let signal = |peer| {
        let signal = Message::new(98).word(peer).text("exit-signal").byte(0).text("KILL").byte(0).text("oops").text("");
        vec![signal, Message::new(96).word(peer), Message::new(97).word(peer)]
    };
    let twice = |peer| {
        let status = Message::new(98).word(peer).text("exit-status").byte(0).word(3);
        vec![status.clone(), status, Message::new(97).word(peer), Message::new(97).word(peer)]
    };
    judge(&[
        Case::new("no exit status", end(close), Want::ok("hello\n")),
        Case::new("a signal", end(signal), Want::ok("hello\n")),
        Case::new("everything twice", end(twice), Want::ok("hello\n")),
        Case::new("nothing", end(|_| Vec::new()), Want::ok("hello\n")),
    ]);
}

#[test]
fn what_a_channel_does_not_know_is_harmless() {
    let before_output = |messages: fn(u32) -> Vec<Message>| {
        Behaviour::scripted(move |moment, wire| {
            if let Moment::Output(_) = moment {
                for message in messages(wire.peer) {
                    wire.send(&message);
                }
            }
            Flow::On
        })
    };
    let request = |peer, name: &str, reply| Message::new(98).word(peer).text(name).byte(reply);
    judge(&[
        Case::new(
            "an unknown kind of output",
            before_output(|peer| vec![Message::new(95).word(peer).word(77).text("noise")]),
            Want::ok("hello\n"),
        ),
        Case::new(
            "requests to a client",
            Behaviour::scripted(move |moment, wire| {
                if let Moment::Output(_) = moment {
                    wire.send(&request(wire.peer, "keepalive@openssh.com", 1));
                    wire.send(&request(wire.peer, "no-such-request@example.org", 1));
                    wire.send(&request(wire.peer, "xon-xoff", 0).byte(1));
                }
                Flow::On
            }),
            Want::ok("hello\n"),
        ),
        Case::new(
            "a channel to the client",
            before_output(|_| vec![Message::new(90).text("x11").word(9).word(1 << 20).word(1 << 15).text("x").word(1)]),
            Want::ok("hello\n"),
        ),
    ]);
}

#[test]
fn room_without_end_is_no_harm() {
    // RFC 4254 section 5.2 allows no window beyond 2^32 - 1 bytes; the system's ssh gives up the connection.
    let behaviour = Behaviour::scripted(|moment, wire| {
        if let Moment::Output(_) = moment {
            wire.send(&Message::new(93).word(wire.peer).word(u32::MAX));
        }
        Flow::On
    });
    judge(&[Case::new("room", behaviour, Want::ok("hello\n")).or(Want::lost(""))]);
}

#[test]
fn output_for_a_channel_that_is_not_there_is_no_output() {
    let stray = Behaviour::scripted(|moment, wire| {
        if let Moment::Output(_) = moment {
            wire.send(&Message::new(94).word(77).text("stray"));
        }
        Flow::On
    });
    // The system's ssh gives up such a connection; nothing is made up either way.
    judge(&[Case::new("stray output", stray, Want::ok("hello\n")).or(Want::lost(""))]);
}

#[test]
fn small_windows_and_output_meanwhile_block_nothing() {
    let windows = [8, 16, 24, 64];
    let cases = windows.map(|window| {
        let behaviour = Behaviour { window, ..Behaviour::default() };
        Case::new(format!("a window of {window}"), behaviour, Want::ok("hello\n"))
    });
    judge(&cases);
}
