//! Bodies of requests, in the forms that modules take.

use std::fmt::Write as _;

use base64::Engine as _;

use crate::modules::ModuleError;
use crate::modules::files::copy::python_json;
use crate::modules::files::paths;
use crate::template::Value;

/// A part of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The field's name.
    pub name: String,
    /// The file's name, if it is one.
    pub filename: Option<String>,
    /// The type that was given.
    pub mime: Option<String>,
    /// What it holds; none for a file of the controller that is yet to be read.
    pub content: Option<Vec<u8>>,
    /// Whether it was read from a file, whose bytes are sent encoded.
    pub encoding: Option<String>,
}

/// JSON as Python writes it; a text is taken for JSON.
#[must_use]
pub fn json(body: &Value) -> String {
    body.as_str().map_or_else(|| python_json(body), str::to_owned)
}

/// Text as it stands; anything else as Python shows it.
#[must_use]
pub fn raw(body: &Value) -> String {
    body.to_string()
}

/// `a=1&b=2`; a text is taken as it is.
///
/// # Errors
/// When it is neither a mapping nor a list of pairs.
pub fn form(body: &Value) -> Result<String, ModuleError> {
    if let Some(text) = body.as_str() {
        return Ok(text.to_owned());
    }
    let bad = || ModuleError::new("failed to parse body as form_urlencoded: expected a dictionary or a list of pairs");
    let pairs: Vec<(String, Value)> = match body {
        Value::Dict(dict) => dict.iter().map(|(name, value)| (name.to_string(), value.clone())).collect(),
        Value::List(items) => items
            .iter()
            .map(|item| match item.as_list() {
                Some([name, value]) => Ok((name.to_string(), value.clone())),
                _ => Err(bad()),
            })
            .collect::<Result<_, _>>()?,
        _ => return Err(bad()),
    };
    let mut all = Vec::new();
    for (name, value) in pairs {
        let values = match &value {
            Value::List(items) => items.to_vec(),
            _ => vec![value],
        };
        for value in values.iter().filter(|value| !matches!(value, Value::Null)) {
            all.push(format!("{}={}", quoted(&name), quoted(&value.to_string())));
        }
    }
    Ok(all.join("&"))
}

/// As Python's `quote_plus`.
fn quoted(text: &str) -> String {
    text.bytes().fold(String::new(), |mut all, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'.' | b'-' | b'~' => all.push(char::from(byte)),
            b' ' => all.push('+'),
            _ => write!(all, "%{byte:02X}").expect("a String takes every write"),
        }
        all
    })
}

/// The parts of a form, by name.
///
/// # Errors
/// When one is neither a text nor a mapping with content or a file.
pub fn parts(body: &Value) -> Result<Vec<Part>, ModuleError> {
    let Some(dict) = body.as_dict() else {
        return Err(ModuleError::new(format!("body must be mapping, cannot be type {}", body.type_name())));
    };
    let mut parts = Vec::new();
    for (name, value) in dict {
        let name = name.to_string();
        let Some(given) = value.as_dict() else {
            let Some(text) = value.as_str() else {
                let message = format!("value must be a string, or mapping, cannot be type {}", value.type_name());
                return Err(ModuleError::new(format!("failed to parse body as form-multipart: {message}")));
            };
            let content = Some(text.as_bytes().to_vec());
            parts.push(Part { name, filename: None, mime: Some("text/plain".to_owned()), content, encoding: None });
            continue;
        };
        let entry = |key: &str| given.get(key).map(ToString::to_string).filter(|text| !text.is_empty());
        let (filename, content) = (entry("filename"), entry("content"));
        if filename.is_none() && content.is_none() {
            let message = "at least one of filename or content must be provided";
            return Err(ModuleError::new(format!("failed to parse body as form-multipart: {message}")));
        }
        let encoding = content.is_none().then(|| entry("multipart_encoding").unwrap_or_else(|| "base64".to_owned()));
        if let Some(other) = encoding.as_deref().filter(|name| !matches!(*name, "base64" | "7or8bit")) {
            let message = format!("Invalid multipart_encoding '{other}', must be one of base64, 7or8bit");
            return Err(ModuleError::new(message));
        }
        let content = content.map(String::into_bytes);
        parts.push(Part { name, filename, mime: entry("mime_type"), content, encoding });
    }
    parts.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(parts)
}

