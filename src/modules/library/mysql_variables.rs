//! `mysql_variables`: variables of a running server.

use crate::modules::databases::mysql::{Login, mysql_arguments, name, text};
use crate::modules::flow;
use crate::modules::{Argument, BLANK, Module, ModuleError, Return, Spec, Step, TaskContext, TaskResult};

/// The module.
pub struct MysqlVariables;

/// The module.
pub static MODULE: MysqlVariables = MysqlVariables;

static SPEC: Spec = Spec {
    name: "mysql_variables",
    collections: &["community.mysql", "community.general"],
    summary: "Reads and sets global variables of MySQL and MariaDB.",
    arguments: mysql_arguments![
        Argument::text("variable", "Its name.").required(),
        Argument::text("value", "Its value; without one it is only read."),
        Argument::text("mode", "For how long.").default("global").choices(&["global"]),
    ],
    returns: &[Return { name: "queries", about: "The statements." }],
    ..BLANK
};

impl Module for MysqlVariables {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let variable = args.needed("variable").to_owned();
        if !variable.chars().all(|character| character.is_ascii_alphanumeric() || character == '_' || character == '.') {
            return Err(ModuleError::new(format!("invalid variable name \"{variable}\"")));
        }
        let login = Login::of(&args);
        let sql = format!("SELECT '@server';\nSHOW GLOBAL VARIABLES WHERE Variable_name = {};\n", text(&variable));
        flow::ask(login.question(sql), move |answer| {
            let rows = login.rows(&answer)?;
            let found = rows.iter().find(|row| row[0].eq_ignore_ascii_case(&variable)).and_then(|row| row.get(1));
            let Some(found) = found else {
                return Err(ModuleError::new(format!("Variable not available \"{variable}\"")));
            };
            let Some(wanted) = args.text("value") else { return flow::done(TaskResult::ok().message(found.as_str())) };
            let wanted = match (found.as_str(), wanted.to_lowercase().as_str()) {
                ("ON" | "OFF", "1" | "on" | "true" | "yes") => "ON".to_owned(),
                ("ON" | "OFF", "0" | "off" | "false" | "no") => "OFF".to_owned(),
                _ => wanted.to_owned(),
            };
            if wanted == *found {
                return flow::done(TaskResult::ok().message("Variable is already set to requested value."));
            }
            let number = wanted.parse::<f64>().is_ok();
            let value = if number { wanted.clone() } else { text(&wanted) };
            let statement = format!("SET GLOBAL {} = {value}", name(&variable));
            let result = TaskResult::ok()
                .message(format!("Variable change succeeded prev_value={found}"))
                .field("queries", crate::template::Value::list(vec![crate::template::Value::text(statement.as_str())]));
            let diff = flow::diff(&variable, format!("{found}\n"), format!("{wanted}\n"));
            flow::change_and_end(vec![diff], login.call(&[statement]), "The server refused", result)
        })
    }
}
