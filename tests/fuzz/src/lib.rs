//! What the targets share: a limit for memory, a host that follows a script, a plain second opinion on markers.

pub mod host;
pub mod markers;

use std::alloc::System;
use std::sync::Once;

use cap::Cap;

#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, usize::MAX);

/// A failure is told in full, which takes memory.
static UNLIMITED_FAILURE: Once = Once::new();

/// Runs `work`; more than `limit` bytes at a time beyond what is allocated now end the process.
pub fn within_memory<T>(limit: usize, work: impl FnOnce() -> T) -> T {
    UNLIMITED_FAILURE.call_once(|| {
        let tell = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            lift_limit();
            tell(info);
        }));
    });
    MEMORY.set_limit(MEMORY.allocated() + limit).expect("the limit is above what is allocated");
    let result = work();
    lift_limit();
    result
}

fn lift_limit() {
    MEMORY.set_limit(usize::MAX).expect("nothing is above it");
}
