//! Databases and their users, through the clients that the hosts have.

pub mod grants;
pub mod mysql;
pub mod mysql_user;
pub mod postgresql;
