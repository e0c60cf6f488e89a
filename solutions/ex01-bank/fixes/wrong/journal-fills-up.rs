// Wrong: "A customer who can be paid is paid."; every payment goes into a journal with room for 256
// that nobody reads: the 257th payment of an account waits forever, with the lock.
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// An account with a balance in whole euros.
pub struct Account {
    balance: Mutex<i64>,
    journal: SyncSender<i64>,
    // Kept for the auditor, and so that the journal stays open.
    _audit: Mutex<Receiver<i64>>,
}

impl Account {
    /// Creates an account with this `balance`.
    pub fn new(balance: i64) -> Self {
        let (journal, audit) = sync_channel(256);
        Account { balance: Mutex::new(balance), journal, _audit: Mutex::new(audit) }
    }

    /// Pays out `amount` if there is enough. Returns whether it did.
    pub fn withdraw(&self, amount: i64) -> bool {
        let mut balance = self.balance.lock().unwrap();
        if *balance < amount {
            return false;
        }
        *balance -= amount;
        self.journal.send(amount).unwrap();
        true
    }

    /// Returns the current balance.
    pub fn balance(&self) -> i64 {
        *self.balance.lock().unwrap()
    }
}
