//! Lookups of what files of the controller say: templates, tables, settings.

use std::collections::HashMap;
use std::sync::Arc;

use super::files::{content, find};
use super::options::{flag, named, only, text, texts};
use crate::template::{
    Arguments, Calls, Origin, SearchPath, Templar, TemplateError, TemplateErrorKind, TextOptions, Value,
};

type Answer = Result<Vec<Value>, TemplateError>;

/// What template files render to.
pub fn template(calls: &mut dyn Calls, arguments: Arguments) -> Answer {
    const OPTIONS: &[&str] = &[
        "comment_end_string",
        "comment_start_string",
        "convert_data",
        "jinja2_native",
        "lstrip_blocks",
        "template_vars",
        "trim_blocks",
        "variable_end_string",
        "variable_start_string",
    ];
    only(&arguments, "template", OPTIONS)?;
    let mut options = TextOptions {
        trim_blocks: flag(named(&arguments, "trim_blocks"), true),
        lstrip_blocks: flag(named(&arguments, "lstrip_blocks"), false),
        ..TextOptions::default()
    };
    for (name, marker) in [
        ("variable_start_string", &mut options.variable.0),
        ("variable_end_string", &mut options.variable.1),
        ("comment_start_string", &mut options.comment.0),
        ("comment_end_string", &mut options.comment.1),
    ] {
        if let Some(value) = named(&arguments, name) {
            *marker = text(value)?;
        }
    }
    let mut variables: HashMap<Arc<str>, Value> = HashMap::new();
    if let Some(given) = named(&arguments, "template_vars").and_then(Value::as_dict) {
        variables.extend(given.iter().map(|(key, value)| (key.to_string().into(), value.clone())));
    }
    let mut rendered = Vec::new();
    for name in texts(&arguments.positional)? {
        let path = find(calls, "template", "templates", &name)?;
        let written = content(calls, "template", &path)?;
        let templar = calls.templar();
        let mut search: SearchPath = (**templar.search()).clone();
        search.directories.extend(path.parent().map(std::path::Path::to_owned));
        let templar = Templar::new(Arc::clone(templar.environment()), Arc::clone(templar.scope()), Arc::new(search));
        let origin = Origin { file: path.display().to_string().into(), line: 1, column: 1 };
        rendered.push(Value::text(templar.render_text_with(&written, &origin, &options, variables.clone())?));
    }
    Ok(rendered)
}

/// A column of the row whose first column is the key.
pub fn csvfile(calls: &mut dyn Calls, arguments: Arguments) -> Answer {
    const OPTIONS: &[&str] = &["col", "default", "delimiter", "encoding", "file", "keycol"];
    only(&arguments, "csvfile", OPTIONS)?;
    let mut found = Vec::new();
    for term in texts(&arguments.positional)? {
        let term = Term::read(&term, &arguments, "csvfile", OPTIONS)?;
        let path = find(calls, "csvfile", "files", &term.option("file").unwrap_or_else(|| "ansible.csv".to_owned()))?;
        let delimiter = match term.option("delimiter").as_deref() {
            None | Some("TAB" | "\\t" | "\t") => '\t',
            Some(other) => other.chars().next().unwrap_or('\t'),
        };
        let (column, key_column) = (term.number("col", 1)?, term.number("keycol", 0)?);
        let rows = content(calls, "csvfile", &path)?;
        let rows = rows.lines().map(|line| cells(line, delimiter));
        let row = rows.into_iter().find(|row| row.get(key_column).is_some_and(|cell| *cell == term.name));
        match row.map(|row| row.get(column).cloned()) {
            Some(Some(cell)) => found.push(Value::text(cell)),
            Some(None) => return Err(local(format!("lookup `csvfile`: the row has no column {column}"))),
            None => found.extend(term.option("default").map(Value::text)),
        }
    }
    Ok(found)
}

/// The cells of a line; quotes hold delimiters, and two of them stand for one.
fn cells(line: &str, delimiter: char) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        let cell = cells.last_mut().expect("there is always one");
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' if quoted || cell.is_empty() => quoted = !quoted,
            other if other == delimiter && !quoted => cells.push(String::new()),
            other => cell.push(other),
        }
    }
    cells
}

