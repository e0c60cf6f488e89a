//! A gate with a limit, in two steps.

use std::sync::Mutex;

/// Wrong: checks under one lock, takes under another.
pub fn try_enter(free: &Mutex<i32>) -> bool {
    if *free.lock().unwrap() < 1 {
        return false;
    }
    *free.lock().unwrap() -= 1;
    true
}
