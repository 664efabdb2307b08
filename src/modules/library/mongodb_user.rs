//! `mongodb_user`: users of `MongoDB`, through the host's own `mongosh` or `mongo`.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use crate::modules::databases::mongodb::{self, LOGIN};
use crate::modules::flow::{self, Flow};
use crate::modules::{
    Args, Argument, BLANK, Kind, Module, ModuleError, Question, Return, ScriptCall, Spec, Step, TaskContext,
    TaskResult, actions, probes,
};
use crate::template::Value;

/// The module.
pub struct MongodbUser;

/// The module.
pub static MODULE: MongodbUser = MongodbUser;

static SPEC: Spec = Spec {
    name: "mongodb_user",
    collections: &["community.mongodb", "community.general"],
    summary: "Makes, alters and removes users of MongoDB. Unproven on a real server.",
    arguments: &[
        Argument::text("database", "The database that the user is of.").required().aliases(&["db"]),
        Argument::text("name", "The user.").required().aliases(&["user"]),
        Argument::text("password", "The user's password.").secret().aliases(&["pass"]),
        Argument::text("replica_set", "The replica set; its primary is written to."),
        Argument::of("roles", Kind::List(&Kind::Raw), "Roles: names, or dictionaries of `db` and `role`."),
        Argument::of(
            "authentication_restrictions",
            Kind::List(&Kind::Raw),
            "Where the user may come from and go to: dictionaries of `clientSource` and `serverAddress`.",
        )
        .aliases(&["authenticationRestrictions"]),
        Argument::text("state", "Whether the user is there.").default("present").choices(&["absent", "present"]),
        Argument::text("update_password", "Whether the password of a user that is there is set, which is a change.")
            .default("always")
            .choices(&["always", "on_create"]),
        Argument::path(
            "create_for_localhost_exception",
            "Without a login: a file that is made with the user; where it is, nothing is done.",
        ),
        LOGIN[0], LOGIN[1], LOGIN[2], LOGIN[3], LOGIN[4], LOGIN[5], LOGIN[6], LOGIN[7], LOGIN[8], LOGIN[9], LOGIN[10], LOGIN[11], LOGIN[12], LOGIN[13], LOGIN[14],
    ],
    returns: &[Return { name: "user", about: "The user." }],
    ..BLANK
};

impl Module for MongodbUser {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let present = args.needed("state") == "present";
        let keeps = args.needed("update_password") == "on_create" || args.needed("login_database") == "$external";
        if present && args.text("password").is_none() && !keeps {
            return Err(ModuleError::new(
                "password parameter required when adding a user unless update_password is set to on_create",
            ));
        }
        let nobody = args.text("login_user").is_none();
        if nobody && !args.bool("strict_compatibility") && !matches!(args.needed("database"), "admin" | "$external") {
            let message = "The localhost login exception only allows the first admin account to be created";
            return Err(ModuleError::new(message));
        }
        let mark = args.text("create_for_localhost_exception").filter(|_| nobody && present).unwrap_or_default();
        let (user, database) = (args.needed("name"), args.needed("database"));
        let find = json!({"usersInfo": {"user": user, "db": database}, "showAuthenticationRestrictions": true});
        let mut question = Question::new(&probes::MONGODB, [mark.to_owned()]);
        question.secrets.push(("SCRIPT".to_owned(), mongodb::script(&args, database, &[find])?));
        let task = Task { keeps, mark: mark.to_owned(), args };
        flow::ask(question, move |answer| {
            if answer.text().trim() == "@there" {
                let result = task.result().message("The path in create_for_localhost_exception exists.");
                return flow::done(TaskResult { skipped: true, ..result });
            }
            task.decide(mongodb::said(&answer)?)
        })
    }
}

struct Task {
    args: Arc<Args>,
    /// Whether the password of a user that is there is left as it is.
    keeps: bool,
    /// The file that is made with the user.
    mark: String,
}

impl Task {
    fn result(&self) -> TaskResult {
        TaskResult::ok().field("user", self.args.needed("name"))
    }

