//! Journals to values to show.
