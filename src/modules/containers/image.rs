//! Fetches, builds, loads, tags, pushes and removes images.

use serde_json::{Value as Json, json};

use super::docker::{Calls, Seen, look, with_fact};
use super::plan::with_tag;
use crate::modules::flow::{self, Flow};
use crate::modules::{Args, ModuleError, TaskResult};
use crate::template::{Dict, Value};

/// Where an image comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A registry.
    Pull,
    /// A directory with a Dockerfile: the words of `docker build`.
    Build(Vec<String>),
    /// A file.
    Load(String),
    /// It must be there.
    Local,
}

/// What is to become of an image.
#[derive(Clone, Debug)]
pub struct Image {
    /// Its name with its tag.
    pub name: String,
    /// Where it comes from.
    pub source: Source,
    /// Whether it is fetched although it is there.
    pub force: bool,
    /// A further name.
    pub repository: Option<String>,
    /// Whether it is pushed.
    pub push: bool,
    /// Whether it counts as changed whenever it is fetched.
    pub always_changed: bool,
}

/// An image's name with its tag: that of the name, else the other.
#[must_use]
pub fn named(name: &str, tag: &str) -> String {
    let last = name.rsplit('/').next().unwrap_or(name);
    if name.starts_with("sha256:") || last.contains([':', '@']) || tag.is_empty() {
        return name.to_owned();
    }
    format!("{name}{}{tag}", if tag.starts_with("sha256:") { '@' } else { ':' })
}

/// The words of `docker build` that a dictionary of arguments asks for.
///
/// # Errors
/// When there is no directory.
pub fn build_words(name: &str, build: &Dict) -> Result<Vec<String>, ModuleError> {
    let text = |name: &str| build.get(name).map(ToString::to_string).filter(|text| !text.is_empty());
    let yes = |name: &str| build.get(name) == Some(&Value::Bool(true));
    let path = text("path").ok_or_else(|| ModuleError::new("build.path is needed to build an image"))?;
    let mut words = flow::words(["build", "--tag", name]);
    if let Some(file) = text("dockerfile") {
        let file = if file.starts_with('/') { file } else { format!("{}/{file}", path.trim_end_matches('/')) };
        words.extend(["--file".to_owned(), file]);
    }
    words.extend(yes("pull").then(|| "--pull".to_owned()));
    words.extend(yes("nocache").then(|| "--no-cache".to_owned()));
    for (name, option) in [("network", "--network"), ("target", "--target"), ("shm_size", "--shm-size")] {
        words.extend(text(name).map(|value| format!("{option}={value}")));
    }
    for (name, option, between) in
        [("args", "--build-arg", '='), ("labels", "--label", '='), ("etc_hosts", "--add-host", ':')]
    {
        let entries = build.get(name).and_then(Value::as_dict).into_iter().flatten();
        words.extend(entries.map(|(key, value)| format!("{option}={key}{between}{value}")));
    }
    for (name, option) in [("cache_from", "--cache-from"), ("platform", "--platform")] {
        let listed = build.get(name).and_then(Value::as_list).unwrap_or_default();
        words.extend(listed.iter().map(|value| format!("{option}={value}")));
    }
    words.extend(["--".to_owned(), path]);
    Ok(words)
}

impl Image {
    /// The steps that make it present.
    ///
    /// # Errors
    /// When docker fails.
    pub fn present(self) -> Flow {
        let (name, repository) = (self.name.clone(), self.repository.clone().unwrap_or_default());
        look(&[("image", &name), ("image", &repository)], move |seen| self.decide(&seen))
    }

    fn decide(self, seen: &Seen) -> Flow {
        let found = seen.thing(0).cloned();
        let mut calls = Calls::default();
        let fetched = found.is_none() || self.force;
        let mut done = Vec::new();
        if fetched {
            match &self.source {
                Source::Local if found.is_none() => {
                    return Err(ModuleError::new(format!("Cannot find the image {} locally.", self.name)));
                }
                Source::Local => {}
                Source::Pull if self.name.starts_with("sha256:") => {
                    return Err(ModuleError::new("Cannot pull an image by ID"));
                }
                Source::Pull => {
                    calls.add(["pull", &with_tag(&self.name)]);
                    done.push(format!("Pulled image {}", self.name));
                }
                Source::Build(words) => {
                    calls.add(words.clone());
                    done.push(format!("Built image {}", self.name));
                }
                Source::Load(path) => {
                    calls.add(["load", "--input", path]);
                    done.push(format!("Loaded image {} from {path}", self.name));
                }
            }
        }
        let mut certain = false;
        if let Some(repository) = &self.repository {
            let same =
                seen.thing(1).is_some_and(|other| found.as_ref().is_some_and(|image| other["Id"] == image["Id"]));
            if !same || !calls.is_empty() {
                calls.add(["tag", &self.name, repository]);
                done.push(format!("Tagged image {} to {repository}", self.name));
                certain = !same;
            }
        }
        if self.push {
            calls.add(["push", self.repository.as_deref().unwrap_or(&self.name)]);
            done.push(format!("Pushed image {}", self.repository.as_deref().unwrap_or(&self.name)));
            certain = true;
        }
        let actions = Value::list(done.into_iter().map(Value::text).collect());
        if calls.is_empty() {
            return flow::done(with_fact(TaskResult::ok().field("actions", actions), "image", found.as_ref()));
        }
        calls.inspect("image", &self.name);
        let id = |image: Option<&Json>| {
            image.map_or(String::new(), |image| format!("{}\n", image["Id"].as_str().unwrap_or_default()))
        };
        let before = id(found.as_ref());
        let diff = flow::diff(&format!("image {}", self.name), before.clone(), "unknown\n");
        calls.run(vec![diff], move |said| {
            let result = TaskResult::changed().field("actions", actions);
            let Some(said) = said else { return flow::done(with_fact(result, "image", found.as_ref())) };
            let image = said.json(0);
            let changed = certain || self.always_changed || id(image.as_ref()) != before;
            let result = TaskResult { changed, ..result };
            let built = matches!(self.source, Source::Build(_)) && fetched;
            let result = if built { result.field("stdout", said.text(0)) } else { result };
            flow::done(with_fact(result, "image", image.as_ref()))
        })
    }
}

/// The steps that remove an image.
///
/// # Errors
/// When docker fails.
pub fn absent(args: &Args, name: String) -> Flow {
    let force = args.bool("force_absent");
    look(&[("image", &name.clone())], move |seen| {
        let Some(image) = seen.thing(0) else {
            let none = Value::list(Vec::new());
            return flow::done(with_fact(TaskResult::ok().field("actions", none), "image", None));
        };
        let mut calls = Calls::default();
        calls.add(["rmi"].into_iter().chain(force.then_some("--force")).chain([name.as_str()]));
        let id = image["Id"].as_str().unwrap_or_default();
        let diff = flow::diff(&format!("image {name}"), format!("{id}\n"), "");
        let actions = Value::list(vec![Value::text(format!("Removed image {name}"))]);
        calls.run(vec![diff], move |_| {
            let result = TaskResult::changed().field("actions", actions);
            flow::done(with_fact(result, "image", Some(&json!({"state": "Deleted"}))))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_one_tag() {
        for (name, tag, all) in [
            ("nginx", "latest", "nginx:latest"),
            ("nginx:1.27", "latest", "nginx:1.27"),
            ("host:5000/app", "2", "host:5000/app:2"),
            ("app", "sha256:ab", "app@sha256:ab"),
            ("sha256:ab", "latest", "sha256:ab"),
        ] {
            assert_eq!(named(name, tag), all);
        }
    }
}
