//! What a poisoned mutex does, and three ways to go on. Chapter 1 shows these functions.

use std::panic::{self, AssertUnwindSafe};
use std::sync::{Mutex, PoisonError};

/// A mutex whose holder panicked in the middle of a change.
fn poisoned() -> Mutex<i64> {
    let balance = Mutex::new(1000);
    let change = AssertUnwindSafe(|| {
        let mut balance = balance.lock().unwrap();
        *balance = -1;
        panic!("in the middle of a change");
    });
    assert!(panic::catch_unwind(change).is_err());
    balance
}

fn look_anyway(balance: &Mutex<i64>) -> i64 {
    *balance.lock().unwrap_or_else(PoisonError::into_inner)
}

fn repair(balance: &Mutex<i64>, right: i64) {
    *balance.lock().unwrap_or_else(PoisonError::into_inner) = right;
    balance.clear_poison();
}

#[test]
fn after_a_panic_every_lock_returns_an_error_until_the_poison_is_cleared() {
    let balance = poisoned();
    assert!(balance.lock().is_err() && balance.lock().is_err());
    assert_eq!(look_anyway(&balance), -1);
    assert!(balance.is_poisoned(), "looking changes nothing");
    repair(&balance, 1000);
    assert_eq!(*balance.lock().unwrap(), 1000);
}
