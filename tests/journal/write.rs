//! What the writer leaves on disk.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use opsctl::event::{Captured, Event, EventKind, Outcome, Subscriber, SubscriberError};
use opsctl::journal::{Digest, JournalError, JournalOptions, JournalWriter, read_run};
use serde_json::Value;

use crate::fixture::{Journal, header, report, send};

const HOSTS: [(&str, Outcome); 3] = [("a", Outcome::Ok), ("b", Outcome::Failed), ("c", Outcome::NotStarted)];

#[test]
fn every_record_carries_its_number_and_the_hash_of_the_line_before() {
    let journal = Journal::new();
    let run = journal.record(&HOSTS);
    let mut prev = Digest::ZERO.to_string();
    let lines = journal.lines(run);
    for (index, line) in lines.iter().enumerate() {
        let record: Value = serde_json::from_str(line).unwrap();
        assert_eq!((&record["v"], &record["seq"]), (&Value::from(1), &Value::from(index + 1)));
        assert_eq!(record["prev"], Value::from(prev));
        prev = Digest::of(line.as_bytes()).to_string();
    }
    let types = lines.iter().map(|line| serde_json::from_str::<Value>(line).unwrap()["type"].clone());
    let types: Vec<String> = types.map(|kind| kind.as_str().unwrap().to_owned()).collect();
    assert_eq!(types, ["run-start", "host-start", "host-end", "host-start", "host-end", "host-end", "run-end"]);
}

#[test]
fn the_first_record_bears_witness_for_earlier_runs() {
    let journal = Journal::new();
    let first = journal.record(&HOSTS);
    let heads = fs::read(journal.heads()).unwrap();
    let second = journal.record(&HOSTS);
    let record: Value = serde_json::from_str(&journal.lines(second)[0]).unwrap();
    let head = Digest::of(journal.lines(first).last().unwrap().as_bytes()).to_string();
    let last = serde_json::json!([{"run": first, "state": "ended", "records": 7, "head": head}]);
    assert_eq!(record["heads"]["last"], last);
    assert_eq!(record["heads"]["bytes"], heads.len());
    assert_eq!(record["heads"]["sha256"], Digest::of(&heads).to_string());
}

#[test]
fn a_run_without_end_is_sealed_by_the_next() {
    let journal = Journal::new();
    let crashed = journal.interrupt(&HOSTS);
    journal.record(&HOSTS);
    let heads = fs::read_to_string(journal.heads()).unwrap();
    let states: Vec<Value> = heads.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect();
    let of_crashed: Vec<&str> = states
        .iter()
        .filter(|line| line["run"] == crashed.to_string())
        .map(|line| line["state"].as_str().unwrap())
        .collect();
    assert_eq!(of_crashed, ["started", "interrupted"]);
}

#[test]
fn a_run_that_still_writes_is_not_sealed() {
    let journal = Journal::new();
    let open = journal.begin(&header(&HOSTS), &HOSTS);
    journal.record(&HOSTS);
    assert!(!fs::read_to_string(journal.heads()).unwrap().contains("interrupted"));
    drop(open);
}

#[test]
fn the_intent_is_on_disk_before_the_start_is_acknowledged() {
    let journal = Journal::new();
    let header = header(&HOSTS);
    let mut writer = JournalWriter::create(&journal.options).unwrap();
    send(&mut writer, EventKind::RunStarted(Arc::new(header.clone())));
    assert_eq!(read_run(&journal.file(header.run)).unwrap().header, Some(header));
}

#[test]
fn output_is_kept_to_the_limit_with_both_ends_and_never_cut_inside_a_character() {
    let mut journal = Journal::new();
    journal.options.output_limit = 11;
    let header = header(&HOSTS);
    let (mut writer, _) = journal.begin(&header, &[]);
    let mut long = report("a", Outcome::Ok);
    long.stdout = Arc::new(Captured::from("äöüäöüäöü-ends".as_bytes()));
    long.stderr = Arc::new(Captured { head: b"\xff\xfe".to_vec(), dropped: 90, tail: b"end".to_vec() });
    send(&mut writer, EventKind::HostEnded(Arc::new(long)));
    let record: Value = serde_json::from_str(journal.lines(header.run).last().unwrap()).unwrap();
    assert_eq!(
        record["stdout"],
        serde_json::json!({"bytes": 23, "dropped": 12, "head": {"text": "äöü"}, "tail": {"text": "-ends"}})
    );
    let stderr = serde_json::json!({"bytes": 95, "dropped": 90, "head": {"base64": "//4="}, "tail": {"text": "end"}});
    assert_eq!(record["stderr"], stderr);
}

