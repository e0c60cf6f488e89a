//! Three philosophers at a round table, a fork between each two of them. To eat takes both.

use std::sync::Mutex;

/// Wrong: everybody takes the fork on the left first, and that is a circle.
pub fn eat(left: &Mutex<&'static str>, right: &Mutex<&'static str>, who: &'static str) {
    let mut left = left.lock().unwrap();
    let mut right = right.lock().unwrap();
    (*left, *right) = (who, who);
}
