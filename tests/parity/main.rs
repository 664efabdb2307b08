//! The same answer as `ssh host`: a table of cases, each run by `ssh` itself and by each transport, which must agree.
//!
//! What they agree on: accepted or refused and the class of the refusal, which keys were offered and accepted in which
//! order, which user and which host key algorithm was asked for, what the command said, and what `known_hosts` holds
//! afterwards. The truth is what `ssh` does; a case also tells what it expects of `ssh`, so that it shows what it means
//! to. Cases are data: the files in `cases/`, their form in `case.rs`. The whole table is written to `target/parity.txt`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../common/mod.rs"]
mod common;

mod case;
mod keys;
mod observation;
mod sandbox;
mod server;
mod table;
mod way;

use keys::KeyStore;
use table::Row;

#[test]
fn every_transport_does_what_ssh_does() {
    let mut cases = case::all();
    // For whoever looks into some: a part of their names.
    if let Ok(part) = std::env::var("PARITY_CASES") {
        cases.retain(|case| case.name.contains(&part));
        assert!(!cases.is_empty(), "no case is called so");
    }
    let store = KeyStore::new();
    let rows = table::run(&cases, &store);
    let (text, path) = (table::text(&rows), table::write(&rows));
    let failures: Vec<String> = rows.iter().filter_map(Row::failure).collect();
    println!("{}", table::counts(&rows));
    assert!(failures.is_empty(), "{text}\n{}\n{}\n(all in {path})", failures.join("\n"), table::counts(&rows));
}

#[test]
fn the_table_is_large_and_names_each_case_once() {
    let cases = case::all();
    let mut names: Vec<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    names.sort_unstable();
    assert!(names.len() >= 90, "only {} cases", names.len());
    let twice: Vec<&str> = names.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
    assert!(twice.is_empty(), "named twice: {twice:?}");
    assert!(cases.iter().any(|case| case.route == case::Route::OpenSsh));
}
