//! Every way to tamper with a journal, each from one that verifies.

use std::fs;

use opsctl::event::{Outcome, RunId};
use opsctl::journal::{Digest, JournalError, Verification, verify};

use crate::fixture::{Journal, header};

const HOSTS: [(&str, Outcome); 3] = [("a", Outcome::Ok), ("b", Outcome::Failed), ("c", Outcome::Ok)];

/// Three ended runs that verify; the second one is the victim.
fn intact() -> (Journal, [RunId; 3]) {
    let journal = Journal::new();
    let runs = [journal.record(&HOSTS), journal.record(&HOSTS), journal.record(&HOSTS)];
    let found = verify(&journal.dir(), &[]).unwrap();
    assert_eq!((found.runs, found.records), (3, 24));
    assert_eq!((found.problems, found.notes), (vec![], vec![]));
    (journal, runs)
}

fn verified(journal: &Journal) -> Verification {
    verify(&journal.dir(), &[]).unwrap()
}

/// What verification says, without the directory.
fn problems(journal: &Journal) -> Vec<String> {
    let dir = format!("{}/", journal.dir().display());
    verified(journal).problems.iter().map(|finding| finding.to_string().replace(&dir, "")).collect()
}

/// Changes the victim's lines and returns what verification says of it.
fn tamper(change: impl FnOnce(&mut Vec<String>)) -> Vec<String> {
    let (journal, [_, victim, _]) = intact();
    let mut lines = journal.lines(victim);
    change(&mut lines);
    journal.set_lines(victim, &lines);
    let file = format!("runs/{victim}.jsonl");
    problems(&journal).iter().map(|problem| problem.strip_prefix(&file).unwrap().to_owned()).collect()
}

/// Chains the lines anew, as somebody would who knows how.
fn recompute(lines: &mut [String]) {
    let mut prev = Digest::ZERO.to_string();
    for (index, line) in lines.iter_mut().enumerate() {
        let mut record: serde_json::Value = serde_json::from_str(line).unwrap();
        record["seq"] = (index + 1).into();
        record["prev"] = prev.into();
        *line = record.to_string();
        prev = Digest::of(line.as_bytes()).to_string();
    }
}

#[test]
fn a_flipped_byte_is_found_in_every_record() {
    for index in 0..7 {
        let found = tamper(|lines| lines[index] = lines[index].replacen("\"time\":\"2", "\"time\":\"1", 1));
        let line = index + 1;
        let next = line + 1;
        assert_eq!(found, [format!(":{line}: record {line} was changed after record {next} had been chained to it")]);
    }
    let found = tamper(|lines| lines[7] = lines[7].replacen("\"time\":\"2", "\"time\":\"1", 1));
    assert_eq!(found, [":8: record 8 is not the one that heads:4 knows: changed"]);
}

#[test]
fn a_flipped_byte_that_breaks_the_record_is_found() {
    let found = tamper(|lines| lines[3] = lines[3].replacen("\"seq\"", "\"sfq\"", 1));
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with(":4: not a record: missing field `seq`"), "{found:?}");
}

#[test]
fn a_removed_record_is_found_wherever_it_stood() {
    assert_eq!(tamper(|lines| drop(lines.remove(3))), [":4: record 4 is missing before record 5: removed"]);
    assert_eq!(tamper(|lines| drop(lines.drain(2..5))), [":3: records 3 to 5 are missing before record 6: removed"]);
    let first = tamper(|lines| drop(lines.remove(0)));
    assert_eq!(first[0], ":1: record 1 is missing before record 2: removed");
}

#[test]
fn an_inserted_record_is_found() {
    let forged = |lines: &mut Vec<String>| {
        let forged = lines[2].replace("\"host\":\"a\"", "\"host\":\"z\"");
        lines.insert(3, forged);
    };
    assert_eq!(tamper(forged), [":4: there are two records 3; this one was inserted"]);
    let before = |lines: &mut Vec<String>| {
        let forged = lines[2].replace("\"host\":\"a\"", "\"host\":\"z\"");
        lines.insert(2, forged);
    };
    assert_eq!(tamper(before), [":3: there are two records 3; this one was inserted"]);
}

