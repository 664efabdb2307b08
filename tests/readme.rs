//! README promises nothing that is not there: its commands parse, its flags exist.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;
use std::process::Command;

use clap::{CommandFactory, Parser};
use opsctl::cli::Cli;

#[test]
fn every_command_in_readme_parses() {
    let readme = readme();
    let lines = blocks(&readme, "sh").flat_map(str::lines);
    let lines: Vec<&str> = lines.filter(|line| line.starts_with("opsctl ")).collect();
    assert!(lines.len() > 20, "README has only these commands: {lines:?}");
    for line in lines {
        if let Err(error) = Cli::try_parse_from(words(line)) {
            panic!("{line}\n{error}");
        }
    }
}

#[test]
fn every_flag_in_readme_exists() {
    let readme = readme();
    let known = flags(&Cli::command());
    // Of other programs, which README compares with or calls.
    let foreign = ["--release", "--path", "--deep"];
    let named = readme.split(|letter: char| !letter.is_alphanumeric() && letter != '-');
    let named = named.filter(|word| word.starts_with("--") && word.len() > 2 && !word.starts_with("---"));
    let unknown: BTreeSet<&str> = named.filter(|word| !known.contains(*word) && !foreign.contains(word)).collect();
    assert!(unknown.is_empty(), "README names flags that do not exist: {unknown:?}");
}

#[test]
fn the_configuration_in_readme_sets_every_key() {
    let readme = readme();
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("opsctl.yml");
    fs::write(&path, blocks(&readme, "yaml").next().unwrap()).unwrap();
    let mut opsctl = Command::new(env!("CARGO_BIN_EXE_opsctl"));
    let output = opsctl.arg("config").env_clear().env("OPSCTL_CONFIG", &path).output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(shown.lines().skip(1).all(|line| line.contains("opsctl.yml")), "{shown}");
    assert!(shown.split_whitespace().filter(|word| word.starts_with("OPSCTL_")).all(|name| readme.contains(name)));
}

#[test]
fn the_two_commands_of_readme_are_there() {
    let readme = readme();
    for line in ["cargo run --release -- exec -i inventories/demo.yml all -- uptime", "tests/run"] {
        assert!(blocks(&readme, "sh").any(|block| block.trim() == line), "{line} is not a block of README");
    }
}

fn readme() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap()
}

/// The code blocks of `language`.
fn blocks<'a>(text: &'a str, language: &'a str) -> impl Iterator<Item = &'a str> {
    let blocks = text.split("\n```").skip(1).step_by(2);
    blocks
        .filter_map(move |block| block.split_once('\n'))
        .filter(move |(name, _)| *name == language)
        .map(|(_, text)| text)
}

/// The words of a shell line up to a pipe or a redirection, as a shell splits them.
fn words(line: &str) -> Vec<OsString> {
    let program = format!("opsctl() {{ printf '%s\\0' opsctl \"$@\" >&3; }}; {line}");
    let output = tempfile::NamedTempFile::new().unwrap();
    let scratch = tempfile::tempdir().unwrap();
    fs::write(scratch.path().join("motd"), "").unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("exec 3>'{}'; {program}", output.path().display())]).current_dir(scratch.path());
    shell.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).status().unwrap();
    let bytes = fs::read(output.path()).unwrap();
    bytes
        .split(|byte| *byte == 0)
        .filter(|word| !word.is_empty())
        .map(|word| OsString::from_vec(word.to_vec()))
        .collect()
}

fn flags(command: &clap::Command) -> BTreeSet<String> {
    let own = command.get_arguments().filter_map(|argument| argument.get_long()).map(|name| format!("--{name}"));
    let inner = command.get_subcommands().flat_map(flags);
    own.chain(inner).chain(["--help".to_owned(), "--version".to_owned()]).collect()
}