    fn decide(self, said: Result<Json, mongodb::Refusal>) -> Flow {
        let present = self.args.needed("state") == "present";
        let found = match said {
            Ok(said) => said["users"].as_array().and_then(|users| users.first()).cloned(),
            // User not found.
            Err(refusal) if refusal.code == 11 => None,
            // The first user is made although nobody may look.
            Err(refusal) if refusal.code == 13 && present && !self.keeps => None,
            Err(refusal) => return Err(self.refused(&refusal.message)),
        };
        let roles = self.roles();
        let restrictions = self.restrictions();
        match (present, found) {
            (false, None) => flow::done(self.result()),
            (false, Some(_)) => {
                let command = json!({"dropUser": self.args.needed("name")});
                self.run(&command, true)
            }
            (true, Some(found)) if self.keeps && is_as_wanted(&found, &roles, &restrictions) => {
                flow::done(self.result())
            }
            (true, found) => {
                let verb = if found.is_some() { "updateUser" } else { "createUser" };
                let mut command = Map::new();
                command.insert(verb.to_owned(), json!(self.args.needed("name")));
                if let Some(password) = self.args.text("password").filter(|_| found.is_none() || !self.keeps) {
                    command.insert("pwd".to_owned(), json!(password));
                }
                command.insert("roles".to_owned(), self.given("roles"));
                if found.is_some() || !restrictions.is_empty() {
                    command.insert("authenticationRestrictions".to_owned(), self.given("authentication_restrictions"));
                }
                self.run(&Json::Object(command), found.is_some())
            }
        }
    }

    fn given(&self, name: &str) -> Json {
        self.args.list(name).iter().map(Value::to_json).collect()
    }

    /// The roles as the server tells them.
    fn roles(&self) -> Vec<Json> {
        let role = |role: Json| match role {
            Json::String(role) => json!({"role": role, "db": self.args.needed("database")}),
            other => other,
        };
        self.args.list("roles").iter().map(|item| role(item.to_json())).collect()
    }

    fn restrictions(&self) -> Vec<Json> {
        self.args.list("authentication_restrictions").iter().map(Value::to_json).collect()
    }

    fn refused(&self, message: &str) -> ModuleError {
        let doing = if self.args.needed("state") == "present" { "add or update" } else { "remove" };
        ModuleError::new(format!("Unable to {doing} user: {message}"))
    }

    fn run(self, command: &Json, there: bool) -> Flow {
        let name = self.args.needed("name").to_owned();
        let mut call = ScriptCall::new(actions::MONGODB, [self.mark.clone()]);
        let script = mongodb::script(&self.args, self.args.needed("database"), std::slice::from_ref(command))?;
        call.secrets.push(("SCRIPT".to_owned(), script));
        let shown = |there: bool| if there { format!("{name}\n") } else { String::new() };
        let after = self.args.needed("state") == "present";
        let diff = flow::diff("users", shown(there), shown(after));
        flow::change(vec![diff], call, move |answer| {
            let result = TaskResult { changed: true, ..self.result() };
            let Some(answer) = answer else { return flow::done(result) };
            if let Err(refusal) = mongodb::said(&answer)? {
                return Err(self.refused(&refusal.message));
            }
            if answer.text().contains("@untouched") {
                let message = format!(
                    "Added user but unable to touch create_for_localhost_exception file {}: {}",
                    self.mark,
                    answer.errors().trim()
                );
                return flow::done(TaskResult { failed: true, ..result }.message(message));
            }
            flow::done(result)
        })
    }
}

/// Whether a user has the roles and restrictions, in whatever order.
fn is_as_wanted(found: &Json, roles: &[Json], restrictions: &[Json]) -> bool {
    let list = |field: &str| found[field].as_array().cloned().unwrap_or_default();
    sorted(list("roles").iter().map(entries)) == sorted(roles.iter().map(entries))
        && sorted(list("authenticationRestrictions").iter().map(restriction))
            == sorted(restrictions.iter().map(restriction))
}

fn sorted(items: impl Iterator<Item = Vec<String>>) -> Vec<Vec<String>> {
    let mut items: Vec<Vec<String>> = items.collect();
    items.sort();
    items
}

fn entries(role: &Json) -> Vec<String> {
    let entries = role.as_object().into_iter().flatten().map(|(name, value)| format!("{name}={value}"));
    entries.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Where a user may come from, and go to.
fn restriction(item: &Json) -> Vec<String> {
    // The server tells each within a list of its own.
    let item = item.as_array().and_then(|items| items.first()).unwrap_or(item);
    let mut parts = Vec::new();
    for field in ["clientSource", "serverAddress"] {
        let mut values: Vec<String> = item[field].as_array().into_iter().flatten().map(ToString::to_string).collect();
        values.sort();
        parts.push(values.join(","));
    }
    parts
}
