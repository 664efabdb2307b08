use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::*;
use crate::template::{Environment, Scope, SearchPath, Templar};
use crate::vault::Vault;

#[derive(Debug)]
struct NoVars;

impl Scope for NoVars {
    fn get(&self, name: &str) -> Option<Value> {
        (name == "known").then(|| Value::from(1))
    }

    fn names(&self) -> Vec<Arc<str>> {
        vec!["known".into()]
    }
}

struct Fake(Templar);

impl Calls for Fake {
    fn filter(&mut self, _: &str, value: Value, _: Arguments) -> Result<Value, TemplateError> {
        Ok(value)
    }

    fn test(&mut self, _: &str, _: Value, _: Arguments) -> Result<bool, TemplateError> {
        Ok(true)
    }

    fn item(&mut self, value: &Value, _: &Value) -> Result<Value, TemplateError> {
        Ok(value.clone())
    }

    fn resolve(&mut self, value: Value) -> Result<Value, TemplateError> {
        Ok(value)
    }

    fn templar(&self) -> &Templar {
        &self.0
    }
}

fn calls(directory: &std::path::Path) -> Fake {
    let search = SearchPath { directories: vec![directory.to_owned()], playbook: directory.to_owned() };
    Fake(Templar::new(Arc::new(Environment::new(Vault::default())), Arc::new(NoVars), Arc::new(search)))
}

fn looped(kind: &str, terms: Json) -> Result<Json, TemplateError> {
    let directory = tempfile::tempdir().expect("a temporary directory");
    std::fs::write(directory.path().join("a.txt"), "text {{ x }}\n").expect("a file");
    let items = loop_items(&mut calls(directory.path()), kind, Value::of_json(&terms))?;
    let shown = Value::list(items).to_json().to_string().replace(&directory.path().display().to_string(), "DIR");
    Ok(serde_json::from_str(&shown).expect("JSON"))
}

#[test]
fn urls_are_asked_and_errors_name_them_without_their_login() {
    use crate::http::testing::{Reply, Server};
    let server = Server::start();
    server.put("/", Reply::text("one\ntwo\n"));
    server.put("/in", Reply::login("me", "s3cret"));
    let directory = tempfile::tempdir().expect("a temporary directory");
    let ask = |address: String, named: &[(&str, Json)]| {
        let named = named.iter().map(|(name, value)| ((*name).into(), Value::of_json(value))).collect();
        let arguments = Arguments { positional: vec![Value::text(address)], named };
        let lookup = find("ansible.builtin.url").expect("it is there");
        lookup(&mut calls(directory.path()), arguments).map(|items| Value::list(items).to_json())
    };
    assert_eq!(ask(server.url("/"), &[]).unwrap(), json!(["one", "two"]));
    let whole = [("split_lines", json!(false)), ("headers", json!({"X-A": "b"})), ("timeout", json!(5))];
    assert_eq!(ask(server.url("/"), &whole).unwrap(), json!(["one\ntwo\n"]));
    assert!(server.seen()[1].contains("x-a: b"), "{:?}", server.seen());
    let login = [("username", json!("me")), ("password", json!("s3cret")), ("force_basic_auth", json!(true))];
    assert_eq!(ask(server.url("/in"), &login).unwrap(), json!(["in"]));
    let error = ask(server.url("/gone").replace("://", "://me:s3cret@"), &[]).unwrap_err().to_string();
    assert!(error.contains("HTTP Error 404") && !error.contains("s3cret"), "{error}");
    assert!(ask(server.url("/"), &[("unix_socket", json!("/x"))]).is_err());
}

