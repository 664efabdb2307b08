//! Cases: what a module asks and does when hosts answer as written, and what it ends with.
//!
//! A file holds a list of cases:
//!
//! ```yaml
//! - name: the claim
//!   args: {path: /x}
//!   check: true                    # false unless told; the same for diff
//!   steps:
//!   - ask: stat                    # the probe's name; a list for several questions
//!     words: [/x]                  # compared when given; a list of lists for several
//!     stdout: "…"                  # the answer, with rc and stderr; `answers` for several
//!     said: {name: "…"}            # instead of stdout: what each command said; a mapping with rc, stdout, stderr
//!   - change: write                # an action's file name, `command`, `save` or `local`
//!     words: [/x]
//!     stdin: "…"                   # compared when given
//!     rc: 0                        # the answer; in check mode there is none
//!   result: {changed: true}        # `failed`, `skipped`, `msg` and fields; only those given are compared
//!   absent: [field]                # fields that must not be there
//!   fails: message                 # instead of `result`: the module refuses
//! ```

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value as Json, json};

use super::{Mode, task};
use crate::modules::{Action, Answer, Content, ModuleError, Step, TaskResult};

/// Runs all cases of a module.
#[expect(clippy::missing_panics_doc, reason = "it does not panic, as the expectation says")]
pub fn run_cases(module: &str) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/modules/cases").join(module);
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{} is empty", folder.display());
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let cases: Vec<Json> =
            serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        for case in &cases {
            run_case(module, &file, case);
        }
    }
}

fn run_case(module: &str, file: &Path, case: &Json) {
    let name = format!("{}: {}", file.display(), case["name"].as_str().expect("a case has a name"));
    let mode = Mode { check: case["check"] == json!(true), diff: case["diff"] == json!(true) };
    let args = if case["args"].is_null() { json!({}) } else { case["args"].clone() };
    let (module, context) = task(module, &args, mode, PathBuf::new());
    let none = Vec::new();
    let mut steps = case["steps"].as_array().unwrap_or(&none).iter();
    let mut step = module.start(context);
    let ended = loop {
        match step {
            Ok(Step::Done(result)) => break Ok(result),
            Ok(Step::Effect(_, next)) => step = next(()),
            Err(error) => break Err(error),
            Ok(other) => {
                let expected = steps.next().unwrap_or_else(|| panic!("{name}: one more step: {}", show(&other)));
                step = follow(&name, expected, other, mode);
            }
        }
    };
    assert_eq!(steps.next(), None, "{name}: ended early with {ended:?}");
    compare(&name, case, &ended);
}

fn follow(name: &str, expected: &Json, step: Step, mode: Mode) -> Result<Step, ModuleError> {
    match step {
        Step::Ask(questions, next) => {
            let probes: Vec<_> = questions.iter().map(|question| question.probe.name).collect();
            assert_eq!(json!(probes), listed(&expected["ask"]), "{name}: probes");
            if let Some(words) = expected["words"].as_array() {
                let words = if words.iter().all(Json::is_array) { words.clone() } else { vec![json!(words)] };
                let asked: Vec<_> = questions.iter().map(|question| texts(&question.words)).collect();
                assert_eq!(json!(asked), json!(words), "{name}: words");
            }
            let answers = match expected["answers"].as_array() {
                Some(answers) => answers.iter().map(answer).collect(),
                None => vec![answer(expected)],
            };
            assert_eq!(answers.len(), questions.len(), "{name}: as many answers as questions");
            next(answers)
        }
        Step::Change(change, next) => {
            let (kind, words, input) = action(&change.action);
            assert_eq!(json!(kind), expected["change"], "{name}: the action");
            if let Some(wanted) = expected["words"].as_array() {
                assert_eq!(json!(words), json!(wanted), "{name}: words");
            }
            if let Some(wanted) = expected["stdin"].as_str() {
                assert_eq!(input.as_deref(), Some(wanted), "{name}: stdin");
            }
            next((!mode.check).then(|| answer(expected)))
        }
        other => panic!("{name}: cases do not cover the step {}", show(&other)),
    }
}

fn listed(value: &Json) -> Json {
    if value.is_array() { value.clone() } else { json!([value]) }
}