/// The body of a form and its type.
#[must_use]
pub fn multipart(parts: &[Part], boundary: &str) -> (String, Vec<u8>) {
    let mut body = Vec::new();
    for part in parts {
        let content = part.content.as_deref().unwrap_or_default();
        let mime = part.mime.clone().unwrap_or_else(|| guess(part.filename.as_deref().unwrap_or_default()).to_owned());
        let mut head = format!("--{boundary}\r\n");
        let encodes = part.encoding.as_deref() == Some("base64");
        if encodes {
            head += "Content-Transfer-Encoding: base64\r\n";
        }
        write!(head, "Content-Type: {}\r\n", line(&mime)).expect("a String takes every write");
        write!(head, "Content-Disposition: form-data; name=\"{}\"", escaped(&part.name)).expect("a String takes it");
        if let Some(name) = &part.filename {
            write!(head, "; filename=\"{}\"", escaped(paths::base(name))).expect("a String takes every write");
        }
        body.extend(head.as_bytes());
        body.extend(b"\r\n\r\n");
        if encodes {
            let text = base64::engine::general_purpose::STANDARD.encode(content);
            for line in text.as_bytes().chunks(76) {
                body.extend(line);
                body.extend(b"\r\n");
            }
        } else {
            body.extend(content);
            body.extend(b"\r\n");
        }
    }
    body.extend(format!("--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary=\"{boundary}\""), body)
}

fn line(text: &str) -> String {
    text.replace(['\r', '\n'], " ")
}

fn escaped(text: &str) -> String {
    line(text).replace('\\', "\\\\").replace('"', "\\\"")
}

/// The usual type of a file.
fn guess(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default().to_lowercase().as_str() {
        "txt" | "log" | "conf" => "text/plain",
        "html" | "htm" => "text/html",
        "css" => "text/css",
        "csv" => "text/csv",
        "json" => "application/json",
        "xml" => "text/xml",
        "js" => "text/javascript",
        "zip" => "application/zip",
        "tar" => "application/x-tar",
        "pdf" => "application/pdf",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "svg" => "image/svg+xml",
        "yaml" | "yml" => "application/yaml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json as data;

    fn value(json: &serde_json::Value) -> Value {
        Value::of_json(json)
    }

    /// Expectations from ansible-core 2.19 (`form_urlencoded`, `prepare_multipart`).
    #[test]
    fn forms_are_encoded_as_ansible_does() {
        let body = value(&data!({"a": "b c&d", "n": [1, null, true], "é": ""}));
        assert_eq!(form(&body).unwrap(), "a=b+c%26d&n=1&n=True&%C3%A9=");
        assert_eq!(form(&value(&data!([["x", "1"], ["x", "2"]]))).unwrap(), "x=1&x=2");
        assert_eq!(form(&value(&data!("x=y"))).unwrap(), "x=y");
        assert!(form(&value(&data!(5))).is_err() && form(&value(&data!([1]))).is_err());
        assert_eq!(json(&value(&data!({"a": [1, "é"]}))), "{\"a\": [1, \"\\u00e9\"]}");
    }

    #[test]
    fn parts_of_forms_stand_between_their_boundaries() {
        let body = value(&data!({"text": "value", "file": {"filename": "/x/a.json", "content": "{}"}}));
        let (mime, bytes) = multipart(&parts(&body).unwrap(), "B");
        assert_eq!(mime, "multipart/form-data; boundary=\"B\"");
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            "--B\r\nContent-Type: application/json\r\nContent-Disposition: form-data; name=\"file\"; \
             filename=\"a.json\"\r\n\r\n{}\r\n--B\r\nContent-Type: text/plain\r\nContent-Disposition: form-data; \
             name=\"text\"\r\n\r\nvalue\r\n--B--\r\n"
        );
        assert!(parts(&value(&data!({"a": {}}))).is_err() && parts(&value(&data!([]))).is_err());
        let mut part = parts(&value(&data!({"f": {"filename": "x"}}))).unwrap().remove(0);
        part.content = Some(vec![0; 60]);
        let (_, bytes) = multipart(&[part], "B");
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains("Content-Transfer-Encoding: base64\r\n") && text.contains("AAAA\r\nAAAA"), "{text}");
    }
}
