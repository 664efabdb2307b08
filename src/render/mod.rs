//! Events and values to terminal, JSON, tables and files. The only writer to a terminal besides `cli`.
