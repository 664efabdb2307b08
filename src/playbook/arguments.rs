//! A task's action and its arguments, in all the forms that Ansible reads.

use super::check::{self, TaskFacts};
use super::draft::{Call, Draft, Step};
use super::reader::{Context, Reader};
use super::words::{self, Names, Words};
use super::{Action, Arguments, known, near};
use crate::modules::{FreeForm, Module, Spec};
use crate::template::Value;
use crate::yaml::{Node, NodeKind, Span, Tag};

/// What a task's action is.
#[derive(Clone, Copy)]
pub enum Target {
    /// A module.
    Module(&'static dyn Module),
    /// Part of the language: `include_tasks`, `meta`, …
    Language(&'static str),
    /// `action` or `local_action`, which name it.
    Old,
}

/// Arguments and where each of them stands.
#[derive(Default)]
pub struct Placed {
    pub arguments: Arguments,
    pub spans: Vec<(String, Span)>,
}

impl Placed {
    /// Adds an argument; a later one of the same name wins.
    pub fn add(&mut self, name: &str, value: Value, span: Span) {
        self.arguments.named.insert(name.into(), value);
        self.spans.retain(|(known, _)| known != name);
        self.spans.push((name.to_owned(), span));
    }

    /// Where an argument stands.
    pub fn span(&self, name: &str) -> Option<Span> {
        self.spans.iter().find(|(known, _)| known == name).map(|(_, span)| *span)
    }

    /// Takes an argument out.
    pub fn take(&mut self, name: &str) -> Option<(Value, Span)> {
        let span = self.span(name)?;
        self.spans.retain(|(known, _)| known != name);
        self.arguments.named.shift_remove(name).map(|value| (value, span))
    }
}

impl Reader<'_> {
    /// What a task does, given its action.
    pub fn step<'n>(
        &mut self,
        context: &Context,
        draft: &mut Draft<'n>,
        (key, value): (&'n Node, &'n Node),
        target: Target,
    ) -> Option<Step> {
        let apply = |node: &'n Node| node.as_mapping().and_then(|mapping| mapping.get("apply"));
        draft.apply = apply(value).or_else(|| draft.args.and_then(apply));
        let mut placed = self.args_keyword(context, draft.args);
        match target {
            Target::Old => self.old_step(context, draft, (key, value), placed),
            Target::Module(module) => {
                self.given(context, module.spec().name, free_form(module.spec()), value, &mut placed)?;
                Some(self.module_step(context, draft, key.span, module, placed))
            }
            Target::Language(name) => {
                self.given(context, name, Form::Rest, value, &mut placed)?;
                self.language_step(context, draft, key.span, name, placed)
            }
        }
    }

    fn module_step(
        &mut self,
        context: &Context,
        draft: &Draft<'_>,
        span: Span,
        module: &'static dyn Module,
        mut placed: Placed,
    ) -> Step {
        self.drop_old_arguments(context, module.spec(), &mut placed);
        let is_secret = draft.keywords.no_log.as_ref().is_some_and(Value::is_true);
        let defaults = check::defaults(&draft.keywords, &context.parent, module.spec());
        let wrong = self.errors.len();
        self.check_arguments(context, module.spec(), &placed, TaskFacts { span, is_secret, defaults });
        if draft.expects_failure(context) {
            self.warn_of_errors(wrong, super::follow::IF_REACHED);
        }
        Step::Run(Action::Module(module, placed.arguments))
    }

    /// `args`: weaker than what stands at the module.
    fn args_keyword(&mut self, context: &Context, node: Option<&Node>) -> Placed {
        let mut placed = Placed::default();
        let Some(node) = node else { return placed };
        let source = &*context.source;
        match &node.kind {
            NodeKind::Mapping(mapping) => {
                for (key, value) in &mapping.entries {
                    placed.add(&key.to_key(), source.value(value), key.span);
                }
            }
            NodeKind::String(text) if text.contains("{{") => placed.arguments.whole = Some(source.value(node)),
            NodeKind::Null => self.warn_at(source, node.span, "an empty `args` has no effect"),
            _ => {
                let message = format!("`args` must be a mapping, not {}", node.type_name());
                self.error_at(
                    source,
                    node.span,
                    message,
                    "write `name: value` below it, or a template that gives them",
                );
            }
        }
        placed
    }

