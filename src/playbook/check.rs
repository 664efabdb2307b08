//! Arguments against what the module says it takes. What a template gives is known by its name only.

use super::arguments::Placed;
use super::keyword::is_computed;
use super::reader::{Context, Reader};
use super::{Keywords, Parent, near};
use crate::modules::{Args, Argument, Module, Spec, convert_argument};
use crate::template::Value;
use crate::yaml::Span;

impl Reader<'_> {
    /// Refuses unknown and missing arguments, and literal ones of the wrong type.
    pub fn check_arguments(&mut self, context: &Context, spec: &'static Spec, placed: &Placed, task: TaskFacts) {
        let TaskFacts { span, is_secret, .. } = task;
        let before = self.errors.len();
        let further = self.further(context, spec, placed);
        for (name, place) in &placed.spans {
            let value = placed.arguments.named.get(name.as_str());
            match spec.argument(name) {
                Some(argument) => {
                    if let Some(value) = value.filter(|value| !matches!(value, Value::Null) && is_literal(value)) {
                        self.check_value(context, argument, value, (*place, is_secret));
                    }
                }
                None if !spec.hands_to.is_empty() => {
                    self.check_further(context, spec, &further, (name, value, *place, is_secret));
                }
                None if spec.open || name == "_raw_params" => {}
                None => self.unknown_argument(context, spec, name, *place),
            }
        }
        if placed.arguments.whole.is_none() && task.defaults == Defaults::Unset {
            self.check_missing(context, spec, placed, span);
            let is_known = placed.arguments.named.values().all(is_literal);
            if let Err(error) = Args::check(spec, &placed.arguments.named)
                && is_known
                && self.errors.len() == before
            {
                let message = if is_secret { "the arguments do not go together".to_owned() } else { error.message };
                self.error(context.source.error(span, format!("{}: {message}", spec.name)));
            }
        }
    }

    /// The modules that arguments are handed on to: the one that `use` names, or all that there may be.
    fn further(&mut self, context: &Context, spec: &'static Spec, placed: &Placed) -> Vec<&'static Spec> {
        if spec.hands_to.is_empty() {
            return Vec::new();
        }
        let chosen = placed.arguments.named.get("use");
        let computed = chosen.filter(|value| !is_literal(value)).map(|_| "auto");
        let chosen = computed.or(chosen.and_then(Value::as_str)).unwrap_or("auto");
        if chosen == "auto" {
            let found = spec.hands_to.iter().filter_map(|name| self.loader.module(name));
            return found.map(Module::spec).collect();
        }
        if let Some(module) = self.loader.module(chosen) {
            return vec![module.spec()];
        }
        let span = placed.spans.iter().find(|(name, _)| name == "use").map(|(_, span)| *span).unwrap_or_default();
        let hint = near::hint(chosen, "there are", spec.hands_to.iter().copied());
        self.error_at(&context.source, span, format!("there is no module `{chosen}` that {} can use", spec.name), hint);
        Vec::new()
    }

    /// Refuses an argument that no module takes that it may be handed on to, or whose value none of them takes.
    fn check_further(
        &mut self,
        context: &Context,
        spec: &'static Spec,
        further: &[&'static Spec],
        (name, value, span, is_secret): (&str, Option<&Value>, Span, bool),
    ) {
        let takers: Vec<&'static Argument> = further.iter().filter_map(|module| module.argument(name)).collect();
        let Some(first) = takers.first() else {
            if !further.is_empty() {
                self.unknown_further(context, (spec, further), name, span);
            }
            return;
        };
        let Some(value) = value.filter(|value| !matches!(value, Value::Null) && is_literal(value)) else { return };
        if !takers.iter().any(|argument| convert_argument(argument, value).is_ok()) {
            self.check_value(context, first, value, (span, is_secret));
        }
    }

    fn unknown_further(
        &mut self,
        context: &Context,
        (spec, further): (&'static Spec, &[&'static Spec]),
        name: &str,
        span: Span,
    ) {
        let arguments = || std::iter::once(spec).chain(further.iter().copied()).flat_map(|spec| spec.arguments);
        let names = || arguments().flat_map(|argument| std::iter::once(&argument.name).chain(argument.aliases));
        let modules: Vec<&str> = further.iter().map(|module| module.name).collect();
        let hint = match near::nearest(name, names().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it takes what these take: {}", modules.join(", ")),
        };
        let message = match further {
            [module] => format!("{} has no argument `{name}`, nor has {}", spec.name, module.name),
            _ => format!("{} has no argument `{name}`, nor has any module that it hands on to", spec.name),
        };
        self.error_at(&context.source, span, message, hint);
    }

    /// Takes away arguments that have lost their effect, with a warning.
    pub fn drop_old_arguments(&mut self, context: &Context, spec: &'static Spec, placed: &mut Placed) {
        for (_, name) in OLD.iter().filter(|(module, _)| *module == spec.name) {
            if spec.argument(name).is_none()
                && let Some((_, place)) = placed.take(name)
            {
                let message = format!("`{name}` is an old argument of {} and has no effect", spec.name);
                self.warn(context.source.error(place, message).hint("take it out"));
            }
        }
    }

    fn check_value(
        &mut self,
        context: &Context,
        argument: &'static Argument,
        value: &Value,
        (span, is_secret): (Span, bool),
    ) {
        let Err(error) = convert_argument(argument, value) else { return };
        let diagnostic = if is_secret || argument.secret {
            context.source.secret_error(span, format!("argument '{}' is of the wrong type or value", argument.name))
        } else {
            context.source.error(span, error.message)
        };
        self.error(match error.hint {
            Some(hint) => diagnostic.hint(hint),
            None => diagnostic,
        });
    }

    fn unknown_argument(&mut self, context: &Context, spec: &'static Spec, name: &str, span: Span) {
        let names =
            || spec.arguments.iter().flat_map(|argument| std::iter::once(&argument.name).chain(argument.aliases));
        let hint = match near::nearest(name, names().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if spec.arguments.is_empty() => "it takes none".to_owned(),
            None => {
                let names: Vec<&str> = spec.arguments.iter().map(|argument| argument.name).collect();
                format!("it takes: {}", names.join(", "))
            }
        };
        self.error_at(&context.source, span, format!("{} has no argument `{name}`", spec.name), hint);
    }

    fn check_missing(&mut self, context: &Context, spec: &'static Spec, placed: &Placed, span: Span) {
        let is_given = |argument: &Argument| {
            let mut names = std::iter::once(&argument.name).chain(argument.aliases);
            names.any(|name| placed.arguments.named.contains_key(*name))
        };
        let missing: Vec<&str> = spec
            .arguments
            .iter()
            .filter(|argument| argument.required && !is_given(argument))
            .map(|argument| argument.name)
            .collect();
        if !missing.is_empty() {
            let names = missing.join("`, `");
            self.error(context.source.error(span, format!("{} lacks the argument `{names}`", spec.name)));
        }
    }
}

