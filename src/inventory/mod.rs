//! Who: hosts, groups, variables and host patterns.
