//! The page's claims, over every interleaving.

#[macro_use]
extern crate interleave as std; // in this file, and in the page that it takes in, std's threads are explored

#[path = "../src/lib.rs"]
mod page;

use interleave::Check;
use page::{FEE, Plain, Reentrant, Split};
use std::thread;
use timeline::Lane;

#[test]
fn a_mutex_that_is_locked_twice_is_stuck_with_one_thread() {
    let failed = Check::new().try_run(|| {
        Plain::new(1000).pay_with_fee(100, &Lane::off());
    });
    assert!(failed.unwrap_err().to_string().contains("already holds"));
}

#[test]
fn with_a_private_function_nobody_comes_between_a_payment_and_its_fee() {
    let passed = Check::new().run(|| {
        let ledger = Split::new(1000);
        thread::scope(|s| {
            s.spawn(|| ledger.pay_with_fee(100, &Lane::off()));
            let left = ledger.pay(0, &Lane::off());
            assert!(left == 1000 || left == 900 - FEE, "{left}: a payment without its fee");
        });
        assert_eq!(ledger.pay(0, &Lane::off()), 900 - FEE);
    });
    assert!(passed.is_complete(), "{passed}");
}

#[test]
fn the_reentrant_ledger_and_the_plain_one_pay() {
    // parking_lot's lock is not std's and cannot be explored: this is one thread that locks twice.
    assert_eq!(Reentrant::new(1000).pay_with_fee(100, &Lane::off()), 900 - FEE);
    assert_eq!(Plain::new(1000).pay(100, &Lane::off()), 900);
}
