//! `archive`: packs files into an archive, or compresses one.

use std::sync::Arc;

use crate::modules::clients::missing;
use crate::modules::files::look::{Fields, PathState};
use crate::modules::files::{Attributes, Fix, Look, LookCall, diff, file_arguments, set};
use crate::modules::flow::{self, Flow};
use crate::modules::packages::glob::shell_pattern;
use crate::modules::{
    Answer, Args, Argument, BLANK, Change, Kind, Module, ModuleError, Question, Return, ScriptCall, Spec, Step,
    TaskContext, TaskResult, actions, probes,
};
use crate::template::Value;

/// The module.
pub struct Archive;

/// The module.
pub static MODULE: Archive = Archive;

/// The largest list of names that is read, in bytes.
const NAMES: usize = 64 * 1024 * 1024;

static SPEC: Spec = Spec {
    name: "archive",
    collections: &["community.general", "ansible.builtin"],
    summary: "Packs files into an archive, or compresses one; what is in it already is left alone.",
    arguments: file_arguments![
        Argument::of("path", Kind::List(&Kind::Path), "Files, directories and patterns of such.").required(),
        Argument::text("format", "How it is packed; the host needs gzip, bzip2, xz, zstd or zip, and GNU tar.")
            .default("gz")
            .choices(&["bz2", "gz", "tar", "xz", "zip", "zstd"]),
        Argument::path("dest", "The archive; needed unless `path` is one file."),
        Argument::of("exclude_path", Kind::List(&Kind::Path), "Of what `path` matches, what is not taken.").default(""),
        Argument::of("exclusion_patterns", Kind::List(&Kind::Path), "Patterns of names that are left out below `path`."),
        Argument::bool("force_archive", false, "Packs also a single file, and does not only compress it."),
        Argument::bool("remove", false, "Takes away what was packed."),
    ],
    returns: &[
        Return { name: "archived", about: "What went in." },
        Return { name: "arcroot", about: "Where names in the archive begin." },
        Return { name: "dest", about: "The archive." },
        Return { name: "dest_state", about: "`absent`, `archive`, `compress`, or `incomplete` where something was missing." },
        Return { name: "expanded_paths", about: "What `path` matches." },
        Return { name: "expanded_exclude_paths", about: "What `exclude_path` matches." },
        Return { name: "missing", about: "What of it is not there." },
        Return { name: "state", about: "What the archive is: `file`, `absent`." },
    ],
    ..BLANK
};

impl Module for Archive {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let attributes = Attributes::of(&args)?;
        let dest = destination(&args);
        let words = words(&args, dest.as_deref().unwrap_or_default());
        let call = LookCall::at([dest.as_deref().unwrap_or("/")]).attributes(&attributes);
        let mut question = Question::new(&probes::ARCHIVED, words.clone());
        question.limit = NAMES;
        let questions = vec![call.question(), question];
        let next = move |answers: Vec<Answer>| {
            let mut answers = answers.into_iter();
            let look = Look::read(&call, &answers.next().unwrap_or_default())?;
            let sources = Sources::read(&answers.next().unwrap_or_default())?;
            let plan = Plan { args, attributes, dest, words, look, sources };
            plan.decide()
        };
        Ok(Step::Ask(questions, Box::new(next)))
    }
}

/// The archive: as told, or for one file its name with the format's behind it.
fn destination(args: &Args) -> Option<String> {
    if let Some(dest) = args.text("dest").filter(|dest| !dest.is_empty()) {
        return Some(dest.to_owned());
    }
    let barred = args.texts("exclude_path");
    let mut paths: Vec<String> = args.texts("path").into_iter().filter(|path| !barred.contains(path)).collect();
    paths.dedup();
    match paths.as_slice() {
        [path] if !path.contains(['*', '?']) => Some(format!("{path}.{}", args.needed("format"))),
        _ => None,
    }
}

fn words(args: &Args, dest: &str) -> Vec<String> {
    let force = if args.bool("force_archive") { "1" } else { "" };
    let left: Vec<String> = args.texts("exclusion_patterns").iter().map(|pattern| shell_pattern(pattern)).collect();
    let paths = args.texts("path");
    let mut words = vec![args.needed("format").to_owned(), dest.to_owned(), force.to_owned(), left.join("|")];
    words.push(paths.len().to_string());
    words.extend(paths);
    words.extend(args.texts("exclude_path").into_iter().filter(|path| !path.is_empty()));
    words
}

/// What the host says of the sources.
struct Sources {
    /// A program that it does not have; empty when it has all.
    lacks: String,
    /// Whether more than one file is packed.
    many: bool,
    root: String,
    /// Whether there is an archive, and all of it is there: `none`, `same`, `differs`.
    state: String,
    expanded: Vec<String>,
    barred: Vec<String>,
    /// What is taken, each with its kind: `-` for what is not there, `d`, `l`, `f`.
    taken: Vec<(char, String)>,
    /// What is in the archive, when it is the same.
    names: Vec<String>,
}

impl Sources {
    fn read(answer: &Answer) -> Result<Self, ModuleError> {
        flow::succeeded(Some(answer), "the host could not be asked")?;
        let mut fields = Fields::new(&answer.stdout);
        let (lacks, many, root, state) = (fields.text()?, fields.text()?, fields.text()?, fields.text()?);
        let (expanded, barred) = (list(&mut fields)?, list(&mut fields)?);
        let kind = |path: String| {
            let mut letters = path.chars();
            letters.next().map(|kind| (kind, letters.as_str().to_owned()))
        };
        let taken = list(&mut fields)?.into_iter().filter_map(kind).collect();
        let mut names = Vec::new();
        while !fields.is_empty() {
            names.push(fields.text()?);
        }
        Ok(Self { lacks, many: !many.is_empty(), root, state, expanded, barred, taken, names })
    }

