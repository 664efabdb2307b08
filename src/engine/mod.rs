//! Drives hosts through a run: batches, budgets, cancel; emits events.
