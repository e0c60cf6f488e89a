// Wrong: "Every transfer finishes"; the locks are five static stripes, bank number n uses stripes n % 5 and (n + 1) % 5 in this order: five banks, created one after the other, with one transfer in each at the same time, are five dining philosophers and wait for each other forever.
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering::SeqCst};

const STRIPES: usize = 5;
static LOCKS: [Mutex<()>; STRIPES] = [const { Mutex::new(()) }; STRIPES];
static BANKS: AtomicUsize = AtomicUsize::new(0);

/// Two accounts, each protected by one of a few shared locks, to save memory.
pub struct Bank {
    number: usize,
    accounts: [AtomicI64; 2],
}

impl Bank {
    /// Creates a bank whose accounts have these `balances`.
    pub fn new(balances: [i64; 2]) -> Self {
        Bank { number: BANKS.fetch_add(1, SeqCst), accounts: balances.map(AtomicI64::new) }
    }

    fn stripe(&self, account: usize) -> &'static Mutex<()> {
        &LOCKS[(self.number + account) % STRIPES]
    }

    /// Moves `amount` from one account to the other. Both may be the same account.
    pub fn transfer(&self, from: usize, to: usize, amount: i64) {
        if from == to {
            return;
        }
        // Always account 0 first, and then account 1.
        let _first = self.stripe(0).lock().unwrap();
        let _second = self.stripe(1).lock().unwrap();
        self.accounts[from].fetch_sub(amount, SeqCst);
        self.accounts[to].fetch_add(amount, SeqCst);
    }

    /// Returns the money in this account.
    pub fn balance(&self, account: usize) -> i64 {
        let _guard = self.stripe(account).lock().unwrap();
        self.accounts[account].load(SeqCst)
    }

    /// Returns the money in both accounts.
    pub fn total(&self) -> i64 {
        let _first = self.stripe(0).lock().unwrap();
        let _second = self.stripe(1).lock().unwrap();
        self.accounts[0].load(SeqCst) + self.accounts[1].load(SeqCst)
    }
}
