//! Files that are encrypted whole: opened where there is a vault, and what they hold kept out of sight.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::Value;

use super::{InventoryError, Vars};
use crate::vault::{Vault, is_vaulted, secret_texts};
use crate::yaml::Diagnostic;

/// Opens encrypted files.
#[derive(Debug)]
pub struct Opener<'a> {
    vault: Option<&'a Vault>,
    secrets: HashSet<String>,
}

/// What a file's content turned out to be.
pub enum Content {
    /// Plain text, as it was.
    Plain(String),
    /// What was encrypted.
    Opened(String),
    /// Encrypted, and there is no vault.
    Closed,
}

impl<'a> Opener<'a> {
    /// An opener; without a vault it opens nothing.
    pub fn new(vault: Option<&'a Vault>) -> Self {
        Self { vault, secrets: HashSet::new() }
    }

    /// The content of the file called `name`.
    pub fn open(&self, name: &Arc<str>, text: String) -> Result<Content, InventoryError> {
        if !is_vaulted(text.as_bytes()) {
            return Ok(Content::Plain(text));
        }
        let Some(vault) = self.vault else { return Ok(Content::Closed) };
        let opened = vault.open(&text).map_err(|source| InventoryError::Vaulted { path: name.to_string(), source })?;
        Ok(Content::Opened(super::files::text(name, opened)?))
    }

    /// Notes the values of an encrypted file.
    pub fn note(&mut self, vars: &Vars) {
        vars.values().for_each(|var| self.note_value(&var.value));
    }

    /// Notes the values of an encrypted document.
    pub fn note_value(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.secrets.extend(secret_texts(text)),
            Value::Number(number) => {
                let text = number.to_string();
                // A port or a count would mask half of every output.
                if text.len() > 5 {
                    self.secrets.insert(text);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.note_value(item)),
            Value::Object(entries) => entries.values().for_each(|entry| self.note_value(entry)),
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// The texts that must appear nowhere.
    pub fn into_secrets(self) -> Vec<String> {
        self.secrets.into_iter().collect()
    }
}

/// A message about an encrypted file, without a word of what it holds.
pub fn about(is_secret: bool, diagnostic: Diagnostic) -> Diagnostic {
    if !is_secret {
        return diagnostic;
    }
    let message = "the encrypted YAML is wrong or odd here; what it holds is not shown".to_owned();
    let hint = Some("`opsctl vault view FILE` shows it".to_owned());
    Diagnostic { place: diagnostic.place, message, line: None, hint }
}
