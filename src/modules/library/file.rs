//! `file`: a path that is there, a directory, a link, nothing; and its attributes.

use serde_json::{Map, Value as Json};

use crate::modules::files::look::LookCall;
use crate::modules::files::set::Set;
use crate::modules::files::{Attributes, Fix, Look, PathState, changed_by, diff, file_arguments, paths};
use crate::modules::{
    Answer, Args, Argument, BLANK, Change, Module, ModuleError, Question, Return, Spec, Step, TaskContext, TaskResult,
    probes,
};
use crate::template::Value;

/// The module.
pub struct File;

/// The module.
pub static MODULE: File = File;

static SPEC: Spec = Spec {
    name: "file",
    summary: "Sees that a path is a file, a directory, a link, or nothing, with these attributes.",
    arguments: file_arguments![
        Argument::path("path", "The path.").required().aliases(&["dest", "name"]),
        Argument::text("state", "What it is to be; what it is already unless given.").choices(&[
            "absent",
            "directory",
            "file",
            "hard",
            "link",
            "touch"
        ]),
        Argument::bool("recurse", false, "Sets the attributes of everything below a directory too."),
        Argument::bool("force", false, "Makes links to what is missing, and in the place of files."),
        Argument::bool("follow", true, "Sets the attributes of what a link leads to."),
        Argument::text("src", "Where a link leads."),
        Argument::text("modification_time", "`preserve`, `now`, or a time."),
        Argument::text("modification_time_format", "How `modification_time` is written.").default("%Y%m%d%H%M.%S"),
        Argument::text("access_time", "`preserve`, `now`, or a time."),
        Argument::text("access_time_format", "How `access_time` is written.").default("%Y%m%d%H%M.%S"),
    ],
    returns: &[
        Return { name: "path", about: "The path; `dest` for links and `touch`." },
        Return { name: "state", about: "What it is." },
        Return { name: "mode", about: "Its permissions." },
        Return { name: "owner", about: "Its owner." },
        Return { name: "group", about: "Its group." },
    ],
    ..BLANK
};

/// What the task asks for.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
struct Wanted {
    state: Option<String>,
    source: Option<String>,
    recurse: bool,
    force: bool,
    follow: bool,
    check: bool,
    attributes: Attributes,
    /// Times of modification and access.
    times: [Time; 2],
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Time {
    Unsaid,
    Preserve,
    Now,
    /// As `touch -t` takes it.
    At(String),
}

impl Module for File {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = &context.args;
        let wanted = Wanted {
            state: args.text("state").map(str::to_owned),
            source: args.text("src").map(str::to_owned),
            recurse: args.bool("recurse"),
            force: args.bool("force"),
            follow: args.bool("follow"),
            check: context.check,
            attributes: Attributes::of(args)?,
            times: [time(args, "modification_time")?, time(args, "access_time")?],
        };
        let path = args.needed("path");
        let mut looked = vec![if path.len() > 1 { path.trim_end_matches('/') } else { path }.to_owned()];
        if looked[0].is_empty() {
            looked[0].push('/');
        }
        if let Some(source) = &wanted.source {
            // Where the link would lead, and the file inside when the path is a directory.
            let below = paths::join(&looked[0], paths::base(source));
            looked.extend([paths::join(paths::parent(&looked[0]), source), source.clone(), below]);
        }
        let mut call = LookCall::at(looked).attributes(&wanted.attributes);
        call.options.push('d');
        let mut questions = vec![call.question()];
        if wanted.recurse {
            questions.push(Question::new(&probes::BELOW, below_words(&wanted, path)));
        }
        let next = move |answers: Vec<Answer>| {
            let look = Look::read(&call, answers.first().unwrap_or(&Answer::default()))?;
            decide(&wanted, &look, answers.get(1))
        };
        Ok(Step::Ask(questions, Box::new(next)))
    }
}

fn below_words(wanted: &Wanted, path: &str) -> [String; 4] {
    let owner = wanted.attributes.owner.clone().unwrap_or_default();
    let group = wanted.attributes.group.clone().unwrap_or_default();
    [path.to_owned(), owner, group, if wanted.follow { "-L" } else { "" }.to_owned()]
}

fn time(args: &Args, name: &str) -> Result<Time, ModuleError> {
    let format = args.text(&format!("{name}_format")).unwrap_or_default();
    Ok(match args.text(name) {
        None => Time::Unsaid,
        Some("preserve") => Time::Preserve,
        Some("now") => Time::Now,
        Some(text) => {
            let read = jiff::civil::DateTime::strptime(format, text).map_err(|error| {
                ModuleError::new(format!(
                    "Error while obtaining timestamp for time {text} using format {format}: {error}"
                ))
            })?;
            Time::At(read.strftime("%Y%m%d%H%M.%S").to_string())
        }
    })
}

