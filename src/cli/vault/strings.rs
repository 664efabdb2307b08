//! `opsctl vault encrypt-string`: texts as values for YAML files.

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Read as _, Write as _};

use anyhow::{Context as _, anyhow};
use clap::Args;

use super::files::Target;
use super::{SealArgs, seal};
use crate::cli::vault::files::Place;
use crate::cli::vault_args::{Purpose, VaultArgs};
use crate::cli::{CliError, ExitCode};
use crate::secret::Secret;

/// Columns before the lines of a value, as Ansible has them.
const INDENT: usize = 10;

#[derive(Args, Debug)]
pub struct EncryptStringArgs {
    /// Texts; better read from standard input (`-`, or none), since others see the arguments of a process
    #[arg(value_name = "TEXT")]
    texts: Vec<String>,
    /// The variable's name, one for each text
    #[arg(short, long = "name", value_name = "NAME")]
    names: Vec<String>,
    /// The variable's name for the text on standard input
    #[arg(long, value_name = "NAME")]
    stdin_name: Option<String>,
    /// Ask for the text
    #[arg(short, long, conflicts_with_all = ["texts", "stdin_name"])]
    prompt: bool,
    /// Show the text while it is typed
    #[arg(long, requires = "prompt")]
    show_input: bool,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    output: Option<String>,
    #[command(flatten)]
    seal: SealArgs,
    #[command(flatten)]
    vault: VaultArgs,
}

/// A text and the variable that it becomes.
struct Named {
    name: Option<String>,
    text: Secret,
}

/// Runs the subcommand.
///
/// # Errors
/// When a text is empty or cannot be read, or there is no password.
pub fn run(args: &EncryptStringArgs) -> Result<ExitCode, CliError> {
    let vault = args.vault.required_vault(Purpose::Seal)?;
    let password = args.seal.password(&vault)?;
    let mut out = String::new();
    for Named { name, text } in texts(args)? {
        if text.expose().is_empty() {
            return Err(CliError::usage(anyhow!("the text is empty")));
        }
        let sealed = seal(password, text.expose().as_bytes(), Some(&password.id), &Place::Stream)?;
        write_value(&mut out, name.as_deref(), &sealed);
    }
    Target::new(args.output.as_deref().unwrap_or("-")).write(out.as_bytes())?;
    Ok(ExitCode::Ok)
}

fn texts(args: &EncryptStringArgs) -> Result<Vec<Named>, CliError> {
    if args.prompt {
        return Ok(vec![asked(args)?]);
    }
    let given: Vec<&String> = args.texts.iter().filter(|text| *text != "-").collect();
    let mut texts = Vec::new();
    if given.len() < args.texts.len() || args.stdin_name.is_some() || given.is_empty() {
        let mut text = String::new();
        std::io::stdin()
            .lock()
            .read_to_string(&mut text)
            .context("cannot read standard input")
            .map_err(CliError::usage)?;
        let name = args.stdin_name.clone().or_else(|| args.names.first().filter(|_| given.is_empty()).cloned());
        texts.push(Named { name, text: Secret::new(text) });
    }
    let mut names = args.names.iter();
    texts.extend(given.into_iter().map(|text| Named { name: names.next().cloned(), text: Secret::new(text.clone()) }));
    Ok(texts)
}

fn asked(args: &EncryptStringArgs) -> Result<Named, CliError> {
    if !std::io::stdin().is_terminal() {
        let error = anyhow!("--prompt asks for a text, but there is no terminal");
        return Err(CliError::with_code(ExitCode::Declined, error).hint("give it on standard input instead"));
    }
    let name = match args.names.first() {
        Some(name) => name.clone(),
        None => line("Variable name (enter for no name): ")?,
    };
    let text = if args.show_input {
        line("String to encrypt: ")?
    } else {
        rpassword::prompt_password("String to encrypt (hidden): ").context("the text cannot be read")?
    };
    Ok(Named { name: Some(name).filter(|name| !name.is_empty()), text: Secret::new(text) })
}

fn line(prompt: &str) -> Result<String, CliError> {
    let mut stderr = std::io::stderr();
    write!(stderr, "{prompt}").and_then(|()| stderr.flush()).context("the question cannot be asked")?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).context("the answer cannot be read")?;
    Ok(answer.trim_end_matches(['\r', '\n']).to_owned())
}

fn write_value(out: &mut String, name: Option<&str>, sealed: &str) {
    let name = name.map(|name| format!("{name}: ")).unwrap_or_default();
    writeln!(out, "{name}!vault |").expect("a String takes every write");
    for line in sealed.lines() {
        writeln!(out, "{:INDENT$}{line}", "").expect("a String takes every write");
    }
}
