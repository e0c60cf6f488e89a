// Right: the total never changes, and a transfer moves the difference between the two accounts by twice its amount.
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

pub struct Bank {
    total: i64,
    /// What account 0 has more than account 1. One number, so there is no moment between
    /// two changes.
    difference: AtomicI64,
}

impl Bank {
    pub fn new([first, second]: [i64; 2]) -> Self {
        Bank { total: first + second, difference: AtomicI64::new(first - second) }
    }

    pub fn transfer(&self, from: usize, to: usize, amount: i64) {
        match (from, to) {
            (0, 1) => self.difference.fetch_sub(2 * amount, Relaxed),
            (1, 0) => self.difference.fetch_add(2 * amount, Relaxed),
            _ => return,
        };
    }

    pub fn balance(&self, account: usize) -> i64 {
        let difference = self.difference.load(Relaxed);
        let of_the_first = (self.total + difference) / 2;
        if account == 0 { of_the_first } else { self.total - of_the_first }
    }

    pub fn total(&self) -> i64 {
        self.total
    }
}
