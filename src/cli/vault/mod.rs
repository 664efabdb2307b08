//! `opsctl vault`: makes, shows and changes files that are encrypted with Ansible Vault.

mod edit;
mod files;
mod strings;

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, anyhow};
use clap::{Args, Subcommand};

use self::files::{Place, Target};
use super::stdout::finish;
use super::vault_args::{Purpose, VaultArgs, new_password, variable};
use super::{CliError, ExitCode};
use crate::vault::{Vault, VaultError, VaultPassword};

/// Makes, shows and changes files that are encrypted with Ansible Vault
#[derive(Args, Debug)]
pub struct VaultCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Encrypts files in place
    Encrypt(EncryptArgs),
    /// Decrypts files in place
    Decrypt(DecryptArgs),
    /// Shows what encrypted files hold
    View(ViewArgs),
    /// Opens an encrypted file in $EDITOR and encrypts it again
    Edit(EditArgs),
    /// Makes a new encrypted file in $EDITOR
    Create(EditArgs),
    /// Encrypts files with another password
    Rekey(RekeyArgs),
    /// Encrypts texts into values for YAML files
    #[command(alias = "encrypt_string")]
    EncryptString(strings::EncryptStringArgs),
}

#[derive(Args, Debug)]
struct EncryptArgs {
    /// Files; `-`, or none, is standard input
    #[arg(value_name = "FILE")]
    files: Vec<String>,
    /// Write to this file instead; `-` is standard output
    #[arg(long, value_name = "FILE")]
    output: Option<String>,
    #[command(flatten)]
    seal: SealArgs,
    #[command(flatten)]
    vault: VaultArgs,
}

#[derive(Args, Debug)]
struct DecryptArgs {
    /// Files; `-`, or none, is standard input
    #[arg(value_name = "FILE")]
    files: Vec<String>,
    /// Write to this file instead; `-` is standard output
    #[arg(long, value_name = "FILE")]
    output: Option<String>,
    #[command(flatten)]
    vault: VaultArgs,
}

#[derive(Args, Debug)]
struct ViewArgs {
    /// Files; `-` is standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<String>,
    #[command(flatten)]
    vault: VaultArgs,
}

#[derive(Args, Debug)]
struct EditArgs {
    /// The file
    #[arg(value_name = "FILE")]
    file: String,
    #[command(flatten)]
    seal: SealArgs,
    #[command(flatten)]
    vault: VaultArgs,
}

#[derive(Args, Debug)]
struct RekeyArgs {
    /// Files
    #[arg(value_name = "FILE", required = true)]
    files: Vec<String>,
    /// Where the new password comes from, and its id
    #[arg(long, value_name = "[ID@]FILE|prompt", conflicts_with = "new_vault_password_file")]
    new_vault_id: Option<String>,
    /// The file with the new password
    #[arg(long, alias = "new-vault-pass-file", value_name = "FILE")]
    new_vault_password_file: Option<String>,
    #[command(flatten)]
    seal: SealArgs,
    #[command(flatten)]
    vault: VaultArgs,
}

#[derive(Args, Debug)]
struct SealArgs {
    /// Encrypt with the password of this id; needed where there are several
    #[arg(long, value_name = "ID")]
    encrypt_vault_id: Option<String>,
}

impl SealArgs {
    /// The password to encrypt with.
    fn password<'a>(&self, vault: &'a Vault) -> Result<&'a VaultPassword, CliError> {
        let id = self.encrypt_vault_id.clone().or_else(|| variable("ANSIBLE_VAULT_ENCRYPT_IDENTITY"));
        let password = vault.sealing(id.as_deref())?;
        if password.id.contains([';', '\n']) {
            return Err(CliError::usage(anyhow!("the vault id `{}` must hold no `;`", password.id.escape_default())));
        }
        Ok(password)
    }
}

/// Runs the subcommand.
///
/// # Errors
/// When a file cannot be read, opened or written; those before it are done then.
pub fn run(command: &VaultCommand) -> Result<ExitCode, CliError> {
    match &command.action {
        Action::Encrypt(args) => encrypt(args),
        Action::Decrypt(args) => decrypt(args),
        Action::View(args) => view(args),
        Action::Edit(args) => edit_file(args),
        Action::Create(args) => create(args),
        Action::Rekey(args) => rekey(args),
        Action::EncryptString(args) => strings::run(args),
    }
}

fn encrypt(args: &EncryptArgs) -> Result<ExitCode, CliError> {
    let vault = args.vault.required_vault(Purpose::Seal)?;
    let password = args.seal.password(&vault)?;
    for (place, target) in places(&args.files, args.output.as_deref())? {
        let sealed = seal(password, &place.read()?, Some(&password.id), &place)?;
        target.write(sealed.as_bytes())?;
    }
    Ok(ExitCode::Ok)
}

fn decrypt(args: &DecryptArgs) -> Result<ExitCode, CliError> {
    let vault = args.vault.required_vault(Purpose::Open)?;
    for (place, target) in places(&args.files, args.output.as_deref())? {
        target.write(&open(&vault, &place)?.plaintext)?;
    }
    Ok(ExitCode::Ok)
}

