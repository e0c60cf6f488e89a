// Wrong: "takes the amount out of the account if the total stays at least 0"; a thread that has
// asked for this ledger's total before trusts its own last answer for refusals, keyed by address: a
// dropped ledger of 10 makes a new ledger of 1000 at the same address refuse 700 on this thread.
use std::cell::Cell;
use std::sync::Mutex;

thread_local! {
    /// The ledger that this thread used last, and its total, which can only have sunk since.
    static LAST: Cell<Option<(usize, i64)>> = const { Cell::new(None) };
}

/// The household's accounts. One of them may be overdrawn as long as the total isn't.
pub struct Ledger {
    accounts: Mutex<Vec<i64>>,
}

impl Ledger {
    /// Creates a ledger whose accounts have these `balances`.
    pub fn new(balances: Vec<i64>) -> Self {
        Ledger { accounts: Mutex::new(balances) }
    }

    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// Returns the money in all accounts, all at the same moment.
    pub fn total(&self) -> i64 {
        let total = self.accounts.lock().unwrap().iter().sum();
        LAST.set(Some((self.address(), total)));
        total
    }

    /// Takes `amount` if the total stays at least 0. Returns whether it did.
    pub fn withdraw(&self, account: usize, amount: i64) -> bool {
        // The total can't have grown, so that there's no need to lock.
        if LAST.get().is_some_and(|(ledger, total)| ledger == self.address() && total < amount) {
            return false;
        }
        let mut accounts = self.accounts.lock().unwrap();
        if accounts.iter().sum::<i64>() < amount {
            return false;
        }
        accounts[account] -= amount;
        true
    }
}
