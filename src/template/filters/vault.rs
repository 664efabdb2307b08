//! Texts encrypted with Ansible Vault, as filters.

use super::bind::{Answer, bind};
use super::python::{check, flag, words};
use crate::secret::Secret;
use crate::template::{Arguments, Calls, TemplateError, TemplateErrorKind, Value};
use crate::vault::{Vault, VaultPassword, is_vaulted};

fn failed(message: &str) -> TemplateError {
    TemplateError::new(TemplateErrorKind::Vault, message)
}

/// The text of an argument, which no message ever shows.
fn hidden(value: &Value, what: &str) -> Answer<String> {
    check(value)?;
    let refused = || TemplateError::value(format!("{what}, instead we got <class '{}'>.", value.type_name()));
    value.as_str().map(str::to_owned).ok_or_else(refused)
}

fn password(secret: Option<Value>, id: &str) -> Answer<VaultPassword> {
    let secret = hidden(&secret.unwrap_or(Value::Null), "Secret passed is required to be a string")?;
    Ok(VaultPassword { id: id.to_owned(), password: Secret::new(secret) })
}

pub fn vault(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let names = ["secret", "salt", "vault_id", "wrap_object", "vaultid"];
    let [secret, salt, id, wrap, _old] = bind(arguments, "do_vault", names, 1)?;
    if salt.is_some_and(|salt| salt.is_true()) || flag(wrap.as_ref())? {
        return Err(TemplateError::value("the filter vault takes neither `salt` nor `wrap_object` here"));
    }
    let id = words(id.as_ref(), "filter_default")?;
    let password = password(secret, &id)?;
    let text = hidden(&value, "Can only vault strings")?;
    password.seal(text.as_bytes(), Some(&id)).map(Value::from).map_err(|_| failed("Unable to encrypt."))
}

pub fn unvault(calls: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [secret, id, _old] = bind(arguments, "do_unvault", ["secret", "vault_id", "vaultid"], 1)?;
    let password = password(secret, &words(id.as_ref(), "filter_default")?)?;
    let envelope = hidden(&value, "Vault should be in the form of a string")?;
    if !is_vaulted(envelope.as_bytes()) {
        return Ok(value);
    }
    let opened = Vault::new(vec![password]).open(&envelope).map_err(|_| failed("Unable to decrypt."))?;
    let text = String::from_utf8(opened).map_err(|_| failed("Unable to decrypt."))?;
    calls.templar().environment().add_secret(&text);
    Ok(text.into())
}
