//! Users and groups: how they are, and the commands that alter them.

pub mod state;
pub mod user_plan;
