//! `interfaces_file`: options of network interfaces.

use crate::modules::files::edit::{Current, Edit, Edited};
use crate::modules::files::file_arguments;
use crate::modules::files::interfaces::{Interfaces, SEVERAL};
use crate::modules::files::regex::FileText;
use crate::modules::{Argument, BLANK, Module, ModuleError, Return, Rule, Spec, Step, TaskContext};
use crate::template::{Dict, Value};

/// The module.
pub struct InterfacesFile;

/// The module.
pub static MODULE: InterfacesFile = InterfacesFile;

static SPEC: Spec = Spec {
    name: "interfaces_file",
    collections: &["community.general"],
    summary: "Sets options of interfaces in /etc/network/interfaces.",
    arguments: file_arguments![
        Argument::path("dest", "The file.").default("/etc/network/interfaces"),
        Argument::text("iface", "The interface."),
        Argument::text("address_family", "Its address family, where several stanzas have its name."),
        Argument::text("option", "The option; `method` for the word after the address family."),
        Argument::text("value", "Its value."),
        Argument::bool("backup", false, "Keeps the old file."),
        Argument::text("state", "Whether the option is there.").default("present").choices(&["present", "absent"]),
    ],
    rules: &[Rule::By("option", &["iface"])],
    returns: &[
        Return { name: "dest", about: "The file." },
        Return { name: "ifaces", about: "The interfaces, each with its options." },
    ],
    ..BLANK
};

impl Module for InterfacesFile {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args.clone();
        let present = args.needed("state") == "present";
        if args.is_given("option") && present && args.text("value").is_none() {
            return Err(ModuleError::new("Value must be set if option is defined and state is 'present'"));
        }
        let edit = Edit { attributes_message: "", backup_field: ("backup_file", false), ..Edit::of(&args, "dest")? };
        let compute = move |current: &Current<'_>| {
            let path = &current.state.name;
            let Some(bytes) = current.content else {
                return Err(ModuleError::new(format!("[Errno 2] No such file or directory: '{path}'")));
            };
            let text = FileText::of(bytes);
            let mut file = Interfaces::parse(text.as_str()).map_err(ModuleError::new)?;
            if let Some(option) = args.text("option") {
                let of = (args.needed("iface"), args.text("address_family"));
                file.set(of, option, args.text("value"), present).map_err(ModuleError::new)?;
            }
            let fields = vec![("dest", path.as_str().into()), ("ifaces", described(&file))];
            Ok(Edited { content: Some(text.bytes(&file.text())), fields, ..Edited::default() })
        };
        Ok(edit.start(&context, Box::new(compute)))
    }
}

fn described(file: &Interfaces) -> Value {
    let text = |text: Option<String>| text.map_or(Value::Null, Value::text);
    let mut all = Dict::new();
    for (interface, family, method, options) in file.describe() {
        let mut one = Dict::new();
        for name in SEVERAL {
            let values = options.iter().filter(|(option, _)| option == name);
            one.insert(name.into(), Value::list(values.map(|(_, value)| value.as_str().into()).collect()));
        }
        one.insert("address_family".into(), text(family));
        one.insert("method".into(), text(method));
        for (name, value) in options {
            if !SEVERAL.contains(&name.as_str()) {
                one.insert(name.as_str().into(), Value::text(value));
            }
        }
        all.insert(interface.as_str().into(), Value::dict(one));
    }
    Value::dict(all)
}