fn answer(written: &Json) -> Answer {
    let bytes = |field: &str| written[field].as_str().unwrap_or_default().as_bytes().to_vec();
    let rc = written["rc"].as_i64().unwrap_or_default();
    Answer {
        rc: i32::try_from(rc).expect("exit codes are small"),
        stdout: written["said"].as_object().map_or_else(|| bytes("stdout"), said),
        stderr: bytes("stderr"),
        ..Answer::default()
    }
}

/// What a probe prints with `said`.
fn said(commands: &Map<String, Json>) -> Vec<u8> {
    let mut text = String::new();
    for (name, said) in commands {
        let field = |name: &str| said[name].as_str().unwrap_or_default();
        let stdout = said.as_str().unwrap_or_else(|| field("stdout"));
        let rc = said["rc"].as_i64().unwrap_or_default();
        text.extend([name, "\0", stdout, "\0", &rc.to_string(), "\0", field("stderr"), "\0"]);
    }
    text.into_bytes()
}

fn texts(words: &[std::ffi::OsString]) -> Vec<String> {
    words.iter().map(|word| word.to_string_lossy().into_owned()).collect()
}

fn content(content: Option<&Content>) -> Option<String> {
    content.map(|content| match content {
        Content::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Content::File(path) => format!("file {}", path.display()),
    })
}

fn action(action: &Action) -> (String, Vec<String>, Option<String>) {
    match action {
        Action::Script(call) => (script_name(call.script), texts(&call.words), content(call.input.as_ref())),
        Action::Command(call) => ("command".to_owned(), texts(&call.words), content(call.input.as_ref())),
        Action::LocalCommand(call) => ("local".to_owned(), texts(&call.words), content(call.input.as_ref())),
        Action::SaveLocal { path, content: saved } => {
            ("save".to_owned(), vec![path.display().to_string()], content(Some(saved)))
        }
    }
}

/// The file below `actions/` whose text the script ends with.
#[expect(clippy::similar_names, reason = "the pairs are what they are called")]
pub(super) fn script_name(script: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/modules/actions");
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut named: Vec<_> = names
        .filter(|path| path.extension().is_some_and(|end| end == "sh"))
        .filter(|path| script.ends_with(&fs::read_to_string(path).unwrap()))
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    named.sort_by_key(String::len);
    named.pop().unwrap_or_else(|| panic!("a script that stands in no file below actions/:\n{script}"))
}

pub(super) fn show(step: &Step) -> String {
    match step {
        Step::Ask(questions, _) => {
            let one =
                |question: &crate::modules::Question| format!("{} {:?}", question.probe.name, texts(&question.words));
            format!("ask {}", questions.iter().map(one).collect::<Vec<_>>().join(", "))
        }
        Step::Local(read, _) => format!("local {read:?}"),
        Step::Change(change, _) => {
            let (kind, words, _) = action(&change.action);
            format!("change {kind} {words:?}")
        }
        Step::Wait(wait) => format!("wait {} {:?}", wait.until.probe.name, texts(&wait.until.words)),
        Step::Effect(effects, _) => format!("effect {effects:?}"),
        Step::Done(result) => format!("done {result:?}"),
    }
}

fn compare(name: &str, case: &Json, ended: &Result<TaskResult, ModuleError>) {
    if let Some(message) = case["fails"].as_str() {
        let error = ended.as_ref().expect_err("the case says that the module refuses");
        assert_eq!(error.message, message, "{name}");
        return;
    }
    let result = match ended {
        Ok(result) => as_json(result),
        Err(error) => panic!("{name}: it failed: {}", error.message),
    };
    for (field, value) in case["result"].as_object().unwrap_or(&Map::new()) {
        assert_eq!(result.get(field).unwrap_or(&Json::Null), value, "{name}: {field} of {}", json!(result));
    }
    for field in case["absent"].as_array().unwrap_or(&Vec::new()) {
        assert!(!result.contains_key(field.as_str().expect("field names")), "{name}: {field}");
    }
}

/// A result as `register` sees it.
pub(super) fn as_json(result: &TaskResult) -> Map<String, Json> {
    let mut all = Map::new();
    for (key, value) in &result.fields {
        all.insert(key.to_string(), value.to_json());
    }
    all.insert("changed".to_owned(), json!(result.changed));
    all.insert("failed".to_owned(), json!(result.failed));
    all.insert("skipped".to_owned(), json!(result.skipped));
    if let Some(message) = &result.message {
        all.insert("msg".to_owned(), json!(message));
    }
    all
}
