//! Privileges of `MySQL`: as playbooks write them, as servers say them.

use std::collections::BTreeMap;

use crate::modules::ModuleError;
use crate::template::Value;

/// Privileges by what they are on: `` `db`.* `` and the like.
pub type Grants = BTreeMap<String, Vec<String>>;

/// Reads `db.table:PRIV,PRIV/db.table:PRIV`, or the same as a dictionary. The privilege `USAGE` stands for none; it is
/// on `*.*` when nothing else is, and `usage` says so.
///
/// # Errors
/// When a part has no privileges.
pub fn wanted(value: &Value, case: bool, usage: bool) -> Result<Grants, ModuleError> {
    let parts: Vec<String> = match value.as_dict() {
        Some(entries) => entries.iter().map(|(place, privileges)| format!("{place}:{privileges}")).collect(),
        None => value.to_string().trim().split('/').map(|part| part.trim().to_owned()).collect(),
    };
    let mut grants = Grants::new();
    for part in parts {
        let Some((place, privileges)) = part.rsplit_once(':') else {
            return Err(ModuleError::new(format!("invalid privileges string: {part}")));
        };
        let listed = if privileges.contains('(') && case { privileges.to_owned() } else { privileges.to_uppercase() };
        grants.insert(place_name(place), split(&listed));
    }
    if usage {
        grants.entry("*.*".to_owned()).or_insert_with(|| vec!["USAGE".to_owned()]);
    }
    Ok(grants)
}

/// `db.table` with quotes round what is no `*`.
fn place_name(place: &str) -> String {
    let (kind, rest) = match place.split_once(' ') {
        Some((kind @ ("FUNCTION" | "PROCEDURE"), rest)) => (format!("{kind} "), rest),
        _ => (String::new(), place),
    };
    let side = |side: &str| match side.trim_matches('`') {
        "*" => "*".to_owned(),
        name => format!("`{name}`"),
    };
    match rest.rsplit_once('.') {
        Some((database, table)) => format!("{kind}{}.{}", side(database), side(table)),
        None => format!("{kind}{}", side(rest)),
    }
}

/// Privileges at commas that stand in no brackets; columns in order.
fn split(text: &str) -> Vec<String> {
    let mut privileges = vec![String::new()];
    let mut depth = 0;
    for character in text.chars() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                privileges.push(String::new());
                continue;
            }
            _ => {}
        }
        privileges.last_mut().expect("there is one from the start").push(character);
    }
    let named = |privilege: String| match privilege.trim() {
        "ALL PRIVILEGES" => "ALL".to_owned(),
        privilege => columns(privilege),
    };
    privileges.into_iter().map(named).filter(|privilege| !privilege.is_empty()).collect()
}

fn columns(privilege: &str) -> String {
    let Some((name, rest)) = privilege.split_once('(') else { return privilege.to_owned() };
    let mut columns: Vec<&str> =
        rest.trim_end_matches(')').split(',').map(|column| column.trim().trim_matches('`')).collect();
    columns.sort_unstable();
    format!("{} ({})", name.trim(), columns.join(", "))
}

/// Reads a line of `SHOW GRANTS`; none for roles.
#[must_use]
pub fn shown(line: &str) -> Option<(String, Vec<String>)> {
    let rest = line.strip_prefix("GRANT ")?;
    let (privileges, rest) = rest.split_once(" ON ")?;
    let (place, rest) = rest.split_once(" TO ")?;
    let mut privileges = split(privileges);
    if rest.contains("WITH GRANT OPTION") {
        privileges.push("GRANT".to_owned());
    }
    Some((place.to_owned(), privileges))
}

/// How privileges are altered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// They become what is asked for.
    Replace,
    /// What is asked for is added.
    Append,
    /// What is asked for is taken away.
    Subtract,
}

/// A step from some privileges to others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alteration {
    /// On what.
    pub place: String,
    /// What is taken away.
    pub revoked: Vec<String>,
    /// What is given.
    pub granted: Vec<String>,
}

