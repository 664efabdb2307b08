//! `opsctl exec`: a command, a shell line or a script on many hosts.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{Read, Seek};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use clap::Args;

use super::deploy::ad_hoc::{self, AdHoc};
use super::run::{self, Request};
use super::run_args::RunArgs;
use super::{CliError, ExitCode};
use crate::engine::Work;
use crate::event::Verb;
use crate::journal::redact;
use crate::remote::{Command, Program, Script};

/// Largest script, in bytes.
const SCRIPT_LIMIT: u64 = 256 * 1024 * 1024;

/// From this length on, in bytes, the value of `--env NAME` is masked in the record: shorter ones (`C`, `xterm`) would
/// mask half of every output.
const KEPT_OUT_LENGTH: usize = 8;

/// What says what runs, or how, in a way that is no module's.
const EXCLUDES_MODULE: [&str; 5] = ["words", "script", "stdin", "chdir", "shell"];

/// Runs a command, a shell line, a script or a module on many hosts
///
/// Several words behind `--` reach each host as exactly these words. One word is a line for `sh`.
#[derive(Args, Debug)]
pub struct ExecCommand {
    /// Which hosts: names, groups, globs, `a:b`, `!not`, `&and`, `~regex`, `web[01-20]`, `@file`
    #[arg(value_name = "PATTERN", default_value = "all")]
    pattern: String,
    /// Run this module instead of a command, as a playbook's task would; `opsctl doc` lists them
    #[arg(short, long, value_name = "MODULE", conflicts_with_all = EXCLUDES_MODULE)]
    module: Option<String>,
    /// Arguments of the module: `k=v`, free-form text or JSON; without -m, those of `command`
    #[arg(short = 'a', long = "args", value_name = "ARGS", conflicts_with_all = EXCLUDES_MODULE)]
    module_args: Option<String>,
    /// With -m: change nothing; say what would change
    #[arg(short = 'C', long, conflicts_with_all = EXCLUDES_MODULE)]
    check: bool,
    /// With -m: set variables, as of `deploy`
    #[arg(short, long, value_name = "VARS", conflicts_with_all = EXCLUDES_MODULE)]
    extra_vars: Vec<String>,
    /// The command
    #[arg(last = true, value_name = "WORD")]
    words: Vec<OsString>,
    /// Run this local script by its own interpreter (`-` reads it from standard input); words behind `--` are its arguments
    #[arg(long, value_name = "FILE")]
    script: Option<PathBuf>,
    /// Give all hosts this process's standard input
    #[arg(long)]
    stdin: bool,
    /// Set an environment variable; without `=VALUE` it takes the value it has here
    #[arg(long = "env", value_name = "NAME[=VALUE]")]
    env: Vec<OsString>,
    /// Run in this directory
    #[arg(long, value_name = "DIR")]
    chdir: Option<String>,
    /// The shell for a one-word line
    #[arg(long, value_name = "SHELL")]
    shell: Option<String>,
    /// Exit codes that count as success
    #[arg(long, value_name = "CODES", value_delimiter = ',', default_value = "0")]
    ok_rc: Vec<i32>,
    #[command(flatten)]
    run: RunArgs,
}

/// Runs the subcommand.
///
/// # Errors
/// Fails before any host is touched; what happens on hosts is in the exit code.
pub fn run(args: &ExecCommand) -> Result<ExitCode, CliError> {
    let env = args.env.iter().map(|word| variable(word)).collect::<Result<_, _>>()?;
    if args.module.is_some() || args.module_args.is_some() || args.check || !args.extra_vars.is_empty() {
        return ad_hoc::run(&AdHoc {
            pattern: &args.pattern,
            module: args.module.as_deref().unwrap_or("command"),
            args: args.module_args.as_deref().unwrap_or_default(),
            check: args.check,
            env,
            secrets: secret_values(args)?,
            extra_vars: &args.extra_vars,
            run: &args.run,
        });
    }
    let from_words = program_of_words(args)?;
    let work = move || {
        let program = match (from_words, &args.script) {
            (None, Some(path)) => Program::Script(Script::new(read_script(path)?, args.words.clone())),
            (program, _) => program.unwrap_or(Program::Argv(Vec::new())),
        };
        let input = if args.stdin { Some(spool_stdin()?) } else { None };
        let command = Command { env, chdir: args.chdir.clone(), ..Command::new(program) };
        Ok(Work::Exec { command, shell_is_fixed: args.shell.is_some(), input })
    };
    let secrets = secret_values(args)?;
    run::run(Request {
        verb: Verb::Exec,
        pattern: &args.pattern,
        work: Box::new(work),
        words: recorded(args),
        secrets,
        ok_codes: args.ok_rc.clone(),
        args: &args.run,
    })
}

