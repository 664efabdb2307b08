//! `locale_gen`: which locales there are.

use std::sync::Arc;

use crate::modules::packages::client;
use crate::modules::{
    Argument, BLANK, Content, Module, ModuleError, Question, Return, ScriptCall, Spec, Step, TaskContext, TaskResult,
    actions, flow, probes,
};
use crate::template::Value;

/// The module.
pub struct LocaleGen;

/// The module.
pub static MODULE: LocaleGen = LocaleGen;

static SPEC: Spec = Spec {
    name: "locale_gen",
    collections: &["community.general"],
    summary: "Makes locales, and takes them away.",
    arguments: &[
        Argument::list("name", "The locales with their encodings: `de_CH.UTF-8`.").required(),
        Argument::text("state", "Whether they are there.").default("present").choices(&["absent", "present"]),
    ],
    returns: &[Return { name: "name", about: "The locales." }],
    ..BLANK
};

impl Module for LocaleGen {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let names = context.args.texts("name");
        let present = context.args.needed("state") == "present";
        flow::ask(Question::new(&probes::LOCALES, names.clone()), move |answer| {
            client::check(&answer)?;
            let text = answer.text().into_owned();
            let (made, rest) = text.split_once("@known\n").unwrap_or((&text, ""));
            let (known, gen_text) = rest.split_once("@gen\n").unwrap_or((rest, ""));
            let known: Vec<(&str, &str)> = known.lines().filter_map(|line| line.split_once(' ')).collect();
            let missing = |name: &&String| !is_made(made, name);
            let unknown: Vec<&str> = names
                .iter()
                .filter(missing)
                .map(String::as_str)
                .filter(|name| !known.iter().any(|(locale, _)| locale == name))
                .collect();
            if !unknown.is_empty() {
                return Err(ModuleError::new(format!(
                    "The following locales you have entered are not available on your system: {}",
                    unknown.join(", ")
                )));
            }
            let result = TaskResult::ok()
                .field("name", names.iter().map(|name| Value::text(name.as_str())).collect::<Vec<_>>());
            if names.iter().all(|name| is_made(made, name)) == present {
                return flow::done(result);
            }
            let new = edited(gen_text, &names, present, &known);
            let diff = flow::diff("/etc/locale.gen", gen_text, new.as_str());
            let mut script = ScriptCall::new(actions::LOCALE_GEN, [""; 0]);
            script.input = Some(Content::Bytes(Arc::from(new.into_bytes())));
            flow::change(vec![diff], script, move |answer| {
                if let Some(answer) = &answer {
                    client::check(answer)?;
                }
                let is = answer.is_none_or(|answer| {
                    let text = answer.text();
                    names.iter().all(|name| is_made(&text, name)) == present
                });
                flow::done(TaskResult { changed: is, ..result })
            })
        })
    }
}

/// Encodings as `locale -a` may write them, and as they are called.
const ENCODINGS: [(&str, &str); 10] = [
    (".utf8", ".UTF-8"),
    (".eucjp", ".EUC-JP"),
    (".iso885915", ".ISO-8859-15"),
    (".cp1251", ".CP1251"),
    (".koi8r", ".KOI8-R"),
    (".armscii8", ".ARMSCII-8"),
    (".euckr", ".EUC-KR"),
    (".gbk", ".GBK"),
    (".gb18030", ".GB18030"),
    (".euctw", ".EUC-TW"),
];

fn is_made(made: &str, name: &str) -> bool {
    let plain = |name: &str| ENCODINGS.iter().fold(name.to_owned(), |name, (short, long)| name.replace(short, long));
    made.lines().any(|line| plain(line) == plain(name))
}

/// `/etc/locale.gen` with the lines of these locales switched on or off.
fn edited(text: &str, names: &[String], present: bool, known: &[(&str, &str)]) -> String {
    let mut found: Vec<&str> = Vec::new();
    let mut new = String::new();
    for line in text.split_inclusive('\n') {
        let bare = line.strip_prefix('#').unwrap_or(line).trim_start();
        let hit = names.iter().find_map(|name| {
            let charset = bare.strip_prefix(name.as_str())?.strip_prefix(' ')?;
            (!charset.trim().is_empty()).then_some((name, charset))
        });
        let Some((name, charset)) = hit else {
            new.push_str(line);
            continue;
        };
        found.push(name);
        let mark = if present { "" } else { "# " };
        new.extend([mark, name, " ", charset]);
    }
    for name in names.iter().filter(|name| present && !found.contains(&name.as_str())) {
        if let Some((_, charset)) = known.iter().find(|(locale, _)| locale == name) {
            if !new.is_empty() && !new.ends_with('\n') {
                new.push('\n');
            }
            new.extend([name, " ", charset, "\n"]);
        }
    }
    new
}
