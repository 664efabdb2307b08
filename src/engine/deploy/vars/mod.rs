//! Variables: all levels of Ansible's precedence, over which the templates of tasks are computed.
//!
//! A [`Store`] keeps what hosts have; a [`TaskScope`] is what one task on one host sees of it, looked up level by level
//! so that nothing is merged that nobody asks for.

mod facts;
mod groups;
mod hostvars;
mod magic;
mod scope;
mod store;

pub(super) use facts::FactsWanted;
pub(super) use groups::Groups;
pub(super) use magic::{RunFacts, role_names};
pub(super) use scope::{Layers, PlayFiles, PlayVars, TaskScope};
pub(super) use store::{HostVars, Store};
