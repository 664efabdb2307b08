//! `include_vars`: variables of files on the controller.

use std::collections::VecDeque;
use std::path::{Component, Path, PathBuf};

use crate::modules::files::regex;
use crate::modules::{
    Args, Argument, BLANK, Effect, FreeForm, LocalFile, LocalKind, LocalRead, LocalReply, LocalVars, Module,
    ModuleError, Return, Spec, Step, TaskContext, TaskResult,
};
use crate::template::{Dict, Key, Value};

/// The module.
pub struct IncludeVars;

/// The module.
pub static MODULE: IncludeVars = IncludeVars;

/// Arguments that go with `dir` alone.
const OF_DIRECTORY: [&str; 6] =
    ["dir", "depth", "files_matching", "ignore_files", "extensions", "ignore_unknown_extensions"];

static SPEC: Spec = Spec {
    name: "include_vars",
    summary: "Sets the variables that files on the controller hold.",
    arguments: &[
        Argument::text("file", "The file; looked for in `vars/` of the role and beside the tasks."),
        Argument::text("dir", "Takes all files below this directory, in the order of their names."),
        Argument::text("name", "Sets one variable of this name that holds them all."),
        Argument::int("depth", "How many levels of `dir` are taken; 0: all.").default("0"),
        Argument::text("files_matching", "Takes only files of `dir` whose names match this regular expression."),
        Argument::list("ignore_files", "Leaves files of `dir` out whose names end with one of these expressions."),
        Argument::list("extensions", "What names of files in `dir` end with.").default("yaml,yml,json"),
        Argument::bool("ignore_unknown_extensions", false, "Leaves files with other names out instead of failing."),
        Argument::text("hash_behaviour", "Whether dictionaries replace those that there are, or are merged into them.")
            .choices(&["replace", "merge"]),
    ],
    free_form: FreeForm::Raw,
    returns: &[
        Return { name: "ansible_facts", about: "The variables." },
        Return { name: "ansible_included_var_files", about: "The files, in order." },
    ],
    ..BLANK
};

impl Module for IncludeVars {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = &context.args;
        let file = args.text("file").or_else(|| args.text("_raw_params")).map(|name| name.trim_end_matches('\n'));
        let of_directory = OF_DIRECTORY.iter().any(|name| args.is_given(name));
        match (file.map(str::to_owned), args.text("dir")) {
            (Some(_), _) if of_directory => {
                Err(ModuleError::new("You are mixing file only and dir only arguments, these are incompatible"))
            }
            (Some(name), _) => Ok(read([name].into(), Vec::new(), context)),
            (None, Some(directory)) => {
                let tree = LocalRead::Tree { kind: "vars", name: directory.trim_end_matches('/').to_owned() };
                Ok(Step::Local(
                    tree,
                    Box::new(move |reply| {
                        let LocalReply::Tree(entries) = reply else { unreachable!("a tree answers for a tree") };
                        Ok(read(chosen(entries, &context.args)?, Vec::new(), context))
                    }),
                ))
            }
            (None, None) => Err(ModuleError::new("include_vars needs a file or a directory")),
        }
    }
}

/// Reads the files one after the other, then sets what all of them hold.
fn read(mut names: VecDeque<String>, mut files: Vec<LocalVars>, context: TaskContext) -> Step {
    let Some(name) = names.pop_front() else { return set(&files, &context) };
    Step::Local(
        LocalRead::Vars { name },
        Box::new(move |reply| {
            let LocalReply::Vars(file) = reply else { unreachable!("variables answer for variables") };
            files.push(file);
            Ok(read(names, files, context))
        }),
    )
}

fn set(files: &[LocalVars], context: &TaskContext) -> Step {
    let mut vars = Dict::new();
    for file in files {
        vars.extend(file.vars.clone());
    }
    if let Some(name) = context.args.text("name") {
        vars = Dict::from_iter([(name.into(), Value::dict(vars))]);
    }
    if context.args.text("hash_behaviour") == Some("merge") {
        vars = vars.into_iter().map(|(key, value)| merge_known(context, key, value)).collect();
    }
    let paths = files.iter().map(|file| Value::text(file.path.to_string_lossy())).collect();
    let mut result = TaskResult::ok()
        .field("ansible_facts", Value::dict(vars.clone()))
        .field("ansible_included_var_files", Value::list(paths));
    if files.iter().any(|file| file.vaulted) {
        result = result.field("_ansible_no_log", true);
    }
    Step::Effect(vec![Effect::IncludeVars(vars)], Box::new(move |()| Ok(Step::Done(result))))
}

fn merge_known(context: &TaskContext, key: Key, value: Value) -> (Key, Value) {
    let known = key.as_str().and_then(|name| context.templar.scope().get(name));
    let merged = match known {
        Some(known) => merge(&known, value),
        None => value,
    };
    (key, merged)
}

