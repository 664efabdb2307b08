//! Reading what a crash, a disk or a newer opsctl left.

use std::fs;

use opsctl::event::{Outcome, RunId, StopCause};
use opsctl::journal::{
    JournalError, RerunSelector, RunStatus, find, list, prunable, prune, read_entry, read_run, rerun_hosts, verify,
};

use crate::fixture::{Journal, header};

const HOSTS: [(&str, Outcome); 3] = [("a", Outcome::Ok), ("b", Outcome::Failed), ("c", Outcome::Unreachable)];

#[test]
fn a_journal_cut_at_any_byte_is_read_as_interrupted_with_all_its_whole_records() {
    let journal = Journal::new();
    let run = journal.record(&HOSTS);
    let content = fs::read(journal.file(run)).unwrap();
    for length in 0..content.len() {
        fs::write(journal.file(run), &content[..length]).unwrap();
        let whole = memchr::memchr_iter(b'\n', &content[..length]).count();
        let record = read_run(&journal.file(run)).unwrap();
        assert_eq!((record.records, record.damaged.len()), (whole, 0), "cut at {length}");
        let entry = read_entry(run, &journal.file(run)).unwrap();
        assert_eq!(entry.status, RunStatus::Interrupted, "cut at {length}");
        assert_eq!(verify(&journal.dir(), &[]).unwrap().problems.len(), 1, "cut at {length}");
    }
}

#[test]
fn garbage_is_damage_and_no_failure() {
    let journal = Journal::new();
    let run = journal.record(&HOSTS);
    for garbage in [&b"\0\0\0\0"[..], b"\n\n\n", b"{\"v\":1}\n", b"[[[[[[\n", b"{\"v\":\"x\"}\n\xff\xfe\n", b"null\n"] {
        fs::write(journal.file(run), garbage).unwrap();
        let record = read_run(&journal.file(run)).unwrap();
        assert_eq!((record.records, record.header), (0, None));
        assert_eq!(read_entry(run, &journal.file(run)).unwrap().status, RunStatus::Interrupted);
    }
}

#[test]
fn a_record_type_that_is_not_known_yet_is_passed_over() {
    let journal = Journal::new();
    let run = journal.record(&HOSTS);
    let mut lines = journal.lines(run);
    lines[1] = lines[1].replace("host-start", "host-approved");
    journal.set_lines(run, &lines);
    let record = read_run(&journal.file(run)).unwrap();
    assert_eq!((record.records, record.damaged.len(), record.begun.len()), (8, 0, 2));
}

#[test]
fn the_status_says_how_the_run_went() {
    let journal = Journal::new();
    let status = |run: RunId| read_entry(run, &journal.file(run)).unwrap().status;
    assert_eq!(status(journal.record(&HOSTS[..1])), RunStatus::Ok);
    assert_eq!(status(journal.record(&HOSTS)), RunStatus::Failed);
    assert_eq!(status(journal.record(&HOSTS[2..])), RunStatus::Unreachable);
    let stopped = journal.record_run(&header(&HOSTS), &HOSTS, Some(StopCause::Interrupt));
    assert_eq!(status(stopped), RunStatus::Stopped);
    assert_eq!(status(journal.interrupt(&HOSTS)), RunStatus::Interrupted);
    let running = header(&HOSTS);
    let open = journal.begin(&running, &HOSTS);
    assert_eq!(status(running.run), RunStatus::Running);
    drop(open);
    let mut elsewhere = header(&HOSTS);
    elsewhere.invoker.controller = "another-machine".into();
    drop(journal.begin(&elsewhere, &HOSTS));
    assert_eq!(status(elsewhere.run), RunStatus::Unsettled);
}

#[test]
fn runs_are_listed_newest_first_from_several_directories() {
    let (one, other) = (Journal::new(), Journal::new());
    let runs = [one.record(&HOSTS), other.record(&HOSTS), one.record(&HOSTS)];
    let dirs = [one.dir(), other.dir(), one.dir(), "/nonexistent".into()];
    let listed = |limit| list(&dirs, limit, |_| true).unwrap().runs.iter().map(|entry| entry.run).collect::<Vec<_>>();
    assert_eq!(listed(None), [runs[2], runs[1], runs[0]]);
    assert_eq!(listed(Some(1)), [runs[2]]);
}

