//! Plays.

use std::path::Path;
use std::sync::Arc;

use super::entries::nodes_of;
use super::keyword::{Kind, is_computed};
use super::reader::{Context, Reader, Section};
use super::scope::PlayScope;
use super::search;
use super::source::Source;
use super::{Keywords, Parent, Play, Prompt, known, near};
use crate::template::{Dict, Value};
use crate::yaml::{Mapping, Node, NodeKind};

/// A play whose tasks and roles are not read yet.
struct Draft<'n> {
    name: Option<Value>,
    hosts: Option<Value>,
    keywords: Keywords,
    scalars: Scalars,
    serial: Vec<Value>,
    vars_files: Option<&'n Node>,
    vars_prompt: Vec<Prompt>,
    lists: Lists<'n>,
}

#[derive(Default)]
struct Scalars {
    gather_facts: Option<Value>,
    gather_subset: Option<Value>,
    gather_timeout: Option<Value>,
    fact_path: Option<Value>,
    strategy: Option<Value>,
    order: Option<Value>,
    max_fail_percentage: Option<Value>,
    force_handlers: Option<Value>,
}

#[derive(Default)]
struct Lists<'n> {
    roles: Option<&'n Node>,
    pre_tasks: Option<&'n Node>,
    tasks: Option<&'n Node>,
    post_tasks: Option<&'n Node>,
    handlers: Option<&'n Node>,
}

/// What `import_playbook` hands to the plays that it brings.
#[derive(Clone, Debug, Default)]
pub struct Handed {
    /// `when`, `tags`, and `vars`, which are stronger than the play's own.
    pub keywords: Keywords,
    /// Files whose imports led here.
    pub chain: Vec<Arc<str>>,
}

