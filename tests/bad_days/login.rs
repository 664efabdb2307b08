//! Logins that go on and on, or half way.

use super::judge::{Case, Want, judge};
use super::server::{Behaviour, Flow, Message, Moment};

/// A server whose login is decided by `decide`: from method, number of the try, and whether it is signed.
fn login(decide: impl Fn(&str, u32, bool) -> Option<Message> + Send + Sync + 'static) -> Behaviour {
    Behaviour::scripted(move |moment, wire| {
        let Moment::Login(method, tries, signed) = moment else { return Flow::On };
        let Some(reply) = decide(method, tries, signed) else { return Flow::On };
        wire.send(&reply);
        Flow::Done
    })
}

fn denied(methods: &str, partly: bool) -> Message {
    Message::new(51).text(methods).byte(partly.into())
}

#[test]
fn a_login_that_goes_half_way_is_denied() {
    let denial = |says| Want::unreachable(&["auth-denied"], says);
    let half = |methods: &'static str| {
        login(move |_, tries, signed| match tries {
            0..5 => signed.then(|| denied(methods, true)),
            _ => Some(denied("", false)),
        })
    };
    judge(&[
        Case::new("a password is wanted as well", half("password"), denial("may not log in to 127.0.0.1")),
        Case::new("another key is wanted as well", half("publickey"), denial("may not log in to 127.0.0.1")),
        Case::new("nothing that there is", half("hostbased,gssapi-with-mic"), denial("may not log in")),
        Case::new("nothing at all", half(""), denial("may not log in")),
        Case::new("no key", login(|_, _, _| Some(denied("publickey", false))), denial("keys tried: ")),
        Case::new("no method", login(|_, _, _| Some(denied("", false))), denial("may not log in")),
        Case::new(
            "a key that is welcome until it signs",
            login(|_, _, signed| signed.then(|| denied("publickey", false))),
            denial("keys tried: "),
        ),
    ]);
}

#[test]
fn a_login_that_never_ends_ends_at_the_connect_timeout() {
    let endless = login(|_, _, signed| signed.then(|| denied("publickey", true)));
    let want = Want { kinds: &["auth-timeout", "auth-denied"], ..Want::late("") };
    judge(&[Case::new("half the way, again and again", endless, want)]);
}

#[test]
fn a_server_that_lets_everybody_in_is_believed() {
    judge(&[Case::new("none", login(|_, _, _| Some(Message::new(52))), Want::ok("hello\n"))]);
}

#[test]
fn a_server_that_has_had_enough_of_tries_is_quoted() {
    let script = Behaviour::scripted(|moment, wire| match moment {
        Moment::Login(_, 1, _) => Flow::On,
        Moment::Login(..) => {
            wire.disconnect(2, "Too many authentication failures");
            Flow::Close
        }
        _ => Flow::On,
    });
    let want = Want::unreachable(&["auth-denied"], "too many keys offered");
    judge(&[Case::new("two tries", script, want)]);
}

#[test]
fn banners_and_noise_in_a_login_do_no_harm() {
    let with = |messages: fn() -> Vec<Message>| {
        Behaviour::scripted(move |moment, wire| {
            if let Moment::Login(..) = moment {
                for message in messages() {
                    wire.send(&message);
                }
            }
            Flow::On
        })
    };
    let banner = |text: &str| Message::new(53).text(text).text("");
    judge(&[
        Case::new("a banner", with(|| vec![Message::new(53).text("Welcome\n").text("")]), Want::ok("hello\n")),
        Case::new(
            "a long banner",
            Behaviour::scripted(move |moment, wire| {
                if let Moment::Login(..) = moment {
                    wire.send(&banner(&"x".repeat(30_000)));
                }
                Flow::On
            }),
            Want::ok("hello\n"),
        ),
        // The library of native takes no text but UTF-8: an end with a reason, where the system's ssh goes on.
        Case::new(
            "a banner that is no text",
            with(|| vec![Message::new(53).text([0xff, 0xfe, 0x1b, b'[', b'2', b'J']).text("")]),
            Want::ok("hello\n"),
        )
        .or(Want::unreachable(&["protocol"], "character encoding invalid")),
        Case::new(
            "what is to be ignored",
            with(|| vec![Message::new(2).text("nothing"), Message::new(4).byte(1).text("debug").text("")]),
            Want::ok("hello\n"),
        ),
    ]);
}

#[test]
fn answers_that_nobody_asked_for_end_the_login() {
    let first = |payload: Message| {
        Behaviour::scripted(move |moment, wire| match moment {
            Moment::Login(_, 1, _) => {
                wire.send(&payload);
                Flow::Hold
            }
            _ => Flow::On,
        })
    };
    let want = Want { kinds: &["protocol", "auth-timeout", "auth-denied"], ..Want::late("") };
    judge(&[
        Case::new("a key is welcome", first(Message::new(60).text("ssh-ed25519").text("x")), want.clone()),
        Case::new("a failure cut short", first(Message::new(51).plain(&[0, 0])), want.clone()),
        Case::new("output", first(Message::new(94).word(0).text("x")), want.clone()),
        Case::new("a question of nothing", first(Message::new(60)), want.clone()),
    ]);
}
