//! Passwords: asked for at the terminal before the run, or read from files.

use std::io::IsTerminal as _;
use std::path::Path;

use anyhow::{Context as _, anyhow};

use super::run_args::PrivilegeArgs;
use super::{CliError, ExitCode};
use crate::secret::Secret;

/// The passwords of hosts that have none of their own.
#[derive(Clone, Default)]
pub struct Passwords {
    /// For logging in.
    pub connection: Option<Secret>,
    /// For becoming another user.
    pub raise: Option<Secret>,
}

impl Passwords {
    /// What they say, for those who must not pass it on.
    pub fn texts(&self) -> Vec<String> {
        [&self.connection, &self.raise].into_iter().flatten().map(|secret| secret.expose().to_owned()).collect()
    }
}

/// Asks for passwords or reads them from files, as the arguments say.
///
/// As in Ansible, no answer to the second question means the answer to the first.
///
/// # Errors
/// Fails when there is no terminal to ask at, or a file cannot be read.
pub fn read(args: &PrivilegeArgs) -> Result<Passwords, CliError> {
    let connection = if args.ask_pass {
        Some(ask("-k", "--connection-password-file", "SSH password: ")?)
    } else {
        args.connection_password_file.as_deref().map(|path| from_file("connection", path)).transpose()?
    };
    let raise = match (args.ask_become_pass, &connection) {
        (true, Some(connection)) if args.ask_pass => {
            let raise = ask("-K", BECOME_FILE, "become password [as the SSH password]: ")?;
            Some(if raise.expose().is_empty() { connection.clone() } else { raise })
        }
        (true, _) => Some(ask("-K", BECOME_FILE, "become password: ")?),
        (false, _) => args.become_password_file.as_deref().map(|path| from_file("become", path)).transpose()?,
    };
    Ok(Passwords { connection, raise })
}

/// What to give where `-K` cannot ask.
const BECOME_FILE: &str = "--become-password-file";

fn ask(flag: &str, instead: &str, prompt: &str) -> Result<Secret, CliError> {
    if !std::io::stdin().is_terminal() {
        let error = anyhow!("{flag} asks for a password, but there is no terminal");
        return Err(CliError::with_code(ExitCode::Declined, error).hint(format!("{instead} reads it from a file")));
    }
    Ok(Secret::new(rpassword::prompt_password(prompt).context("the password cannot be read")?))
}

fn from_file(what: &str, path: &Path) -> Result<Secret, CliError> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("the {what} password cannot be read from {}", path.display()))
        .map_err(CliError::usage)?;
    match text.lines().next() {
        Some(line) if !line.is_empty() => Ok(Secret::new(line.to_owned())),
        _ => Err(CliError::usage(anyhow!("{} has no password in its first line", path.display()))),
    }
}