fn decide(wanted: &Wanted, look: &Look, below: Option<&Answer>) -> Result<Step, ModuleError> {
    let mut path = &look.paths[0];
    let state = wanted.state.as_deref();
    if !matches!(state, Some("link" | "absent")) && path.is_directory() && wanted.source.is_some() {
        path = &look.paths[3];
    }
    let state = match state {
        Some(state) => state,
        None if path.exists() => path.state(),
        None if wanted.recurse => "directory",
        None => "file",
    };
    let refuse = |message: String| Err(ModuleError::new(message).field("path", path.name.as_str()));
    if wanted.recurse && state != "directory" {
        return refuse("recurse option requires state to be 'directory'".to_owned());
    }
    if wanted.source.is_some() && !matches!(state, "link" | "hard") {
        return refuse("src option requires state to be 'link' or 'hard'".to_owned());
    }
    match state {
        "absent" => absent(path),
        "directory" => directory(wanted, look, path, below),
        "touch" => touch(wanted, look, path),
        "link" => link(wanted, look, path),
        "hard" => hard(wanted, look, path),
        _ => file(wanted, look, path),
    }
}

/// A change that the action `file` makes.
struct Plan<'a> {
    what: &'static str,
    /// As results name it.
    path: &'a PathState,
    /// Whether it is named `dest`, not `path`.
    dest: bool,
    fix: Fix,
    source: Option<String>,
    times: [String; 2],
    before: Map<String, Json>,
    after: Map<String, Json>,
}

impl<'a> Plan<'a> {
    fn new(what: &'static str, path: &'a PathState, fix: Fix) -> Self {
        let (before, after) = (fix.before.clone(), fix.after.clone());
        Self { what, path, dest: false, fix, source: None, times: Default::default(), before, after }
    }

    fn differs(mut self, name: &str, before: &str, after: &str) -> Self {
        if before != after {
            self.before.insert(name.to_owned(), before.into());
            self.after.insert(name.to_owned(), after.into());
        }
        self
    }

    fn result(&self, changed: bool, state: &PathState) -> TaskResult {
        let name = if self.dest { "dest" } else { "path" };
        let mut result = TaskResult::with_changed(changed).field(name, self.path.name.as_str());
        if self.what == "absent" {
            return result.field("state", "absent");
        }
        if let Some(source) = self.source.as_ref().filter(|_| matches!(self.what, "link" | "hard")) {
            result = result.field("src", source.as_str());
        }
        state.describe(result)
    }

    fn change(self) -> Step {
        let [mtime, atime] = self.times.clone();
        let set = Set {
            what: self.what,
            path: self.path.name.clone(),
            fix: self.fix.clone(),
            source: self.source.clone().unwrap_or_default(),
            mtime,
            atime,
        };
        let change = Change {
            diff: vec![diff::properties(&self.path.name, &self.before, &self.after)],
            action: set.action(),
        };
        let predicted = self.result(true, self.path);
        let plan = Plan { path: &PathState::default(), ..self };
        let (dest, what, source) = (plan.dest, plan.what, plan.source);
        let next = move |answer: Option<Answer>| {
            let Some(answer) = answer else { return Ok(Step::Done(predicted)) };
            let state = changed_by(&answer)?.state;
            let plan =
                Plan { what, dest, source, path: &state, ..Plan::new(what, &state, Fix::default()) };
            Ok(Step::Done(plan.result(true, &state)))
        };
        Step::Change(change, Box::new(next))
    }

    /// Changes when anything differs.
    fn end(self, changed: bool) -> Step {
        let times = self.times.iter().any(|time| !time.is_empty());
        if changed || times || !self.fix.is_empty() {
            return self.change();
        }
        Step::Done(self.result(false, self.path))
    }
}

/// What `touch` is told, given what the times are.
fn times(wanted: &Wanted, path: &PathState, unsaid: &Time) -> [String; 2] {
    let stat = path.stat.as_ref();
    let current = [stat.map(|stat| stat.mtime_text.as_str()), stat.map(|stat| stat.atime_text.as_str())];
    let one = |time: &Time, current: Option<&str>| match if *time == Time::Unsaid { unsaid } else { time } {
        Time::Unsaid | Time::Preserve => String::new(),
        Time::Now => "now".to_owned(),
        Time::At(stamp) if current.is_some_and(|current| is_at(current, stamp)) => String::new(),
        Time::At(stamp) => stamp.clone(),
    };
    let [mtime, atime] = &wanted.times;
    [one(mtime, current[0]), one(atime, current[1])]
}

