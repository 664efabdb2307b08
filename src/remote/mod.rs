//! One connected host: the persistent shell, privilege, transfers and the kill guarantee.
