//! An allocator with a limit, so that a file that allocates without end fails with a reason before
//! the machine runs out of memory.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The system's allocator, up to 1 GiB in total. What asks for more ends the process with status
/// 101, after a sentence on standard error.
#[derive(Debug)]
pub struct Bounded;

const LIMIT: usize = 1 << 30;

static TAKEN: AtomicUsize = AtomicUsize::new(0);

impl Bounded {
    fn take(size: usize) {
        // Relaxed: only the sum counts, and no other data hangs on it.
        let taken = TAKEN.fetch_add(size, Relaxed);
        if taken.saturating_add(size) > LIMIT {
            // What is said from here on may need memory too.
            TAKEN.store(0, Relaxed);
            crate::watchdog::die(
                "memory",
                "the program takes more than 1 GiB of memory, and was ended.\n\
                 Does a loop never end, or does something grow that is never emptied?",
            );
        }
    }

    fn give_back(size: usize) {
        TAKEN.fetch_sub(size, Relaxed);
    }
}

// SAFETY: every call goes to the system's allocator as it came; in between, only numbers are added.
unsafe impl GlobalAlloc for Bounded {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Self::take(layout.size());
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        Self::take(layout.size());
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        Self::take(new_size.saturating_sub(layout.size()));
        Self::give_back(layout.size().saturating_sub(new_size));
        // SAFETY: as above.
        unsafe { System.realloc(memory, layout, new_size) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        Self::give_back(layout.size());
        // SAFETY: as above.
        unsafe { System.dealloc(memory, layout) }
    }
}
