//! `first_found`: the first of several files that exists.

use super::files::expand_home;
use super::options::{flag, named, only, text};
use crate::template::{Arguments, Calls, TemplateError, TemplateErrorKind, Value};

/// Where files of a task may stand.
const KINDS: [&str; 4] = ["files", "templates", "vars", "tasks"];

/// What is looked for.
#[derive(Default)]
struct Search {
    names: Vec<String>,
    skips: bool,
}

pub fn first_found(calls: &mut dyn Calls, arguments: Arguments) -> Result<Vec<Value>, TemplateError> {
    only(&arguments, "first_found", &["files", "paths", "skip"])?;
    let mut search = Search { names: Vec::new(), skips: flag(named(&arguments, "skip"), false) };
    let (files, paths) = (named(&arguments, "files"), named(&arguments, "paths"));
    if files.is_some() || paths.is_some() {
        search.add(files, paths)?;
    }
    for term in &arguments.positional {
        search.term(term)?;
    }
    let path = calls.templar().search();
    let found = search.names.iter().find_map(|name| KINDS.iter().find_map(|kind| path.find(kind, &expand_home(name))));
    match found {
        Some(found) => {
            // Taken apart and put together, a path has no `.` in it.
            let found: std::path::PathBuf = found.components().collect();
            Ok(vec![Value::text(found.display().to_string())])
        }
        None if search.skips => Ok(Vec::new()),
        None => {
            let message = "No file was found when using first_found.";
            Err(TemplateError::new(TemplateErrorKind::Local, message)
                .hint(format!("looked for {}; `skip: true` lets it pass", search.names.join(", "))))
        }
    }
}

impl Search {
    fn term(&mut self, term: &Value) -> Result<(), TemplateError> {
        match term {
            Value::List(items) => items.iter().try_for_each(|item| self.term(item)),
            Value::Dict(dict) => {
                self.skips |= flag(dict.get("skip"), false);
                self.add(dict.get("files"), dict.get("paths"))
            }
            name => {
                self.names.push(text(name)?);
                Ok(())
            }
        }
    }

    /// Every file in every path, the paths outermost.
    fn add(&mut self, files: Option<&Value>, paths: Option<&Value>) -> Result<(), TemplateError> {
        let files = split(files, &[',', ';'])?;
        let paths = split(paths, &[',', ':', ';'])?;
        if paths.is_empty() {
            self.names.extend(files);
        } else if files.is_empty() {
            self.names.extend(paths);
        } else {
            let joined = paths
                .iter()
                .flat_map(|path| files.iter().map(move |file| format!("{}/{file}", path.trim_end_matches('/'))));
            self.names.extend(joined);
        }
        Ok(())
    }
}

fn split(value: Option<&Value>, separators: &[char]) -> Result<Vec<String>, TemplateError> {
    match value {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::List(items)) => {
            let parts: Result<Vec<Vec<String>>, _> = items.iter().map(|item| split(Some(item), separators)).collect();
            parts.map(|parts| parts.concat())
        }
        Some(one) => Ok(text(one)?
            .split(separators)
            .map(|part| part.trim().to_owned())
            .filter(|part| !part.is_empty())
            .collect()),
    }
}
