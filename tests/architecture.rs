//! The house stays as drawn: which top-level module may name which, who writes to the terminal, where `async` lives.
//!
//! Reads the source as text. A new edge is a decision: it goes into the table below, or the code goes elsewhere.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Each top-level module and those that it may name. `cli` knows everything. Rows may stand before their module.
const EDGES: &[(&str, &[&str])] = &[
    ("testing", &[]),
    ("yaml", &[]),
    ("secret", &[]),
    ("http", &["secret"]),
    ("event", &[]),
    ("analysis", &[]),
    ("inventory", &["yaml", "vault", "secret"]),
    ("vault", &["secret"]),
    ("template", &["yaml", "vault", "secret", "http"]),
    ("transport", &["event", "secret"]),
    ("remote", &["inventory", "transport", "event", "secret"]),
    ("playbook", &["modules", "template", "inventory", "vault", "yaml", "secret"]),
    ("modules", &["template", "event", "secret", "http"]),
    ("checks", &["event", "analysis"]),
    (
        "engine",
        &[
            "secret",
            "http",
            "vault",
            "yaml",
            "modules",
            "checks",
            "playbook",
            "remote",
            "template",
            "inventory",
            "transport",
            "event",
        ],
    ),
    ("journal", &["event"]),
    ("history", &["event", "analysis"]),
    ("report", &["journal", "history", "analysis", "inventory", "event"]),
    ("render", &["report", "event"]),
];

/// The module that wires the others up.
const WIRING: &str = "cli";

/// What every module's tests may name.
const FOR_TESTS: &str = "testing";

/// Modules that write to the terminal.
const TERMINAL: &[&str] = &["cli", "render"];

/// Modules that wait.
const ASYNC: &[&str] = &["engine", "remote", "transport", "event", "cli"];

/// A source file: its path below `src/`, and its text.
struct Source {
    path: String,
    text: String,
}

