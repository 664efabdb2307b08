//! `opsctl deploy` with local hosts: order, blocks, handlers, variables, includes, and what is on record of it.

#[path = "../common/mod.rs"]
mod common;

mod ad_hoc;
mod arguments;
mod bad_days;
mod bad_input;
mod expected;
mod inventory_anew;
mod language;
mod lists;
mod record;
mod refusals;

use common::{Home, Ran, run};
use serde_json::Value;

/// Runs a playbook on the local hosts `a`, `b` and `c`.
fn deploy(home: &Home, playbook: &str, arguments: &[&str]) -> Ran {
    home.write("play.yml", playbook);
    let inventory = home.local("a b c");
    run(home.opsctl().args(["deploy", "play.yml", "-i", &inventory]).args(arguments))
}

/// What tasks said on a host (`stdout` of their results), in the order in which they ended.
fn said(home: &Home, host: &str) -> Vec<String> {
    let of_host = |record: &Value| record["type"] == "task-end" && record["host"] == host;
    let records = home.journal().into_iter().filter(of_host);
    records.filter_map(|record| record["result"]["stdout"].as_str().map(str::to_owned)).collect()
}