fn view(args: &ViewArgs) -> Result<ExitCode, CliError> {
    let vault = args.vault.required_vault(Purpose::Open)?;
    for file in &args.files {
        let text = open(&vault, &Place::of(file))?.plaintext;
        let mut out = std::io::stdout().lock();
        finish(out.write_all(&text).and_then(|()| out.flush()))?;
    }
    Ok(ExitCode::Ok)
}

fn edit_file(args: &EditArgs) -> Result<ExitCode, CliError> {
    let vault = args.vault.required_vault(Purpose::Open)?;
    let place = file(&args.file, "edit")?;
    let opened = open(&vault, &place)?;
    let edited = match edit::edit(&opened.plaintext, Path::new(&args.file))? {
        edit::Edited::Changed(edited) => edited,
        edit::Edited::Unchanged => return Ok(ExitCode::Ok),
        edit::Edited::Stopped(code) => return Ok(code),
    };
    let sealed = match args.seal.encrypt_vault_id {
        Some(_) => {
            let password = args.seal.password(&vault)?;
            seal(password, &edited, Some(&password.id), &place)?
        }
        // The password and the id that it had.
        None => seal(&opened.password, &edited, opened.id.as_deref(), &place)?,
    };
    Target::Place(place).write(sealed.as_bytes())?;
    Ok(ExitCode::Ok)
}

fn create(args: &EditArgs) -> Result<ExitCode, CliError> {
    let place = file(&args.file, "create")?;
    if Path::new(&args.file).symlink_metadata().is_ok() {
        return Err(CliError::usage(anyhow!("{} exists", args.file)).hint("`opsctl vault edit` changes it"));
    }
    let vault = args.vault.required_vault(Purpose::Seal)?;
    let password = args.seal.password(&vault)?;
    if let Some(directory) = Path::new(&args.file).parent() {
        std::fs::create_dir_all(directory).with_context(|| format!("cannot make {}", directory.display()))?;
    }
    let text = match edit::edit(b"", Path::new(&args.file))? {
        edit::Edited::Changed(edited) => edited,
        // As in Ansible, an empty file is a file.
        edit::Edited::Unchanged => Vec::new(),
        edit::Edited::Stopped(code) => return Ok(code),
    };
    let sealed = seal(password, &text, Some(&password.id), &place)?;
    Target::Place(place).write(sealed.as_bytes())?;
    Ok(ExitCode::Ok)
}

fn rekey(args: &RekeyArgs) -> Result<ExitCode, CliError> {
    let vault = args.vault.required_vault(Purpose::Open)?;
    let places = args.files.iter().map(|path| file(path, "rekey")).collect::<Result<Vec<_>, _>>()?;
    let has_new = args.new_vault_id.is_some() || args.new_vault_password_file.is_some();
    let password = match (&args.seal.encrypt_vault_id, has_new) {
        (Some(_), false) => args.seal.password(&vault)?.clone(),
        _ => new_password(args.new_vault_id.as_deref(), args.new_vault_password_file.as_deref())?,
    };
    // All are opened before the first is written, so that a wrong password leaves all as they are.
    let opened = places.iter().map(|place| open(&vault, place)).collect::<Result<Vec<_>, _>>()?;
    for (place, opened) in places.into_iter().zip(opened) {
        let sealed = seal(&password, &opened.plaintext, Some(&password.id), &place)?;
        Target::Place(place).write(sealed.as_bytes())?;
    }
    Ok(ExitCode::Ok)
}

/// What is read, and where it is written to.
fn places(files: &[String], output: Option<&str>) -> Result<Vec<(Place, Target)>, CliError> {
    if output.is_some() && files.len() > 1 {
        return Err(CliError::usage(anyhow!("--output goes with one file; {} are given", files.len())));
    }
    let stdin = ["-".to_owned()];
    let files = if files.is_empty() { &stdin } else { files };
    let pair = |file: &String| {
        let place = Place::of(file);
        let target = match output {
            Some(output) => Target::new(output),
            None => Target::Place(place.clone()),
        };
        (place, target)
    };
    Ok(files.iter().map(pair).collect())
}

/// A file, where standard input has no meaning.
fn file(path: &str, verb: &str) -> Result<Place, CliError> {
    match Place::of(path) {
        Place::Stream => Err(CliError::usage(anyhow!("`vault {verb}` takes a file, not standard input"))),
        place @ Place::File(_) => Ok(place),
    }
}

fn open(vault: &Vault, place: &Place) -> Result<crate::vault::Opened, CliError> {
    let content = place.read()?;
    let text = std::str::from_utf8(&content)
        .map_err(|_| about(place, VaultError::Malformed("it is not plain text".to_owned())))?;
    vault.open_with(text).map_err(|error| about(place, error))
}

fn seal(password: &VaultPassword, text: &[u8], id: Option<&str>, place: &Place) -> Result<String, CliError> {
    password.seal(text, id).map_err(|error| about(place, error))
}

fn about(place: &Place, error: VaultError) -> CliError {
    let hint = error.hint();
    let error = CliError::usage(anyhow!(error).context(place.to_string()));
    hint.into_iter().fold(error, CliError::hint)
}
