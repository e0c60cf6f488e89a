// Wrong: "Two members … who withdraw at the same moment are never paid from the same money"; the home-made reentrant lock forgets to clear the owner when a withdrawal is refused: the next withdraw of that thread believes that it holds the lock already and works without it, at the same time as another member.
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
use std::sync::{Mutex, MutexGuard};
use std::thread::{self, ThreadId};

/// The household's accounts, with a lock that its owner may take again.
pub struct Ledger {
    accounts: Vec<AtomicI64>,
    lock: Mutex<()>,
    owner: Mutex<Option<ThreadId>>,
}

impl Ledger {
    /// Creates a ledger whose accounts have these `balances`.
    pub fn new(balances: Vec<i64>) -> Self {
        Ledger {
            accounts: balances.into_iter().map(AtomicI64::new).collect(),
            lock: Mutex::new(()),
            owner: Mutex::new(None),
        }
    }

    fn enter(&self) -> Option<MutexGuard<'_, ()>> {
        let me = thread::current().id();
        if *self.owner.lock().unwrap() == Some(me) {
            return None;
        }
        let guard = self.lock.lock().unwrap();
        *self.owner.lock().unwrap() = Some(me);
        Some(guard)
    }

    fn leave(&self, guard: Option<MutexGuard<'_, ()>>) {
        if guard.is_some() {
            *self.owner.lock().unwrap() = None;
        }
    }

    /// Returns the money in all accounts, all at the same moment.
    pub fn total(&self) -> i64 {
        let guard = self.enter();
        let total = self.accounts.iter().map(|account| account.load(SeqCst)).sum();
        self.leave(guard);
        total
    }

    /// Takes `amount` if the total stays at least 0. Returns whether it did.
    pub fn withdraw(&self, account: usize, amount: i64) -> bool {
        let guard = self.enter();
        if self.total() < amount {
            return false;
        }
        let balance = self.accounts[account].load(SeqCst);
        self.accounts[account].store(balance - amount, SeqCst);
        self.leave(guard);
        true
    }
}
