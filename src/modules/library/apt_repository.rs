//! `apt_repository`: lines of `/etc/apt/sources.list` and its kin.

use std::sync::Arc;

use crate::modules::flow;
use crate::modules::packages::apt_sources::{self, Line, SourceFile};
use crate::modules::{
    Args, Argument, BLANK, Content, Kind, Module, ModuleError, Question, Return, ScriptCall, Spec, Step, TaskContext,
    TaskResult, actions, probes,
};
use crate::template::Value;

/// The module.
pub struct AptRepository;

/// The module.
pub static MODULE: AptRepository = AptRepository;

static SPEC: Spec = Spec {
    name: "apt_repository",
    summary: "Adds sources of packages to Debian and its kin, and takes them away.",
    arguments: &[
        Argument::text("repo", "The source: `deb [signed-by=…] https://… bookworm main`.").required(),
        Argument::text("state", "Whether it is there.").default("present").choices(&["absent", "present"]),
        Argument::of("mode", Kind::Mode, "Permissions of the file; 0644 for a new one."),
        Argument::bool("update_cache", true, "Fetches the lists after a change.").aliases(&["update-cache"]),
        Argument::int("update_cache_retries", "How often fetching the lists is tried.").default("5"),
        Argument::int("update_cache_retry_max_delay", "The longest pause between tries, in seconds.").default("12"),
        Argument::text("filename", "The file's name below `/etc/apt/sources.list.d`; else made of the address."),
        Argument::bool("install_python_apt", true, "No matter: nothing needs to be installed."),
        Argument::bool("validate_certs", true, "No matter: nothing is fetched here but by apt."),
    ],
    returns: &[
        Return { name: "repo", about: "The source." },
        Return { name: "state", about: "What was wanted of it." },
        Return { name: "sources_added", about: "Files that are new." },
        Return { name: "sources_removed", about: "Files that are gone." },
    ],
    ..BLANK
};

impl Module for AptRepository {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let repo = args.needed("repo").trim().to_owned();
        if repo.is_empty() {
            return Err(ModuleError::new("Please set argument 'repo' to a non-empty value"));
        }
        if repo.starts_with("ppa:") {
            return Err(ModuleError::new(format!(
                "`{repo}`: ppa sources are not supported; name the `deb https://ppa.launchpadcontent.net/…` line and its key"
            )));
        }
        let line = Line::parse(&repo);
        if !line.valid || !line.enabled {
            return Err(ModuleError::new(format!("Invalid repository string: {repo}")));
        }
        flow::ask(Question::new(&probes::APT_SOURCES, [""; 0]), move |answer| {
            let (before, _) = apt_sources::parse(&answer.text());
            let mut after = before.clone();
            if args.needed("state") == "present" {
                apt_sources::add(&mut after, &line.source, &path(&args, &line.source));
            } else {
                apt_sources::remove(&mut after, &line.source);
            }
            let differing: Vec<(Option<SourceFile>, SourceFile)> = after
                .into_iter()
                .map(|file| (before.iter().find(|old| old.path == file.path).cloned(), file))
                .filter(|(old, file)| old.as_ref() != Some(file))
                .collect();
            write(differing, &args, result(&args))
        })
    }
}

fn path(args: &Args, source: &str) -> String {
    let name = args.text("filename").map_or_else(|| apt_sources::file_name(source), |name| format!("{name}.list"));
    if name.starts_with('/') { name } else { format!("/etc/apt/sources.list.d/{name}") }
}

fn result(args: &Args) -> TaskResult {
    let none = || Value::list(Vec::new());
    TaskResult::ok()
        .field("repo", args.needed("repo"))
        .field("state", args.needed("state"))
        .field("sources_added", none())
        .field("sources_removed", none())
}

/// Writes the files one after another; the last one has the lists fetched.
fn write(mut files: Vec<(Option<SourceFile>, SourceFile)>, args: &Arc<Args>, result: TaskResult) -> flow::Flow {
    if files.is_empty() {
        return flow::done(result);
    }
    let (old, file) = files.remove(0);
    let text = file.text();
    let (verb, result) = match (&old, text.is_empty()) {
        (_, true) => ("delete", list(result, "sources_removed", &file.path)),
        (None, false) => ("write", list(result, "sources_added", &file.path)),
        (Some(_), false) => ("write", result),
    };
    let tries = if files.is_empty() && args.bool("update_cache") {
        args.int("update_cache_retries").unwrap_or(5)
    } else {
        0
    };
    let mode = match args.value("mode") {
        Some(Value::Int(mode)) => format!("{mode:o}"),
        Some(mode) => mode.to_string(),
        None => String::new(),
    };
    let pause = args.int("update_cache_retry_max_delay").unwrap_or(12).to_string();
    let mut script =
        ScriptCall::new(actions::APT_SOURCE, [file.path.clone(), mode, verb.to_owned(), tries.to_string(), pause]);
    let diff = flow::diff(&file.path, old.map(|old| old.text()).unwrap_or_default(), text.clone());
    script.input = Some(Content::Bytes(Arc::from(text.into_bytes())));
    let args = Arc::clone(args);
    flow::change(vec![diff], script, move |answer| {
        match answer {
            Some(answer) if answer.rc == 100 => return Err(ModuleError::new(answer.errors().trim())),
            answer => flow::succeeded(answer.as_ref(), &format!("cannot write {}", file.path))?,
        }
        write(files, &args, TaskResult { changed: true, ..result })
    })
}

fn list(result: TaskResult, name: &str, path: &str) -> TaskResult {
    let mut items = result.fields.get(name).and_then(Value::as_list).unwrap_or_default().to_vec();
    items.push(Value::text(path));
    result.field(name, Value::list(items))
}
