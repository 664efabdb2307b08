//! Lookups of files and programs on the controller.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::options::{flag, named, only, texts};
use crate::template::{Arguments, Calls, TemplateError, TemplateErrorKind, Value};
use crate::vault::{is_vaulted, secret_texts};

type Answer = Result<Vec<Value>, TemplateError>;

pub fn file(calls: &mut dyn Calls, arguments: Arguments) -> Answer {
    only(&arguments, "file", &["lstrip", "rstrip"])?;
    let (left, right) = (flag(named(&arguments, "lstrip"), false), flag(named(&arguments, "rstrip"), true));
    let mut found = Vec::new();
    for name in texts(&arguments.positional)? {
        let content = content(calls, "file", &name)?;
        let content = if left { content.trim_start() } else { &content };
        found.push(Value::text(if right { content.trim_end() } else { content }));
    }
    Ok(found)
}

pub fn unvault(calls: &mut dyn Calls, arguments: Arguments) -> Answer {
    only(&arguments, "unvault", &[])?;
    let names = texts(&arguments.positional)?;
    names.iter().map(|name| content(calls, "unvault", name).map(Value::text)).collect()
}

/// The text of a file; what was encrypted is decrypted and noted as secret.
fn content(calls: &dyn Calls, lookup: &str, name: &str) -> Result<String, TemplateError> {
    let path = find(calls, lookup, "files", name)?;
    content_at(calls, lookup, &path)
}

/// The text of a file that was found.
pub fn content_at(calls: &dyn Calls, lookup: &str, path: &Path) -> Result<String, TemplateError> {
    let shown = path.display();
    let bytes =
        std::fs::read(path).map_err(|error| local(format!("lookup `{lookup}` cannot read {shown}: {error}")))?;
    let is_secret = is_vaulted(&bytes);
    let not_text = || local(format!("lookup `{lookup}`: {shown} is not UTF-8 text"));
    let text = String::from_utf8(bytes).map_err(|_| not_text())?;
    if !is_secret {
        return Ok(text);
    }
    let environment = calls.templar().environment();
    let closed = |error| TemplateError::new(TemplateErrorKind::Vault, format!("{shown}: {error}"));
    let opened = environment.vault.open(&text).map_err(closed)?;
    let text = String::from_utf8(opened).map_err(|_| not_text())?;
    for secret in &secret_texts(&text) {
        environment.add_secret(secret);
    }
    Ok(text)
}

/// The place of a file: `kind` is `files` or `templates`.
pub fn find(calls: &dyn Calls, lookup: &str, kind: &str, name: &str) -> Result<PathBuf, TemplateError> {
    let search = calls.templar().search();
    let name = expand_home(name);
    search.find(kind, &name).ok_or_else(|| {
        let places: Vec<String> =
            search.candidates(kind, &name).iter().map(|path| path.display().to_string()).collect();
        local(format!("lookup `{lookup}` cannot find {name:?}")).hint(format!("looked at {}", places.join(", ")))
    })
}

pub fn fileglob(calls: &mut dyn Calls, arguments: Arguments) -> Answer {
    only(&arguments, "fileglob", &[])?;
    let mut found = Vec::new();
    for pattern in texts(&arguments.positional)? {
        for place in calls.templar().search().candidates("files", &expand_home(&pattern)) {
            let place = Value::text(place.display().to_string());
            let files = calls.filter("fileglob", place, Arguments::default())?;
            let mut files = files.as_list().unwrap_or_default().to_vec();
            if !files.is_empty() {
                files.sort_by_key(ToString::to_string);
                found.extend(files);
                break;
            }
        }
    }
    Ok(found)
}

pub fn pipe(calls: &mut dyn Calls, arguments: Arguments) -> Answer {
    only(&arguments, "pipe", &[])?;
    let run = |line: &String| output(calls, "pipe", line).map(|text| Value::text(text.trim_end()));
    texts(&arguments.positional)?.iter().map(run).collect()
}

pub fn lines(calls: &mut dyn Calls, arguments: Arguments) -> Answer {
    only(&arguments, "lines", &[])?;
    let mut found = Vec::new();
    for line in texts(&arguments.positional)? {
        found.extend(output(calls, "lines", &line)?.lines().map(Value::from));
    }
    Ok(found)
}

/// What a shell line prints, run in the playbook's directory.
fn output(calls: &dyn Calls, lookup: &str, line: &str) -> Result<String, TemplateError> {
    let directory = &calls.templar().search().playbook;
    let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    let mut command = Command::new("/bin/sh");
    command.args(["-c", line]).current_dir(directory).stdin(Stdio::null()).stderr(Stdio::piped());
    let output = command.output().map_err(|error| local(format!("lookup `{lookup}` cannot run /bin/sh: {error}")))?;
    if !output.status.success() {
        // The line may hold secrets, and what it says too.
        let status = output.status.code().map_or_else(|| "a signal".to_owned(), |code| format!("exit code {code}"));
        return Err(local(format!("lookup_plugin.{lookup} failed: the command ended with {status}")));
    }
    String::from_utf8(output.stdout).map_err(|_| local(format!("lookup `{lookup}`: the output is not UTF-8 text")))
}

/// A leading `~/` is the home directory.
pub fn expand_home(name: &str) -> String {
    match (name.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest).display().to_string(),
        _ => name.to_owned(),
    }
}

/// An error of the controller.
pub fn local(message: String) -> TemplateError {
    TemplateError::new(TemplateErrorKind::Local, message)
}