#[test]
fn a_record_added_at_the_end_is_found_even_when_it_is_chained() {
    let found = tamper(|lines| {
        lines.push(lines[2].replace("\"seq\":3", "\"seq\":9"));
        let prev = Digest::of(lines[7].as_bytes()).to_string();
        let mut record: serde_json::Value = serde_json::from_str(&lines[8]).unwrap();
        record["prev"] = prev.into();
        lines[8] = record.to_string();
    });
    assert_eq!(found, [":9: has 9 records, but heads:4 knows of 8: added at the end"]);
}

#[test]
fn swapped_records_are_found() {
    assert_eq!(tamper(|lines| lines.swap(3, 4)), [":5: record 4 stands after record 5: moved"]);
    assert_eq!(tamper(|lines| lines.swap(6, 7)), [":8: record 7 stands after record 8: moved"]);
}

#[test]
fn a_duplicated_record_is_found() {
    let found = tamper(|lines| lines.insert(4, lines[3].clone()));
    assert_eq!(found, [":5: record 4 stands here once more: duplicate of line 4"]);
}

#[test]
fn a_cut_end_is_told_from_an_interrupted_run() {
    assert_eq!(tamper(|lines| lines.truncate(5)), [":5: ends after record 5, but heads:4 knows of 8: end cut off"]);
    let (journal, _) = intact();
    journal.interrupt(&HOSTS);
    let found = verified(&journal);
    assert_eq!(found.problems, []);
    assert_eq!(found.notes[0].text, "interrupted after record 7; what came after it cannot be proven");
}

#[test]
fn an_end_cut_in_the_middle_of_a_record_is_found() {
    let (journal, [_, victim, _]) = intact();
    let content = fs::read(journal.file(victim)).unwrap();
    fs::write(journal.file(victim), &content[..content.len() - 9]).unwrap();
    let found = problems(&journal);
    assert_eq!(found, [format!("runs/{victim}.jsonl:7: ends after record 7, but heads:4 knows of 8: end cut off")]);
}

#[test]
fn the_end_of_an_interrupted_run_cannot_be_cut_once_a_later_run_has_seen_it() {
    let (journal, _) = intact();
    let victim = journal.interrupt(&HOSTS);
    journal.record(&HOSTS);
    assert_eq!(verified(&journal).problems, []);
    journal.set_lines(victim, &journal.lines(victim)[..4]);
    let found = problems(&journal);
    assert_eq!(found, [format!("runs/{victim}.jsonl:4: ends after record 4, but heads:8 knows of 7: end cut off")]);
}

#[test]
fn a_removed_file_is_found_with_and_without_heads() {
    let (journal, [_, victim, last]) = intact();
    fs::remove_file(journal.file(victim)).unwrap();
    assert_eq!(problems(&journal), [format!("runs/{victim}.jsonl: missing: heads:4 knows it")]);
    let heads = fs::read_to_string(journal.heads()).unwrap();
    let others: Vec<&str> = heads.lines().filter(|line| !line.contains(&victim.to_string())).collect();
    fs::write(journal.heads(), others.join("\n") + "\n").unwrap();
    let found = problems(&journal);
    // Whether it is shorter than before or only different hangs on the digits of its times.
    assert!(found[0].starts_with("heads: "), "{found:?}");
    assert_eq!(found[1], format!("runs/{victim}.jsonl: missing: run {last} knows it"));
}

#[test]
fn exchanged_files_are_found() {
    let (journal, [first, victim, _]) = intact();
    let (one, other) = (journal.lines(first), journal.lines(victim));
    journal.set_lines(first, &other);
    journal.set_lines(victim, &one);
    assert_eq!(
        problems(&journal),
        [
            format!("runs/{first}.jsonl:1: holds run {victim}: exchanged or renamed"),
            format!("runs/{victim}.jsonl:1: holds run {first}: exchanged or renamed"),
        ]
    );
}

#[test]
fn a_field_of_another_type_is_found() {
    let found = tamper(|lines| lines[2] = lines[2].replacen("\"rc\":0", "\"rc\":\"0\"", 1));
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with(":3: not a record: invalid type: string \"0\", expected i32"), "{found:?}");
    let found = tamper(|lines| lines[2] = lines[2].replacen("\"duration\":0.25", "\"duration\":1", 1));
    assert_eq!(found, [":3: record 3 was changed after record 4 had been chained to it"]);
}

#[test]
fn a_recomputed_file_is_found_by_heads() {
    let found = tamper(|lines| {
        lines[0] = lines[0].replace("\"user\":\"ada\"", "\"user\":\"eve\"");
        recompute(lines);
    });
    assert_eq!(found, [": none of its records is the one that heads:4 knows: the whole file was recomputed"]);
}

