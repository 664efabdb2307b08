//! Lists of tasks and blocks, and of handlers.

use std::sync::Arc;

use super::draft::{Draft, Step};
use super::reader::{Context, Reader, Section};
use super::{Block, Entry, Handler, Keywords, Parent, Task, known, near};
use crate::yaml::{Mapping, Node, NodeKind};

/// A block's lists, not yet read.
struct BlockParts<'n> {
    name: Option<&'n Node>,
    context: Context,
    body: Option<&'n Node>,
    rescue: Option<&'n Node>,
    always: Option<&'n Node>,
}

impl BlockParts<'_> {
    /// Where the body is read.
    fn within(&self) -> Context {
        if nodes_of(self.rescue).is_empty() {
            return self.context.clone();
        }
        let above = &self.context.parent;
        let parent = Parent { rescued: true, ..Parent::below(above, Keywords::default()) };
        Context { parent: Arc::new(parent), ..self.context.clone() }
    }
}

impl Reader<'_> {
    /// Reads tasks and blocks.
    pub fn entries(&mut self, context: &Context, nodes: &[Node]) -> Vec<Entry> {
        let mut entries = Vec::with_capacity(nodes.len());
        for node in nodes {
            let Some(mapping) = self.entry_mapping(context, node) else { continue };
            if mapping.get("block").is_some() {
                entries.push(Entry::Block(Arc::new(self.block(context, node, mapping))));
            } else if let Some((draft, step)) = self.draft(context, node, mapping) {
                entries.extend(self.entry(context, draft, step));
            }
        }
        entries
    }

    fn entry(&mut self, context: &Context, draft: Draft<'_>, step: Step) -> Vec<Entry> {
        match step {
            Step::Run(action) => vec![Entry::Task(Arc::new(draft.finish(context, action)))],
            Step::ImportTasks(call) => {
                let Some((inner, source)) = self.import_tasks(context, &draft, &call) else { return Vec::new() };
                let body = self.entries(&inner, nodes_of(source.root.as_ref()));
                vec![Entry::Block(Arc::new(wrapped(&draft, context, inner.parent, body)))]
            }
            Step::ImportRole(call) => {
                let Some(loaded) = self.import_role(context, &draft, &call) else { return Vec::new() };
                self.imported.extend(loaded.handlers);
                loaded.entries
            }
        }
    }

    /// Reads handlers; blocks and imports among them are replaced by what they hold.
    pub fn handlers(&mut self, context: &Context, nodes: &[Node]) -> Vec<Arc<Handler>> {
        let mut handlers = Vec::with_capacity(nodes.len());
        for node in nodes {
            let Some(mapping) = self.entry_mapping(context, node) else { continue };
            if mapping.get("block").is_some() {
                let parts = self.block_parts(context, node, mapping);
                for ignored in [parts.rescue, parts.always].into_iter().flatten() {
                    let message = "a block of handlers has neither `rescue` nor `always`";
                    self.error_at(&context.source, ignored.span, message, "take it out");
                }
                let body = nodes_of(parts.body);
                handlers.extend(self.handlers(&parts.context, body));
            } else if let Some((mut draft, step)) = self.draft(context, node, mapping) {
                let listen = std::mem::take(&mut draft.listen);
                handlers.extend(self.handler(context, draft, step, listen));
            }
        }
        handlers
    }

    fn handler(
        &mut self,
        context: &Context,
        draft: Draft<'_>,
        step: Step,
        listen: Vec<crate::template::Value>,
    ) -> Vec<Arc<Handler>> {
        match step {
            Step::Run(action) => {
                let task: Arc<Task> = Arc::new(draft.finish(context, action));
                vec![Arc::new(Handler { task, listen })]
            }
            Step::ImportTasks(call) => match self.import_tasks(context, &draft, &call) {
                Some((inner, source)) => self.handlers(&inner, nodes_of(source.root.as_ref())),
                None => Vec::new(),
            },
            Step::ImportRole(_) => {
                let message = "a role cannot be a handler";
                self.error_at(&context.source, draft.span, message, "put the role's tasks into `include_tasks`");
                Vec::new()
            }
        }
    }

    fn entry_mapping<'n>(&mut self, context: &Context, node: &'n Node) -> Option<&'n Mapping> {
        let what = if context.section == Section::Tasks { "task" } else { "handler" };
        match &node.kind {
            NodeKind::Mapping(mapping) if mapping.entries.is_empty() => None,
            NodeKind::Mapping(mapping) if mapping.get("hosts").is_some() => {
                self.error_at(
                    &context.source,
                    node.span,
                    format!("this is a play, and here a {what} is expected"),
                    "a file of plays is imported with `import_playbook`, in the list of plays",
                );
                None
            }
            NodeKind::Mapping(mapping) => Some(mapping),
            NodeKind::Null => {
                self.warn_at(&context.source, node.span, format!("an empty {what} is left out"));
                None
            }
            _ => {
                let message = format!("a {what} is a mapping, not {}", node.type_name());
                self.error_at(&context.source, node.span, message, "write `- name: …` and a module below it");
                None
            }
        }
    }

    fn block(&mut self, context: &Context, node: &Node, mapping: &Mapping) -> Block {
        let parts = self.block_parts(context, node, mapping);
        let mut list = |name: &str, node: Option<&Node>, context: &Context| {
            let node = node?;
            let nodes = self.items(&context.source, name, node, "tasks").to_vec();
            Some(self.entries(context, &nodes))
        };
        let body = list("block", parts.body, &parts.within());
        let rescue = list("rescue", parts.rescue, &parts.context);
        let always = list("always", parts.always, &parts.context);
        Block {
            name: parts.name.map(|name| context.source.value(name)),
            place: context.source.origin(node.span),
            parent: parts.context.parent,
            body: body.unwrap_or_default(),
            rescue: rescue.unwrap_or_default(),
            always: always.unwrap_or_default(),
        }
    }

    fn block_parts<'n>(&mut self, context: &Context, node: &'n Node, mapping: &'n Mapping) -> BlockParts<'n> {
        let mut keywords = Keywords::default();
        let mut inner = context.clone();
        for (key, value) in &mapping.entries {
            match key.as_str().unwrap_or_default() {
                "name" | "block" | "rescue" | "always" => {}
                "notify" => inner.notify = self.names(&context.source, "notify", value),
                _ if self.keyword(&context.source, &mut keywords, key, value) => {}
                name => {
                    let name = if name.is_empty() { key.to_key() } else { name.to_owned() };
                    let known = known::COMMON.iter().chain(known::CONDITIONAL).chain(known::BLOCK).copied();
                    let hint = if known::TASK.contains(&name.as_str()) || name.starts_with("with_") {
                        format!("`{name}` stands at tasks; blocks have none")
                    } else {
                        near::hint(&name, "a block takes", known)
                    };
                    self.error_at(&context.source, key.span, format!("unknown keyword `{name}` of a block"), hint);
                }
            }
        }
        let _ = node;
        self.check_templates(&context.source, mapping);
        inner.parent = Arc::new(Parent::below(&context.parent, keywords));
        BlockParts {
            name: mapping.get("name"),
            context: inner,
            body: mapping.get("block"),
            rescue: mapping.get("rescue"),
            always: mapping.get("always"),
        }
    }
}

/// The items of a list node; none for anything else.
pub fn nodes_of(node: Option<&Node>) -> &[Node] {
    match node.map(|node| &node.kind) {
        Some(NodeKind::Sequence(items)) => items,
        _ => &[],
    }
}

/// What an import brought, as a block.
fn wrapped(draft: &Draft<'_>, context: &Context, parent: Arc<Parent>, body: Vec<Entry>) -> Block {
    Block { name: None, place: context.source.origin(draft.span), parent, body, rescue: Vec::new(), always: Vec::new() }
}
