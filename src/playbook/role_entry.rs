//! Entries of `roles:` and `dependencies:`.

use super::Keywords;
use super::reader::{Context, Reader};
use super::role::{Request, RoleFiles};
use crate::template::{Dict, Value};
use crate::yaml::{Mapping, Node, NodeKind};

impl Reader<'_> {
    /// Reads an entry; unknown keys are the role's parameters.
    pub fn role_entry(&mut self, context: &Context, node: &Node) -> Option<Request> {
        let source = &*context.source;
        let mut request = Request {
            name: String::new(),
            span: node.span,
            params: Dict::new(),
            keywords: Keywords::default(),
            files: RoleFiles::default(),
            is_public: true,
            validates: true,
            is_dependency: false,
            repeats: None,
            given: Dict::new(),
        };
        let name = match &node.kind {
            NodeKind::String(name) if name.contains(',') => {
                let message = "a role's name holds no comma";
                self.error_at(source, node.span, message, "write `role: NAME` and its parameters as a mapping");
                return None;
            }
            NodeKind::String(_) | NodeKind::Number(_) => source.value(node),
            NodeKind::Mapping(mapping) => self.role_mapping(context, node, mapping, &mut request)?,
            _ => {
                let message = format!("a role is a name or a mapping, not {}", node.type_name());
                self.error_at(source, node.span, message, "write `- NAME` or `- role: NAME`");
                return None;
            }
        };
        request.name = self.static_name(context, &context.parent, &name, request.span)?;
        Some(request)
    }

    fn role_mapping(
        &mut self,
        context: &Context,
        node: &Node,
        mapping: &Mapping,
        request: &mut Request,
    ) -> Option<Value> {
        let source = &*context.source;
        let named = mapping.get("role").or_else(|| mapping.get("name"));
        for (key, value) in &mapping.entries {
            let name = key.to_key();
            let is_own = matches!(name.as_str(), "role" | "name");
            if is_own || self.keyword(source, &mut request.keywords, key, value) {
                continue;
            }
            request.params.insert(name.into(), source.value(value));
        }
        if let Some(named) = named.filter(|named| !named.is_falsy()) {
            request.span = named.span;
            return Some(source.value(named));
        }
        // As ansible-galaxy writes it: where the role comes from stands for its name.
        if let Some(url) = mapping.get("src").and_then(Node::as_str) {
            let last = url.split(',').next().unwrap_or(url).rsplit('/').next().unwrap_or(url);
            let name = last.trim_end_matches(".git").trim_end_matches(".tar.gz");
            return Some(source.text(node, name));
        }
        self.error_at(source, node.span, "this role has no name", "write `role: NAME`");
        None
    }
}
