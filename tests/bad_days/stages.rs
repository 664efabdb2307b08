//! Servers that fall silent, leave, or say goodbye at each stage of a connection.

use super::common::Marker;
use super::judge::{Case, Want, judge};
use super::server::{Behaviour, Flow, Moment};

/// Where a server does something else than it should.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Offered,
    Exchange,
    Service,
    Login,
    Open,
    Exec,
    /// The command has written its first line.
    Begun,
}

const STAGES: [(&str, Stage); 7] = [
    ("before the key exchange", Stage::Offered),
    ("in the key exchange", Stage::Exchange),
    ("before the login", Stage::Service),
    ("in the login", Stage::Login),
    ("at the channel", Stage::Open),
    ("at the command", Stage::Exec),
    ("during the command", Stage::Begun),
];

fn is_at(stage: Stage, moment: &Moment) -> bool {
    match moment {
        Moment::Offered => stage == Stage::Offered,
        Moment::Exchange => stage == Stage::Exchange,
        Moment::Service => stage == Stage::Service,
        Moment::Login(..) => stage == Stage::Login,
        Moment::Open => stage == Stage::Open,
        Moment::Exec => stage == Stage::Exec,
        Moment::Output(bytes) => stage == Stage::Begun && bytes.windows(5).any(|part| part == b"begun"),
        _ => false,
    }
}

/// A case for each stage at which the server does `act` and ends as `flow`; nothing of its command is left.
fn at_each_stage(flow: Flow, text: Option<&'static str>, want: impl Fn(Stage) -> Want) {
    let marker = Marker::new();
    let cases = STAGES.map(|(name, stage)| {
        let behaviour = Behaviour::scripted(move |moment, wire| {
            if !is_at(stage, &moment) {
                return Flow::On;
            }
            if let Some(text) = text {
                wire.disconnect(2, text);
            }
            flow
        });
        Case::new(name, behaviour, want(stage)).running(format!("echo begun; sleep {}", marker.text()))
    });
    judge(&cases);
    marker.wait_gone();
}

#[test]
fn a_server_that_gives_a_reason_is_quoted() {
    at_each_stage(Flow::Close, Some("closed for maintenance"), |stage| match stage {
        Stage::Offered | Stage::Exchange | Stage::Service | Stage::Login => {
            Want::unreachable(&["protocol"], "ended the connection: closed for maintenance")
        }
        Stage::Open | Stage::Exec | Stage::Begun => Want::lost("was lost (closed for maintenance)"),
    });
}

#[test]
fn a_server_that_leaves_is_lost() {
    at_each_stage(Flow::Close, None, gone);
}

#[test]
fn a_server_that_crashes_is_lost() {
    at_each_stage(Flow::Reset, None, gone);
}

fn gone(stage: Stage) -> Want {
    match stage {
        Stage::Offered | Stage::Exchange => Want::unreachable(&["dropped"], "before authentication"),
        Stage::Service | Stage::Login => Want::unreachable(&["protocol"], "closed the connection while logging in"),
        Stage::Open | Stage::Exec | Stage::Begun => Want::lost("was lost"),
    }
}

#[test]
fn a_server_that_falls_silent_ends_at_the_connect_timeout() {
    let marker = Marker::new();
    let cases = STAGES[..6].iter().map(|(name, stage)| {
        let stage = *stage;
        let behaviour = Behaviour::scripted(move |moment, _| if is_at(stage, &moment) { Flow::Hold } else { Flow::On });
        let says = match stage {
            Stage::Offered | Stage::Exchange | Stage::Service | Stage::Login => "did not finish in time",
            Stage::Open | Stage::Exec | Stage::Begun => "its shell did not answer in time",
        };
        Case::new(*name, behaviour, Want::late(says)).running(format!("echo begun; sleep {}", marker.text()))
    });
    judge(&cases.collect::<Vec<_>>());
    marker.wait_gone();
}