/// What must be altered.
#[must_use]
pub fn alterations(current: &Grants, wanted: &Grants, way: Way, root: bool) -> Vec<Alteration> {
    let mut found = Vec::new();
    if way == Way::Replace && !root {
        let others = current.iter().filter(|(place, privileges)| {
            !wanted.contains_key(*place) && !privileges.iter().any(|privilege| privilege == "PROXY")
        });
        found.extend(others.map(|(place, privileges)| Alteration {
            place: place.clone(),
            revoked: privileges.clone(),
            granted: Vec::new(),
        }));
    }
    for (place, wanted) in wanted {
        let none = Vec::new();
        let current = current.get(place).unwrap_or(&none);
        if current.is_empty() && way == Way::Subtract {
            continue;
        }
        let missing = |wanted: &[String], current: &[String]| -> Vec<String> {
            wanted.iter().filter(|privilege| !current.contains(privilege)).cloned().collect()
        };
        let (mut granted, mut revoked) = match way {
            Way::Replace => (missing(wanted, current), missing(current, wanted)),
            Way::Append => (missing(wanted, current), Vec::new()),
            Way::Subtract => (Vec::new(), wanted.iter().filter(|one| current.contains(one)).cloned().collect()),
        };
        if granted.iter().any(|privilege| privilege == "ALL") {
            revoked.retain(|privilege| privilege == "GRANT" || privilege == "PROXY");
            // Servers that say every privilege by its name say more than two dozen for all of them.
            if current.len() > 24 {
                granted.retain(|privilege| privilege != "ALL");
            }
        }
        revoked.retain(|privilege| privilege != "USAGE");
        granted.retain(|privilege| privilege != "USAGE" || current.is_empty());
        if !granted.is_empty() || !revoked.is_empty() {
            found.push(Alteration { place: place.clone(), revoked, granted });
        }
    }
    found.retain(|step| !step.granted.is_empty() || step.revoked.iter().any(|privilege| privilege != "USAGE"));
    found
}

impl Alteration {
    /// The statements that make it, for an account.
    #[must_use]
    pub fn statements(&self, account: &str) -> Vec<String> {
        let plain = |privileges: &[String]| {
            privileges.iter().filter(|one| *one != "GRANT").cloned().collect::<Vec<_>>().join(",")
        };
        let (place, has) = (&self.place, |list: &[String]| list.iter().any(|privilege| privilege == "GRANT"));
        let mut statements = Vec::new();
        if has(&self.revoked) {
            statements.push(format!("REVOKE GRANT OPTION ON {place} FROM {account}"));
        }
        let revoked = plain(&self.revoked);
        if !revoked.is_empty() && revoked != "USAGE" {
            statements.push(format!("REVOKE {revoked} ON {place} FROM {account}"));
        }
        if !self.granted.is_empty() {
            let granted = plain(&self.granted);
            let granted = if granted.is_empty() { "USAGE" } else { &granted };
            let option = if has(&self.granted) { " WITH GRANT OPTION" } else { "" };
            statements.push(format!("GRANT {granted} ON {place} TO {account}{option}"));
        }
        statements
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn privileges_are_read_as_they_are_written() {
        let grants = wanted(&Value::text("db.*:select,INSERT/*.*:ALL,GRANT/a.t:SELECT (b, a)"), true, true).unwrap();
        assert_eq!(grants["`db`.*"], ["SELECT", "INSERT"]);
        assert_eq!(grants["*.*"], ["ALL", "GRANT"]);
        assert_eq!(grants["`a`.`t`"], ["SELECT (a, b)"]);
        assert!(wanted(&Value::text("nothing"), true, true).is_err());
    }

    #[test]
    fn lines_of_servers_are_read() {
        let line = "GRANT ALL PRIVILEGES ON `db`.* TO `app`@`localhost` WITH GRANT OPTION";
        assert_eq!(shown(line), Some(("`db`.*".to_owned(), vec!["ALL".to_owned(), "GRANT".to_owned()])));
        let line = "GRANT USAGE ON *.* TO `app`@`%` IDENTIFIED BY PASSWORD '*00'";
        assert_eq!(shown(line), Some(("*.*".to_owned(), vec!["USAGE".to_owned()])));
        assert_eq!(shown("GRANT `role`@`%` TO `app`@`%`"), None);
    }

    #[test]
    fn only_what_differs_is_altered() {
        let list = |text: &str, usage| wanted(&Value::text(text), true, usage).unwrap();
        let current = list("db.*:SELECT,INSERT/old.*:ALL,GRANT", true);
        let steps = alterations(&current, &list("db.*:SELECT,UPDATE", true), Way::Replace, false);
        let all: Vec<String> = steps.iter().flat_map(|step| step.statements("u")).collect();
        assert_eq!(
            all,
            [
                "REVOKE GRANT OPTION ON `old`.* FROM u",
                "REVOKE ALL ON `old`.* FROM u",
                "REVOKE INSERT ON `db`.* FROM u",
                "GRANT UPDATE ON `db`.* TO u"
            ]
        );
        assert!(alterations(&current, &list("db.*:SELECT", true), Way::Append, false).is_empty());
        let steps = alterations(&current, &list("db.*:INSERT", false), Way::Subtract, false);
        assert_eq!(steps[0].statements("u"), ["REVOKE INSERT ON `db`.* FROM u"]);
    }
}
