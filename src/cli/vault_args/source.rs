//! One source of a vault password: a file, a program, a person.

use std::io::{IsTerminal as _, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, anyhow};

use super::{Purpose, default_id};
use crate::cli::{CliError, ExitCode};
use crate::secret::Secret;
use crate::vault::VaultPassword;

/// What a client program exits with when it does not know the id.
const UNKNOWN_ID: i32 = 2;

/// Where a password comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    id: Option<String>,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// Standard input.
    Stdin,
    /// A file, or a program.
    File(String),
    /// A person, who is told the id.
    PromptForId,
    /// A person, of whom `--ask-vault-pass` asks.
    Prompt,
}

impl Source {
    /// Reads `ID@FILE`, `ID@prompt`, `FILE` or `prompt`.
    pub fn parse(text: &str) -> Self {
        let (id, value) = text.split_once('@').map_or((None, text), |(id, value)| (Some(id), value));
        let id = id.filter(|id| !id.is_empty()).map(str::to_owned);
        let kind = match value {
            "prompt" => Kind::PromptForId,
            "prompt_ask_vault_pass" => Kind::Prompt,
            file => return Self { id, ..Self::file(file.to_owned()) },
        };
        Self { id, kind }
    }

    /// A file, or standard input.
    pub fn file(path: String) -> Self {
        Self { id: None, kind: if path == "-" { Kind::Stdin } else { Kind::File(path) } }
    }

    /// Whoever sits at the terminal.
    pub fn ask() -> Self {
        Self { id: None, kind: Kind::Prompt }
    }

    /// Whether a person gives it.
    pub fn is_asked(&self) -> bool {
        matches!(self.kind, Kind::Prompt | Kind::PromptForId)
    }
}

/// Whether somebody can be asked.
pub fn can_ask() -> bool {
    std::io::stdin().is_terminal()
}

/// How often a person types the password.
#[derive(Clone, Copy, Debug)]
pub enum Asking {
    Once,
    Twice,
}

impl Asking {
    /// New passwords are typed twice.
    pub fn of(purpose: Purpose) -> Self {
        match purpose {
            Purpose::Open => Self::Once,
            Purpose::Seal => Self::Twice,
        }
    }
}

/// Reads sources; standard input is read once.
#[derive(Debug, Default)]
pub struct Reader {
    stdin: Option<Secret>,
}

impl Reader {
    /// Reads the password of `source`.
    pub fn password(&mut self, source: &Source, asking: Asking) -> Result<VaultPassword, CliError> {
        let id = source.id.clone().unwrap_or_else(default_id);
        let password = match &source.kind {
            Kind::Stdin => self.stdin()?,
            Kind::File(path) => from_file(&expand_home(path), source.id.as_deref())?,
            Kind::Prompt => ask_for("vault password", asking)?,
            Kind::PromptForId => ask_for(&format!("vault password ({id})"), asking)?,
        };
        Ok(VaultPassword { id, password })
    }

    fn stdin(&mut self) -> Result<Secret, CliError> {
        if let Some(password) = &self.stdin {
            return Ok(password.clone());
        }
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).context("the vault password cannot be read").map_err(usage)?;
        let password = text(bytes.trim_ascii(), "standard input")?;
        Ok(self.stdin.insert(password).clone())
    }
}

fn from_file(path: &Path, id: Option<&str>) -> Result<Secret, CliError> {
    let name = path.display();
    let unreadable = || format!("the vault password file {name} cannot be read");
    let metadata = std::fs::metadata(path).with_context(unreadable).map_err(usage)?;
    if metadata.is_dir() {
        return Err(usage(anyhow!("the vault password file {name} is a directory")));
    }
    if metadata.permissions().mode() & 0o111 != 0 {
        return from_program(path, id);
    }
    let bytes = std::fs::read(path).with_context(unreadable).map_err(usage)?;
    if crate::vault::is_vaulted(&bytes) {
        return Err(usage(anyhow!("the vault password file {name} is encrypted itself, which is not supported")));
    }
    text(bytes.trim_ascii(), &name.to_string())
}

/// Runs a program for what it prints; one named `…-client` is told the id.
fn from_program(path: &Path, id: Option<&str>) -> Result<Secret, CliError> {
    let name = path.display();
    // A name without a slash would be looked for in $PATH.
    let mut command = Command::new(if path.is_absolute() { path.to_owned() } else { Path::new(".").join(path) });
    let is_client = path.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with("-client"));
    if is_client && let Some(id) = id {
        command.args(["--vault-id", id]);
    }
    // It may ask a person; input that is not a person's belongs to somebody else.
    command.stdin(if can_ask() { Stdio::inherit() } else { Stdio::null() }).stderr(Stdio::inherit());
    let output = command.output().map_err(|error| {
        let error = anyhow!(error).context(format!("the vault password program {name} cannot be run"));
        usage(error).hint(format!("if it holds the password itself: chmod -x {name}"))
    })?;
    if is_client && output.status.code() == Some(UNKNOWN_ID) {
        let id = id.unwrap_or_default();
        return Err(usage(anyhow!("the vault password program {name} knows no password for the id `{id}`")));
    }
    if !output.status.success() {
        return Err(usage(anyhow!("the vault password program {name} failed: {}", output.status)));
    }
    let end = output.stdout.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n')).map_or(0, |place| place + 1);
    let start = output.stdout.iter().position(|byte| !matches!(byte, b'\r' | b'\n')).unwrap_or(end);
    text(&output.stdout[start..end], &format!("the program {name}"))
}

fn text(bytes: &[u8], from: &str) -> Result<Secret, CliError> {
    if bytes.is_empty() {
        return Err(usage(anyhow!("the vault password from {from} is empty")));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Secret::new(text.to_owned())),
        Err(_) => Err(usage(anyhow!("the vault password from {from} is not UTF-8"))),
    }
}

fn ask_for(what: &str, asking: Asking) -> Result<Secret, CliError> {
    let first = match asking {
        Asking::Once => ask(&capital(what))?,
        Asking::Twice => ask(&format!("New {what}"))?,
    };
    if first.expose().is_empty() {
        return Err(usage(anyhow!("the vault password is empty")));
    }
    if matches!(asking, Asking::Twice) && ask(&format!("Confirm new {what}"))? != first {
        return Err(usage(anyhow!("the two passwords differ")));
    }
    Ok(first)
}

fn ask(prompt: &str) -> Result<Secret, CliError> {
    if !can_ask() {
        let error = anyhow!("a vault password is asked for, but there is no terminal");
        return Err(CliError::with_code(ExitCode::Declined, error)
            .hint("--vault-password-file or --vault-id ID@FILE reads it from a file"));
    }
    let typed = rpassword::prompt_password(format!("{prompt}: ")).context("the password cannot be read")?;
    Ok(Secret::new(typed.trim().to_owned()))
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

fn expand_home(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(path),
    }
}

fn usage(error: anyhow::Error) -> CliError {
    CliError::usage(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_may_have_an_id() {
        let source = |id: Option<&str>, kind| Source { id: id.map(str::to_owned), kind };
        assert_eq!(Source::parse("dev@prompt"), source(Some("dev"), Kind::PromptForId));
        assert_eq!(Source::parse("prompt"), source(None, Kind::PromptForId));
        assert_eq!(Source::parse("dev@a@b"), source(Some("dev"), Kind::File("a@b".into())));
        assert_eq!(Source::parse("dev@-"), source(Some("dev"), Kind::Stdin));
        assert_eq!(Source::parse("file"), source(None, Kind::File("file".into())));
    }
}
