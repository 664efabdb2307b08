//! `ini_file`: options and sections of INI files.

use crate::modules::files::edit::{Current, Edit, Edited};
use crate::modules::files::file_arguments;
use crate::modules::files::ini::IniChange;
use crate::modules::files::regex::FileText;
use crate::modules::{Args, Argument, BLANK, Kind, Module, ModuleError, Return, Rule, Spec, Step, TaskContext};

/// The module.
pub struct IniFile;

/// The module.
pub static MODULE: IniFile = IniFile;

const HOLDING: &[Argument] = &[
    Argument::text("option", "An option that the section must hold.").required(),
    Argument::text("value", "Its value."),
    Argument::list("values", "The values of which it must have one."),
];

static SPEC: Spec = Spec {
    name: "ini_file",
    collections: &["community.general"],
    summary: "Sets options and sections of INI files, or takes them away.",
    arguments: file_arguments![
        Argument::path("path", "The file.").required().aliases(&["dest"]),
        Argument::text("section", "The section; what stands before the first one unless given."),
        Argument::of("section_has_values", Kind::DictList(HOLDING), "What the section holds, among those of its name."),
        Argument::text("option", "The option; the section as a whole unless given."),
        Argument::text("value", "Its value."),
        Argument::list("values", "Its values, a line each."),
        Argument::bool("backup", false, "Keeps the old file."),
        Argument::text("state", "Whether it is there.").default("present").choices(&["absent", "present"]),
        Argument::bool("exclusive", true, "Takes other lines of the option away."),
        Argument::bool("no_extra_spaces", false, "Writes `=` without blanks."),
        Argument::bool("ignore_spaces", false, "Leaves lines alone that differ only in blanks."),
        Argument::bool("create", true, "Makes a file that is missing."),
        Argument::bool("allow_no_value", false, "Takes an option without a value."),
        Argument::bool("modify_inactive_option", true, "Takes a commented line for the option."),
        Argument::bool("follow", false, "Changes what a link leads to."),
    ],
    rules: &[Rule::Exclusive(&["value", "values"])],
    returns: &[
        Return { name: "path", about: "The file." },
        Return { name: "backup_file", about: "Where the old file was kept, if it was." },
    ],
    ..BLANK
};

impl Module for IniFile {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args.clone();
        let change = wanted(&args)?;
        let edit = Edit {
            backup_field: ("backup_file", false),
            attributes_message: "",
            follow: args.bool("follow"),
            ..Edit::of(&args, "path")?
        };
        let create = args.bool("create");
        let compute = move |current: &Current<'_>| {
            let path = &current.state.name;
            if current.state.is_directory() {
                return Err(ModuleError::new(format!("{path} is a directory")));
            }
            if current.content.is_none() && !create {
                return Err(ModuleError::new(format!("Destination {path} does not exist!")).field("rc", 257));
            }
            let text = FileText::of(current.content.unwrap_or_default());
            let done = change.apply(text.as_str());
            let new = done.text.map(|new| text.bytes(&new));
            let fields = vec![("path", path.as_str().into())];
            Ok(Edited { content: new, message: done.message.to_owned(), fields, end: false })
        };
        Ok(edit.start(&context, Box::new(compute)))
    }
}

fn wanted(args: &Args) -> Result<IniChange, ModuleError> {
    let present = args.needed("state") == "present";
    let no_value = args.bool("allow_no_value");
    let mut values: Vec<String> = Vec::new();
    for value in args.text("value").map(str::to_owned).into_iter().chain(args.texts("values")) {
        if !values.contains(&value) {
            values.push(value);
        }
    }
    if present && !no_value && values.is_empty() {
        let message = "Parameter 'value(s)' must be defined if state=present and allow_no_value=False.";
        return Err(ModuleError::new(message));
    }
    let mut holding = Vec::new();
    for held in args.list("section_has_values") {
        let Some(held) = held.as_dict() else { continue };
        let text = |name: &str| held.get(name).and_then(|value| value.as_str()).map(str::to_owned);
        let listed = held.get("values").and_then(|value| value.as_list()).unwrap_or_default();
        let values = text("value").into_iter().chain(listed.iter().map(ToString::to_string)).collect();
        holding.push((text("option").unwrap_or_default(), values));
    }
    Ok(IniChange {
        section: args.text("section").filter(|section| !section.is_empty()).map(str::to_owned),
        holding,
        option: args.text("option").filter(|option| !option.is_empty()).map(str::to_owned),
        values,
        present,
        exclusive: args.bool("exclusive"),
        tight: args.bool("no_extra_spaces"),
        ignore_spaces: args.bool("ignore_spaces"),
        no_value,
        inactive: args.bool("modify_inactive_option"),
    })
}