/// The second value; where both are dictionaries, within the first one.
fn merge(below: &Value, above: Value) -> Value {
    let (Value::Dict(below), Value::Dict(over)) = (below, &above) else { return above };
    let mut merged = Dict::clone(below);
    for (key, value) in over.iter() {
        let value = match merged.get(key) {
            Some(known) => merge(known, value.clone()),
            None => value.clone(),
        };
        merged.insert(key.clone(), value);
    }
    Value::dict(merged)
}

/// The files of a directory that are taken: level by level as a walk over it finds them.
fn chosen(entries: Vec<LocalFile>, args: &Args) -> Result<VecDeque<String>, ModuleError> {
    let depth = usize::try_from(args.int("depth").unwrap_or(0)).unwrap_or(0);
    let matching = args.text("files_matching").map(|pattern| regex::compile(pattern, "")).transpose()?;
    let ignored = args.texts("ignore_files");
    let ignored = ignored.iter().flat_map(|names| names.split_whitespace()).map(ending);
    let ignored = ignored.collect::<Result<Vec<_>, _>>()?;
    let extensions = args.texts("extensions");
    let is_match = |regex: &fancy_regex::Regex, name: &str| regex.is_match(name).unwrap_or(false);
    let mut files: Vec<(PathBuf, String, PathBuf)> = Vec::new();
    for entry in entries.into_iter().filter(|entry| entry.kind != LocalKind::Directory) {
        let levels = entry.relative.components().filter(|part| matches!(part, Component::Normal(_))).count();
        let name = entry.relative.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let is_left_out = (depth > 0 && levels > depth)
            || matching.as_ref().is_some_and(|regex| !is_match(regex, &name))
            || ignored.iter().any(|regex| is_match(regex, &name));
        if is_left_out {
            continue;
        }
        if !extensions.iter().any(|known| extension(&name).unwrap_or_default() == known) {
            if args.bool("ignore_unknown_extensions") {
                continue;
            }
            let path = entry.path.display();
            let message = format!("{path} does not have a valid extension: {}", extensions.join(", "));
            return Err(ModuleError::new(message));
        }
        let folder = entry.relative.parent().map(Path::to_owned).unwrap_or_default();
        files.push((folder, name, entry.path));
    }
    files.sort();
    Ok(files.into_iter().map(|(_, _, path)| path.to_string_lossy().into_owned()).collect())
}

fn ending(pattern: &str) -> Result<fancy_regex::Regex, ModuleError> {
    regex::compile(&format!("{pattern}$"), "")
}

fn extension(name: &str) -> Option<&str> {
    Path::new(name).extension()?.to_str()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::modules::testing::{Mode, task};

    fn file(relative: &str) -> LocalFile {
        LocalFile {
            path: Path::new("/v").join(relative),
            relative: relative.into(),
            kind: LocalKind::File,
            mode: 0o644,
            size: 0,
            content: None,
            sha1: None,
        }
    }

    /// Orders and choices of ansible-core 2.19.
    #[test]
    fn files_of_a_directory_are_taken_as_asked_for() {
        let names = ["b.yml", "a.yaml", "sub/c.json", "sub/deep/d.yml", "notes.txt", "old.yml"];
        for (args, taken) in [
            (json!({"extensions": ["yml"], "ignore_unknown_extensions": true}), "b.yml old.yml sub/deep/d.yml"),
            (json!({"depth": 1, "ignore_files": ["notes.txt"]}), "a.yaml b.yml old.yml"),
            (json!({"depth": 2, "ignore_files": "notes.txt old.yml"}), "a.yaml b.yml sub/c.json"),
            (json!({"files_matching": "^[abcd]\\."}), "a.yaml b.yml sub/c.json sub/deep/d.yml"),
        ] {
            let mut given = args.as_object().unwrap().clone();
            given.insert("dir".to_owned(), json!("v"));
            let (_, context) = task("include_vars", &given.into(), Mode::default(), "/".into());
            let chosen = chosen(names.map(file).to_vec(), &context.args).unwrap();
            let shown: Vec<_> = chosen.iter().map(|path| path.trim_start_matches("/v/")).collect();
            assert_eq!(shown.join(" "), taken, "{args}");
        }
        let given = json!({"dir": "v", "extensions": ["", "yml"]});
        let (_, context) = task("include_vars", &given, Mode::default(), "/".into());
        let chosen_too = chosen(vec![file("plain"), file("b.yml")], &context.args).unwrap();
        assert_eq!(chosen_too, ["/v/b.yml", "/v/plain"]);
        let (_, context) = task("include_vars", &json!({"dir": "v"}), Mode::default(), "/".into());
        let error = chosen(names.map(file).to_vec(), &context.args).unwrap_err();
        assert_eq!(error.message, "/v/notes.txt does not have a valid extension: yaml, yml, json");
    }

    #[test]
    fn dictionaries_are_merged_at_every_depth() {
        let merged = merge(
            &Value::of_json(&json!({"a": {"x": 1, "y": [1]}, "b": 1})),
            Value::of_json(&json!({"a": {"y": [2], "z": 3}, "c": 2})),
        );
        assert_eq!(merged.to_json(), json!({"a": {"x": 1, "y": [2], "z": 3}, "b": 1, "c": 2}));
    }
}
