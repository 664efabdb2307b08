//! Where vault passwords come from: arguments that several subcommands share.

mod source;

use clap::Args;

use self::source::{Asking, Reader, Source};
use super::{AnsibleConfig, CliError, warn_all};
use crate::vault::{DEFAULT_ID, Vault, VaultError, VaultPassword};

/// Where vault passwords come from.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Vault")]
pub struct VaultArgs {
    /// Read a vault password from this file, or from what it prints if it is executable; `-` is standard input; may be given several times
    #[arg(long, alias = "vault-pass-file", value_name = "FILE")]
    pub vault_password_file: Vec<String>,
    /// Read the vault password of an id: `ID@FILE`, `ID@prompt`; may be given several times
    #[arg(long, value_name = "[ID@]FILE|prompt")]
    pub vault_id: Vec<String>,
    /// Ask for a vault password
    #[arg(short = 'J', long, alias = "ask-vault-password")]
    pub ask_vault_pass: bool,
}

/// What `ansible.cfg` says of vaults; the environment comes before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VaultSettings {
    /// `vault_password_file`.
    pub password_file: Option<String>,
    /// `vault_identity_list`.
    pub identities: Vec<String>,
}

impl VaultSettings {
    /// Those of `ansible.cfg`.
    #[must_use]
    pub fn of(ansible: &AnsibleConfig) -> Self {
        Self {
            password_file: ansible.text("vault_password_file").map(str::to_owned),
            identities: ansible.list("vault_identity_list"),
        }
    }
}

/// What passwords are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To open what is encrypted.
    Open,
    /// To encrypt: who is asked for one types it twice.
    Seal,
}

impl VaultArgs {
    /// The vault whose passwords the arguments, the environment and `settings` name; without any it opens nothing.
    ///
    /// # Errors
    /// When no source gives its password, or nobody can be asked.
    pub fn vault(&self, settings: &VaultSettings) -> Result<Vault, CliError> {
        read(&self.sources(settings), Purpose::Open)
    }

    /// The same where most runs need none: what only `ansible.cfg` names may fail, with a warning.
    ///
    /// # Errors
    /// When a source that an argument names does not give its password.
    pub fn vault_if_any(&self) -> Result<Option<Vault>, CliError> {
        let settings = VaultSettings::of(&AnsibleConfig::of_process()?);
        let is_asked = !self.vault_password_file.is_empty() || !self.vault_id.is_empty() || self.ask_vault_pass;
        let vault = match self.vault(&settings) {
            Err(error) if !is_asked => {
                warn_all(&[format!("{:#}; vaulted values stay closed", error.error)]);
                return Ok(None);
            }
            vault => vault?,
        };
        Ok((!vault.is_empty()).then_some(vault))
    }

    /// The same for a subcommand that can do nothing without a password: it asks for one where none is named.
    ///
    /// # Errors
    /// When no source gives its password, or nobody can be asked.
    pub fn required_vault(&self, purpose: Purpose) -> Result<Vault, CliError> {
        let mut sources = self.sources(&VaultSettings::of(&AnsibleConfig::of_process()?));
        if sources.is_empty() {
            if !source::can_ask() {
                return Err(VaultError::NoPassword.into());
            }
            sources.push(Source::ask());
        }
        read(&sources, purpose)
    }

    /// Every source, the ids before the files, as in Ansible.
    fn sources(&self, settings: &VaultSettings) -> Vec<Source> {
        let identities = list("ANSIBLE_VAULT_IDENTITY_LIST").unwrap_or_else(|| settings.identities.clone());
        let ids = identities.iter().chain(&self.vault_id).map(|text| Source::parse(text));
        let file = variable("OPSCTL_VAULT_PASSWORD_FILE")
            .or_else(|| variable("ANSIBLE_VAULT_PASSWORD_FILE"))
            .or_else(|| settings.password_file.clone());
        let files = self.vault_password_file.iter().cloned().chain(file).map(Source::file);
        let asked = self.ask_vault_pass.then(Source::ask);
        ids.chain(files).chain(asked).collect()
    }
}

/// Reads one new password, as `vault rekey` needs it.
///
/// # Errors
/// When there is none, or nobody can be asked.
pub fn new_password(id: Option<&str>, file: Option<&str>) -> Result<VaultPassword, CliError> {
    let source = match (id, file) {
        (Some(id), _) => Source::parse(id),
        (None, Some(file)) => Source::file(file.to_owned()),
        (None, None) => Source::ask(),
    };
    Reader::default().password(&source, Asking::of(Purpose::Seal))
}

/// Reads every password. As in Ansible, a source that fails is passed over with a warning if there is another.
fn read(sources: &[Source], purpose: Purpose) -> Result<Vault, CliError> {
    let mut reader = Reader::default();
    let mut passwords = Vec::new();
    let mut failed = Vec::new();
    for source in sources {
        match reader.password(source, Asking::of(purpose)) {
            Ok(password) => passwords.push(password),
            Err(error) if source.is_asked() => return Err(error),
            Err(error) => failed.push(error),
        }
    }
    match failed.pop() {
        Some(last) if passwords.is_empty() => Err(last),
        last => {
            let warnings: Vec<String> = failed.iter().chain(&last).map(|error| format!("{:#}", error.error)).collect();
            warn_all(&warnings);
            Ok(Vault::new(passwords))
        }
    }
}

/// A variable of the environment that says something.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn list(name: &str) -> Option<Vec<String>> {
    let items = |value: String| value.split(',').map(|item| item.trim().to_owned()).collect();
    variable(name).map(items)
}

/// The id of passwords for which none is given.
fn default_id() -> String {
    variable("ANSIBLE_VAULT_IDENTITY").unwrap_or_else(|| DEFAULT_ID.to_owned())
}

impl From<VaultError> for CliError {
    fn from(error: VaultError) -> Self {
        let hint = error.hint();
        let error = Self::usage(error);
        hint.into_iter().fold(error, Self::hint)
    }
}
