//! Filters and tests against what Ansible answers, and against arbitrary values.

mod cases;
mod fake;
mod undefined;
mod wild;
