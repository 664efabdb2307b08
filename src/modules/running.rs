//! What `command` and `shell` share: conditions, the command itself, the result.

use std::ffi::OsString;
use std::time::Duration;

use super::{
    Action, Answer, Argument, Change, CommandCall, Content, Kind, ModuleError, Question, Return, Rule, Step,
    TaskContext, TaskResult, probes,
};
use crate::template::Value;
use crate::template::filters::quoted;

/// Working directory.
pub const CHDIR: Argument = Argument::path("chdir", "Directory in which it runs.");
/// The whole line.
pub const CMD: Argument = Argument::text("cmd", "The command.");
/// Condition.
pub const CREATES: Argument = Argument::path("creates", "A path or pattern; when it exists, nothing is run.");
/// Condition.
pub const REMOVES: Argument = Argument::path("removes", "A path or pattern; when it does not exist, nothing is run.");
/// Interpreter.
pub const EXECUTABLE: Argument = Argument::text("executable", "The shell that runs it; an absolute path.");
/// Standard input.
pub const STDIN: Argument = Argument::text("stdin", "Its standard input.");
/// Newline at the end of the input.
pub const STDIN_ADD_NEWLINE: Argument = Argument::bool("stdin_add_newline", true, "Ends the input with a newline.");
/// Newlines at the end of the output.
pub const STRIP_EMPTY_ENDS: Argument =
    Argument::bool("strip_empty_ends", true, "Takes newlines at the end of the output away.");
/// Expansion.
pub const EXPAND: Argument =
    Argument::bool("expand_argument_vars", true, "Expands `~` and `$NAME` in the words of a command.");
/// Words.
pub const ARGV: Argument = Argument::of("argv", Kind::List(&Kind::Text), "The command as a list of words.");

/// What all of them return.
pub const RETURNS: &[Return] = &[
    Return { name: "cmd", about: "The command: a list of words, or for a shell its line." },
    Return { name: "delta", about: "How long it took." },
    Return { name: "end", about: "When it ended." },
    Return { name: "rc", about: "Its exit code." },
    Return { name: "start", about: "When it began." },
    Return { name: "stderr", about: "Its standard error." },
    Return { name: "stderr_lines", about: "The same as a list of lines." },
    Return { name: "stdout", about: "Its standard output." },
    Return { name: "stdout_lines", about: "The same as a list of lines." },
];

/// How the ways to name a command depend on each other.
pub const RULES: &[Rule] = &[Rule::Exclusive(&["_raw_params", "cmd", "argv"])];

/// A command of the user's under its conditions.
#[derive(Debug)]
pub struct Conditional {
    /// What is run.
    pub call: CommandCall,
    /// What results show as `cmd`.
    pub shown: Value,
}

/// Expands the words of a command on the host, then becomes it.
const EXPAND_AND_RUN: &str = concat!(
    include_str!("probes/expand.sh"),
    "z=$#\nwhile [ $z -gt 0 ]; do w=$1; shift; expand \"$w\"; set -- \"$@\" \"$name\"; z=$((z - 1)); done\nexec \"$@\"\n"
);

/// The words of a command; where they hold `~` or `$`, the host expands them.
#[must_use]
pub fn words(words: &[String], expand: bool) -> Vec<OsString> {
    let plain = words.iter().map(OsString::from);
    if expand && words.iter().any(|word| word.starts_with('~') || word.contains('$')) {
        let shell = ["/bin/sh", "-c", EXPAND_AND_RUN, "sh"].map(OsString::from);
        return shell.into_iter().chain(plain).collect();
    }
    plain.collect()
}

/// The standard input that the arguments give.
#[must_use]
pub fn input(context: &TaskContext) -> Option<Content> {
    let text = context.args.text("stdin")?;
    let newline = if context.args.bool("stdin_add_newline") { "\n" } else { "" };
    Some(Content::Bytes(format!("{text}{newline}").into_bytes().into()))
}

/// The steps: the conditions when there are any, the command, its result.
///
/// # Errors
/// Never at the start; later when a condition cannot be looked at.
pub fn start(context: &TaskContext, conditional: Conditional) -> Result<Step, ModuleError> {
    let condition = |name: &str| context.args.text(name).unwrap_or_default().to_owned();
    let (creates, removes, chdir) = (condition("creates"), condition("removes"), condition("chdir"));
    let (check, strip) = (context.check, context.args.bool("strip_empty_ends"));
    let unconditional = creates.is_empty() && removes.is_empty();
    if unconditional && (chdir.is_empty() || !check) {
        return Ok(run(conditional, &chdir, check, true, strip));
    }
    let question = Question::new(&probes::EXISTING, [chdir.clone(), creates.clone(), removes.clone()]);
    let next = move |answers: Vec<Answer>| {
        let answer = answers.into_iter().next().unwrap_or_default();
        if answer.rc != 0 {
            return Ok(Step::Done(not_begun("Unable to change directory before execution.", conditional.shown)));
        }
        let did = if check { "Would" } else { "Did" };
        let skip = match answer.text().trim() {
            "created" => Some((creates, "exists")),
            "removed" => Some((removes, "does not exist")),
            _ => None,
        };
        Ok(match skip {
            Some((path, state)) => Step::Done(
                TaskResult::ok()
                    .message(format!("{did} not run command since '{path}' {state}"))
                    .field("stdout", format!("skipped, since {path} {state}"))
                    .field("stdout_lines", vec![Value::from(format!("skipped, since {path} {state}"))])
                    .field("stderr", "")
                    .field("stderr_lines", Vec::<Value>::new())
                    .field("rc", 0)
                    .field("cmd", conditional.shown)
                    .field("start", Value::Null)
                    .field("end", Value::Null)
                    .field("delta", Value::Null),
            ),
            None => run(conditional, &chdir, check, unconditional, strip),
        })
    };
    Ok(Step::Ask(vec![question], Box::new(next)))
}