/// A setting of an INI or properties file.
pub fn ini(calls: &mut dyn Calls, arguments: Arguments) -> Answer {
    const OPTIONS: &[&str] =
        &["allow_no_value", "case_sensitive", "default", "encoding", "file", "interpolation", "re", "section", "type"];
    only(&arguments, "ini", OPTIONS)?;
    let mut found = Vec::new();
    for term in texts(&arguments.positional)? {
        let term = Term::read(&term, &arguments, "ini", OPTIONS)?;
        let path = find(calls, "ini", "files", &term.option("file").unwrap_or_else(|| "ansible.ini".to_owned()))?;
        let is_properties = term.option("type").as_deref() == Some("properties");
        let section =
            if is_properties { None } else { Some(term.option("section").unwrap_or_else(|| "global".into())) };
        let exact = flag(term.value("case_sensitive").as_ref(), false);
        let folded = |key: &str| if exact { key.to_owned() } else { key.to_lowercase() };
        let settings = settings(&content(calls, "ini", &path)?, section.as_deref());
        if flag(term.value("re").as_ref(), false) {
            for (key, value) in settings {
                let pattern = Arguments { positional: vec![Value::text(term.name.as_str())], named: Vec::new() };
                if calls.test("match", Value::text(key), pattern)? {
                    found.push(Value::text(value));
                }
            }
            continue;
        }
        let setting = settings.into_iter().rev().find(|(key, _)| folded(key) == folded(&term.name));
        found.push(Value::text(match setting {
            Some((_, value)) => value,
            None => term.option("default").unwrap_or_default(),
        }));
    }
    Ok(found)
}

/// The settings of one section; without one, of the whole file.
fn settings(text: &str, section: Option<&str>) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    let (mut is_wanted, mut goes_on) = (section.is_none(), false);
    for line in text.lines() {
        let bare = line.trim();
        if bare.is_empty() || bare.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = bare.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(name, _)| name) {
            is_wanted = section.is_none_or(|section| section == name);
            goes_on = false;
        } else if is_wanted && goes_on && line.starts_with([' ', '\t']) {
            let (_, value) = all.last_mut().expect("it goes on from one");
            value.extend(["\n", bare]);
        } else if is_wanted {
            let (key, value) = bare.split_once(['=', ':']).unwrap_or((bare, ""));
            all.push((key.trim().to_owned(), value.trim().to_owned()));
            goes_on = true;
        }
    }
    all
}

/// A term that may carry options behind its name: `key file=x.csv col=2`.
struct Term {
    name: String,
    own: Vec<(String, String)>,
    named: Vec<(Arc<str>, Value)>,
}

impl Term {
    fn read(text: &str, arguments: &Arguments, lookup: &str, known: &[&str]) -> Result<Self, TemplateError> {
        let mut words = text.split_whitespace().peekable();
        let mut name = Vec::new();
        let is_option = |word: &str| word.split_once('=').is_some_and(|(key, _)| known.contains(&key));
        while let Some(word) = words.next_if(|word| !is_option(word)) {
            name.push(word);
        }
        let mut own = Vec::new();
        for word in words {
            let (key, value) = word.split_once('=').unwrap_or((word, ""));
            if !known.contains(&key) {
                return Err(TemplateError::value(format!("lookup `{lookup}` takes no option `{key}`")));
            }
            own.push((key.to_owned(), value.trim_matches(['\'', '"']).to_owned()));
        }
        Ok(Self { name: name.join(" "), own, named: arguments.named.clone() })
    }

    fn option(&self, name: &str) -> Option<String> {
        let own = self.own.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        own.or_else(|| self.named.iter().find(|(key, _)| **key == *name).map(|(_, value)| value.to_string()))
    }

    fn value(&self, name: &str) -> Option<Value> {
        self.option(name).map(Value::text)
    }

    fn number(&self, name: &str, default: usize) -> Result<usize, TemplateError> {
        let Some(text) = self.option(name) else { return Ok(default) };
        text.parse().map_err(|_| TemplateError::value(format!("`{name}` is a number, not `{text}`")))
    }
}

fn local(message: String) -> TemplateError {
    TemplateError::new(TemplateErrorKind::Local, message)
}
