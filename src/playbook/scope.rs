//! The variables that names of static imports may use: those of the command line, the play and its roles.

use std::path::PathBuf;

use super::Parent;
use super::loader::Loader;
use crate::template::{Dict, Text, Value};

/// What a play says before any host is known.
#[derive(Clone, Debug, Default)]
pub struct PlayScope {
    /// `playbook_dir`.
    pub directory: PathBuf,
    /// `vars`.
    pub vars: Dict,
    /// Those of `vars_files`.
    pub files: Dict,
}

/// How often a variable may refer to another one.
const DEPTH_LIMIT: usize = 16;

/// All variables known at load, weakest first.
pub struct Names<'a> {
    pub loader: &'a Loader,
    pub play: &'a PlayScope,
    pub parent: Option<&'a std::sync::Arc<Parent>>,
}

impl Names<'_> {
    fn find(&self, name: &str) -> Option<Value> {
        if let Some(value) = self.loader.options().extra_vars.get(name) {
            return Some(value.clone());
        }
        for level in self.parent.into_iter().flat_map(Parent::levels) {
            let own = level.keywords.vars.as_ref().and_then(|vars| vars.get(name));
            let role = level.role.as_ref().and_then(|role| role.params.get(name).or_else(|| role.vars.get(name)));
            if let Some(value) = level.include_vars.get(name).or(own).or(role) {
                return Some(value.clone());
            }
        }
        let play = self.play.files.get(name).or_else(|| self.play.vars.get(name));
        play.cloned().or_else(|| self.magic(name)).or_else(|| {
            let roles = self.parent.into_iter().flat_map(Parent::levels);
            roles.filter_map(|level| level.role.as_ref()).find_map(|role| role.defaults.get(name)).cloned()
        })
    }

    fn magic(&self, name: &str) -> Option<Value> {
        let role = || self.parent.and_then(Parent::role);
        Some(match name {
            "playbook_dir" => Value::text(self.play.directory.to_string_lossy().as_ref()),
            "role_path" => Value::text(role()?.directory.to_string_lossy().as_ref()),
            "role_name" | "ansible_role_name" => Value::text(role()?.name.as_str()),
            _ => return None,
        })
    }

    /// The text of a name that may hold templates.
    ///
    /// # Errors
    /// What is missing or cannot be computed before the run.
    pub fn resolve(&self, text: &Text) -> Result<String, String> {
        self.render(text, 0)
    }

    fn render(&self, text: &Text, depth: usize) -> Result<String, String> {
        if !text.is_active() {
            return Ok(text.as_str().to_owned());
        }
        let mut out = String::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once("{{") {
            let (expression, after) = after.split_once("}}").ok_or("`{{` is not closed")?;
            let expression = expression.trim();
            out.push_str(before);
            rest = after;
            match self.find(expression) {
                _ if depth > DEPTH_LIMIT => return Err(format!("`{expression}` refers to itself")),
                Some(Value::String(text)) => out.push_str(&self.render(&text, depth + 1)?),
                Some(value) => out.push_str(&value.to_string()),
                None => return Err(format!("`{expression}` is not known before the run")),
            }
        }
        Ok(out + rest)
    }
}
