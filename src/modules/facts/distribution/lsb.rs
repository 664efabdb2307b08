//! What `lsb_release`, or the file in its place, says.

use crate::modules::facts::Sections;
use crate::template::{Dict, Value};

/// `lsb`: what `lsb_release` says, or `/etc/lsb-release`.
pub fn lsb(sections: &Sections) -> Value {
    let mut lsb = lsb_program(sections);
    if lsb.is_empty() {
        let names = [
            ("DISTRIB_ID", "id"),
            ("DISTRIB_RELEASE", "release"),
            ("DISTRIB_DESCRIPTION", "description"),
            ("DISTRIB_CODENAME", "codename"),
        ];
        for line in sections.file("/etc/lsb-release").unwrap_or_default().lines() {
            let Some((name, value)) = line.split_once('=') else { continue };
            if let Some((_, fact)) = names.iter().find(|(part, _)| name.contains(part)) {
                lsb.insert((*fact).into(), value.trim().into());
            }
        }
    }
    if let Some(release) = lsb.get("release").map(ToString::to_string) {
        lsb.insert("major_release".into(), release.split('.').next().unwrap_or_default().into());
    }
    Value::dict(lsb.into_iter().map(|(name, value)| (name, strip_quotes(&value.to_string()).into())).collect())
}

pub(super) fn strip_quotes(text: &str) -> &str {
    text.trim_matches(['\'', '"', '\\'])
}

pub(super) fn lsb_program(sections: &Sections) -> Dict {
    let names = [
        ("LSB Version", "release"),
        ("Distributor ID", "id"),
        ("Description", "description"),
        ("Release", "release"),
        ("Codename", "codename"),
    ];
    let mut lsb = Dict::new();
    for (name, value) in sections.get("lsb").lines().filter_map(|line| line.split_once(':')) {
        if let Some((_, fact)) = names.iter().find(|(known, _)| name == *known) {
            lsb.insert((*fact).into(), value.trim().into());
        }
    }
    lsb
}