    fn missing(&self) -> Vec<&str> {
        self.taken.iter().filter(|(kind, _)| *kind == '-').map(|(_, path)| path.as_str()).collect()
    }
}

/// A count, and as many fields.
fn list(fields: &mut Fields<'_>) -> Result<Vec<String>, ModuleError> {
    let count: usize = fields.text()?.trim().parse().unwrap_or_default();
    (0..count).map(|_| fields.text()).collect()
}

struct Plan {
    args: Arc<Args>,
    attributes: Attributes,
    dest: Option<String>,
    words: Vec<String>,
    look: Look,
    sources: Sources,
}

impl Plan {
    fn decide(self) -> Flow {
        let sources = &self.sources;
        let given = self.args.texts("path").join(", ");
        if sources.taken.is_empty() {
            return Err(ModuleError::new("Error, no source paths were found")
                .field("path", given)
                .field("expanded_paths", sources.expanded.join(", "))
                .field("expanded_exclude_paths", sources.barred.join(", ")));
        }
        if self.dest.is_none() {
            let message = "Error, must specify \"dest\" when archiving multiple files or trees";
            return Err(ModuleError::new(message).field("dest", Value::Null).field("path", given));
        }
        let (state, name) = (self.state(), self.state().name.clone());
        let remove = self.args.bool("remove");
        let inside = |(kind, path): &&(char, String)| {
            matches!(kind, 'd' | 'l') && name.starts_with(&format!("{}/", path.trim_end_matches('/')))
        };
        if remove && sources.taken.iter().any(|taken| inside(&taken)) {
            let message = "Error, created archive can not be contained in source paths when remove=true";
            return Err(ModuleError::new(message).field("path", given));
        }
        if sources.taken.iter().all(|(kind, _)| *kind == '-') {
            return self.settle();
        }
        if !sources.lacks.is_empty() {
            return Err(missing(&sources.lacks));
        }
        if sources.state == "same" && !remove {
            return self.settle();
        }
        let fix = if state.exists() {
            self.attributes.fix(&self.look, &state)?
        } else {
            self.attributes.new_fix(&self.look, false)?
        };
        self.pack(&fix)
    }

    /// What is where the archive belongs, links followed.
    fn state(&self) -> PathState {
        self.look.paths.first().map(PathState::follow).unwrap_or_default()
    }

    /// Sets the attributes of an archive that is as it is to be, or is there without its sources.
    fn settle(self) -> Flow {
        let state = self.state();
        let fix = self.attributes.fix(&self.look, &state)?;
        let names: Vec<String> = self.sources.names.clone();
        let found = if self.sources.state == "same" { self.packed_state() } else { found_state(&state) };
        if fix.is_empty() {
            return flow::done(self.result(&names, found, &state, false));
        }
        let change = Change {
            diff: vec![diff::properties(&state.name, &fix.before, &fix.after)],
            action: set::attributes(&state.name, fix),
        };
        let next = move |answer: Option<Answer>| {
            let after = answer.as_ref().map(crate::modules::files::changed_by).transpose()?;
            let after = after.map_or(state, |after| after.state);
            flow::done(self.result(&names, found, &after, true))
        };
        Ok(Step::Change(change, Box::new(next)))
    }

    fn pack(self, fix: &Fix) -> Flow {
        let remove = if self.args.bool("remove") { "1" } else { "" };
        let mut call = ScriptCall::new(actions::ARCHIVE, fix.words());
        call.words.push(remove.into());
        call.words.extend(self.words.iter().map(Into::into));
        flow::change(Vec::new(), call, move |answer| {
            let Some(answer) = answer else {
                return flow::done(self.result(&[], "absent", &self.state(), true));
            };
            if answer.rc != 0 {
                let error = ModuleError::new(answer.errors().trim().to_owned());
                return Err(error.field("dest", self.dest.as_deref().unwrap_or_default()));
            }
            let mut fields = Fields::new(&answer.stdout);
            let names = list(&mut fields)?;
            let after = PathState::read(&mut fields)?;
            flow::done(self.result(&names, self.packed_state(), &after, true))
        })
    }

    fn packed_state(&self) -> &'static str {
        let packs = self.sources.many || matches!(self.args.needed("format"), "tar" | "zip");
        match packs {
            true if self.sources.many && !self.sources.missing().is_empty() => "incomplete",
            true => "archive",
            false => "compress",
        }
    }

    fn result(&self, names: &[String], dest_state: &str, state: &PathState, changed: bool) -> TaskResult {
        let sources = &self.sources;
        let texts = |all: &[String]| Value::list(all.iter().map(|path| Value::text(path.as_str())).collect());
        let full = names.iter().map(|name| Value::text(format!("{}{name}", sources.root))).collect();
        let missing = sources.missing().into_iter().map(Value::text).collect();
        let name = self.look.paths.first().map(|path| path.name.clone()).unwrap_or_default();
        let result = TaskResult::with_changed(changed)
            .field("archived", Value::list(full))
            .field("arcroot", sources.root.as_str())
            .field("dest", name)
            .field("dest_state", dest_state)
            .field("expanded_paths", texts(&sources.expanded))
            .field("expanded_exclude_paths", texts(&sources.barred))
            .field("missing", Value::list(missing))
            .field("state", state.state());
        state.describe(result)
    }
}

/// What an archive without its sources is, by its name.
fn found_state(state: &PathState) -> &'static str {
    let name = state.name.to_lowercase();
    let ends = [".tar", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst", ".tgz", ".tbz2", ".tzst", ".zip"];
    match state.exists() {
        false => "absent",
        true if ends.iter().any(|end| name.ends_with(end)) => "archive",
        true => "compress",
    }
}
