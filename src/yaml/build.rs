//! Parser events to nodes.

use std::collections::HashMap;
use std::sync::Arc;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, StrInput};

use super::merge::{Added, MappingBuilder, NotMergeable};
use super::{Diagnostic, Document, Node, NodeKind, Span, Tag, explain, scalar, timestamp};

/// Nodes that aliases may add in all: a legitimate inventory stays far below, an alias bomb far above.
const ALIAS_BUDGET: u64 = 1_000_000;

/// Duplicate keys that are told of one by one; finding the line of each is what costs.
const WARNING_LIMIT: usize = 100;

/// Builds the tree of `text`.
pub fn build(path: &Arc<str>, text: &str) -> Result<Document, Diagnostic> {
    let mut builder = Builder {
        path,
        text,
        stack: Vec::new(),
        anchors: HashMap::new(),
        aliased: 0,
        root: None,
        warnings: Vec::new(),
    };
    let mut options = granit_parser::options! { block_scalar_eof_without_line_feed: true };
    options.set_emit_comments(false);
    let mut parser: Parser<'_, StrInput<'_>> = Parser::new_from_str_with_options(text, options);
    while let Some(next) = parser.next_event() {
        let (event, span) = next.map_err(|error| builder.scan_error(&error))?;
        builder.take(event, &span)?;
    }
    Ok(Document { root: builder.root, warnings: builder.warnings })
}

struct Builder<'a> {
    path: &'a Arc<str>,
    text: &'a str,
    stack: Vec<Frame>,
    /// Finished anchored nodes, with the number of nodes in each.
    anchors: HashMap<usize, (Node, u64)>,
    /// Nodes that aliases have added so far.
    aliased: u64,
    root: Option<Node>,
    warnings: Vec<Diagnostic>,
}

/// An open collection.
struct Frame {
    span: Span,
    tag: Option<String>,
    anchor: usize,
    /// Nodes within, aliases expanded.
    size: u64,
    open: Open,
}

enum Open {
    Sequence(Vec<Node>),
    Mapping { builder: MappingBuilder, key: Option<(Node, Key)> },
}