fn run(conditional: Conditional, chdir: &str, check: bool, unconditional: bool, strip: bool) -> Step {
    let Conditional { call, shown } = conditional;
    if check {
        let message = "Command would have run if not in check mode";
        let mut result = TaskResult::with_changed(!unconditional).message(message);
        result.skipped = unconditional;
        for (name, value) in [("rc", Value::from(0)), ("stdout", "".into()), ("stderr", "".into()), ("cmd", shown)] {
            result = result.field(name, value);
        }
        for name in ["start", "end", "delta"] {
            result = result.field(name, Value::Null);
        }
        for name in ["stdout_lines", "stderr_lines"] {
            result = result.field(name, Vec::<Value>::new());
        }
        return Step::Done(result);
    }
    let first = shown.as_list().and_then(|words| words.first()).map(ToString::to_string);
    let change = Change { diff: Vec::new(), action: Action::Command(call) };
    let chdir = chdir.to_owned();
    let next = move |answer: Option<Answer>| {
        let answer = answer.unwrap_or_default();
        if !chdir.is_empty() && is_cd_refused(&answer, &chdir) {
            return Ok(Step::Done(not_begun("Unable to change directory before execution.", shown)));
        }
        Ok(Step::Done(result(&answer, shown, strip, first.as_deref())))
    };
    Step::Change(change, Box::new(next))
}

/// Whether the shell said, before the command began, that it cannot change into the directory.
fn is_cd_refused(answer: &Answer, chdir: &str) -> bool {
    let errors = answer.errors();
    let refused = |line: &str| line.contains("cd:") && line.contains(chdir);
    matches!(answer.rc, 1 | 2) && answer.stdout.is_empty() && errors.lines().count() == 1 && refused(&errors)
}

/// The result of a command whose directory cannot be entered.
fn not_begun(message: &str, shown: Value) -> TaskResult {
    let mut result = TaskResult::failed(message).field("cmd", shown).field("rc", Value::Null);
    for name in ["start", "end", "delta"] {
        result = result.field(name, Value::Null);
    }
    outputs(result, &Answer::default(), true)
}

/// The result of a command that ran. `program` is its name, where no shell looked for it.
#[must_use]
pub fn result(answer: &Answer, shown: Value, strip: bool, program: Option<&str>) -> TaskResult {
    let missing = program.filter(|program| {
        let errors = answer.errors();
        answer.rc == 127 && answer.stdout.is_empty() && errors.contains("not found") && errors.contains(program)
    });
    if missing.is_some() {
        let empty = || Value::list(Vec::new());
        let words: Vec<String> = shown.as_list().unwrap_or_default().iter().map(ToString::to_string).collect();
        let line = words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
        return TaskResult::failed("Error executing command.")
            .field("rc", 2)
            .field("cmd", line)
            .field("stdout", "")
            .field("stderr", "")
            .field("stdout_lines", empty())
            .field("stderr_lines", empty());
    }
    let mut result = TaskResult::changed().field("cmd", shown).field("rc", answer.rc);
    result = outputs(result, answer, strip);
    let end = answer.ended.and_then(|ended| jiff::Timestamp::try_from(ended).ok());
    let start = end.and_then(|end| end.checked_sub(jiff::SignedDuration::try_from(answer.duration).ok()?).ok());
    if let (Some(start), Some(end)) = (start, end) {
        result = result.field("start", local_time(start)).field("end", local_time(end));
    }
    result = result.field("delta", delta(answer.duration));
    if answer.rc != 0 {
        result.failed = true;
        return result.message("non-zero return code");
    }
    result.message("")
}

/// A moment in local time, as Python shows it; empty for what no calendar has.
#[must_use]
pub fn clock(time: std::time::SystemTime) -> String {
    jiff::Timestamp::try_from(time).map(local_time).unwrap_or_default()
}

fn local_time(time: jiff::Timestamp) -> String {
    jiff::tz::TimeZone::system().to_datetime(time).strftime("%Y-%m-%d %H:%M:%S.%6f").to_string()
}

/// Adds standard output and error, each also as lines.
#[must_use]
pub fn outputs(mut result: TaskResult, answer: &Answer, strip: bool) -> TaskResult {
    for (name, lines, text) in [("stdout", "stdout_lines", answer.text()), ("stderr", "stderr_lines", answer.errors())]
    {
        let text = if strip { text.trim_end_matches(['\r', '\n']) } else { &text };
        result = result.field(name, text).field(lines, split_lines(text));
    }
    result
}

/// Lines as Python's `splitlines` has them.
#[must_use]
pub fn split_lines(text: &str) -> Value {
    let text = text.replace("\r\n", "\n");
    let breaks = ['\n', '\r', '\x0b', '\x0c', '\x1c', '\x1d', '\x1e', '\u{85}', '\u{2028}', '\u{2029}'];
    let mut lines: Vec<Value> = text.split(breaks).map(Value::from).collect();
    if lines.last().is_some_and(|last| last.as_str() == Some("")) {
        lines.pop();
    }
    Value::list(lines)
}

/// `0:00:01.002003`, as Python shows a difference in time.
fn delta(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    let days = match hours / 24 {
        0 => String::new(),
        1 => "1 day, ".to_owned(),
        days => format!("{days} days, "),
    };
    format!("{days}{}:{minutes:02}:{:02}.{:06}", hours % 24, seconds % 60, duration.subsec_micros())
}
