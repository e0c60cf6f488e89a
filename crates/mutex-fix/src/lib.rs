//! A critical section: the question and the act that rests on its answer, with nobody in between.
//!
//! The account of the race condition again, four times. Two versions look safe and are not: each of their steps is safe alone, but
//! between the steps another customer may come. Two are right: one lock held from the question to the
//! act; or one atomic instruction that acts only if the answer is still true.
//!
//! What Rust prevents: two threads that touch the same memory without a lock or an atomic, one of them writing. That is a *data
//! race*, and it does not compile:
//!
//! ```compile_fail,E0499
//! let mut balance = 1000;
//! std::thread::scope(|bank| {
//!     bank.spawn(|| balance -= 700);
//!     bank.spawn(|| balance -= 700); // a second thread that would change it
//! });
//! ```
//!
//! What Rust does not prevent: a *race condition*, that is, acting on an answer that is no longer true. The first two versions compile.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
use std::thread;

/// Wrong: locks twice. Whoever comes between the two locks hears an answer that is about to be false.
pub fn two_short_locks(balance: &Mutex<i64>, amount: i64, meanwhile: impl FnOnce()) -> bool {
    let enough = *balance.lock().unwrap() >= amount;
    meanwhile();
    if enough {
        *balance.lock().unwrap() -= amount;
    }
    enough
}

/// Wrong: two atomic operations. Each is one step; both together are two.
pub fn load_then_fetch_sub(balance: &AtomicI64, amount: i64, meanwhile: impl FnOnce()) -> bool {
    let enough = balance.load(SeqCst) >= amount;
    meanwhile();
    if enough {
        balance.fetch_sub(amount, SeqCst);
    }
    enough
}

/// Right: one lock, held from the question to the act. Everybody else waits outside.
pub fn one_critical_section(balance: &Mutex<i64>, amount: i64, meanwhile: impl FnOnce()) -> bool {
    let mut balance = balance.lock().unwrap();
    let enough = *balance >= amount;
    meanwhile();
    if enough {
        *balance -= amount;
    }
    enough
}

/// Right: acts only if the balance is still the one it asked for, and asks again if not.
pub fn compare_and_exchange(balance: &AtomicI64, amount: i64, meanwhile: impl FnOnce()) -> bool {
    let mut current = balance.load(SeqCst);
    meanwhile();
    while current >= amount {
        match balance.compare_exchange(current, current - amount, SeqCst, SeqCst) {
            Ok(_) => return true,
            Err(changed) => current = changed,
        }
    }
    false
}

/// Two customers withdraw 700 from `account`, each on a thread of their own; what was paid out.
pub fn two_customers<A: Sync>(account: &A, withdraw: impl Fn(&A, i64) -> bool + Sync) -> i64 {
    thread::scope(|bank| {
        let customers = ["customer 1", "customer 2"].map(|name| {
            let thread = thread::Builder::new().name(name.into());
            thread.spawn_scoped(bank, || withdraw(account, 700)).unwrap()
        });
        customers.map(|customer| if customer.join().unwrap() { 700 } else { 0 }).iter().sum()
    })
}
