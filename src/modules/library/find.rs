//! `find`: the files below directories that are as wanted.

use std::collections::HashMap;
use std::sync::Arc;

use crate::modules::files::look::Fields;
use crate::modules::files::search::{self, Criteria, Entry, Folder, Found, Walk};
use crate::modules::files::{describe, paths};
use crate::modules::{
    Answer, Args, Argument, BLANK, Kind, Module, ModuleError, Question, Return, Spec, Step, TaskContext, TaskResult,
    flow, probes,
};
use crate::template::python::normalized;
use crate::template::{Dict, Value};

/// The module.
pub struct Find;

/// The module.
pub static MODULE: Find = Find;

static SPEC: Spec = Spec {
    name: "find",
    summary: "Finds files below directories.",
    arguments: &[
        Argument::of("paths", Kind::List(&Kind::Path), "The directories.").required().aliases(&["name", "path"]),
        Argument::list("patterns", "Globs, one of which the name matches.").aliases(&["pattern"]),
        Argument::list("excludes", "Globs, none of which the name matches.").aliases(&["exclude"]),
        Argument::text("contains", "A regular expression that a line of the file begins with."),
        Argument::bool("read_whole_file", false, "Looks for `contains` anywhere in the file."),
        Argument::text("file_type", "What is looked for.")
            .default("file")
            .choices(&["any", "directory", "file", "link"]),
        Argument::text("age", "How old at least, or with a minus at most: `-2d`; units s, m, h, d, w."),
        Argument::text("age_stamp", "The time that tells the age.")
            .default("mtime")
            .choices(&["atime", "ctime", "mtime"]),
        Argument::text("size", "How large at least, or with a minus at most: `10m`; units b, k, m, g, t."),
        Argument::bool("recurse", false, "Looks into directories below as well."),
        Argument::bool("hidden", false, "Finds names that begin with a dot as well."),
        Argument::bool("follow", false, "Looks into directories that links lead to."),
        Argument::bool("get_checksum", false, "Computes checksums."),
        Argument::text("checksum_algorithm", "Which.")
            .default("sha1")
            .choices(&["md5", "sha1", "sha224", "sha256", "sha384", "sha512"])
            .aliases(&["checksum", "checksum_algo"]),
        Argument::bool("use_regex", false, "Takes patterns for regular expressions that the name begins with."),
        Argument::int("depth", "How many levels deep."),
        Argument::of("mode", Kind::Raw, "Permission bits, octal or symbolic, as text."),
        Argument::bool("exact_mode", true, "Wants exactly the bits of `mode`; else one of them."),
        Argument::text("encoding", "The encoding of files for `contains`: UTF-8 unless given, or Latin-1, UTF-16."),
        Argument::int("limit", "Ends when so many are found."),
    ],
    returns: &[
        Return { name: "files", about: "What was found, each as `stat` has it." },
        Return { name: "matched", about: "How many." },
        Return { name: "examined", about: "How many were looked at." },
        Return { name: "skipped_paths", about: "Paths that were left out, and why." },
    ],
    ..BLANK
};

/// The most that a listing may take, in bytes.
const LISTING: usize = 256 * 1024 * 1024;
/// The largest file that is looked into, in bytes.
const LARGEST: u64 = 64 * 1024 * 1024;
/// Files of one question.
const BATCH: usize = 200;

/// What a search goes on with.
struct Search {
    criteria: Criteria,
    args: Arc<Args>,
    found: Found,
}

/// What was read of files.
#[derive(Default)]
struct Read {
    /// Whether each holds what is wanted; the message where that cannot be told.
    holds: HashMap<String, Result<bool, String>>,
    /// Their checksums.
    checksums: HashMap<String, String>,
}

impl Module for Find {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let criteria = Criteria::of(&args)?;
        let folders = args.texts("paths");
        let count = folders.len();
        let follow = if args.bool("follow") { "-L" } else { "" };
        let words = [criteria.reach().to_string(), follow.to_owned()].into_iter().chain(folders);
        let mut question = Question::new(&probes::FIND, words);
        question.limit = LISTING;
        flow::ask(question, move |answer| {
            let found = Found::read(&answer, count)?;
            Search { criteria, args, found }.look()
        })
    }
}

impl Search {
    fn look(self) -> Result<Step, ModuleError> {
        let checksum = self.args.bool("get_checksum").then(|| format!("{}sum", self.args.needed("checksum_algorithm")));
        let reads = self.criteria.contains.is_some() && self.criteria.kind == "file";
        if checksum.is_none() && !reads {
            return self.end(&Read::default());
        }
        let walk = if reads {
            // The limit counts those that hold what is wanted.
            self.all()
        } else {
            self.criteria.walk(&self.found, &|_, entry| Ok(self.criteria.take(entry, &self.found)))
        };
        let files: Vec<(String, u64)> =
            walk.files.iter().filter(|(_, entry)| entry.stat.is_file()).map(|(folder, entry)| (name(folder, entry), entry.stat.size)).collect();
        if files.is_empty() {
            return self.end(&Read::default());
        }
        if let Some((name, _)) = files.iter().find(|(_, size)| reads && *size > LARGEST) {
            return Err(ModuleError::new(format!("{name} is larger than 64 MiB; `contains` cannot look into it")));
        }
        let questions = files.chunks(BATCH).map(|batch| {
            let fixed = [checksum.clone().unwrap_or_default(), if reads { "read".to_owned() } else { String::new() }];
            let mut question = Question::new(&probes::FIND_READ, fixed.into_iter().chain(batch.iter().map(|(name, _)| name.clone())));
            let bytes: u64 = batch.iter().map(|(_, size)| size + 4096).sum();
            question.limit = usize::try_from(if reads { bytes * 2 } else { 0 }).unwrap_or(LISTING).max(1024 * 1024);
            question
        });
        let questions = questions.collect();
        Ok(Step::Ask(
            questions,
            Box::new(move |answers| {
                let mut read = Read::default();
                for (batch, answer) in files.chunks(BATCH).zip(&answers) {
                    self.read(batch, answer, reads, &mut read)?;
                }
                self.end(&read)
            }),
        ))
    }

