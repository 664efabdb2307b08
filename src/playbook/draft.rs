//! One task: its keywords, and which of its keys is the module.

use super::arguments::Target;
use super::follow;
use super::keyword::Kind;
use super::reader::{Context, Reader, Section};
use super::source::Source;
use super::{Action, Arguments, Keywords, Loop, LoopControl, LoopSource, Task, known, near};
use crate::template::{Value, lookups};
use crate::yaml::{Mapping, Node, NodeKind, Span};

/// A task whose action is not settled yet.
pub struct Draft<'n> {
    pub span: Span,
    pub name: Option<Value>,
    pub keywords: Keywords,
    pub repeat: Option<Loop>,
    pub control: LoopControl,
    pub register: Option<String>,
    pub changed_when: Option<Vec<Value>>,
    pub failed_when: Option<Vec<Value>>,
    pub until: Option<Vec<Value>>,
    pub retries: Option<Value>,
    pub delay: Option<Value>,
    pub r#async: Option<Value>,
    pub poll: Option<Value>,
    pub notify: Option<Vec<Value>>,
    pub listen: Vec<Value>,
    /// `args`.
    pub args: Option<&'n Node>,
    /// `apply` of an include.
    pub apply: Option<&'n Node>,
    /// `static` of an old include.
    pub is_static: Option<bool>,
    /// All keywords that it has, by key.
    pub given: Vec<&'n Node>,
    /// Keys that are no keywords.
    candidates: Vec<(&'n Node, &'n Node)>,
    /// `action` or `local_action`.
    old: Option<(&'n Node, &'n Node)>,
}

/// What a task turns out to be.
#[expect(clippy::large_enum_variant, reason = "lives for the reading of one task")]
pub enum Step {
    /// One that runs.
    Run(Action),
    /// A file of tasks that is read at once.
    ImportTasks(Call),
    /// A role that is read at once.
    ImportRole(Call),
}

/// A static import: its arguments and where they stand.
pub struct Call {
    pub span: Span,
    pub arguments: Arguments,
}

impl Draft<'_> {
    /// Whether the playbook is ready for this task to fail: then it is the run that tells of wrong arguments.
    pub fn expects_failure(&self, context: &Context) -> bool {
        self.failed_when.is_some() || context.parent.rescued || follow::may_be_ignored(&self.keywords, &context.parent)
    }

    /// The task.
    pub fn finish(self, context: &Context, action: Action) -> Task {
        Task {
            name: self.name,
            place: context.source.origin(self.span),
            action,
            keywords: self.keywords,
            parent: std::sync::Arc::clone(&context.parent),
            repeat: self.repeat,
            control: self.control,
            register: self.register,
            changed_when: self.changed_when,
            failed_when: self.failed_when,
            until: self.until,
            retries: self.retries,
            delay: self.delay,
            r#async: self.r#async,
            poll: self.poll,
            notify: self.notify.unwrap_or_else(|| context.notify.clone()),
        }
    }
}

fn empty<'n>(span: Span) -> Draft<'n> {
    Draft {
        span,
        name: None,
        keywords: Keywords::default(),
        repeat: None,
        control: LoopControl::default(),
        register: None,
        changed_when: None,
        failed_when: None,
        until: None,
        retries: None,
        delay: None,
        r#async: None,
        poll: None,
        notify: None,
        listen: Vec::new(),
        args: None,
        apply: None,
        is_static: None,
        given: Vec::new(),
        candidates: Vec::new(),
        old: None,
    }
}

