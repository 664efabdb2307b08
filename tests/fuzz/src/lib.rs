//! What the targets share: a limit for memory, a host that follows a script, a plain second opinion on markers.

pub mod host;
pub mod markers;

use std::alloc::System;

use cap::Cap;

#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, usize::MAX);

/// Runs `work`; more than `limit` bytes at a time beyond what is allocated now end the process.
pub fn within_memory<T>(limit: usize, work: impl FnOnce() -> T) -> T {
    MEMORY.set_limit(MEMORY.allocated() + limit).expect("the limit is above what is allocated");
    let result = work();
    MEMORY.set_limit(usize::MAX).expect("there is no limit");
    result
}