    /// The way through all directories, without an end.
    fn all(&self) -> Walk<'_> {
        let folders = self.found.folders.iter();
        let files = folders.flat_map(|folder| folder.entries.values().flatten().map(move |entry| (folder, entry)));
        Walk { files: files.filter(|(_, entry)| self.criteria.take(entry, &self.found)).collect(), ..Walk::default() }
    }

    fn read(&self, batch: &[(String, u64)], answer: &Answer, reads: bool, read: &mut Read) -> Result<(), ModuleError> {
        let encoding = self.args.needed("encoding");
        let mut rest = answer.stdout.as_slice();
        for (name, _) in batch {
            let mut fields = Fields::new(rest);
            read.checksums.insert(name.clone(), fields.text()?);
            let size = if reads { fields.text()? } else { String::new() };
            rest = fields.rest();
            let Some(regex) = self.criteria.contains.as_ref().filter(|_| reads) else { continue };
            let Ok(size) = size.parse::<usize>() else {
                read.holds.insert(name.clone(), Ok(false));
                continue;
            };
            let (content, after) = rest
                .split_at_checked(size)
                .ok_or_else(|| ModuleError::new(format!("{name} was changed while it was read")))?;
            rest = after;
            let holds = match search::decode(content, encoding) {
                Ok(Some(text)) => Ok(search::contains(regex, &text, self.args.bool("read_whole_file"))),
                Ok(None) => Err(format!(
                    "Failed to read the file {name} due to an encoding error. current encoding: {}",
                    if encoding.is_empty() { "None (default determined by the Python built-in function \"open\")" } else { encoding }
                )),
                Err(error) => Err(error.message),
            };
            read.holds.insert(name.clone(), holds);
        }
        if Fields::new(rest).text()? == "end" {
            return Ok(());
        }
        Err(ModuleError::new("files were changed while they were read"))
    }

    fn end(&self, read: &Read) -> Result<Step, ModuleError> {
        let take = |folder: &Folder, entry: &Entry| {
            if !self.criteria.take(entry, &self.found) {
                return Ok(false);
            }
            read.holds.get(&name(folder, entry)).cloned().unwrap_or(Ok(true))
        };
        let mut walk = self.criteria.walk(&self.found, &take);
        let mut warnings = Vec::new();
        for folder in self.found.folders.iter().filter(|folder| !folder.exists) {
            walk.skipped.insert(folder.name.clone(), format!("'{}' is not a directory", folder.name));
            walk.troubled.push(folder.name.clone());
        }
        for path in &walk.troubled {
            warnings.push(format!("Skipped '{path}' path due to this access issue: {}\n", walk.skipped[path]));
        }
        let message = match () {
            () if !walk.troubled.is_empty() => "Not all paths examined, check warnings for details",
            () if walk.limited => "Limit of matches reached",
            () => "All paths examined",
        };
        let files: Vec<Value> = walk.files.iter().map(|(folder, entry)| describe(folder, entry, read)).collect();
        let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let matched = number(files.len());
        let skipped: Dict = walk.skipped.into_iter().map(|(path, why)| (path.as_str().into(), why.into())).collect();
        let mut result = TaskResult::ok()
            .message(message)
            .field("files", files)
            .field("matched", matched)
            .field("examined", number(walk.examined))
            .field("skipped_paths", Value::dict(skipped));
        result.warnings = warnings;
        flow::done(result)
    }
}

/// The path of something found.
fn name(folder: &Folder, entry: &Entry) -> String {
    normalized(&paths::join(&folder.name, &entry.below))
}

fn describe(folder: &Folder, entry: &Entry, read: &Read) -> Value {
    let mut all = Dict::new();
    let (path, stat) = (name(folder, entry), &entry.stat);
    describe::numbers(stat, &mut all);
    let named = |name: &str, id: u32| if name == id.to_string() { String::new() } else { name.to_owned() };
    all.insert("pw_name".into(), named(&stat.owner, stat.uid).into());
    all.insert("gr_name".into(), named(&stat.group, stat.gid).into());
    if let Some(checksum) = read.checksums.get(&path).filter(|sum| stat.is_file() && !sum.is_empty()) {
        all.insert("checksum".into(), checksum.as_str().into());
    }
    all.insert("path".into(), path.into());
    Value::dict(all)
}

#[cfg(test)]
mod tests {
    /// Expectations from Python's `normpath`.
    #[test]
    fn paths_lose_what_means_nothing() {
        for (path, normal) in
            [("/a//b/./c/../d", "/a/b/d"), ("a/../..", ".."), ("/..", "/"), ("./x/", "x"), ("//a", "//a"), ("a/..", ".")]
        {
            assert_eq!(super::normalized(path), normal, "{path}");
        }
    }
}