#[test]
fn loops_give_the_items_that_ansible_gives() {
    for (kind, terms, expected) in [
        ("items", json!([1, [2, [3]]]), json!([1, 2, [3]])),
        ("list", json!([1, [2]]), json!([1, [2]])),
        ("flattened", json!([1, [2, [3, null]]]), json!([1, 2, 3])),
        ("indexed_items", json!(["a", ["b"]]), json!([[0, "a"], [1, "b"]])),
        ("dict", json!({"a": 1}), json!([{"key": "a", "value": 1}])),
        ("nested", json!([["a", "b"], [1, 2]]), json!([["a", 1], ["a", 2], ["b", 1], ["b", 2]])),
        ("together", json!([["a", "b"], [1]]), json!([["a", 1], ["b", null]])),
        ("subelements", json!([[{"n": 1, "k": {"x": ["p"]}}], "k.x"]), json!([[{"n": 1, "k": {}}, "p"]])),
        ("subelements", json!([[{"n": 1}], "k", {"skip_missing": true}]), json!([])),
        ("sequence", json!("start=0 end=4 stride=2 format=web%02d"), json!(["web00", "web02", "web04"])),
        ("sequence", json!("3-5"), json!(["3", "4", "5"])),
        ("sequence", json!("count=2"), json!(["1", "2"])),
        ("sequence", json!("2-10/4:h%d"), json!(["h2", "h6", "h10"])),
        ("sequence", json!("count=2 start=0 stride=-1"), json!(["0", "-1", "-2", "-3"])),
        ("sequence", json!("count=2 stride=0"), json!([])),
        ("file", json!("a.txt"), json!(["text {{ x }}"])),
        ("first_found", json!(["none", "a.txt"]), json!(["DIR/a.txt"])),
        ("first_found", json!([{"files": ["b", "a.txt"], "paths": ["x", "."]}]), json!(["DIR/a.txt"])),
        ("first_found", json!([{"files": "b", "skip": true}]), json!([])),
        ("pipe", json!("echo a; echo b"), json!(["a\nb"])),
        ("lines", json!("echo a; echo b"), json!(["a", "b"])),
        ("vars", json!("known"), json!([1])),
        ("ansible.builtin.random_choice", json!(["a"]), json!(["a"])),
    ] {
        assert_eq!(
            looped(kind, terms.clone()).unwrap_or_else(|error| panic!("{kind} {terms}: {error}")),
            expected,
            "{kind}"
        );
    }
}

#[test]
fn what_is_missing_is_an_error() {
    for (kind, terms) in [
        ("file", json!("none")),
        ("first_found", json!(["none"])),
        ("pipe", json!("exit 3")),
        ("vars", json!("none")),
        ("sequence", json!("start=5 end=1")),
        ("subelements", json!([[{"n": 1}], "k"])),
        ("nothing", json!([])),
    ] {
        assert!(looped(kind, terms).is_err(), "{kind}");
    }
}

/// A scope of one variable and some hosts.
#[derive(Debug)]
struct Inventory;

impl Scope for Inventory {
    fn get(&self, name: &str) -> Option<Value> {
        let hosts = json!(["web1", "web2", "db1", "localhost"]);
        match name {
            "x" => Some(Value::from(3)),
            "groups" => Some(Value::of_json(&json!({"all": hosts, "ungrouped": hosts}))),
            _ => None,
        }
    }

    fn names(&self) -> Vec<Arc<str>> {
        vec!["x".into(), "groups".into()]
    }
}

fn templar(directory: &std::path::Path) -> Templar {
    let search = SearchPath { directories: vec![directory.to_owned()], playbook: directory.to_owned() };
    Templar::new(Arc::new(Environment::new(Vault::default())), Arc::new(Inventory), Arc::new(search))
}

fn rendered(templar: &Templar, template: &str) -> Result<Value, TemplateError> {
    let origin = crate::template::Origin { file: "case".into(), line: 1, column: 1 };
    templar.render(&Value::template(template, origin))
}