#[test]
fn no_output_is_stored_when_the_limit_is_nothing() {
    let mut journal = Journal::new();
    journal.options.output_limit = 0;
    let run = journal.record(&HOSTS);
    let text = fs::read_to_string(journal.file(run)).unwrap();
    assert!(!text.contains("hello"));
    assert!(text.contains(r#""stdout":{"bytes":13,"dropped":13}"#), "{text}");
}

#[test]
fn known_secrets_reach_neither_header_nor_output_nor_messages() {
    let mut journal = Journal::new();
    journal.options.secrets = vec!["hunter2".into()];
    let mut header = header(&HOSTS);
    header.argv = ["opsctl", "exec", "--env", "DB_PASSWORD=x1x2x3", "all", "hunter2"].map(String::from).to_vec();
    header.command = "echo hunter2".into();
    let (mut writer, _) = journal.begin(&header, &[]);
    let mut leaky = report("a", Outcome::Failed);
    leaky.stdout = Arc::new(Captured::from(&b"password is hunter2\xff"[..]));
    leaky.stderr = Arc::new(Captured { head: b"it is hun".to_vec(), dropped: 9, tail: b"nter2".to_vec() });
    leaky.failure.as_mut().unwrap().message = "bad hunter2".into();
    send(&mut writer, EventKind::HostEnded(Arc::new(leaky)));
    send(&mut writer, EventKind::Warning("hunter2 seen".into()));
    let text = fs::read_to_string(journal.file(header.run)).unwrap();
    for secret in ["hunter2", "x1x2x3", "aHVudGVyMg", "it is hun", "nter2"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}

#[test]
fn a_directory_that_cannot_be_written_is_an_error_before_the_run() {
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("file");
    fs::write(&file, "").unwrap();
    let error = JournalWriter::create(&JournalOptions::new(file.join("state"))).unwrap_err();
    assert!(
        error.to_string().starts_with(&format!("{}/state: cannot create the directory: ", file.display())),
        "{error}"
    );
    assert!(error.hint().unwrap().contains("--journal-dir"));
}

#[test]
fn a_record_that_cannot_be_written_stops_the_run() {
    let journal = Journal::new();
    let mut writer = JournalWriter::create(&journal.options).unwrap();
    fs::remove_dir(journal.dir().join("runs")).unwrap();
    let start = Event::now(EventKind::RunStarted(Arc::new(header(&HOSTS))));
    let Err(SubscriberError::Journal(reason)) = writer.on_event(&start) else { panic!("it was recorded nowhere") };
    assert!(reason.contains("cannot create"), "{reason}");
}

#[test]
fn a_newer_format_is_refused_and_nothing_is_touched() {
    let journal = Journal::new();
    journal.record(&HOSTS);
    let newer = fs::read_to_string(journal.heads()).unwrap() + "{\"v\":2,\"shape\":\"unknown\"}\n";
    fs::write(journal.heads(), &newer).unwrap();
    let error = JournalWriter::create(&journal.options).unwrap_err();
    assert!(matches!(error, JournalError::NewerVersion { line: 3, version: 2, .. }), "{error}");
    assert_eq!(fs::read_to_string(journal.heads()).unwrap(), newer);
}

#[test]
fn half_a_line_in_heads_does_not_spoil_the_next() {
    let journal = Journal::new();
    journal.record(&HOSTS);
    let torn = fs::read_to_string(journal.heads()).unwrap() + "{\"v\":1,\"ti";
    fs::write(journal.heads(), &torn).unwrap();
    journal.record(&HOSTS);
    let heads = fs::read_to_string(journal.heads()).unwrap();
    assert_eq!(heads.lines().filter(|line| serde_json::from_str::<Value>(line).is_ok()).count(), 4);
}

#[test]
fn files_are_for_their_owner_alone() {
    let journal = Journal::new();
    let run = journal.record(&HOSTS);
    for file in [journal.file(run), journal.heads()] {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn fifty_runs_at_once_do_not_disturb_each_other() {
    let journal = Journal::new();
    let barrier = std::sync::Barrier::new(50);
    let runs: Vec<_> = std::thread::scope(|scope| {
        let record = || {
            barrier.wait();
            journal.record(&HOSTS)
        };
        let threads: Vec<_> = (0..50).map(|_| scope.spawn(record)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for run in &runs {
        let record = read_run(&journal.file(*run)).unwrap();
        assert_eq!((record.records, record.damaged.len(), record.end.is_some()), (7, 0, true));
    }
    let heads = fs::read_to_string(journal.heads()).unwrap();
    // A writer that sees another one's line half-written begins with a newline of its own.
    let lines = heads.lines().filter(|line| !line.is_empty());
    lines.for_each(|line| assert!(serde_json::from_str::<Value>(line).is_ok(), "{line}"));
    for state in ["started", "ended"] {
        assert_eq!(heads.matches(&format!("\"state\":\"{state}\"")).count(), 50);
    }
}
