//! Events on disk: write, read, verify.
