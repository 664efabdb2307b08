//! A comma-separated list of host names as a source: `-i 'web1,web2:2222,db[1:3],'`.

use std::sync::Arc;

use serde_json::Value;

use super::builder::{Builder, UNGROUPED};
use super::{Source, address, range};
use crate::yaml::Diagnostic;

/// Adds the hosts of `list`.
pub fn add(builder: &mut Builder, list: &str) -> Result<(), Diagnostic> {
    let file: Arc<str> = Arc::from(format!("-i {list}"));
    for entry in split(list) {
        let error = |message: String| Diagnostic::file(&file, message);
        let (host, port) = address::split_port(entry);
        let names = expand(host).map_err(|reason| error(reason.to_string()))?;
        for name in names {
            let host = builder.add_host(&name, UNGROUPED).map_err(|reason| error(reason.to_string()))?;
            if let Some(port) = port {
                builder.set_host_var(
                    host,
                    "ansible_port",
                    Value::from(port),
                    Source { file: Arc::clone(&file), line: None },
                );
            }
        }
    }
    Ok(())
}

/// The entries: commas within brackets belong to a range.
fn split(list: &str) -> impl Iterator<Item = &str> {
    let mut inside = false;
    let separator = move |c: char| {
        inside = if c == '[' { true } else { inside && c != ']' };
        c == ',' && !inside
    };
    list.split(separator).map(str::trim).filter(|entry| !entry.is_empty())
}

fn expand(host: &str) -> Result<Vec<String>, range::RangeError> {
    let content = host.split_once('[').and_then(|(_, rest)| rest.split_once(']')).map(|(content, _)| content);
    match content {
        // `[::1]` is an address in brackets, not a range.
        Some(content) if host.starts_with('[') && host.ends_with(']') && content.contains("::") => {
            Ok(vec![content.to_owned()])
        }
        Some(content) if range::is_number_list(content) => range::expand_list(host),
        _ => range::expand(host),
    }
}
