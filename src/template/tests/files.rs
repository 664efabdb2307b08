//! Files of the controller.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::template::filters::bind::{Answer, bind, none};
use crate::template::filters::paths::{is_absolute, tested};
use crate::template::{Arguments, Calls, TemplateError, TemplateErrorKind, Value};

fn ask(value: &Value, arguments: Arguments, name: &str, holds: impl Fn(&Path) -> bool) -> Answer<bool> {
    none(arguments, name)?;
    Ok(holds(&tested(value)?))
}

pub fn abs(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    none(arguments, "isabs")?;
    is_absolute(&value)
}

pub fn directory(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    ask(&value, arguments, "isdir", Path::is_dir)
}

pub fn exists(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    ask(&value, arguments, "exists", Path::exists)
}

pub fn file(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    ask(&value, arguments, "isfile", Path::is_file)
}

pub fn link(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    ask(&value, arguments, "islink", Path::is_symlink)
}

pub fn link_exists(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    ask(&value, arguments, "lexists", |path| path.symlink_metadata().is_ok())
}

pub fn mount(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    ask(&value, arguments, "ismount", |path| {
        let Ok(own) = path.symlink_metadata() else { return false };
        let Ok(parent) = fs::metadata(path.join("..")) else { return false };
        !own.is_symlink() && (own.dev() != parent.dev() || own.ino() == parent.ino())
    })
}

pub fn same_file(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    let [other] = bind(arguments, "samefile", ["f2"], 1)?;
    let identity = |value: &Value| -> Answer<(u64, u64)> {
        let path = tested(value)?;
        let found = fs::metadata(&path)
            .map_err(|error| TemplateError::new(TemplateErrorKind::Local, format!("{}: {error}", path.display())))?;
        Ok((found.dev(), found.ino()))
    };
    Ok(identity(&value)? == identity(&other.unwrap_or(Value::Null))?)
}

pub fn vaulted_file(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    none(arguments, "vaulted_file")?;
    let path = tested(&value)?;
    let mut start = Vec::new();
    fs::File::open(&path).and_then(|file| file.take(14).read_to_end(&mut start)).map_err(|_| {
        let message = format!("Cannot test if the file {} is a vault.", value.repr());
        TemplateError::new(TemplateErrorKind::Local, message)
    })?;
    Ok(start == b"$ANSIBLE_VAULT")
}
