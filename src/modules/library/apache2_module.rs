//! `apache2_module`: modules of Apache, through `a2enmod` and `a2dismod`.

use crate::modules::packages::client;
use crate::modules::{
    Answer, Args, Argument, BLANK, Module, ModuleError, Question, Return, ScriptCall, Spec, Step, TaskContext,
    TaskResult, actions, flow, probes,
};

/// The module.
pub struct Apache2Module;

/// The module.
pub static MODULE: Apache2Module = Apache2Module;

static SPEC: Spec = Spec {
    name: "apache2_module",
    collections: &["community.general"],
    summary: "Enables and disables modules of Apache.",
    arguments: &[
        Argument::text("name", "The module, as `a2enmod` takes it.").required(),
        Argument::text("identifier", "As `apache2ctl -M` names it; made of the name unless given."),
        Argument::bool("force", false, "Disables what others need as well."),
        Argument::text("state", "Whether it is enabled.").default("present").choices(&["absent", "present"]),
        Argument::bool("ignore_configcheck", false, "Goes on when the configuration holds errors."),
        Argument::bool("warn_mpm_absent", true, "Warns when no MPM is loaded."),
    ],
    returns: &[Return { name: "result", about: "What was done, in words." }],
    ..BLANK
};

impl Module for Apache2Module {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let name = args.needed("name").to_owned();
        let present = args.needed("state") == "present";
        let tool = if present { "a2enmod" } else { "a2dismod" };
        let identifier = args.text("identifier").filter(|text| !text.is_empty());
        let identifier = identifier.map_or_else(|| identifier_of(&name), str::to_owned);
        let threads = if name == "cgi" && present { "cgi" } else { "" };
        flow::ask(Question::new(&probes::APACHE2_MODULES, [tool, threads]), move |answer| {
            let text = answer.text().into_owned();
            let (head, modules) = text.split_once("@modules\n").unwrap_or((&text, ""));
            let Some(control) = head.lines().find_map(|line| line.strip_prefix("@control ")) else {
                return Err(client::failure(&answer));
            };
            if head.contains("@threaded") {
                return Err(ModuleError::new(
                    "Your MPM seems to be threaded, therefore enabling cgi module is not allowed.",
                ));
            }
            let (enabled, warnings) = is_enabled(&args, control, answer.rc, modules, &answer, &identifier)?;
            let word = if present { "enabled" } else { "disabled" };
            let success = format!("Module {name} {word}");
            let result = TaskResult { warnings, ..TaskResult::ok().field("result", success) };
            if enabled == present {
                return flow::done(result);
            }
            if !head.contains("@tool") && !context.check {
                let message = format!("{tool} not found. Perhaps this system does not use {tool} to manage apache");
                return Err(ModuleError::new(message));
            }
            let mut words = vec![control, tool];
            words.extend((!present && args.bool("force")).then_some("-f"));
            words.push(&name);
            let script = ScriptCall::new(actions::APACHE2_MODULE, words);
            let state = |is: bool| format!("{name} {}\n", if is { "enabled" } else { "disabled" });
            let diff = flow::diff("apache2 modules", state(enabled), state(present));
            let control = control.to_owned();
            flow::change(vec![diff], script, move |answer| {
                let Some(answer) = answer else { return flow::done(TaskResult { changed: true, ..result }) };
                let text = answer.text().into_owned();
                let (said, rest) = text.split_once("@rc ").unwrap_or((&text, ""));
                let (rc, modules) = rest.split_once('\n').unwrap_or((rest, ""));
                let (now, warnings) = is_enabled(&args, &control, answer.rc, modules, &answer, &identifier)?;
                if now == present {
                    return flow::done(TaskResult { changed: true, warnings, ..result });
                }
                let message = format!(
                    "Failed to set module {name} to {word}:\n{said}\nMaybe the module identifier ({identifier}) was \
                     guessed incorrectly.Consider setting the \"identifier\" option."
                );
                let error = ModuleError::new(message).field("rc", rc.parse::<i64>().unwrap_or(1));
                Err(error.field("stdout", said).field("stderr", answer.errors().into_owned()))
            })
        })
    }
}

/// Whether the module is loaded, and what to warn of.
fn is_enabled(
    args: &Args,
    control: &str,
    rc: i32,
    modules: &str,
    answer: &Answer,
    identifier: &str,
) -> Result<(bool, Vec<String>), ModuleError> {
    if rc == 0 {
        return Ok((modules.contains(&format!(" {identifier}")), Vec::new()));
    }
    let errors = answer.errors();
    let message = format!("Error executing {control}: {errors}");
    if !args.bool("ignore_configcheck") {
        return Err(ModuleError::new(message));
    }
    if errors.contains("AH00534") && args.needed("name").contains("mpm_") {
        let warning = "No MPM module loaded! apache2 reload AND other module actions will fail if no MPM module is \
                       loaded immediately.";
        let warnings = args.bool("warn_mpm_absent").then(|| warning.to_owned());
        return Ok((false, warnings.into_iter().collect()));
    }
    Ok((false, vec![message]))
}

/// What `apache2ctl -M` calls a module of `a2enmod`.
fn identifier_of(name: &str) -> String {
    for (part, identifier) in [("shib", "mod_shib"), ("evasive", "evasive20_module")] {
        if name.contains(part) {
            return identifier.to_owned();
        }
    }
    let version = name.strip_prefix("php").unwrap_or_default();
    let numbers = version.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(version.len());
    if version.starts_with('8') && numbers > 0 {
        return "php_module".to_owned();
    }
    let mut letters = version.chars();
    match (letters.next(), letters.next()) {
        (Some(major), Some('.')) if major.is_ascii_digit() => format!("php{major}_module"),
        _ => format!("{name}_module"),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn some_modules_have_names_of_their_own() {
        for (name, identifier) in [
            ("rewrite", "rewrite_module"),
            ("php8.2", "php_module"),
            ("php7.4", "php7_module"),
            ("php5", "php5_module"),
            ("shib2", "mod_shib"),
            ("evasive", "evasive20_module"),
        ] {
            assert_eq!(super::identifier_of(name), identifier);
        }
    }
}