/// What is known of a task when its arguments are checked.
#[derive(Clone, Copy)]
pub struct TaskFacts {
    /// Where the module stands.
    pub span: Span,
    /// Whether no value may be shown.
    pub is_secret: bool,
    /// Whether `module_defaults` may add arguments.
    pub defaults: Defaults,
}

/// Whether `module_defaults` may add arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defaults {
    Unset,
    Set,
}

/// Whether `module_defaults` may add arguments.
pub fn defaults(own: &Keywords, parent: &std::sync::Arc<Parent>, spec: &Spec) -> Defaults {
    let names_it = |name: &str| {
        let short = name.rsplit_once('.').map_or(name, |(_, short)| short);
        short == spec.name || spec.aliases.contains(&short)
    };
    let sets = |value: &Value| match value {
        Value::Dict(dict) => dict.keys().any(|key| key.as_str().is_some_and(&names_it)),
        Value::Null => false,
        _ => true,
    };
    let levels = std::iter::once(own).chain(parent.levels().map(|level| &level.keywords));
    if levels.flat_map(|level| &level.module_defaults).any(sets) { Defaults::Set } else { Defaults::Unset }
}

/// Whether no part of a value is known only when it is used.
fn is_literal(value: &Value) -> bool {
    match value {
        Value::String(text) => !is_computed(text),
        Value::List(items) => items.iter().all(is_literal),
        Value::Dict(dict) => dict.values().all(is_literal),
        _ => true,
    }
}

/// Arguments that modules took once, without effect now.
const OLD: &[(&str, &str)] = &[("command", "warn"), ("shell", "warn"), ("script", "warn"), ("fetch", "validate_md5")];
