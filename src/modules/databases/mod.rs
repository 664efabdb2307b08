//! Databases and their users, through the clients that the hosts have.

pub mod bind;
pub mod grants;
pub mod mongodb;
pub mod mysql;
pub mod mysql_query;
pub mod mysql_user;
pub mod postgresql;
pub mod postgresql_privs;
pub mod postgresql_query;

#[cfg(test)]
mod tests;