    /// The arguments that stand at the module.
    fn given(&mut self, context: &Context, name: &str, form: Form, node: &Node, placed: &mut Placed) -> Option<()> {
        let source = &*context.source;
        match &node.kind {
            NodeKind::Null => {}
            NodeKind::Mapping(mapping) => {
                for (key, value) in &mapping.entries {
                    placed.add(&key.to_key(), source.value(value), key.span);
                }
            }
            NodeKind::String(_) if node.tag == Some(Tag::Vault) => {
                placed.add("_raw_params", source.value(node), node.span);
            }
            NodeKind::String(text) => return self.text(context, (name, form), node, text, placed),
            NodeKind::Number(number) if form != Form::None => {
                placed.add("_raw_params", Value::text(number.to_string()), node.span);
            }
            _ => {
                let message = format!("the arguments of {name} must be a mapping, not {}", node.type_name());
                self.error_at(source, node.span, message, "write `name: value` below the module");
                return None;
            }
        }
        Some(())
    }

    /// `k=v` and free-form text.
    fn text(
        &mut self,
        context: &Context,
        (name, form): (&str, Form),
        node: &Node,
        text: &str,
        placed: &mut Placed,
    ) -> Option<()> {
        let source = &*context.source;
        let names = if form == Form::Command { Names::OfCommands } else { Names::All };
        let Words { named, free } = match words::parse(text, names) {
            Ok(words) => words,
            Err(error) => {
                self.error_at(source, node.span, error.to_string(), "close it, or quote the whole text");
                return None;
            }
        };
        for (name, value) in named {
            placed.add(&name, source.text(node, &value), node.span);
        }
        let Some(free) = free else { return Some(()) };
        if form != Form::None {
            placed.add("_raw_params", source.text(node, &free), node.span);
        } else if is_one_template(&free) {
            placed.arguments.whole = Some(source.text(node, &free));
        } else {
            let shown: String = free.chars().take(40).collect();
            let message = format!("{name} takes no free-form text: `{}`", shown.trim());
            self.error_at(source, node.span, message, "write `name=value`, or `name: value` below the module");
            return None;
        }
        Some(())
    }

    /// `action` and `local_action`.
    fn old_step(
        &mut self,
        context: &Context,
        draft: &mut Draft<'_>,
        (key, value): (&Node, &Node),
        mut placed: Placed,
    ) -> Option<Step> {
        let source = &*context.source;
        if key.as_str() == Some("local_action") {
            draft.keywords.delegate_to = Some(Value::text("localhost"));
        }
        let text = match &value.kind {
            NodeKind::String(text) => &**text,
            NodeKind::Mapping(mapping) => {
                if let Some(module) = mapping.get("module").and_then(Node::as_str) {
                    for (key, value) in mapping.entries.iter().filter(|(key, _)| key.as_str() != Some("module")) {
                        match value.as_mapping().filter(|_| key.as_str() == Some("args")) {
                            Some(args) => args
                                .entries
                                .iter()
                                .for_each(|(key, value)| placed.add(&key.to_key(), source.value(value), key.span)),
                            None => placed.add(&key.to_key(), source.value(value), key.span),
                        }
                    }
                    module
                } else {
                    let message = format!("`{}` lacks `module`", key.to_key());
                    self.error_at(source, value.span, message, "write `module: NAME` below it");
                    return None;
                }
            }
            _ => {
                let message = format!("`{}` must be text, not {}", key.to_key(), value.type_name());
                self.error_at(source, value.span, message, "write `action: MODULE name=value`");
                return None;
            }
        };
        let Ok(words) = words::split(text) else {
            self.error_at(source, value.span, words::Unbalanced.to_string(), "close it, or quote the whole text");
            return None;
        };
        let Some((name, rest)) = words.split_first() else {
            self.error_at(source, value.span, format!("`{}` names no module", key.to_key()), "name one");
            return None;
        };
        let (name, rest) = (name.trim(), rest.join(" "));
        if name.contains("{{") {
            self.text(context, (name, Form::Rest), value, &rest, &mut placed)?;
            return Some(Step::Run(Action::Named(source.text(value, name), placed.arguments)));
        }
        match self.loader.target(name) {
            Some(Target::Module(module)) => {
                self.text(context, (name, free_form(module.spec())), value, &rest, &mut placed)?;
                Some(self.module_step(context, draft, value.span, module, placed))
            }
            Some(Target::Language(language)) => {
                self.text(context, (name, Form::Rest), value, &rest, &mut placed)?;
                self.language_step(context, draft, value.span, language, placed)
            }
            _ => {
                let (message, hint) = self.loader.unknown_module(name, &self.scope.directory, context);
                self.error_at(source, value.span, message, hint);
                None
            }
        }
    }

