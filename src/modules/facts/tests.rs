//! What recorded answers become, against what Ansible 2.19 made of the same hosts.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value as Json};

use super::{Subset, gather};
use crate::modules::Answer;
use crate::modules::testing::on_each_shell;
use crate::testing::write_program;

/// Facts that differ between two moments, or between two connections.
const FLEETING: &[&str] =
    &["date_time", "env", "loadavg", "memfree_mb", "memory_mb", "uptime_seconds", "mounts", "processor_nproc"];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/modules/facts/recorded")
}

fn facts(stdout: &[u8]) -> Map<String, Json> {
    let gather = gather(&["all".to_owned()]).unwrap();
    let (facts, _) = gather.read(&Answer { stdout: stdout.to_vec(), ..Answer::default() }).unwrap();
    facts.iter().map(|(name, value)| (name.to_string(), value.to_json())).collect()
}

fn without(facts: &Map<String, Json>, names: &[&str]) -> BTreeMap<String, Json> {
    let left_out = |name: &str| names.iter().any(|other| name.strip_prefix("ansible_") == Some(*other));
    facts.iter().filter(|(name, _)| !left_out(name)).map(|(name, value)| (name.clone(), sorted(value))).collect()
}

/// Python's sets are in no order.
fn sorted(value: &Json) -> Json {
    match value {
        Json::Array(items) if items.iter().all(Json::is_string) => {
            let mut items = items.clone();
            items.sort_by_key(ToString::to_string);
            items.into()
        }
        other => other.clone(),
    }
}

/// Each `NAME.txt` is the answer of a host, `NAME.json` what `ansible -m setup` said of it.
#[test]
fn recorded_hosts_have_the_facts_that_ansible_gathers() {
    let mut seen = 0;
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|end| end != "json") {
            continue;
        }
        seen += 1;
        let expected: Map<String, Json> = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let found = facts(&std::fs::read(path.with_extension("txt")).unwrap());
        compare(&path, &without(&expected, FLEETING), &without(&found, FLEETING));
        for name in FLEETING.iter().map(|name| format!("ansible_{name}")) {
            assert_eq!(shape(&expected[&name]), shape(&found[&name]), "{}: {name}", path.display());
        }
    }
    assert!(seen > 0);
}

fn compare(path: &Path, expected: &BTreeMap<String, Json>, found: &BTreeMap<String, Json>) {
    for (name, value) in expected {
        assert_eq!(found.get(name), Some(value), "{}: {name}", path.display());
    }
    for name in found.keys() {
        assert!(expected.contains_key(name), "{}: {name} is not among Ansible's", path.display());
    }
}

/// Types without values.
fn shape(value: &Json) -> Json {
    match value {
        Json::Object(entries) if entries.contains_key("PATH") => "environment".into(),
        Json::Object(entries) => {
            let mut all: Vec<_> = entries.iter().map(|(key, value)| (key.clone(), shape(value))).collect();
            all.sort_by(|one, two| one.0.cmp(&two.0));
            all.into_iter().collect::<Map<_, _>>().into()
        }
        Json::Array(items) => items.iter().map(shape).collect(),
        Json::String(_) => "text".into(),
        Json::Number(number) => if number.is_f64() { "float" } else { "integer" }.into(),
        other => other.clone(),
    }
}

/// Each distribution by its files; expectations follow the rules of Ansible 2.19's `distribution.py`.
#[test]
#[expect(clippy::format_push_string, reason = "short texts")]
fn distributions_are_told_by_their_files() {
    let text = std::fs::read_to_string(folder().join("distributions.yml")).unwrap();
    let cases: Vec<Json> = serde_yaml::from_str(&text).unwrap();
    assert!(!cases.is_empty());
    for case in &cases {
        let mut answer = String::from("\n\u{1}uname\nLinux\nhost\n6.1.0\n#1\nx86_64\n");
        for (path, text) in case["files"].as_object().unwrap() {
            answer += &format!("\n\u{1}file {path}\n{}", text.as_str().unwrap());
        }
        for (name, text) in case["sections"].as_object().unwrap_or(&Map::new()) {
            answer += &format!("\n\u{1}{name}\n{}", text.as_str().unwrap());
        }
        answer += "\n\u{1}end\n";
        let found = facts(answer.as_bytes());
        for (name, value) in case["facts"].as_object().unwrap() {
            assert_eq!(&found[&format!("ansible_{name}")], value, "{}: {name}", case["files"]);
        }
    }
}