/// Whether `2026-11-24 16:50:15.000000000 +0000` is `202611241650.15`.
fn is_at(current: &str, stamp: &str) -> bool {
    let digits: String = current.chars().take(19).filter(char::is_ascii_digit).collect();
    let fraction = current.get(19..).unwrap_or_default().trim_start_matches('.');
    let whole = fraction.split(' ').next().unwrap_or_default().chars().all(|digit| digit == '0');
    whole && digits == stamp.replace('.', "")
}

fn absent(path: &PathState) -> Result<Step, ModuleError> {
    if ["/", ".", "..", ""].contains(&path.name.as_str()) {
        return Err(ModuleError::new(format!("refusing to remove `{}`", path.name)));
    }
    let plan = Plan::new("absent", path, Fix::default()).differs("state", path.state(), "absent");
    Ok(plan.end(path.exists()))
}

fn file(wanted: &Wanted, look: &Look, path: &PathState) -> Result<Step, ModuleError> {
    let path = if wanted.follow { path.follow() } else { path.clone() };
    if !matches!(path.state(), "file" | "hard") {
        let message = format!("file ({}) is {}, cannot continue", path.name, path.state());
        return Err(ModuleError::new(message).field("path", path.name.as_str()).field("state", path.state()));
    }
    let fix = wanted.attributes.fix(look, &path)?;
    let times = times(wanted, &path, &Time::Preserve);
    Ok(Plan { times, ..Plan::new("attributes", &path, fix) }.end(false))
}

fn directory(
    wanted: &Wanted,
    look: &Look,
    path: &PathState,
    below: Option<&Answer>,
) -> Result<Step, ModuleError> {
    let path = if wanted.follow { path.follow() } else { path.clone() };
    let times = times(wanted, &path, &Time::Preserve);
    if !path.exists() {
        let fix = wanted.attributes.new_fix(look, true)?;
        let plan = Plan { times, ..Plan::new("directory", &path, fix) };
        return Ok(plan.differs("state", "absent", "directory").change());
    }
    if path.state() != "directory" {
        let message = format!("{} already exists as a {}", path.name, path.state());
        return Err(ModuleError::new(message).field("path", path.name.as_str()));
    }
    let fix = wanted.attributes.fix(look, &path)?;
    if let Some(below) = below
        && let Some(words) = recursion(wanted, look, &path, below)? {
            return Ok(recurse(&path, &fix, words));
        }
    Ok(Plan { times, ..Plan::new("attributes", &path, fix) }.end(false))
}

/// The words of the action that sets attributes below a directory; none when nothing there differs.
#[expect(clippy::similar_names, reason = "the pairs are what they are called")]
fn recursion(
    wanted: &Wanted,
    look: &Look,
    path: &PathState,
    below: &Answer,
) -> Result<Option<Vec<String>>, ModuleError> {
    let number = |id: Option<u32>| id.map(|id| id.to_string()).unwrap_or_default();
    let owner = number(wanted.attributes.uid(look)?);
    let group = number(wanted.attributes.gid(look)?);
    let text = below.text();
    let mut lines = text.lines();
    let owned = lines.next().is_some_and(|first| first == "differs");
    let follow = if wanted.follow { "-L" } else { "" };
    let mut words = vec![path.name.clone(), owner, group, follow.to_owned()];
    let mut modes = false;
    for bits in lines.filter_map(|line| u32::from_str_radix(line.trim(), 16).ok()) {
        let Some(mode) = &wanted.attributes.mode else { break };
        let directory = bits & 0o170_000 == 0o040_000;
        let new = mode.bits(bits & 0o7777, directory, look.umask);
        if new != bits & 0o7777 {
            modes = true;
            let kind = if directory { "d" } else { "f" };
            words.extend([kind.to_owned(), format!("{:04o}", bits & 0o7777), format!("{new:04o}")]);
        }
    }
    Ok((owned || modes).then_some(words))
}

fn recurse(path: &PathState, fix: &Fix, words: Vec<String>) -> Step {
    let call = crate::modules::ScriptCall::new(crate::modules::actions::RECURSE, words);
    let change = Change {
        diff: vec![diff::properties(&path.name, &fix.before, &fix.after)],
        action: crate::modules::Action::Script(call),
    };
    let before = path.clone();
    let next = move |answer: Option<Answer>| {
        let state = answer.as_ref().map(changed_by).transpose()?.map_or(before, |changed| changed.state);
        let result = TaskResult::changed().field("path", state.name.as_str());
        Ok(Step::Done(state.describe(result)))
    };
    Step::Change(change, Box::new(next))
}