#[derive(Clone, Copy, PartialEq)]
enum Key {
    Ordinary,
    Merge,
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, span: &granit_parser::Span) -> Result<(), Diagnostic> {
        let span = place(span.start);
        let tag_name = |tag: Option<std::borrow::Cow<'_, granit_parser::Tag>>| {
            tag.map(|tag| format!("{}{}", tag.handle(), tag.suffix()))
        };
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(span, &text, style, anchor, tag_name(tag).as_deref())
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.open(span, anchor, tag_name(tag), Open::Sequence(Vec::new()));
                Ok(())
            }
            Event::MappingStart(_, anchor, tag) => {
                let open = Open::Mapping { builder: MappingBuilder::default(), key: None };
                self.open(span, anchor, tag_name(tag), open);
                Ok(())
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Alias(anchor) => self.alias(span, anchor),
            Event::DocumentStart(..) if self.root.is_some() => {
                Err(self.error(span, "a second document starts here").hint("one file holds one document; remove `---`"))
            }
            _ => Ok(()),
        }
    }

    fn open(&mut self, span: Span, anchor: usize, tag: Option<String>, open: Open) {
        self.stack.push(Frame { span, tag, anchor, size: 1, open });
    }

    fn scalar(
        &mut self,
        span: Span,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&str>,
    ) -> Result<(), Diagnostic> {
        let plain = style == ScalarStyle::Plain;
        let key = if plain && tag.is_none() && text == "<<" { Key::Merge } else { Key::Ordinary };
        let node = self.tagged_scalar(span, text, plain, tag)?;
        self.finished(node, anchor, 1, key)
    }

    fn tagged_scalar(&self, span: Span, text: &str, plain: bool, tag: Option<&str>) -> Result<Node, Diagnostic> {
        let string = || NodeKind::String(text.into());
        let implicit = || if plain { scalar::resolve(text) } else { string() };
        let Some(name) = tag else { return Ok(Node { span, tag: None, kind: implicit() }) };
        let (tag, kind) = match name.strip_prefix("tag:yaml.org,2002:").unwrap_or(name) {
            "!" | "str" | "python/unicode" => (None, Some(string())),
            "!unsafe" => (Some(Tag::Unsafe), Some(implicit())),
            "!vault" | "!vault-encrypted" => (Some(Tag::Vault), Some(string())),
            "null" => (None, Some(NodeKind::Null)),
            "bool" => (None, scalar::boolean(&text.to_lowercase()).map(NodeKind::Bool)),
            "int" => (None, scalar::integer(text)),
            "float" => (None, scalar::float(text).or_else(|| scalar::float(&format!("{text}.0")))),
            "timestamp" => (None, timestamp::iso(text).map(|iso| NodeKind::String(iso.into()))),
            "binary" => (None, binary(text)),
            _ => return Err(self.unknown_tag(span, name)),
        };
        let kind = kind.ok_or_else(|| self.error(span, format!("this is no value of the tag `{}`", short(name))))?;
        Ok(Node { span, tag, kind })
    }

    fn close(&mut self) -> Result<(), Diagnostic> {
        let Some(frame) = self.stack.pop() else { return Ok(()) };
        let (kind, is_mapping) = match frame.open {
            Open::Sequence(items) => (NodeKind::Sequence(items.into()), false),
            Open::Mapping { builder, .. } => {
                let mapping = builder.finish().map_err(|NotMergeable(span)| {
                    self.error(span, "`<<` takes a mapping or a list of mappings")
                        .hint("quote it if a key of that name is meant")
                })?;
                (NodeKind::Mapping(Arc::new(mapping)), true)
            }
        };
        let tag = frame.tag.as_deref().map(|name| (name, name.strip_prefix("tag:yaml.org,2002:").unwrap_or(name)));
        let (tag, kind) = match tag {
            None | Some((_, "!")) => (None, kind),
            Some((_, "!unsafe")) => (Some(Tag::Unsafe), kind),
            Some((_, "map" | "python/dict")) if is_mapping => (None, kind),
            Some((_, "seq")) if !is_mapping => (None, kind),
            Some((_, "omap" | "pairs")) if !is_mapping => (None, pairs_of(&kind)),
            Some((_, "set")) if is_mapping => (None, keys_of(&kind)),
            Some((name, _)) => return Err(self.unknown_tag(frame.span, name)),
        };
        self.finished(Node { span: frame.span, tag, kind }, frame.anchor, frame.size, Key::Ordinary)
    }

    fn alias(&mut self, span: Span, anchor: usize) -> Result<(), Diagnostic> {
        let Some((node, size)) = self.anchors.get(&anchor).cloned() else {
            return Err(self.error(span, "this alias stands inside what it refers to"));
        };
        self.aliased = self.aliased.saturating_add(size);
        if self.aliased > ALIAS_BUDGET {
            let message = format!("aliases expand to more than {ALIAS_BUDGET} values");
            return Err(self.error(span, message).hint("write the values out, or use fewer nested aliases"));
        }
        self.finished(Node { span, ..node }, 0, size, Key::Ordinary)
    }

    /// Puts a finished node where it belongs.
    fn finished(&mut self, node: Node, anchor: usize, size: u64, kind: Key) -> Result<(), Diagnostic> {
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), size));
        }
        let Some(frame) = self.stack.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        frame.size = frame.size.saturating_add(size);
        let (builder, pending) = match &mut frame.open {
            Open::Sequence(items) => {
                items.push(node);
                return Ok(());
            }
            Open::Mapping { builder, key } => (builder, key),
        };
        let Some((key, kind)) = pending.take() else {
            if matches!(node.kind, NodeKind::Sequence(_) | NodeKind::Mapping(_)) {
                return Err(explain::collection_key(self.path, self.text, &node));
            }
            *pending = Some((node, kind));
            return Ok(());
        };
        if kind == Key::Merge {
            builder.merge(key.span, node);
        } else if let (span, name, Added::Duplicate) = (key.span, key.to_key(), builder.add(key, node)) {
            self.warn_duplicate(span, &name);
        }
        Ok(())
    }

    fn warn_duplicate(&mut self, span: Span, name: &str) {
        match self.warnings.len() {
            0..WARNING_LIMIT => {
                let warning = self.error(span, format!("duplicate key `{name}`, the last one counts"));
                self.warnings.push(warning);
            }
            WARNING_LIMIT => self.warnings.push(Diagnostic::file(self.path, "more duplicate keys follow")),
            _ => {}
        }
    }

    fn error(&self, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::at(self.path, self.text, span, message)
    }

    fn unknown_tag(&self, span: Span, name: &str) -> Diagnostic {
        self.error(span, format!("unknown tag `{}`", short(name)))
            .hint("`!vault` and `!unsafe` are known; quote a text that starts with `!`")
    }

    fn scan_error(&self, error: &ScanError) -> Diagnostic {
        explain::scan_error(self.path, self.text, error, place(*error.marker()))
    }
}

fn place(marker: granit_parser::Marker) -> Span {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Span { line: count(marker.line()), column: count(marker.col().saturating_add(1)) }
}

fn short(name: &str) -> String {
    name.replace("tag:yaml.org,2002:", "!!")
}

fn keys_of(kind: &NodeKind) -> NodeKind {
    match kind {
        NodeKind::Mapping(mapping) => NodeKind::Sequence(mapping.entries.iter().map(|(key, _)| key.clone()).collect()),
        other => other.clone(),
    }
}

/// A list of mappings of one key as a list of pairs.
fn pairs_of(kind: &NodeKind) -> NodeKind {
    let NodeKind::Sequence(items) = kind else { return kind.clone() };
    let pairs = items.iter().map(|item| match item.as_mapping().map(|mapping| mapping.entries.as_slice()) {
        Some([(key, value)]) => Node { kind: NodeKind::Sequence([key.clone(), value.clone()].into()), ..item.clone() },
        _ => item.clone(),
    });
    NodeKind::Sequence(pairs.collect())
}

fn binary(text: &str) -> Option<NodeKind> {
    use base64::Engine;
    let clean: String = text.split_whitespace().collect();
    let bytes = base64::engine::general_purpose::STANDARD.decode(clean).ok()?;
    String::from_utf8(bytes).ok().map(|text| NodeKind::String(text.into()))
}