#[test]
fn the_probe_runs_to_its_end_in_every_shell() {
    on_each_shell(|host| {
        std::fs::create_dir(host.home().join("facts.d")).unwrap();
        host.write("facts.d/a.fact", "[main]\nName = x: y\n");
        host.write("facts.d/b.fact", "{\"one\": [1]}");
        let program = |name: &str, text: &str| write_program(host.home().join(name), text);
        program("facts.d/run.fact", "#!/bin/sh\necho '{\"ran\": true}'; echo noise >&2\n");
        program("facts.d/bad.fact", "#!/bin/sh\necho why >&2; exit 3\n");
        host.write("facts.d/no.fact", "neither\n");
        let path = host.path("facts.d");
        let ran = host.run("setup", &serde_json::json!({"fact_path": path}));
        let facts = ran.field("ansible_facts");
        let local = serde_json::json!({
            "a": {"main": {"name": "x: y"}},
            "b": {"one": [1]},
            "bad": format!("Failure executing fact script ({path}/bad.fact), rc: 3, err: why"),
            "no": format!("error loading facts as JSON or ini - please check content: {path}/no.fact"),
            "run": {"ran": true},
        });
        assert_eq!(facts["ansible_local"], local);
        assert_eq!(ran.warnings.len(), 2);
        assert_eq!(facts["ansible_system"], "Linux");
        assert!(facts["ansible_date_time"]["epoch"].as_str().unwrap().parse::<i64>().unwrap() > 1_700_000_000);
        assert!(facts["ansible_memtotal_mb"].as_i64().unwrap() > 0);
        assert!(facts["ansible_env"]["PATH"].is_string());
    });
}

#[test]
fn subsets_are_added_and_taken_away() {
    let groups = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        Subset::new(&names).map(|subset| subset.groups().join(" ")).map_err(|error| error.message)
    };
    assert_eq!(groups(&["!all", "!min"]).unwrap(), "");
    assert_eq!(groups(&["!all", "!min", "distribution"]).unwrap(), "distribution");
    assert_eq!(groups(&["!all", "!min", "network"]).unwrap(), "platform distribution network");
    assert_eq!(groups(&["!all", "!min", "default_ipv4"]).unwrap(), "platform distribution network");
    assert_eq!(groups(&["!all"]), groups(&["min"]));
    assert!(groups(&["all", "!hardware"]).unwrap().contains("network"));
    assert!(!groups(&["all", "!hardware"]).unwrap().contains("hardware"));
    // What is taken away is taken from `min`, unless `all` is named.
    assert_eq!(groups(&["!hardware"]), groups(&["min"]));
    assert!(groups(&["bogus"]).unwrap_err().starts_with("Bad subset 'bogus' given to Ansible. gather_subset options"));
}

#[test]
fn a_filter_is_a_shell_pattern() {
    use super::subset::wants;
    assert!(wants("ansible_dist*", "ansible_distribution"));
    assert!(wants("dist*", "ansible_distribution"));
    assert!(wants("*_mb", "ansible_memtotal_mb"));
    assert!(wants("ansible_[a-d]?", "ansible_bx"));
    assert!(!wants("ansible_[!a-d]?", "ansible_bx"));
    assert!(!wants("ansible_env", "ansible_environment"));
}

#[test]
fn a_cut_answer_is_no_answer() {
    let gather = gather(&["all".to_owned()]).unwrap();
    let answer = Answer { stdout: b"\n\x01uname\nLinux\n".to_vec(), ..Answer::default() };
    assert_eq!(gather.read(&answer).unwrap_err().message, "the host's facts could not be read to their end");
}