fn touch(wanted: &Wanted, look: &Look, path: &PathState) -> Result<Step, ModuleError> {
    let target = if wanted.follow { path.follow() } else { path.clone() };
    let fix = if target.exists() {
        wanted.attributes.fix(look, &target)?
    } else {
        wanted.attributes.new_fix(look, false)?
    };
    let times = times(wanted, &target, &Time::Now);
    let plan = Plan { dest: true, times, ..Plan::new("touch", &target, fix) };
    Ok(plan.differs("state", target.state(), "touch").end(!target.exists()))
}

fn link(wanted: &Wanted, look: &Look, path: &PathState) -> Result<Step, ModuleError> {
    let refuse = |message: String| Err(ModuleError::new(message).field("path", path.name.as_str()));
    let old = path.link.as_ref().map(|link| link.target.clone());
    let state = path.state();
    // A link that is there and no `src`: it stays, and its attributes are set.
    let Some(source) = wanted.source.clone().or(old.clone()) else {
        return Err(ModuleError::new("src is required for creating new symlinks"));
    };
    let reaches = match &wanted.source {
        Some(_) if state == "directory" => true,
        Some(_) => look.paths[1].followed().is_some(),
        None => true,
    };
    if !wanted.force && !reaches {
        return refuse(format!(
            "src file does not exist, use 'force=yes' if you really want to create the link: {}",
            look.paths[1].name
        ));
    }
    match state {
        "directory" if !wanted.force => {
            return refuse(format!("refusing to convert from directory to symlink for {}", path.name));
        }
        "directory" if path.is_filled == Some(true) => {
            return refuse(format!("the directory {} is not empty, refusing to convert it", path.name));
        }
        "file" | "hard" if !wanted.force => {
            return refuse(format!("refusing to convert from {state} to symlink for {}", path.name));
        }
        _ => {}
    }
    let differs = old.as_ref() != Some(&source);
    let target = if differs && reaches && look.paths.len() > 1 { look.paths[1].follow() } else { path.follow() };
    let fix = if target.exists() && wanted.follow {
        wanted.attributes.fix(look, &target)?
    } else {
        Fix::default()
    };
    let mut plan = Plan::new(if differs { "link" } else { "attributes" }, path, fix).differs("state", state, "link");
    plan.dest = true;
    plan = plan.differs("src", old.as_deref().unwrap_or(&source), &source);
    if !differs && !plan.fix.is_empty() {
        let what = Plan { path: &target, dest: true, ..plan };
        return Ok(what.end(false));
    }
    plan.source = Some(source.clone());
    if !differs {
        let result = TaskResult::ok().field("dest", path.name.as_str()).field("src", Value::from(source));
        return Ok(Step::Done(path.describe(result)));
    }
    Ok(plan.change())
}

fn hard(wanted: &Wanted, look: &Look, path: &PathState) -> Result<Step, ModuleError> {
    let Some(source) = &wanted.source else {
        if path.state() == "hard" {
            let fix = wanted.attributes.fix(look, path)?;
            return Ok(Plan { dest: true, ..Plan::new("attributes", path, fix) }.end(false));
        }
        return Err(ModuleError::new("src is required for creating new hardlinks"));
    };
    let refuse = |message: &str| {
        Err(ModuleError::new(message).field("dest", path.name.as_str()).field("src", source.as_str()))
    };
    let Some(there) = look.paths[2].followed() else { return refuse("src does not exist") };
    let same = path.stat.as_ref().is_some_and(|stat| (stat.dev, stat.inode) == (there.dev, there.inode));
    match path.state() {
        _ if same => {}
        "hard" if !wanted.force => return refuse("Cannot link, different hard link exists at destination"),
        "file" if !wanted.force => return refuse("Cannot link, file exists at destination"),
        "directory" => return refuse("Cannot link: different hard link exists at destination"),
        _ => {}
    }
    let fix = wanted.attributes.fix(look, &look.paths[2].follow())?;
    let plan = Plan { dest: true, source: Some(source.clone()), ..Plan::new("hard", path, fix) };
    let _ = wanted.check;
    if same && plan.fix.is_empty() {
        return Ok(Step::Done(plan.result(false, path)));
    }
    if same {
        return Ok(Plan { what: "attributes", ..plan }.end(false));
    }
    Ok(plan.differs("state", path.state(), "hard").change())
}
