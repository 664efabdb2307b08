//! Differences as they are shown.

use serde_json::{Map, Value as Json};

use crate::modules::Diff;

/// Files larger than this, in bytes, are not shown.
pub const CONTENT_LIMIT: usize = 104_448;

/// The difference between two properties of a path, as Ansible writes it.
#[must_use]
#[expect(clippy::missing_panics_doc, reason = "it does not panic, as the expectation says")]
pub fn properties(path: &str, before: &Map<String, Json>, after: &Map<String, Json>) -> Diff {
    let text = |properties: &Map<String, Json>| {
        let mut all: std::collections::BTreeMap<&str, Json> = std::collections::BTreeMap::new();
        all.insert("path", path.into());
        all.extend(properties.iter().map(|(name, value)| (name.as_str(), value.clone())));
        let mut out = Vec::new();
        let mut serializer =
            serde_json::Serializer::with_formatter(&mut out, serde_json::ser::PrettyFormatter::with_indent(b"    "));
        serde::Serialize::serialize(&all, &mut serializer).expect("texts become JSON");
        String::from_utf8_lossy(&out).into_owned() + "\n"
    };
    Diff { before: text(before), after: text(after), ..Diff::default() }
}

/// The difference between what a path is and is to be: `file`, `absent`, …
#[must_use]
pub fn state(path: &str, before: &str, after: &str) -> Diff {
    let one = |state: &str| Map::from_iter([("state".to_owned(), Json::from(state))]);
    properties(path, &one(before), &one(after))
}

/// The difference between two contents; what is too large or not text is only named.
#[must_use]
pub fn contents(headers: (&str, &str), before: &[u8], after: &[u8]) -> Diff {
    let show = |bytes: &[u8], what: &str| match std::str::from_utf8(bytes) {
        _ if bytes.len() > CONTENT_LIMIT => {
            format!("({what} is larger than {CONTENT_LIMIT} bytes, diff not shown)\n")
        }
        Ok(text) if !text.contains('\0') => text.to_owned(),
        _ => format!("({what} is not text, diff not shown)\n"),
    };
    Diff {
        before_header: headers.0.to_owned(),
        after_header: headers.1.to_owned(),
        before: show(before, "file before"),
        after: show(after, "file after"),
    }
}