#[test]
fn the_house_stays_as_drawn() {
    let mut sources = Vec::new();
    read_tree(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut sources);
    assert!(sources.len() > 20, "the sources were not found");
    let found = violations(&sources);
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn the_table_has_no_cycle() {
    let mut left: Vec<_> = EDGES.to_vec();
    while !left.is_empty() {
        let names: BTreeSet<&str> = left.iter().map(|(name, _)| *name).collect();
        let before = left.len();
        left.retain(|(_, allowed)| allowed.iter().any(|to| names.contains(to)));
        assert!(left.len() < before, "these modules name each other in a circle: {names:?}");
    }
}

#[test]
fn a_forbidden_edge_is_found_in_every_form() {
    for (path, text) in [
        ("inventory/load.rs", "use crate::event::Event;"),
        ("inventory/load.rs", "fn f() -> crate::event::Event {}"),
        ("inventory/mod.rs", "use crate::{event::Event, yaml::Node};"),
        ("inventory/mod.rs", "use crate::{\n    yaml::{Node, Span},\n    event,\n};"),
        ("inventory/load.rs", "use super::super::event::Event;"),
        ("event/mod.rs", "use crate::cli::ExitCode;"),
        ("yaml.rs", "use crate::event;"),
    ] {
        assert_eq!(check(path, text).len(), 1, "{path}: {text}");
    }
    assert_eq!(
        check("inventory/load.rs", "\nuse crate::event::Event;"),
        ["src/inventory/load.rs:2: inventory must not name event"]
    );
}

#[test]
fn an_allowed_edge_is_no_violation() {
    for (path, text) in [
        ("inventory/load.rs", "use crate::yaml::Node;\nuse crate::inventory::Host;\nuse super::Group;"),
        ("cli/exec.rs", "use crate::engine::Plan;\nuse std::io::stdout;"),
        ("lib.rs", "pub mod yaml;\npub use crate::event::Event;"),
    ] {
        assert!(check(path, text).is_empty(), "{path}: {text}");
    }
}

#[test]
fn a_module_that_is_not_in_the_table_is_found() {
    assert_eq!(check("util/mod.rs", ""), ["src/util/mod.rs:1: util is not in the table of tests/architecture.rs"]);
}

#[test]
fn a_write_to_the_terminal_is_found_outside_cli_and_render() {
    for text in
        ["println!(\"x\");", "eprint!(\"x\");", "let out = std::io::stdout();", "stderr().lock()", "Stdio::inherit()"]
    {
        assert_eq!(
            check("engine/mod.rs", text),
            ["src/engine/mod.rs:1: engine must not write to the terminal"],
            "{text}"
        );
        assert!(check("render/human.rs", text).is_empty(), "{text}");
    }
    assert!(check("transport/local.rs", "child.stdout().take(); let stdout: Vec<u8>; fn stderr() {}").is_empty());
}

#[test]
fn an_exit_is_found_outside_main() {
    for text in ["std::process::exit(1)", "process::abort()"] {
        assert_eq!(check("cli/mod.rs", text), ["src/cli/mod.rs:1: only main ends the process"], "{text}");
    }
    assert!(check("main.rs", "std::process::exit(1)").is_empty());
}

#[test]
fn waiting_is_found_outside_its_modules() {
    for text in ["async fn f() {}", "use tokio::time;", "f().await"] {
        assert_eq!(check("journal/mod.rs", text), ["src/journal/mod.rs:1: async does not live in journal"], "{text}");
        assert!(check("engine/mod.rs", text).is_empty(), "{text}");
    }
}

#[test]
fn comments_and_texts_are_no_code() {
    for text in [
        "// use crate::event::Event; println!()",
        "/* use crate::event; /* tokio */ async */",
        "//! [`crate::event`]",
        "let a = \"\\\"use crate::event; tokio\"; let b = 'a'; let c = b'\"'; let d = '\\'';",
        "let a = r#\"\" async crate::event \"#; let b = br\"tokio\";",
        "impl<'a> X<'a> {}",
    ] {
        assert!(check("yaml/mod.rs", text).is_empty(), "{text}");
    }
    assert_eq!(check("yaml/mod.rs", "let a = 'x'; let b = \"\"; crate::event::f::<'static>()").len(), 1);
}

fn check(path: &str, text: &str) -> Vec<String> {
    violations(&[Source { path: path.to_owned(), text: text.to_owned() }])
}

fn read_tree(dir: &Path, prefix: &str, sources: &mut Vec<Source>) {
    let mut entries: Vec<_> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for entry in entries {
        let path = format!("{prefix}{}", entry.file_name().unwrap().to_str().unwrap());
        if entry.is_dir() {
            read_tree(&entry, &format!("{path}/"), sources);
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            sources.push(Source { path, text: fs::read_to_string(&entry).unwrap() });
        }
    }
}

fn violations(sources: &[Source]) -> Vec<String> {
    sources.iter().flat_map(of_source).collect()
}

fn of_source(source: &Source) -> Vec<String> {
    let path = &source.path;
    let module = path.split_once('/').map_or_else(|| path.trim_end_matches(".rs"), |(module, _)| module);
    let code = code_of(&source.text);
    let mut found = BTreeSet::new();
    if !matches!(module, "lib" | "main") {
        found.extend(edges(module, &code));
        found.extend(terminal(module, &code));
        found.extend(waiting(module, &code));
    }
    if module != "main" {
        found.extend(exits(&code));
    }
    let line = |at: usize| code[..at].matches('\n').count() + 1;
    let mut shown: Vec<String> = found.iter().map(|(at, what)| format!("src/{path}:{}: {what}", line(*at))).collect();
    shown.dedup();
    shown
}

type Found = Vec<(usize, String)>;

fn edges(module: &str, code: &str) -> Found {
    if module == WIRING {
        return Vec::new();
    }
    let Some((_, allowed)) = EDGES.iter().find(|(name, _)| *name == module) else {
        return vec![(0, format!("{module} is not in the table of tests/architecture.rs"))];
    };
    let is_known = |name: &str| name == WIRING || EDGES.iter().any(|(known, _)| *known == name);
    let roots = ["crate::", "super::super::"].into_iter().flat_map(|root| words(code, root).map(|at| at + root.len()));
    let named = roots.flat_map(|at| names_at(&code[at..]).into_iter().map(move |name| (at, name)));
    let is_free = |name: &str| name == module || name == FOR_TESTS || allowed.contains(&name);
    let forbidden = named.filter(|(_, name)| is_known(name) && !is_free(name));
    forbidden.map(|(at, name)| (at, format!("{module} must not name {name}"))).collect()
}

/// The first segments of the path, or of each path in the braces, that `code` starts with.
fn names_at(code: &str) -> Vec<&str> {
    let Some(group) = code.strip_prefix('{') else { return vec![identifier(code)] };
    let mut depth = 0usize;
    let mut names = vec![identifier(group.trim_start())];
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(identifier(group[at + 1..].trim_start())),
            _ => {}
        }
    }
    names
}

