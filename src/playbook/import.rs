//! `include_*` and `import_*` among tasks.

use std::sync::Arc;

use super::arguments::Placed;
use super::draft::{Call, Draft, Step};
use super::reader::{Context, Reader};
use super::role::{Loaded, Request, RoleFiles};
use super::scope::Names;
use super::search;
use super::source::{Source, directory_of};
use super::words;
use super::{Action, Arguments, Include, IncludeKind, Keywords, LoopSource, Parent, known, near};
use crate::template::{Dict, Value};
use crate::yaml::{Node, NodeKind, Span};

/// Keywords that a task of `include_tasks` or `include_role` may have besides its own.
const OF_INCLUDES: &[&str] = &[
    "name",
    "action",
    "args",
    "collections",
    "debugger",
    "ignore_errors",
    "loop",
    "loop_control",
    "no_log",
    "register",
    "run_once",
    "tags",
    "timeout",
    "vars",
    "when",
    "listen",
    "static",
];

impl Reader<'_> {
    /// `include_tasks`.
    pub fn include_tasks(
        &mut self,
        context: &Context,
        draft: &Draft<'_>,
        span: Span,
        mut placed: Placed,
    ) -> Option<Step> {
        self.include_keywords(context, draft, "include_tasks");
        let apply = self.apply(context, draft, &mut placed);
        let arguments = self.file_arguments(context, "include_tasks", span, placed)?;
        Some(Step::Run(Action::Include(Include { kind: IncludeKind::Tasks, arguments, apply })))
    }

    /// `include_role`.
    pub fn include_role(
        &mut self,
        context: &Context,
        draft: &Draft<'_>,
        span: Span,
        mut placed: Placed,
    ) -> Option<Step> {
        self.include_keywords(context, draft, "include_role");
        let apply = self.apply(context, draft, &mut placed);
        let placed = self.role_arguments(context, "include_role", span, placed)?;
        let arguments = placed.arguments;
        Some(Step::Run(Action::Include(Include { kind: IncludeKind::Role, arguments, apply })))
    }

    /// `include`: static, unless it is a template or in a loop.
    pub fn old_include(
        &mut self,
        context: &Context,
        draft: &mut Draft<'_>,
        span: Span,
        mut placed: Placed,
    ) -> Option<Step> {
        let source = &context.source;
        let hint = "write `import_tasks`, or `include_tasks` where it is a template or in a loop";
        self.warn(source.error(span, "`include` is an old action").hint(hint));
        let file = placed.take("_raw_params").or_else(|| placed.take("file"));
        let Some((file, place)) = file else {
            self.error_at(source, span, "include lacks its file", "name it: `include: tasks.yml`");
            return None;
        };
        if let Some((tags, _)) = placed.take("tags") {
            let tags = tags.to_string();
            draft.keywords.tags.extend(tags.split(',').map(|tag| Value::text(tag.trim())));
        }
        let vars = std::mem::take(&mut placed.arguments.named);
        draft.keywords.vars.get_or_insert_default().extend(vars);
        let is_dynamic = file.to_string().contains("{{") || draft.repeat.is_some() || draft.is_static == Some(false);
        let mut placed = Placed::default();
        placed.add("file", file, place);
        let arguments = placed.arguments;
        if is_dynamic && draft.is_static != Some(true) {
            let include = Include { kind: IncludeKind::Tasks, arguments, apply: Keywords::default() };
            return Some(Step::Run(Action::Include(include)));
        }
        Some(Step::ImportTasks(Call { span, arguments }))
    }

    fn include_keywords(&mut self, context: &Context, draft: &Draft<'_>, what: &str) {
        for key in &draft.given {
            let name = key.to_key();
            if !OF_INCLUDES.contains(&name.as_str()) && !name.starts_with("with_") {
                let hint = format!("write it under `apply` of {what}, or at a block around it");
                self.error_at(&context.source, key.span, format!("`{name}` is no keyword of {what}"), hint);
            }
        }
    }

    fn apply(&mut self, context: &Context, draft: &Draft<'_>, placed: &mut Placed) -> Keywords {
        let mut keywords = Keywords::default();
        placed.take("apply");
        let source = &*context.source;
        let Some(node) = draft.apply else { return keywords };
        let Some(mapping) = node.as_mapping() else {
            if !matches!(node.kind, NodeKind::Null) {
                let message = format!("`apply` must be a mapping, not {}", node.type_name());
                self.error_at(source, node.span, message, "write keywords below it: `become: true`");
            }
            return keywords;
        };
        for (key, value) in &mapping.entries {
            let name = key.to_key();
            if name != "name" && !self.keyword(source, &mut keywords, key, value) {
                let known = known::COMMON.iter().chain(known::CONDITIONAL).copied();
                let hint = near::hint(&name, "it takes", known);
                self.error_at(source, key.span, format!("unknown keyword `{name}` of apply"), hint);
            }
        }
        keywords
    }

    /// The arguments of `include_tasks` and `import_tasks`.
    pub fn file_arguments(
        &mut self,
        context: &Context,
        name: &str,
        span: Span,
        mut placed: Placed,
    ) -> Option<Arguments> {
        let source = &context.source;
        if let Some((file, place)) = placed.take("_raw_params") {
            placed.add("file", file, place);
        }
        for (argument, place) in placed.spans.iter().filter(|(argument, _)| argument != "file") {
            let hint = match argument.as_str() {
                "tags" | "when" => format!("put `{argument}:` beside {name}"),
                "apply" => "imports hand their own keywords down: put them beside import_tasks".to_owned(),
                _ => "variables for it stand under `vars`, beside it".to_owned(),
            };
            self.error_at(source, *place, format!("{name} has no argument `{argument}`"), hint);
        }
        let file = placed.arguments.named.get("file");
        if placed.arguments.whole.is_none() && file.is_none_or(|file| matches!(file, Value::Null)) {
            self.error_at(source, span, format!("{name} lacks its file"), format!("name it: `{name}: tasks.yml`"));
            return None;
        }
        Some(placed.arguments)
    }

    /// The arguments of `include_role` and `import_role`.
    pub fn role_arguments(&mut self, context: &Context, name: &str, span: Span, mut placed: Placed) -> Option<Placed> {
        let source = &context.source;
        if let Some((role, place)) = placed.take("role").or_else(|| placed.take("_raw_params")) {
            placed.add("name", role, place);
        }
        if let Some((private, place)) = placed.take("private") {
            self.warn(source.error(place, "`private` is an old argument").hint("write `public`"));
            placed.add("public", Value::Bool(super::keyword::boolean(&private) == Some(false)), place);
        }
        if let Some((_, place)) = placed.take("static") {
            self.warn(source.error(place, "`static` is an old argument and has no effect"));
        }
        for (argument, place) in &placed.spans {
            if !known::ROLE_INCLUDE.contains(&argument.as_str()) || argument == "apply" {
                let hint = match argument.as_str() {
                    "apply" => "imports hand their own keywords down: put them beside import_role".to_owned(),
                    _ => near::hint(argument, "it takes", known::ROLE_INCLUDE.iter().copied()),
                };
                self.error_at(source, *place, format!("{name} has no argument `{argument}`"), hint);
            }
        }
        let is_named = placed.arguments.named.get("name").is_some_and(Value::is_true);
        if placed.arguments.whole.is_none() && !is_named {
            self.error_at(source, span, format!("{name} lacks the argument `name`"), "name the role: `name: common`");
            return None;
        }
        Some(placed)
    }

    /// Reads the file of `import_tasks` and says where its tasks stand.
    pub fn import_tasks(
        &mut self,
        context: &Context,
        draft: &Draft<'_>,
        call: &Call,
    ) -> Option<(Context, Arc<Source>)> {
        self.refuse_loop(context, draft, call.span, "tasks")?;
        let parent = Arc::new(Parent::below(&context.parent, draft.keywords.clone()));
        let name = self.static_name(context, &parent, call.arguments.named.get("file")?, call.span)?;
        let places = search::task_files(&context.parent, &self.scope.directory, &name, context.section);
        let Some(path) = places.iter().find(|path| path.is_file()) else {
            let message = format!("there is no file `{name}`");
            self.error_at(&context.source, call.span, message, search::looked(&places));
            return None;
        };
        let shown: Arc<str> = path.to_string_lossy().into();
        self.refuse_cycle(context, call.span, &shown)?;
        let source = self.read(path)?;
        self.task_list(&source)?;
        let mut chain = context.chain.clone();
        chain.push(shown);
        let below = Parent::below(&context.parent, draft.keywords.clone());
        let parent = Arc::new(Parent { directory: Some(directory_of(path)), ..below });
        let notify = draft.notify.clone().unwrap_or_else(|| context.notify.clone());
        let inner = Context { source: Arc::clone(&source), parent, section: context.section, notify, chain };
        Some((inner, source))
    }

    /// Reads the role of `import_role`.
    pub fn import_role(&mut self, context: &Context, draft: &Draft<'_>, call: &Call) -> Option<Loaded> {
        self.refuse_loop(context, draft, call.span, "role")?;
        let parent = Arc::new(Parent::below(&context.parent, draft.keywords.clone()));
        let mut text = |name: &str| match call.arguments.named.get(name) {
            None | Some(Value::Null) => Some(None),
            Some(value) => self.static_name(context, &parent, value, call.span).map(Some),
        };
        let name = text("name")??;
        let files = RoleFiles {
            tasks: text("tasks_from")?,
            vars: text("vars_from")?,
            defaults: text("defaults_from")?,
            handlers: text("handlers_from")?,
        };
        let flag = |name: &str, default: bool| {
            call.arguments.named.get(name).and_then(super::keyword::boolean).unwrap_or(default)
        };
        let request = Request {
            name,
            span: call.span,
            params: Dict::new(),
            keywords: draft.keywords.clone(),
            files,
            is_public: flag("public", true),
            validates: flag("rolespec_validate", true),
            is_dependency: false,
            repeats: Some(flag("allow_duplicates", true)),
            given: Dict::new(),
        };
        self.role(context, request)
    }

    fn refuse_loop(&mut self, context: &Context, draft: &Draft<'_>, span: Span, what: &str) -> Option<()> {
        let Some(repeat) = &draft.repeat else { return Some(()) };
        let name = match &repeat.source {
            LoopSource::List => "loop".to_owned(),
            LoopSource::Lookup(lookup) => format!("with_{lookup}"),
        };
        let message = format!("`{name}` at import_{what}: an import is read once, before the run");
        self.error_at(&context.source, span, message, format!("write `include_{what}`"));
        None
    }

    /// Refuses a file that imports itself.
    pub fn refuse_cycle(&mut self, context: &Context, span: Span, path: &Arc<str>) -> Option<()> {
        if !context.chain.contains(path) {
            return Some(());
        }
        let start = context.chain.iter().position(|known| known == path).unwrap_or(0);
        let mut chain: Vec<&str> = context.chain[start..].iter().map(|path| &**path).collect();
        chain.push(path);
        let message = format!("`{path}` is imported within itself");
        self.error_at(&context.source, span, message, format!("the chain: {}", chain.join(" -> ")));
        None
    }

    /// A name that a static import gives; its templates see what is known before the run.
    pub fn static_name(
        &mut self,
        context: &Context,
        parent: &Arc<Parent>,
        value: &Value,
        span: Span,
    ) -> Option<String> {
        let Value::String(text) = value else { return Some(value.to_string()) };
        let names = Names { loader: self.loader, play: &self.scope, parent: Some(parent) };
        match names.resolve(text) {
            Ok(name) => Some(name),
            Err(reason) => {
                let message = format!("an import's name must be known before the run: {reason}");
                let hint = "set it with --extra-vars or `vars` of the play, or include it instead";
                self.error_at(&context.source, span, message, hint);
                None
            }
        }
    }

    /// Whether a file holds a list of tasks.
    pub fn task_list(&mut self, source: &Source) -> Option<()> {
        match source.root.as_ref() {
            None | Some(Node { kind: NodeKind::Null, .. }) => {
                self.warn(source.whole("is empty and holds no tasks"));
                Some(())
            }
            Some(Node { kind: NodeKind::Sequence(_), .. }) => Some(()),
            Some(node) => {
                let message = format!("a file of tasks holds a list, not {}", node.type_name());
                self.error_at(source, node.span, message, "put `- ` before each task");
                None
            }
        }
    }

    /// Tasks of a file that is imported old-style among plays: its name and `k=v`.
    pub fn old_file_words(&mut self, source: &Source, node: &Node) -> Option<(String, Vec<(String, String)>)> {
        let text = node.as_str()?;
        let mut words = words::split(text).ok()?;
        if words.is_empty() {
            return None;
        }
        let file = words.remove(0).trim().to_owned();
        let rest = words::parse(&words::join(&words), words::Names::All).ok()?;
        if let Some(free) = &rest.free {
            self.error_at(source, node.span, format!("`{free}` is no `name=value`"), "variables stand under `vars`");
        }
        Some((file, rest.named))
    }
}