impl Reader<'_> {
    /// Reads a task; none when it cannot be told what it does.
    pub fn draft<'n>(&mut self, context: &Context, node: &Node, mapping: &'n Mapping) -> Option<(Draft<'n>, Step)> {
        let mut draft = empty(node.span);
        let before = self.errors.len();
        for (key, value) in &mapping.entries {
            if self.task_keyword(context, &mut draft, key, value) {
                draft.given.push(key);
            } else {
                draft.candidates.push((key, value));
            }
        }
        let step = self.action(context, &mut draft);
        let wrong = self.errors.len();
        self.check_templates(&context.source, mapping);
        if let Some(Step::Run(action)) = &step {
            self.check_template_file(context, action, &draft.keywords);
        }
        if draft.expects_failure(context) && matches!(step, Some(Step::Run(_))) {
            self.warn_of_errors(wrong, follow::IF_REACHED);
        }
        self.counts.task(&context.source, node.span, self.errors.len() > before);
        let step = step?;
        if let Step::Run(Action::Include(include)) = &step {
            self.note_include(context, include, &draft.keywords, node.span);
        }
        Some((draft, step))
    }

    fn action(&mut self, context: &Context, draft: &mut Draft<'_>) -> Option<Step> {
        let (key, value, target) = self.target(context, draft)?;
        self.step(context, draft, (key, value), target)
    }

    fn task_keyword<'n>(&mut self, context: &Context, draft: &mut Draft<'n>, key: &'n Node, value: &'n Node) -> bool {
        let source = &*context.source;
        let name = key.as_str().unwrap_or_default();
        let conditions =
            |reader: &mut Self| (!matches!(value.kind, NodeKind::Null)).then(|| reader.conditions(source, name, value));
        match name {
            "name" => draft.name = self.scalar(source, name, value, Kind::Text),
            "action" | "local_action" => self.old_action(source, draft, key, value),
            "args" => draft.args = Some(value),
            "loop" => self.list_loop(source, draft, key, value),
            "loop_control" => draft.control = self.loop_control(source, value),
            "register" => draft.register = self.register(source, value),
            "changed_when" => draft.changed_when = conditions(self),
            "failed_when" => draft.failed_when = conditions(self),
            "until" => draft.until = conditions(self),
            "retries" => draft.retries = self.scalar(source, name, value, Kind::Int),
            "delay" => draft.delay = self.scalar(source, name, value, Kind::Float),
            "async" => draft.r#async = self.scalar(source, name, value, Kind::Int),
            "poll" => draft.poll = self.scalar(source, name, value, Kind::Int),
            "notify" => draft.notify = Some(self.names(source, name, value)),
            "listen" if context.section == Section::Handlers => draft.listen = self.names(source, name, value),
            "static" => {
                draft.is_static = self.scalar(source, name, value, Kind::Bool).map(|value| value.is_true());
                self.warn(source.error(key.span, "`static` is an old keyword").hint("write import_ or include_"));
            }
            _ if name.starts_with("with_") => self.lookup_loop(source, draft, key, value),
            _ => return self.keyword(source, &mut draft.keywords, key, value),
        }
        true
    }

    fn old_action<'n>(&mut self, source: &Source, draft: &mut Draft<'n>, key: &'n Node, value: &'n Node) {
        if draft.old.is_some() {
            let message = "a task has `action` or `local_action`, not both";
            self.error_at(source, key.span, message, "make two tasks of it");
        }
        draft.old = Some((key, value));
    }

    fn register(&mut self, source: &Source, value: &Node) -> Option<String> {
        let name = self.scalar(source, "register", value, Kind::Text)?;
        self.variable_name(source, value.span, &name.to_string());
        Some(name.to_string())
    }

    fn list_loop(&mut self, source: &Source, draft: &mut Draft<'_>, key: &Node, value: &Node) {
        let found = source.value(value);
        let is_list = match &found {
            Value::List(_) => true,
            Value::String(text) => super::keyword::is_computed(text),
            Value::Null => return,
            _ => false,
        };
        if !is_list {
            let hint = match &found {
                Value::String(text) => format!("write `loop: \"{{{{ {} }}}}\"` if it is a variable", text.as_str()),
                Value::Dict(_) => "write the mapping as a variable and `| dict2items` after it".to_owned(),
                _ => "write `- ` before each item".to_owned(),
            };
            self.error_at(source, value.span, format!("`loop` must be a list, not {}", value.type_name()), hint);
        }
        self.set_loop(source, draft, key, Loop { source: LoopSource::List, value: found });
    }

    fn lookup_loop(&mut self, source: &Source, draft: &mut Draft<'_>, key: &Node, value: &Node) {
        let lookup = key.as_str().unwrap_or_default().trim_start_matches("with_").to_owned();
        let known = lookups::names();
        if !known.is_empty() && lookups::find(&lookup).is_none() {
            let hint = match near::nearest(&lookup, known.iter().copied()) {
                Some(near) => format!("did you mean `with_{near}`?"),
                None => "there is no lookup of that name; see `opsctl doc`".to_owned(),
            };
            self.error_at(source, key.span, format!("unknown loop `with_{lookup}`"), hint);
        }
        if matches!(value.kind, NodeKind::Null) {
            self.error_at(source, key.span, format!("`with_{lookup}` has no value"), "name what it goes through");
        }
        let value = source.value(value);
        self.set_loop(source, draft, key, Loop { source: LoopSource::Lookup(lookup), value });
    }

    fn set_loop(&mut self, source: &Source, draft: &mut Draft<'_>, key: &Node, repeat: Loop) {
        if draft.repeat.is_some() {
            let message = format!("a second loop in one task: `{}`", key.to_key());
            self.error_at(
                source,
                key.span,
                message,
                "a task has one loop; `subelements`, `product` and `zip` join lists",
            );
        }
        draft.repeat = Some(repeat);
    }

    fn loop_control(&mut self, source: &Source, node: &Node) -> LoopControl {
        let mut control = LoopControl::default();
        let Some(mapping) = node.as_mapping() else {
            if !matches!(node.kind, NodeKind::Null) {
                let message = format!("`loop_control` must be a mapping, not {}", node.type_name());
                self.error_at(source, node.span, message, "write `loop_var: name` below it");
            }
            return control;
        };
        for (key, value) in &mapping.entries {
            let name = key.to_key();
            match name.as_str() {
                "loop_var" => control.loop_var = self.loop_variable(source, &name, value),
                "index_var" => control.index_var = self.loop_variable(source, &name, value),
                "label" => control.label = Some(source.value(value)).filter(|label| !matches!(label, Value::Null)),
                "pause" => control.pause = self.scalar(source, &name, value, Kind::Float),
                "extended" => control.extended = self.scalar(source, &name, value, Kind::Bool),
                "extended_allitems" => control.extended_allitems = self.scalar(source, &name, value, Kind::Bool),
                "break_when" => control.break_when = self.conditions(source, &name, value),
                _ => {
                    let hint = near::hint(&name, "it takes", known::LOOP_CONTROL.iter().copied());
                    self.error_at(source, key.span, format!("unknown keyword `{name}` of loop_control"), hint);
                }
            }
        }
        control
    }

    fn loop_variable(&mut self, source: &Source, name: &str, node: &Node) -> Option<Value> {
        let value = self.scalar(source, name, node, Kind::Text)?;
        if !value.to_string().contains("{{") {
            self.variable_name(source, node.span, &value.to_string());
        }
        Some(value)
    }

    /// Finds the action among a task's keys.
    fn target<'n>(&mut self, context: &Context, draft: &mut Draft<'n>) -> Option<(&'n Node, &'n Node, Target)> {
        let mut found: Vec<(&Node, &Node, Target)> = Vec::new();
        let mut unknown: Vec<(&Node, &Node)> = Vec::new();
        for (key, value) in std::mem::take(&mut draft.candidates) {
            match key.as_str().and_then(|name| self.loader.target(name)) {
                Some(target) => found.push((key, value, target)),
                None => unknown.push((key, value)),
            }
        }
        if let Some((key, value)) = draft.old {
            found.insert(0, (key, value, Target::Old));
        }
        if let [(first, ..), (second, ..), ..] = found.as_slice() {
            let message = format!("conflicting actions in one task: `{}` and `{}`", first.to_key(), second.to_key());
            self.error_at(&context.source, second.span, message, "a task has one module; make two tasks of it");
            return None;
        }
        if let Some(target) = found.pop() {
            for (key, _) in unknown {
                self.unknown_keyword(context, key, &target.2);
            }
            return Some(target);
        }
        self.no_action(context, draft, &unknown);
        None
    }

    fn unknown_keyword(&mut self, context: &Context, key: &Node, target: &Target) {
        let name = key.to_key();
        let hint = match target {
            Target::Module(module) if module.spec().argument(&name).is_some() => {
                format!("`{name}` is an argument of {}: indent it below the module", module.spec().name)
            }
            _ if name == "listen" => "`listen` stands at handlers".to_owned(),
            _ if known::PLAY.contains(&name.as_str()) => format!("`{name}` stands at plays"),
            _ if known::BLOCK.contains(&name.as_str()) => format!("`{name}` stands beside `block`"),
            _ => {
                let known = known::TASK.iter().chain(known::COMMON).chain(known::CONDITIONAL).copied();
                near::nearest(&name, known).map_or_else(
                    || "it is neither a keyword nor a module".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                )
            }
        };
        self.error_at(&context.source, key.span, format!("unknown keyword `{name}` of a task"), hint);
    }

    fn no_action(&mut self, context: &Context, draft: &Draft<'_>, unknown: &[(&Node, &Node)]) {
        let source = &*context.source;
        let likely = unknown.iter().find(|(key, _)| key.to_key().contains('.')).or_else(|| unknown.first());
        let Some((key, _)) = likely else {
            let message = "this task has no module";
            return self.error_at(source, draft.span, message, "write a module's name below it: `command: uptime`");
        };
        let name = key.to_key();
        if name == "role" || name == "roles" {
            let message = format!("`{name}` stands at plays");
            return self.error_at(source, key.span, message, "within tasks write `include_role: {name: …}`");
        }
        if name == "rescue" || name == "always" {
            let message = format!("`{name}` without `block`");
            return self.error_at(source, key.span, message, "put it beside the `block` that it belongs to");
        }
        let (message, hint) = self.loader.unknown_module(&name, &self.scope.directory, context);
        self.error_at(source, key.span, message, hint);
    }
}
