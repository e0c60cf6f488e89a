// Right: a fair lock of our own, with park and unpark, in front of both accounts.
#![forbid(unsafe_code)]
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread::{self, Thread};

struct Ticket {
    thread: Thread,
    called: AtomicBool,
}

#[derive(Default)]
struct Line {
    taken: bool,
    waiting: VecDeque<Arc<Ticket>>,
}

#[derive(Default)]
struct Counter(Mutex<Line>);

impl Counter {
    fn enter(&self) -> Leave<'_> {
        let mut line = self.0.lock().unwrap();
        if line.taken {
            let ticket = Arc::new(Ticket { thread: thread::current(), called: AtomicBool::new(false) });
            line.waiting.push_back(Arc::clone(&ticket));
            drop(line);
            while !ticket.called.load(SeqCst) {
                thread::park();
            }
        } else {
            line.taken = true;
        }
        Leave(self)
    }
}

struct Leave<'a>(&'a Counter);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        let mut line = self.0.0.lock().unwrap();
        match line.waiting.pop_front() {
            Some(ticket) => {
                // The place is handed on; it stays taken.
                ticket.called.store(true, SeqCst);
                ticket.thread.unpark();
            }
            None => line.taken = false,
        }
    }
}

pub struct Bank {
    counter: Counter,
    accounts: [AtomicI64; 2],
}

impl Bank {
    pub fn new(balances: [i64; 2]) -> Self {
        Bank { counter: Counter::default(), accounts: balances.map(AtomicI64::new) }
    }

    pub fn transfer(&self, from: usize, to: usize, amount: i64) {
        let _turn = self.counter.enter();
        self.accounts[from].fetch_sub(amount, SeqCst);
        self.accounts[to].fetch_add(amount, SeqCst);
    }

    pub fn balance(&self, account: usize) -> i64 {
        let _turn = self.counter.enter();
        self.accounts[account].load(SeqCst)
    }

    pub fn total(&self) -> i64 {
        let _turn = self.counter.enter();
        self.accounts.iter().map(|a| a.load(SeqCst)).sum()
    }
}
