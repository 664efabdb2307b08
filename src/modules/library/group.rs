//! `group`: a group of users.

use crate::modules::accounts::state::Group as Entry;
use crate::modules::flow::{Flow, ask, change, command, diff, done};
use crate::modules::{
    Answer, Argument, BLANK, Kind, Module, ModuleError, Question, Return, Rule, Spec, Step, TaskContext, TaskResult,
    probes,
};

/// The module.
pub struct Group;

/// The module.
pub static MODULE: Group = Group;

static SPEC: Spec = Spec {
    name: "group",
    summary: "Makes, alters or removes a group.",
    arguments: &[
        Argument::text("name", "The group.").required(),
        Argument::text("state", "Whether it is there.").default("present").choices(&["absent", "present"]),
        Argument::int("gid", "Its number."),
        Argument::bool("system", false, "Makes it a system group."),
        Argument::bool("force", false, "Removes it even where it is a user's primary group."),
        Argument::bool("local", false, "Looks at `/etc/group` alone."),
        Argument::bool("non_unique", false, "Lets it have a number that another group has."),
        Argument::of("gid_min", Kind::Int, "The least number that is given."),
        Argument::of("gid_max", Kind::Int, "The largest number that is given."),
    ],
    rules: &[Rule::If("non_unique", "true", &["gid"])],
    returns: &[
        Return { name: "name", about: "The group." },
        Return { name: "state", about: "Whether it is there." },
        Return { name: "gid", about: "Its number, when it is there." },
        Return { name: "system", about: "Whether it was to be a system group, when it is there." },
    ],
    ..BLANK
};

impl Module for Group {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        if context.args.bool("force") && context.args.bool("local") {
            let message = "force is not a valid option for local, force=True and local=True are mutually exclusive";
            return Err(ModuleError::new(message));
        }
        ask(question(&context), move |answer| decide(&context, &answer))
    }
}

fn question(context: &TaskContext) -> Question {
    let local = if context.args.bool("local") { "yes" } else { "no" };
    Question::new(&probes::GROUP_STATE, [context.args.needed("name"), local])
}

fn entry(answer: &Answer) -> Option<Entry> {
    answer.text().lines().find_map(|line| Entry::parse(line.strip_prefix("group ")?))
}

fn decide(context: &TaskContext, answer: &Answer) -> Flow {
    let args = &context.args;
    let text = answer.text();
    let has_tool = |name: &str| text.lines().any(|line| line.strip_prefix("tool ") == Some(name));
    let found = entry(answer);
    let (name, state, gid) = (args.needed("name"), args.needed("state"), args.int("gid"));
    let result = TaskResult::ok().field("name", name).field("state", state);
    let unique = |words: &mut Vec<String>| {
        if args.bool("non_unique") {
            words.push("-o".to_owned());
        }
    };
    let words: Vec<String> = match (state, &found) {
        ("absent", None) => return done(result),
        ("absent", Some(_)) if !has_tool("groupdel") && has_tool("delgroup") => vec!["delgroup".to_owned()],
        ("absent", Some(_)) => {
            let force = args.bool("force").then(|| "-f".to_owned());
            std::iter::once("groupdel".to_owned()).chain(force).collect()
        }
        (_, None) if !has_tool("groupadd") && has_tool("addgroup") => {
            let gid = gid.map(|gid| vec!["-g".to_owned(), gid.to_string()]).unwrap_or_default();
            let system = args.bool("system").then(|| "-S".to_owned());
            std::iter::once("addgroup".to_owned()).chain(gid).chain(system).collect()
        }
        (_, None) => add(context, unique),
        (_, Some(group)) => {
            let Some(gid) = gid.filter(|gid| *gid != group.gid) else { return ended(context, result, found.as_ref()) };
            let mut words = ["groupmod", "-g", &gid.to_string()].map(str::to_owned).to_vec();
            unique(&mut words);
            words
        }
    };
    let call = command(words.into_iter().chain([name.to_owned()]));
    let line = |group: Option<&Entry>| group.map_or(String::new(), |group| format!("{}:{}\n", group.name, group.gid));
    let after = (state == "present").then(|| format!("{name}:{}\n", gid.map_or("?".to_owned(), |gid| gid.to_string())));
    let difference = diff(&format!("group {name}"), line(found.as_ref()), after.unwrap_or_default());
    let context = context.clone();
    change(vec![difference], call, move |answer| {
        let result = TaskResult { changed: true, ..result };
        let Some(answer) = answer else { return done(TaskResult::changed()) };
        if answer.rc != 0 {
            let message = answer.errors().trim().to_owned();
            return Err(ModuleError::new(message).field("name", context.args.needed("name")));
        }
        match (context.args.needed("state"), context.args.int("gid")) {
            ("absent", _) => done(result),
            (_, Some(gid)) => ended(&context, result, Some(&Entry { gid, ..Entry::default() })),
            // Its number is the host's choice.
            _ => ask(question(&context), move |answer| ended(&context, result, entry(&answer).as_ref())),
        }
    })
}

fn add(context: &TaskContext, unique: impl Fn(&mut Vec<String>)) -> Vec<String> {
    let args = &context.args;
    let mut words = vec!["groupadd".to_owned()];
    if let Some(gid) = args.int("gid") {
        words.extend(["-g".to_owned(), gid.to_string()]);
        unique(&mut words);
    }
    if args.bool("system") {
        words.push("-r".to_owned());
    }
    for (name, argument) in [("GID_MIN", "gid_min"), ("GID_MAX", "gid_max")] {
        if let Some(number) = args.int(argument) {
            words.extend(["-K".to_owned(), format!("{name}={number}")]);
        }
    }
    words
}

fn ended(context: &TaskContext, result: TaskResult, group: Option<&Entry>) -> Flow {
    let system = context.args.bool("system");
    done(match group {
        Some(group) => result.field("system", system).field("gid", group.gid),
        None => result,
    })
}
