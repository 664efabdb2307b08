//! A web server's answer as a file of a host: the action `download`, and what it says.

use std::ffi::OsString;

use crate::http::{Received, Request, Response};
use crate::modules::files::look::Fields;
use crate::modules::files::{Attributes, Look, PathState, Write, changed_by, write::Changed};
use crate::modules::{Answer, Content, ModuleError, ScriptCall, actions};

use super::answer::{Answered, Said};
use super::client;

/// Where a file goes, and what it must be.
#[derive(Clone, Debug, Default)]
pub struct Download {
    /// The path, or the directory.
    pub dest: String,
    /// Whether it is a directory, so that the server says the file's name.
    pub directory: bool,
    /// How names are taken from addresses: as `uri` does, or as `get_url` does.
    pub naming: &'static str,
    /// Where it is kept meanwhile; empty for beside its place.
    pub scratch: String,
    /// Algorithm and checksum, if it must have one.
    pub checksum: Option<(String, String)>,
    /// The file that it must be newer than.
    pub since: String,
    /// The statuses that are good.
    pub statuses: Vec<u16>,
    /// Whether the bytes are wanted as well.
    pub content: bool,
    /// Whether the file that is there is kept.
    pub backup: bool,
}

/// What became of it.
#[derive(Debug)]
pub struct Downloaded {
    /// What the server answered.
    pub answered: Answered,
    /// What became of the file.
    pub outcome: Outcome,
    /// SHA-1 of what came.
    pub sha1: String,
    /// SHA-1 of what was there; empty when nothing was.
    pub old_sha1: String,
    /// MD5 of what came.
    pub md5: String,
    /// The checksum that was looked at.
    pub digest: String,
    /// Where the file is.
    pub path: String,
    /// Where it was kept meanwhile.
    pub scratch: String,
    /// What is there now.
    pub changed: Changed,
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was written.
    New,
    /// It was there already.
    Same,
    /// Its checksum is another.
    Mismatch,
    /// The server's answer is none of the good ones.
    Refused,
}

impl Download {
    /// The action. `state` is what is at the path, as far as that is known.
    ///
    /// # Errors
    /// When the host does not know a user or group.
    pub fn action(
        &self,
        request: &Request,
        look: &Look,
        state: &PathState,
        attributes: &Attributes,
    ) -> Result<ScriptCall, ModuleError> {
        let fix = attributes.fix(look, state)?;
        let write = Write { content: None, backup: self.backup, ..Write::new(state.clone(), [], attributes.clone()) };
        let crate::modules::Action::Script(write) = write.action(look)? else {
            return Err(ModuleError::new("a file is written by a script"));
        };
        let (simple, options) = client::simple(request);
        let (algorithm, wanted) = self.checksum.clone().unwrap_or_default();
        let mut statuses: Vec<String> = self.statuses.iter().map(ToString::to_string).collect();
        if !request.url.expose().starts_with("http") {
            statuses = vec!["any".to_owned()];
        }
        let flag = |on: bool, word: &str| if on { word.to_owned() } else { String::new() };
        let mut words: Vec<OsString> = [
            self.dest.clone(),
            flag(self.directory, "dir"),
            self.naming.to_owned(),
            self.scratch.clone(),
            algorithm,
            wanted,
            self.since.clone(),
            statuses.join(" "),
            flag(self.content, "content"),
            simple,
            options,
            client::sends(request).to_owned(),
        ]
        .into_iter()
        .map(OsString::from)
        .collect();
        words.extend(fix.words());
        words.extend(write.words);
        let mut call = ScriptCall::new(actions::DOWNLOAD, words);
        call.secrets = client::settings(request);
        Ok(call)
    }
}

impl Downloaded {
    /// Reads what the action says.
    ///
    /// # Errors
    /// When it failed.
    pub fn read(request: &Request, answer: &Answer) -> Result<Self, ModuleError> {
        if answer.stdout.is_empty() || answer.rc != 0 && answer.rc != 90 {
            changed_by(&Answer { rc: answer.rc.max(1), ..answer.clone() })?;
        }
        let mut fields = Fields::new(&answer.stdout);
        let [said, rc, heads, errors] = [fields.text()?, fields.text()?, fields.text()?, fields.text()?];
        let outcome = match fields.text()?.as_str() {
            "new" => Outcome::New,
            "same" => Outcome::Same,
            "mismatch" => Outcome::Mismatch,
            _ => Outcome::Refused,
        };
        let [sha1, old_sha1, md5] = [fields.text()?, fields.text()?, fields.text()?];
        let [digest, path, scratch] = [fields.text()?, fields.text()?, fields.text()?];
        let size: usize = fields.text()?.trim().parse().unwrap_or(0);
        let rest = fields.rest();
        let (body, rest) = rest.split_at(size.min(rest.len()));
        let said = Said { line: said.trim(), rc: rc.trim().parse().unwrap_or(1), heads: &heads, errors: &errors, body };
        let answered = said.read(request, answer.duration);
        let changed = if matches!(outcome, Outcome::New | Outcome::Same) {
            changed_by(&Answer { stdout: rest.to_vec(), ..answer.clone() })?
        } else {
            Changed::default()
        };
        Ok(Self { answered, outcome, sha1, old_sha1, md5, digest, path, scratch, changed })
    }
}

/// What the controller got, as something to send.
#[must_use]
pub fn content(response: &Response) -> Content {
    match &response.body {
        Received::Bytes(bytes) => Content::Bytes(bytes.clone()),
        Received::File(download) => Content::File(download.path().to_owned()),
    }
}
