// Wrong: "`total` and `balance` return the right amount at every moment"; every 512th transfer moves the journal into `base`, but takes it out under one lock and adds it under another: a balance in between misses 512 transfers.
use std::mem;
use std::sync::Mutex;

struct Entry {
    from: usize,
    to: usize,
    amount: i64,
}

fn apply(balances: &mut [i64; 2], journal: &[Entry]) {
    for entry in journal {
        balances[entry.from] -= entry.amount;
        balances[entry.to] += entry.amount;
    }
}

/// Two accounts: their balances at some moment, and the transfers since then.
pub struct Bank {
    base: Mutex<[i64; 2]>,
    journal: Mutex<Vec<Entry>>,
}

impl Bank {
    /// Creates a bank whose accounts have these `balances`.
    pub fn new(balances: [i64; 2]) -> Self {
        Bank { base: Mutex::new(balances), journal: Mutex::new(Vec::new()) }
    }

    /// Moves `amount` from one account to the other. Both may be the same account.
    pub fn transfer(&self, from: usize, to: usize, amount: i64) {
        assert!(from < 2 && to < 2);
        let full = {
            let mut journal = self.journal.lock().unwrap();
            journal.push(Entry { from, to, amount });
            if journal.len() < 512 {
                return;
            }
            mem::take(&mut *journal)
        };
        apply(&mut self.base.lock().unwrap(), &full);
    }

    fn balances(&self) -> [i64; 2] {
        let base = self.base.lock().unwrap();
        let journal = self.journal.lock().unwrap();
        let mut balances = *base;
        apply(&mut balances, &journal);
        balances
    }

    /// Returns the money in this account.
    pub fn balance(&self, account: usize) -> i64 {
        self.balances()[account]
    }

    /// Returns the money in both accounts.
    pub fn total(&self) -> i64 {
        self.balances().iter().sum()
    }
}