#[test]
fn a_recomputed_file_is_found_by_later_runs_when_heads_was_forged_too() {
    let (journal, [_, victim, last]) = intact();
    let mut lines = journal.lines(victim);
    let old: Vec<String> = [0, 7].map(|index: usize| Digest::of(lines[index].as_bytes()).to_string()).to_vec();
    lines[0] = lines[0].replace("\"user\":\"ada\"", "\"user\":\"eve\"");
    recompute(&mut lines);
    journal.set_lines(victim, &lines);
    let mut heads = fs::read_to_string(journal.heads()).unwrap();
    for (old, index) in old.iter().zip([0, 7]) {
        heads = heads.replace(old, &Digest::of(lines[index].as_bytes()).to_string());
    }
    fs::write(journal.heads(), heads).unwrap();
    let found = problems(&journal);
    assert!(found[0].ends_with(&format!("bytes are not those that run {last} found: changed")), "{found:?}");
    let recomputed =
        format!("runs/{victim}.jsonl: its head in heads is not the one that run {last} recorded: recomputed");
    assert_eq!(found[1..], [recomputed]);
}

#[test]
fn heads_that_were_cut_or_removed_are_found() {
    let (journal, _) = intact();
    let heads = fs::read_to_string(journal.heads()).unwrap();
    let shorter: Vec<&str> = heads.lines().take(2).collect();
    fs::write(journal.heads(), shorter.join("\n") + "\n").unwrap();
    assert!(problems(&journal)[0].ends_with(": cut"), "{:?}", problems(&journal));
    fs::remove_file(journal.heads()).unwrap();
    let found = problems(&journal);
    assert!(found[0].starts_with("heads: run ") && found[0].ends_with("now there are 0: cut"), "{found:?}");
    assert!(found[1].ends_with("neither heads nor a later run knows it: added, or removed from heads"), "{found:?}");
}

#[test]
fn a_file_that_nobody_knows_is_found() {
    let (journal, _) = intact();
    let other = Journal::new();
    let stranger = other.record(&HOSTS);
    fs::copy(other.file(stranger), journal.file(stranger)).unwrap();
    let found = problems(&journal);
    assert_eq!(
        found,
        [format!("runs/{stranger}.jsonl: neither heads nor a later run knows it: added, or removed from heads")]
    );
}

#[test]
fn only_the_chosen_runs_are_verified() {
    let (journal, [first, victim, _]) = intact();
    journal.set_lines(victim, &journal.lines(victim)[..3]);
    assert_eq!(verify(&journal.dir(), &[first]).unwrap().problems, []);
    assert_eq!(verify(&journal.dir(), &[victim]).unwrap().problems.len(), 1);
}

#[test]
fn a_run_that_still_writes_is_no_problem() {
    let (journal, _) = intact();
    let open = journal.begin(&header(&HOSTS), &HOSTS);
    let found = verified(&journal);
    assert_eq!((found.problems, found.notes[0].text.as_str()), (vec![], "still running"));
    drop(open);
}

#[test]
fn a_newer_format_is_refused() {
    let (journal, [_, victim, _]) = intact();
    fs::write(journal.file(victim), "{\"v\":2}\n").unwrap();
    assert!(matches!(verify(&journal.dir(), &[]), Err(JournalError::NewerVersion { line: 1, version: 2, .. })));
}

#[test]
fn fifty_runs_at_once_verify() {
    let journal = Journal::new();
    std::thread::scope(|scope| (0..50).for_each(|_| drop(scope.spawn(|| journal.record(&HOSTS)))));
    journal.record(&HOSTS);
    let found = verified(&journal);
    assert_eq!((found.runs, found.problems, found.notes), (51, vec![], vec![]));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn any_changed_byte_of_an_ended_run_is_found(position in 0..10_000_usize, flip in 1..=255_u8) {
        let journal = Journal::new();
        let run = journal.record(&HOSTS);
        let mut content = fs::read(journal.file(run)).unwrap();
        let position = position % content.len();
        content[position] ^= flip;
        fs::write(journal.file(run), content).unwrap();
        // A version above ours is refused, which is as good.
        proptest::prop_assert!(verify(&journal.dir(), &[]).map_or(true, |found| !found.problems.is_empty()));
    }
}