impl Reader<'_> {
    /// Reads a play.
    pub fn play(&mut self, source: &Arc<Source>, node: &Node, mapping: &Mapping, handed: &Handed) -> Option<Play> {
        let mut draft = Draft {
            name: None,
            hosts: None,
            keywords: Keywords::default(),
            scalars: Scalars::default(),
            serial: Vec::new(),
            vars_files: None,
            vars_prompt: Vec::new(),
            lists: Lists::default(),
        };
        for (key, value) in &mapping.entries {
            self.play_keyword(source, &mut draft, key, value);
        }
        self.check_templates(source, mapping);
        if draft.hosts.is_none() && mapping.get("hosts").is_none() {
            self.no_hosts(source, node, mapping);
            return None;
        }
        let directory = source.directory();
        draft.keywords.when.splice(0..0, handed.keywords.when.iter().cloned());
        draft.keywords.tags.extend(handed.keywords.tags.iter().cloned());
        if let Some(vars) = &handed.keywords.vars {
            draft.keywords.vars.get_or_insert_default().extend(vars.clone());
        }
        self.scope = PlayScope {
            directory: directory.clone(),
            vars: draft.keywords.vars.clone().unwrap_or_default(),
            files: Dict::new(),
        };
        let vars_files = self.vars_files(source, draft.vars_files);
        let root = Arc::new(Parent::root(std::mem::take(&mut draft.keywords)));
        let context = Context {
            source: Arc::clone(source),
            parent: Arc::clone(&root),
            section: Section::Tasks,
            notify: Vec::new(),
            chain: handed.chain.clone(),
        };
        let mut play = Play {
            name: draft.name,
            place: source.origin(node.span),
            hosts: draft.hosts.unwrap_or(Value::Null),
            directory: super::role::absolute(&directory),
            root,
            gather_facts: draft.scalars.gather_facts,
            gather_subset: draft.scalars.gather_subset,
            gather_timeout: draft.scalars.gather_timeout,
            fact_path: draft.scalars.fact_path,
            serial: draft.serial,
            strategy: draft.scalars.strategy,
            order: draft.scalars.order,
            max_fail_percentage: draft.scalars.max_fail_percentage,
            force_handlers: draft.scalars.force_handlers,
            vars_files,
            vars_prompt: draft.vars_prompt,
            roles: Vec::new(),
            pre_tasks: Vec::new(),
            role_tasks: Vec::new(),
            tasks: Vec::new(),
            post_tasks: Vec::new(),
            handlers: Vec::new(),
        };
        self.play_lists(&context, &draft.lists, &mut play);
        self.follow_includes();
        Some(play)
    }

    fn play_lists(&mut self, context: &Context, lists: &Lists<'_>, play: &mut Play) {
        let source = Arc::clone(&context.source);
        self.imported.clear();
        self.seen.clear();
        for node in lists.roles.map(|node| self.items(&source, "roles", node, "roles")).unwrap_or_default() {
            let Some(request) = self.role_entry(context, node) else { continue };
            let Some(loaded) = self.role(context, request) else { continue };
            play.roles.extend(loaded.roles);
            play.role_tasks.extend(loaded.entries);
            play.handlers.extend(loaded.handlers);
        }
        let tasks = |reader: &mut Self, name: &str, node: Option<&Node>| {
            let node = node?;
            let nodes = reader.items(&source, name, node, "tasks");
            Some(reader.entries(context, nodes))
        };
        play.pre_tasks = tasks(self, "pre_tasks", lists.pre_tasks).unwrap_or_default();
        play.tasks = tasks(self, "tasks", lists.tasks).unwrap_or_default();
        play.post_tasks = tasks(self, "post_tasks", lists.post_tasks).unwrap_or_default();
        if let Some(node) = lists.handlers {
            let inner = Context { section: Section::Handlers, ..context.clone() };
            self.items(&source, "handlers", node, "handlers");
            play.handlers.extend(self.handlers(&inner, nodes_of(Some(node))));
        }
        play.handlers.append(&mut self.imported);
    }

    fn play_keyword<'n>(&mut self, source: &Source, draft: &mut Draft<'n>, key: &Node, value: &'n Node) {
        let name = key.to_key();
        let scalars = &mut draft.scalars;
        match name.as_str() {
            "name" => draft.name = self.scalar(source, &name, value, Kind::Text),
            "hosts" => draft.hosts = Some(self.hosts(source, value)),
            "gather_facts" => scalars.gather_facts = self.scalar(source, &name, value, Kind::Bool),
            "gather_subset" => scalars.gather_subset = Some(source.value(value)),
            "gather_timeout" => scalars.gather_timeout = self.scalar(source, &name, value, Kind::Int),
            "fact_path" => scalars.fact_path = self.scalar(source, &name, value, Kind::Text),
            "max_fail_percentage" => scalars.max_fail_percentage = self.percentage(source, value),
            "force_handlers" => scalars.force_handlers = self.scalar(source, &name, value, Kind::Bool),
            "strategy" => scalars.strategy = self.strategy(source, value),
            "order" => {
                scalars.order = self.scalar(source, &name, value, Kind::Text);
                self.choice(source, value, &name, scalars.order.as_ref(), known::ORDERS);
            }
            "serial" => draft.serial = self.serial(source, value),
            "vars_files" => draft.vars_files = Some(value),
            "vars_prompt" => draft.vars_prompt = self.prompts(source, value),
            "roles" => draft.lists.roles = Some(value),
            "pre_tasks" => draft.lists.pre_tasks = Some(value),
            "tasks" => draft.lists.tasks = Some(value),
            "post_tasks" => draft.lists.post_tasks = Some(value),
            "handlers" => draft.lists.handlers = Some(value),
            "user" => {
                draft.keywords.remote_user = self.scalar(source, &name, value, Kind::Text);
                self.warn(source.error(key.span, "`user` is an old keyword").hint("write `remote_user`"));
            }
            "when" | "delegate_to" | "delegate_facts" => self.unknown_play_keyword(source, key, &name),
            _ if self.keyword(source, &mut draft.keywords, key, value) => {}
            _ => self.unknown_play_keyword(source, key, &name),
        }
    }

    fn unknown_play_keyword(&mut self, source: &Source, key: &Node, name: &str) {
        let hint = if known::TASK.contains(&name) || known::CONDITIONAL.contains(&name) || name.starts_with("with_") {
            format!("`{name}` stands at tasks, blocks and roles")
        } else if self.loader.target(name).is_some() {
            "a module stands in a task: put `- ` before it, below `tasks:`".to_owned()
        } else {
            near::hint(name, "a play takes", known::PLAY.iter().chain(known::COMMON).copied())
        };
        self.error_at(source, key.span, format!("unknown keyword `{name}` of a play"), hint);
    }

    fn no_hosts(&mut self, source: &Source, node: &Node, mapping: &Mapping) {
        let has_module = mapping
            .entries
            .iter()
            .any(|(key, _)| key.as_str().is_some_and(|name| name == "block" || self.loader.target(name).is_some()));
        if has_module {
            // What its keywords were called wrong for is explained by this.
            self.errors.retain(|error| error.place.span.is_none_or(|span| span.line < node.span.line));
            let message = "this is a task, and here a play is expected";
            let hint =
                "write `- hosts: …` with this list below its `tasks:`, or pass the playbook that includes this file";
            return self.error_at(source, node.span, message, hint);
        }
        self.error_at(source, node.span, "this play has no `hosts`", "write `hosts: all`, a group or a host");
    }

    fn hosts(&mut self, source: &Source, node: &Node) -> Value {
        let wrong = match &node.kind {
            NodeKind::String(text) if !text.trim().is_empty() => None,
            NodeKind::Sequence(items) if items.is_empty() => Some((node, "`hosts` is empty".to_owned())),
            NodeKind::Sequence(items) => items
                .iter()
                .find(|item| !matches!(item.kind, NodeKind::String(_)))
                .map(|item| (item, format!("a pattern of `hosts` is text, not {}", item.type_name()))),
            NodeKind::Null | NodeKind::String(_) => Some((node, "`hosts` is empty".to_owned())),
            _ => Some((node, format!("`hosts` must be text or a list, not {}", node.type_name()))),
        };
        if let Some((node, message)) = wrong {
            self.error_at(source, node.span, message, "write `hosts: all`, a group or a host");
        }
        source.value(node)
    }

    fn percentage(&mut self, source: &Source, node: &Node) -> Option<Value> {
        match node.as_str().and_then(|text| text.trim().strip_suffix('%')) {
            Some(number) if number.trim().parse::<f64>().is_ok() => Some(Value::text(number.trim())),
            _ => self.scalar(source, "max_fail_percentage", node, Kind::Float),
        }
    }

    fn strategy(&mut self, source: &Source, node: &Node) -> Option<Value> {
        let value = self.scalar(source, "strategy", node, Kind::Text)?;
        let name = value.to_string();
        let name = name.strip_prefix("ansible.builtin.").unwrap_or(&name);
        let same = match name {
            "debug" => Some("linear"),
            _ => name.strip_prefix("mitogen_"),
        };
        if let Some(same) = same {
            self.warn_at(source, node.span, format!("strategy `{name}` is run as `{same}`"));
            return Some(Value::text(same));
        }
        self.choice(source, node, "strategy", Some(&value), known::STRATEGIES);
        if name.contains("{{") { Some(value) } else { Some(Value::text(name)) }
    }

    /// Refuses a literal value that is none of those known.
    fn choice(&mut self, source: &Source, node: &Node, name: &str, value: Option<&Value>, known: &[&str]) {
        let Some(Value::String(text)) = value else { return };
        let short = text.as_str().strip_prefix("ansible.builtin.").unwrap_or(text.as_str());
        if !is_computed(text) && !known.contains(&short) {
            let message = format!("{name} `{}` is not supported", text.as_str());
            self.error_at(source, node.span, message, near::hint(short, "supported", known.iter().copied()));
        }
    }

    fn serial(&mut self, source: &Source, node: &Node) -> Vec<Value> {
        let nodes = match &node.kind {
            NodeKind::Null => &[],
            NodeKind::Sequence(items) => &**items,
            _ => std::slice::from_ref(node),
        };
        for node in nodes {
            let is_good = match &node.kind {
                NodeKind::Number(number) => number.is_i64(),
                NodeKind::String(text) => {
                    let text = text.trim();
                    text.contains("{{") || text.strip_suffix('%').unwrap_or(text).trim().parse::<f64>().is_ok()
                }
                _ => false,
            };
            if !is_good {
                let message = format!("`serial` must be a number or a percentage, not {}", node.type_name());
                self.error_at(source, node.span, message, "write `serial: 2`, `serial: 30%` or a list of them");
            }
        }
        nodes.iter().map(|node| source.value(node)).collect()
    }

    fn prompts(&mut self, source: &Source, node: &Node) -> Vec<Prompt> {
        if let NodeKind::Mapping(mapping) = &node.kind {
            // As once: `vars_prompt: {name: question}`.
            let question = |(key, value): &(Node, Node)| plain_prompt(key.to_key(), Some(source.value(value)));
            return mapping.entries.iter().map(question).collect();
        }
        let nodes = self.items(source, "vars_prompt", node, "questions");
        nodes.iter().filter_map(|node| self.prompt(source, node)).collect()
    }

    fn prompt(&mut self, source: &Source, node: &Node) -> Option<Prompt> {
        let Some(mapping) = node.as_mapping() else {
            let message = format!("a question is a mapping, not {}", node.type_name());
            self.error_at(source, node.span, message, "write `- name: VARIABLE` and `prompt: …` below it");
            return None;
        };
        let Some(name) = mapping.get("name") else {
            self.error_at(source, node.span, "this question has no `name`", "name the variable that it sets");
            return None;
        };
        let mut prompt = plain_prompt(name.to_key(), None);
        for (key, value) in &mapping.entries {
            let name = key.to_key();
            let is_set =
                |reader: &mut Self| reader.scalar(source, &name, value, Kind::Bool).is_none_or(|value| value.is_true());
            match name.as_str() {
                "name" => self.variable_name(source, value.span, &value.to_key()),
                "prompt" => prompt.prompt = self.scalar(source, &name, value, Kind::Text),
                "default" => prompt.default = Some(source.value(value)),
                "private" => prompt.private = is_set(self),
                "confirm" => prompt.confirm = is_set(self),
                "unsafe" => prompt.r#unsafe = is_set(self),
                "encrypt" => {
                    prompt.encrypt = self.scalar(source, &name, value, Kind::Text).map(|value| value.to_string());
                }
                "salt_size" => {
                    prompt.salt_size = match self.scalar(source, &name, value, Kind::Int) {
                        Some(Value::Int(size)) => Some(size),
                        _ => None,
                    };
                }
                "salt" => prompt.salt = self.scalar(source, &name, value, Kind::Text),
                _ => {
                    let hint = near::hint(&name, "it takes", known::PROMPT.iter().copied());
                    self.error_at(source, key.span, format!("unknown keyword `{name}` of vars_prompt"), hint);
                }
            }
        }
        Some(prompt)
    }

    /// Names of files of variables; those known by now are read for the names of imports.
    fn vars_files(&mut self, source: &Source, node: Option<&Node>) -> Vec<Value> {
        let Some(node) = node else { return Vec::new() };
        let nodes = match &node.kind {
            NodeKind::Null => &[],
            NodeKind::Sequence(items) => &**items,
            _ => std::slice::from_ref(node),
        };
        for node in nodes {
            let alternatives = match &node.kind {
                NodeKind::Sequence(items) => &**items,
                _ => std::slice::from_ref(node),
            };
            self.vars_file(source, node, alternatives);
        }
        nodes.iter().map(|node| source.value(node)).collect()
    }

    fn vars_file(&mut self, source: &Source, node: &Node, alternatives: &[Node]) {
        let mut looked = Vec::new();
        for alternative in alternatives {
            let Some(name) = alternative.as_str() else {
                let message = format!("a file of variables is named by text, not {}", alternative.type_name());
                return self.error(source.error(alternative.span, message));
            };
            if name.contains("{{") || name.contains("{%") {
                return;
            }
            let directory = self.scope.directory.clone();
            for place in [search::join(&directory, name), search::join(&directory, Path::new("vars").join(name))] {
                if place.is_file() {
                    let Some(file) = self.read(&place) else { return };
                    let mut vars = Dict::new();
                    self.merge_vars(&file, &mut vars);
                    self.check_variables(&place, &vars);
                    self.scope.files.extend(vars);
                    return;
                }
                looked.push(place);
            }
        }
        self.error_at(source, node.span, "there is no such file of variables", search::looked(&looked));
    }
}

fn plain_prompt(name: String, prompt: Option<Value>) -> Prompt {
    Prompt {
        name,
        prompt,
        default: None,
        private: true,
        confirm: false,
        encrypt: None,
        salt_size: None,
        salt: None,
        r#unsafe: false,
    }
}