/// What the words say is run; none where a script is, or nothing.
fn program_of_words(args: &ExecCommand) -> Result<Option<Program>, CliError> {
    if let Some(path) = &args.script {
        if args.shell.is_some() {
            return Err(usage("--shell does not go with --script: the script's first line names its interpreter"));
        }
        if args.stdin && path == Path::new("-") {
            return Err(usage("standard input cannot be both the script and the hosts' input"));
        }
        return Ok(None);
    }
    match args.words.as_slice() {
        [] if args.run.limits.list_hosts => Ok(None),
        [] => Err(usage("no command").hint("put it behind `--`: opsctl exec web -- uptime")),
        [line] => {
            let shell = args.shell.clone().unwrap_or_else(|| "/bin/sh".into());
            Ok(Some(Program::Line { shell, line: line.clone() }))
        }
        _ if args.shell.is_some() => {
            Err(usage("--shell takes the command as one word").hint("quote it: -- 'ls | wc -l'"))
        }
        words => Ok(Some(Program::Argv(words.to_vec()))),
    }
}

fn read_script(path: &Path) -> Result<Vec<u8>, CliError> {
    let mut content = Vec::new();
    let read = if path == Path::new("-") {
        std::io::stdin().lock().take(SCRIPT_LIMIT + 1).read_to_end(&mut content)
    } else {
        File::open(path).and_then(|file| file.take(SCRIPT_LIMIT + 1).read_to_end(&mut content))
    };
    read.with_context(|| format!("the script {} cannot be read", path.display())).map_err(CliError::usage)?;
    if content.len() as u64 > SCRIPT_LIMIT {
        return Err(usage(&format!("the script {} is larger than 256 MiB", path.display())));
    }
    Ok(content)
}

/// Reads `NAME=VALUE`, or the value that `NAME` has here.
fn variable(word: &OsStr) -> Result<(String, OsString), CliError> {
    let bytes = word.as_bytes();
    let (name, value) = match bytes.iter().position(|byte| *byte == b'=') {
        Some(place) => (&bytes[..place], Some(OsString::from_vec(bytes[place + 1..].to_vec()))),
        None => (bytes, None),
    };
    let name = String::from_utf8_lossy(name).into_owned();
    let valid = name
        .bytes()
        .enumerate()
        .all(|(place, byte)| byte == b'_' || byte.is_ascii_alphabetic() || (place > 0 && byte.is_ascii_digit()));
    if name.is_empty() || !valid {
        return Err(usage(&format!("--env {name}: not a variable name")));
    }
    match value.or_else(|| std::env::var_os(&name)) {
        Some(value) => Ok((name, value)),
        None => Err(usage(&format!("--env {name}: not set here")).hint(format!("write --env {name}=VALUE"))),
    }
}

/// Keeps standard input in an unnamed file, so that every host can read it at its own pace.
fn spool_stdin() -> Result<File, CliError> {
    let spooled = tempfile::tempfile().and_then(|mut file| {
        std::io::copy(&mut std::io::stdin().lock(), &mut file)?;
        file.rewind()?;
        Ok(file)
    });
    spooled.context("standard input cannot be kept for the hosts").map_err(CliError::from)
}

/// What is run, for the record.
fn recorded(args: &ExecCommand) -> Vec<OsString> {
    let script = args.script.iter().map(|path| path.clone().into_os_string());
    script.chain(args.words.iter().cloned()).collect()
}

/// Values of `--env` variables that may be secret: by their name, or because they were kept out of the arguments.
fn secret_values(args: &ExecCommand) -> Result<Vec<String>, CliError> {
    let mut secrets = Vec::new();
    for word in &args.env {
        let (name, value) = variable(word)?;
        let kept_out = !word.as_bytes().contains(&b'=') && value.len() >= KEPT_OUT_LENGTH;
        if kept_out || redact::is_secret_name(&name) {
            secrets.push(value.to_string_lossy().into_owned());
        }
    }
    Ok(secrets)
}

fn usage(message: &str) -> CliError {
    CliError::usage(anyhow!("{message}"))
}
