//! `template`: the text of a template file of the controller.

use std::collections::HashMap;
use std::sync::Arc;

use super::files::{content_at, find};
use super::options::{flag, named, only, texts};
use crate::template::{Arguments, Calls, Origin, SearchPath, Templar, TemplateError, TextOptions, Value};

const OPTIONS: &[&str] = &[
    "convert_data",
    "lstrip_blocks",
    "jinja2_native",
    "template_vars",
    "variable_start_string",
    "variable_end_string",
    "comment_start_string",
    "comment_end_string",
    "trim_blocks",
];

pub fn template(calls: &mut dyn Calls, arguments: Arguments) -> Result<Vec<Value>, TemplateError> {
    only(&arguments, "template", OPTIONS)?;
    let word = |name: &str, default: &str| named(&arguments, name).map_or(default.to_owned(), ToString::to_string);
    let options = TextOptions {
        variable: (word("variable_start_string", "{{"), word("variable_end_string", "}}")),
        comment: (word("comment_start_string", "{#"), word("comment_end_string", "#}")),
        trim_blocks: flag(named(&arguments, "trim_blocks"), true),
        lstrip_blocks: flag(named(&arguments, "lstrip_blocks"), false),
        ..TextOptions::default()
    };
    let mut found = Vec::new();
    for name in texts(&arguments.positional)? {
        let path = find(calls, "template", "templates", &name)?;
        let text = content_at(calls, "template", &path)?;
        let shown = path.display().to_string();
        let mut variables: HashMap<Arc<str>, Value> = HashMap::from([
            ("template_path".into(), Value::text(name.as_str())),
            ("template_fullpath".into(), Value::text(shown.as_str())),
        ]);
        if let Some(more) = named(&arguments, "template_vars").and_then(Value::as_dict) {
            variables.extend(more.iter().map(|(key, value)| (key.to_string().into(), value.clone())));
        }
        let templar = calls.templar();
        let beside = path.parent().map(std::path::Path::to_path_buf);
        let search = templar.search();
        let directories = beside.into_iter().chain(search.directories.iter().cloned()).collect();
        let search = SearchPath { directories, playbook: search.playbook.clone() };
        let inner = Templar::new(Arc::clone(templar.environment()), Arc::clone(templar.scope()), Arc::new(search));
        let origin = Origin { file: shown.into(), line: 1, column: 1 };
        found.push(Value::text(inner.render_text_with(&text, &origin, &options, variables)?));
    }
    Ok(found)
}
