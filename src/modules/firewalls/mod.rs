//! Firewalls: what rules are made of, and what the clients of firewalls say.
//!
//! Pure: texts in, values out.

pub mod firewalld;
pub mod iptables;
pub mod ufw;