    fn language_step(
        &mut self,
        context: &Context,
        draft: &mut Draft<'_>,
        span: Span,
        name: &'static str,
        placed: Placed,
    ) -> Option<Step> {
        match name {
            "meta" => self.meta(context, span, placed),
            "include_tasks" => self.include_tasks(context, draft, span, placed),
            "include_role" => self.include_role(context, draft, span, placed),
            "include" => self.old_include(context, draft, span, placed),
            "import_tasks" => {
                let arguments = self.file_arguments(context, name, span, placed)?;
                Some(Step::ImportTasks(Call { span, arguments }))
            }
            "import_role" => {
                let arguments = self.role_arguments(context, name, span, placed)?.arguments;
                Some(Step::ImportRole(Call { span, arguments }))
            }
            _ => {
                let hint = "a file of plays is imported in the list of plays; tasks take `import_tasks`";
                self.error_at(&context.source, span, format!("`{name}` among tasks"), hint);
                None
            }
        }
    }

    fn meta(&mut self, context: &Context, span: Span, mut placed: Placed) -> Option<Step> {
        let word = placed.take("_raw_params");
        let Some((word, place)) = word else {
            self.error_at(&context.source, span, "meta lacks its word", format!("one of: {}", known::META.join(", ")));
            return None;
        };
        for (name, span) in &placed.spans {
            self.error(context.source.error(*span, format!("meta has no argument `{name}`")));
        }
        let text = word.to_string();
        if !text.contains("{{") && !known::META.contains(&text.trim()) {
            let hint = near::hint(text.trim(), "one of", known::META.iter().copied());
            self.error_at(&context.source, place, format!("unknown word `{text}` of meta"), hint);
            return None;
        }
        if text.trim() == "end_role" && context.parent.role().is_none() {
            self.error_at(&context.source, place, "`end_role` outside of a role", "write `end_play` or `end_host`");
        }
        Some(Step::Run(Action::Meta(word)))
    }
}

/// What a text at a module may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `k=v` only.
    None,
    /// A command.
    Command,
    /// `k=v`, and what is left is one argument.
    Rest,
}

fn free_form(spec: &Spec) -> Form {
    match spec.free_form {
        FreeForm::None => Form::None,
        FreeForm::Command => Form::Command,
        FreeForm::Raw if spec.name == "raw" => Form::Command,
        FreeForm::Raw => Form::Rest,
    }
}

/// Whether a text is one template and nothing else.
fn is_one_template(text: &str) -> bool {
    let text = text.trim();
    text.starts_with("{{") && text.ends_with("}}") && text.matches("{{").count() == 1
}
