//! Template files that tasks name, and variables in files: looked at before anything runs, and never computed.
//!
//! Whether a variable is ever used is not known before the run, so that what is wrong with one only warns.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::follow::Certainty;
use super::keyword::is_computed;
use super::reader::{Context, Reader};
use super::{Action, Keywords, Parent};
use crate::template::{Dict, Origin, SearchPath, TemplateError, TextOptions, Value, check_text, check_value};
use crate::yaml::{Diagnostic, Span};

/// Arguments of `template` that say how the file is read.
const OPTIONS: &[&str] = &[
    "block_end_string",
    "block_start_string",
    "comment_end_string",
    "comment_start_string",
    "lstrip_blocks",
    "newline_sequence",
    "trim_blocks",
    "variable_end_string",
    "variable_start_string",
];

/// Most bytes of a template that is looked at.
const SIZE_LIMIT: u64 = 4 << 20;

impl Reader<'_> {
    /// Looks at the file of a `template` task where its name is known.
    pub fn check_template_file(&mut self, context: &Context, action: &Action, keywords: &Keywords) {
        let Action::Module(module, arguments) = action else { return };
        if module.spec().name != "template" {
            return;
        }
        let Some(Value::String(name)) = arguments.named.get("src").filter(|_| arguments.whole.is_none()) else {
            return;
        };
        if is_computed(name) {
            return;
        }
        let search = search_path(&context.parent, &self.scope.directory);
        let Some(path) = search.find("templates", name.as_str()) else { return };
        let Some(options) = options(&arguments.named) else { return };
        let certainty = self.certainty_of(context, keywords);
        if self.checked_templates.insert((path.clone(), certainty)) {
            let errors = self.errors.len();
            self.template_file(&path, &options);
            if certainty == Certainty::Perhaps {
                self.warn_of_errors(errors, super::follow::IF_REACHED);
            }
        }
    }

    /// Looks at a template file.
    pub fn template_file(&mut self, path: &Path, options: &TextOptions) {
        let Some(text) = text_of(path) else { return };
        let file: Arc<str> = path.to_string_lossy().into();
        let origin = Origin { file: Arc::clone(&file), line: 1, column: 1 };
        for error in check_text(&text, &origin, options) {
            self.error(diagnostic(error, &file, &text));
        }
    }

    /// Looks at the variables of a file.
    pub fn check_variables(&mut self, path: &Path, vars: &Dict) {
        if !self.checked_variables.insert(path.to_owned()) {
            return;
        }
        let errors: Vec<TemplateError> = vars.values().flat_map(check_value).collect();
        if errors.is_empty() {
            return;
        }
        let Ok(source) = self.loader.files().read(path) else { return };
        if source.is_vaulted() {
            let message = "a template of a variable in it is wrong; what is encrypted is not shown";
            return self.warn(source.whole(message));
        }
        let before = self.errors.len();
        for error in errors {
            let span = error.origin.as_ref().map_or_else(Span::default, span);
            let found = source.error(span, error.message);
            self.error(match error.hint {
                Some(hint) => found.hint(hint),
                None => found,
            });
        }
        self.warn_of_errors(before, "if this variable is used, the task fails: ");
    }
}

/// Where the files that a task names are looked for: in its roles, beside the files that led to it, and beside the
/// playbook.
#[must_use]
pub fn search_path(parent: &Arc<Parent>, playbook: &Path) -> SearchPath {
    let mut directories: Vec<PathBuf> = Vec::new();
    let mut add = |directory: PathBuf| {
        if !directories.contains(&directory) {
            directories.push(directory);
        }
    };
    let levels = || Parent::levels(parent);
    levels().filter_map(|level| level.role.as_ref()).for_each(|role| add(role.directory.clone()));
    for role in levels().filter_map(|level| level.role.as_ref()) {
        role.parents.iter().for_each(|role| add(role.directory.clone()));
    }
    levels().filter_map(|level| level.directory.clone()).for_each(&mut add);
    add(playbook.to_owned());
    SearchPath { directories, playbook: playbook.to_owned() }
}

/// How a task has the file read; none where that is known only when it runs.
fn options(named: &Dict) -> Option<TextOptions> {
    let mut options = TextOptions::default();
    for name in OPTIONS {
        match named.get(*name) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) if is_computed(text) => return None,
            Some(value) => options.set(name, &value.to_string()).ok()?,
        }
    }
    Some(options)
}

/// The text of a template; none of one that is encrypted, is no text or cannot be read, which its task tells.
fn text_of(path: &Path) -> Option<String> {
    let metadata = std::fs::metadata(path).ok()?;
    if !metadata.is_file() || metadata.len() > SIZE_LIMIT {
        return None;
    }
    std::fs::read_to_string(path).ok().filter(|text| !text.starts_with("$ANSIBLE_VAULT"))
}

fn diagnostic(error: TemplateError, file: &Arc<str>, text: &str) -> Diagnostic {
    let found = match &error.origin {
        Some(origin) => Diagnostic::at(file, text, span(origin), error.message),
        None => Diagnostic::file(file, error.message),
    };
    match error.hint {
        Some(hint) => found.hint(hint),
        None => found,
    }
}

fn span(origin: &Origin) -> Span {
    Span { line: origin.line, column: origin.column }
}