fn terminal(module: &str, code: &str) -> Found {
    if TERMINAL.contains(&module) {
        return Vec::new();
    }
    let streams = ["stdout(", "stderr("].into_iter().flat_map(|word| words(code, word));
    let streams = streams.filter(|at| !code[..*at].ends_with('.') && !code[..*at].ends_with("fn "));
    let macros = ["print!", "println!", "eprint!", "eprintln!", "Stdio::inherit", "io::stdout", "io::stderr"];
    let macros = macros.into_iter().flat_map(|word| words(code, word));
    streams.chain(macros).map(|at| (at, format!("{module} must not write to the terminal"))).collect()
}

fn waiting(module: &str, code: &str) -> Found {
    let found = ["async", "await", "tokio"].into_iter().flat_map(|word| words(code, word));
    // `r#async` is a name like any other.
    let found = found.filter(|at| !ASYNC.contains(&module) && !code[..*at].ends_with("r#"));
    found.map(|at| (at, format!("async does not live in {module}"))).collect()
}

fn exits(code: &str) -> Found {
    let found = ["process::exit(", "process::abort("].into_iter().flat_map(|word| words(code, word));
    found.map(|at| (at, "only main ends the process".to_owned())).collect()
}

/// Where `word` stands in `code` and is not a part of a longer name.
fn words<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let is_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    code.match_indices(word).map(|(at, _)| at).filter(move |at| {
        let after = code[at + word.len()..].chars().next();
        let goes_on = word.ends_with(is_name) && after.is_some_and(is_name);
        !code[..*at].ends_with(is_name) && !goes_on
    })
}

fn identifier(code: &str) -> &str {
    let end = code.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(code.len());
    &code[..end]
}

/// The text with comments and literals blanked out; lines stay where they are.
fn code_of(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let after_name = code.ends_with(|letter: char| letter.is_alphanumeric() || letter == '_');
        let blank = blank_length(rest, letter, after_name);
        code.extend(rest[..blank].chars().filter(|letter| *letter == '\n'));
        let taken = if blank == 0 {
            code.push(letter);
            letter.len_utf8()
        } else {
            blank
        };
        rest = &rest[taken..];
    }
    code
}

/// The length of the comment or literal that `text`, which begins with `letter`, starts with; 0 for code.
fn blank_length(text: &str, letter: char, after_name: bool) -> usize {
    if text.starts_with("//") {
        text.find('\n').unwrap_or(text.len())
    } else if text.starts_with("/*") {
        block_comment(text)
    } else if !after_name && ["r\"", "r#", "br\"", "br#"].iter().any(|start| text.starts_with(start)) {
        raw_string(text)
    } else if letter == '"' {
        quoted(text, '"')
    } else if letter == '\'' && is_character(text) {
        quoted(text, '\'')
    } else {
        0
    }
}

fn block_comment(text: &str) -> usize {
    let mut depth = 0usize;
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                break;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    at
}

/// The length of the raw string that `text` starts with, or 0 when it is a raw name (`r#type`).
fn raw_string(text: &str) -> usize {
    let prefix = if text.starts_with('b') { 2 } else { 1 };
    let hashes = text[prefix..].bytes().take_while(|byte| *byte == b'#').count();
    let start = prefix + hashes + 1;
    if !text[start - 1..].starts_with('"') {
        return 0;
    }
    let end = format!("\"{}", "#".repeat(hashes));
    text[start..].find(&end).map_or(text.len(), |at| start + at + end.len())
}

fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if letter == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Whether a quote opens a character and not a lifetime.
fn is_character(text: &str) -> bool {
    let mut letters = text.chars().skip(1);
    letters.next() == Some('\\') || letters.next() == Some('\'')
}
