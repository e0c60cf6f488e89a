//! Locks that are held longer than their line suggests. Chapter 4 shows these functions.

#[macro_use]
extern crate interleave as std; // in this file, std's threads and locks are explored

use interleave::Check;
use std::fmt;
use std::sync::Mutex;

struct Account {
    balance: Mutex<i64>,
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an account of {}", self.balance.lock().unwrap())
    }
}

fn pay_in(account: &Account, amount: i64) -> String {
    let mut balance = account.balance.lock().unwrap();
    *balance += amount;
    format!("{account}, after paying in {amount}")
}

fn progress(done: &Mutex<u32>) -> String {
    format!("{} done, {} left", done.lock().unwrap(), 10 - *done.lock().unwrap())
}

fn restart(failures: &Mutex<u32>) {
    match *failures.lock().unwrap() {
        0 => {}
        _ => *failures.lock().unwrap() = 0,
    }
}

fn run_all(jobs: &Mutex<Vec<u32>>) {
    while let Some(job) = jobs.lock().unwrap().pop() {
        if job > 1 {
            jobs.lock().unwrap().push(job - 1);
        }
    }
}

fn run_all_released(jobs: &Mutex<Vec<u32>>) {
    loop {
        let next = jobs.lock().unwrap().pop();
        let Some(job) = next else { break };
        if job > 1 {
            jobs.lock().unwrap().push(job - 1);
        }
    }
}

fn first_or_new(jobs: &Mutex<Vec<u32>>) -> u32 {
    if let Some(first) = jobs.lock().unwrap().first() {
        *first
    } else {
        jobs.lock().unwrap().push(7);
        7
    }
}

fn assert_deadlock(run: impl Fn() + Send + Sync + 'static) {
    let failed = Check::new().try_run(run).unwrap_err();
    assert!(failed.headline().starts_with("deadlock"), "{failed}");
}

#[test]
fn a_lock_that_is_hidden_in_a_line_waits_for_itself() {
    assert_deadlock(|| drop(pay_in(&Account { balance: Mutex::new(1000) }, 1)));
    assert_deadlock(|| drop(progress(&Mutex::new(3))));
    assert_deadlock(|| restart(&Mutex::new(3)));
    assert_deadlock(|| run_all(&Mutex::new(vec![2])));
}

#[test]
fn released_at_a_semicolon_or_before_else_it_does_not() {
    Check::new().run(|| {
        let jobs = Mutex::new(vec![3]);
        run_all_released(&jobs);
        assert!(jobs.lock().unwrap().is_empty());
        // Since edition 2024, the guard in the head of an `if let` is dropped before the `else`.
        assert_eq!([first_or_new(&jobs), first_or_new(&jobs)], [7, 7]);
    });
}