#[test]
fn a_run_is_found_by_the_beginning_of_its_id_and_as_last() {
    let journal = Journal::new();
    let runs = [journal.record(&HOSTS), journal.record(&HOSTS)];
    let dirs = [journal.dir()];
    let found = |selector: &str| find(&dirs, selector).map(|(run, _)| run);
    assert_eq!(found("last").unwrap(), runs[1]);
    assert_eq!(found(&runs[0].to_string()).unwrap(), runs[0]);
    assert_eq!(found(&runs[0].to_string().replace('-', "").to_uppercase()).unwrap(), runs[0]);
    assert!(matches!(found("0"), Err(JournalError::AmbiguousRun { .. })));
    assert!(matches!(found("f"), Err(JournalError::UnknownRun { .. })));
    assert!(matches!(found(""), Err(JournalError::UnknownRun { .. })));
}

#[test]
fn hosts_due_again_are_told_by_how_they_ended() {
    let hosts = [
        ("a", Outcome::Ok),
        ("b", Outcome::Failed),
        ("c", Outcome::TimedOut),
        ("d", Outcome::Cancelled),
        ("e", Outcome::Unreachable),
        ("f", Outcome::NotStarted),
    ];
    let journal = Journal::new();
    let run = journal.record(&hosts);
    let due = |selector| {
        let (from, hosts) = rerun_hosts(&[journal.dir()], selector, None, "ada").unwrap();
        assert_eq!(from, run);
        hosts.join(" ")
    };
    assert_eq!(due(RerunSelector::Failed), "b c d");
    assert_eq!(due(RerunSelector::Unreachable), "e");
    assert_eq!(due(RerunSelector::NotStarted), "f");
}

#[test]
fn of_an_interrupted_run_hosts_without_an_end_failed_and_the_rest_had_no_turn() {
    let journal = Journal::new();
    let header = header(&HOSTS);
    let (mut writer, _) = journal.begin(&header, &HOSTS[..1]);
    crate::fixture::send(&mut writer, opsctl::event::EventKind::HostStarted { host: "b".into() });
    drop(writer);
    let due = |selector| rerun_hosts(&[journal.dir()], selector, Some("last"), "").unwrap().1.join(" ");
    assert_eq!((due(RerunSelector::Failed), due(RerunSelector::NotStarted)), ("b".into(), "c".into()));
}

#[test]
fn the_last_run_to_repeat_is_ones_own_and_never_one_that_still_runs() {
    let journal = Journal::new();
    let own = journal.record(&HOSTS);
    let mut foreign = header(&HOSTS);
    foreign.invoker.user = "eve".into();
    journal.record_run(&foreign, &HOSTS, None);
    let dirs = [journal.dir()];
    assert_eq!(rerun_hosts(&dirs, RerunSelector::Failed, None, "ada").unwrap().0, own);
    assert!(rerun_hosts(&dirs, RerunSelector::Failed, None, "bob").is_err());
    let running = header(&HOSTS);
    let open = journal.begin(&running, &HOSTS);
    let error = rerun_hosts(&dirs, RerunSelector::Failed, None, "ada").unwrap_err();
    assert!(error.to_string().contains("still going"), "{error}");
    drop(open);
}

#[test]
fn what_was_pruned_is_not_missing_and_what_is_left_verifies() {
    let journal = Journal::new();
    let old = journal.record(&HOSTS);
    let between = jiff::Timestamp::now();
    let new = journal.record(&HOSTS);
    let runs = prunable(&journal.dir(), between).unwrap();
    assert_eq!(runs.iter().map(|run| run.run).collect::<Vec<_>>(), [old]);
    assert!(journal.file(old).exists());
    let mut removed = 0;
    prune(&journal.dir(), &runs, ("ada", "here"), |_| removed += 1).unwrap();
    assert_eq!((removed, journal.file(old).exists(), journal.file(new).exists()), (1, false, true));
    journal.record(&HOSTS);
    let found = verify(&journal.dir(), &[]).unwrap();
    assert_eq!((found.runs, found.problems, found.notes), (2, vec![], vec![]));
    fs::remove_file(journal.file(new)).unwrap();
    assert_eq!(verify(&journal.dir(), &[]).unwrap().problems.len(), 1);
}

#[test]
fn a_run_that_still_writes_is_never_pruned() {
    let journal = Journal::new();
    let open = journal.begin(&header(&HOSTS), &HOSTS);
    assert!(prunable(&journal.dir(), jiff::Timestamp::MAX).unwrap().is_empty());
    drop(open);
}
