//! Templates of tasks and plays, looked at before anything runs.

use super::reader::Reader;
use super::source::Source;
use crate::template::{TemplateError, check_expression, check_template};
use crate::yaml::{Mapping, Node, NodeKind, Span};

/// Keys whose entries are tasks, which are looked at on their own, or texts that are no templates.
const OTHERS: &[&str] =
    &["block", "rescue", "always", "tasks", "pre_tasks", "post_tasks", "handlers", "roles", "vars_prompt", "register"];

/// Keys of which a text is an expression.
const CONDITIONS: &[&str] = &["when", "until", "failed_when", "changed_when"];

#[derive(Clone, Copy)]
struct Place<'s> {
    source: &'s Source,
    is_secret: bool,
}

impl Reader<'_> {
    /// Refuses templates of a task, block or play that could never be computed.
    pub fn check_templates(&mut self, source: &Source, mapping: &Mapping) {
        let hides = |node: &Node| !matches!(node.kind, NodeKind::Bool(false) | NodeKind::Null);
        let place = Place { source, is_secret: mapping.get("no_log").is_some_and(hides) };
        for (key, value) in &mapping.entries {
            let key = key.to_key();
            let short = key.rsplit('.').next().unwrap_or(&key);
            match short {
                _ if OTHERS.contains(&short) => {}
                "name" => self.warn_of_name(place, value),
                _ if CONDITIONS.contains(&short) => self.check_node(place, value, true),
                "assert" => self.check_but(place, value, "that"),
                "debug" => self.check_but(place, value, "var"),
                "args" => self.check_args(place, mapping, value),
                "loop_control" => self.check_but(place, value, "break_when"),
                _ => self.check_node(place, value, false),
            }
        }
    }

    fn check_args(&mut self, place: Place<'_>, mapping: &Mapping, value: &Node) {
        let is = |name: &str| mapping.entries.iter().any(|(key, _)| key.to_key().rsplit('.').next() == Some(name));
        match () {
            () if is("assert") => self.check_but(place, value, "that"),
            () if is("debug") => self.check_but(place, value, "var"),
            () => self.check_node(place, value, false),
        }
    }

    /// Checks arguments of which one is an expression.
    fn check_but(&mut self, place: Place<'_>, node: &Node, expression: &str) {
        let Some(mapping) = node.as_mapping() else { return self.check_node(place, node, false) };
        for (key, value) in &mapping.entries {
            self.check_node(place, value, key.to_key() == expression);
        }
    }

    fn check_node(&mut self, place: Place<'_>, node: &Node, is_expression: bool) {
        if node.tag.is_some() {
            return;
        }
        match &node.kind {
            NodeKind::String(text) => {
                let origin = place.source.origin(node.span);
                let check = if is_expression { check_expression } else { check_template };
                for error in check(text, &origin) {
                    self.template_error(place, node.span, error);
                }
            }
            NodeKind::Sequence(items) => items.iter().for_each(|item| self.check_node(place, item, is_expression)),
            NodeKind::Mapping(mapping) => {
                mapping.entries.iter().for_each(|(_, value)| self.check_node(place, value, is_expression));
            }
            NodeKind::Null | NodeKind::Bool(_) | NodeKind::Number(_) => {}
        }
    }

    /// A name that cannot be computed is shown as it is.
    fn warn_of_name(&mut self, place: Place<'_>, node: &Node) {
        let NodeKind::String(text) = &node.kind else { return };
        if node.tag.is_none() {
            for error in check_template(text, &place.source.origin(node.span)) {
                self.warn_at(place.source, node.span, error.message);
            }
        }
    }

    fn template_error(&mut self, place: Place<'_>, span: Span, error: TemplateError) {
        let span = match &error.origin {
            Some(origin) if origin.line >= span.line => Span { line: origin.line, column: origin.column },
            _ => span,
        };
        let diagnostic = if place.is_secret {
            place.source.secret_error(span, "a template of this task is wrong; `no_log` hides the rest")
        } else {
            place.source.error(span, error.message)
        };
        match error.hint {
            Some(hint) if !place.is_secret => self.error(diagnostic.hint(hint)),
            _ => self.error(diagnostic),
        }
    }
}