/// `cases/lookups.jsonl`, written by `cases/expect.sh` with ansible-core 2.19; null means that it fails.
#[test]
fn lookups_of_files_answer_as_ansible_does() {
    let cases = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/template/lookups/cases");
    let templar = templar(&cases);
    let mut wrong = Vec::new();
    for line in std::fs::read_to_string(cases.join("lookups.jsonl")).expect("the cases").lines() {
        let case: Json = serde_json::from_str(line).expect("a case");
        let template = case["template"].as_str().expect("a template");
        let found = rendered(&templar, template).map_or(Json::Null, |value| value.to_json());
        if found != case["expected"] {
            wrong.push(format!("{template}\n  {found}\n  instead of {}", case["expected"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn password_is_made_once_and_kept_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().expect("a temporary directory");
    let templar = templar(directory.path());
    let ask =
        |term: &str| rendered(&templar, &format!("{{{{ lookup('password', '{term}') }}}}")).map(|v| v.to_string());
    let first = ask("kept/pw length=30 chars=ascii_letters").expect("a password");
    assert!(first.len() == 30 && first.chars().all(|letter| letter.is_ascii_alphabetic()), "{first}");
    assert_eq!(ask("kept/pw length=30").expect("the same"), first);
    let mode = |path: &str| std::fs::metadata(directory.path().join(path)).expect("it is there").permissions().mode();
    assert_eq!((mode("kept") & 0o777, mode("kept/pw") & 0o777), (0o700, 0o600));
    let hashed = ask("kept/pw encrypt=sha512_crypt").expect("a hash");
    assert!(hashed.starts_with("$6$"), "{hashed}");
    assert_eq!(ask("kept/pw encrypt=sha512_crypt").expect("the same hash"), hashed);
    let content = std::fs::read_to_string(directory.path().join("kept/pw")).expect("the file");
    let (plain, salt) = content.trim_end().split_once(" salt=").expect("the salt is kept");
    assert_eq!((plain, salt.len()), (first.as_str(), 16));
    assert!(hashed.contains(&format!("${salt}$")), "{hashed}");
    assert!(ask("kept/pw length=3 nonsense").is_err());
}

#[test]
fn filetree_tells_what_is_below_a_directory() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let tree = directory.path().join("files/tree");
    std::fs::create_dir_all(tree.join("sub")).expect("directories");
    std::fs::write(tree.join("sub/b.txt"), "12345").expect("a file");
    std::fs::write(tree.join("a.txt"), "1").expect("a file");
    std::os::unix::fs::symlink("a.txt", tree.join("link")).expect("a link");
    let mut calls = calls(directory.path());
    let terms = Arguments { positional: vec![Value::text("tree/")], named: Vec::new() };
    let found = Value::list(super::filetree::filetree(&mut calls, terms).expect("it is found")).to_json();
    let shown = |entry: &Json| {
        format!("{} {} {}", entry["path"].as_str().unwrap(), entry["state"].as_str().unwrap(), entry["src"])
    };
    let shown: Vec<String> = found.as_array().unwrap().iter().map(shown).collect();
    let path = |name: &str| format!("\"{}\"", tree.join(name).display());
    assert_eq!(
        shown,
        [
            "sub directory null".to_owned(),
            format!("a.txt file {}", path("a.txt")),
            "link link \"a.txt\"".to_owned(),
            format!("sub/b.txt file {}", path("sub/b.txt")),
        ]
    );
    assert_eq!(found[3]["size"], 5);
    let mode = found[3]["mode"].as_str().unwrap();
    assert!(mode.starts_with("06") && mode.len() == 4, "{mode}");
    assert_eq!(found[3]["root"], tree.display().to_string());
}

#[test]
fn random_strings_hold_what_is_asked_for() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let mut calls = calls(directory.path());
    let mut made = |named: Json| {
        let named =
            named.as_object().unwrap().iter().map(|(name, value)| (name.as_str().into(), Value::of_json(value)));
        let arguments = Arguments { positional: Vec::new(), named: named.collect() };
        super::random_string::random_string(&mut calls, arguments).map(|found| found[0].to_string())
    };
    let text = made(json!({"length": 20, "special": false, "min_numeric": 5, "upper": false})).unwrap();
    assert!(text.len() == 20 && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()), "{text}");
    assert!(text.bytes().filter(u8::is_ascii_digit).count() >= 5, "{text}");
    assert_eq!(made(json!({"override_all": "x", "length": 3})).unwrap(), "xxx");
    assert_eq!(made(json!({"override_all": "x", "length": 3, "base64": true})).unwrap(), "eHh4");
    assert_eq!(made(json!({"length": 0})).unwrap(), "");
    // As community.general has it with Python 3.11.
    assert_eq!(made(json!({"length": 12, "special": false, "seed": "abc"})).unwrap(), "xjdt6W90x6W8");
    assert!(made(json!({"lenght": 3})).unwrap_err().message.contains("takes no option `lenght`"));
    assert!(
        made(json!({"override_all": "", "upper": false, "lower": false, "numbers": false, "special": false})).is_err()
    );
}
