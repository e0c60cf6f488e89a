// Wrong: "returns the money in all accounts, as of a single moment"; `total` gives the lock back after every 64 accounts: with 65 or more accounts, after it has added the first 64, withdraw(0, 10) and then withdraw(64, 5) run, and it returns T - 5, which the total never was.
use std::sync::Mutex;

/// So many accounts are added up before others get a chance.
const CHUNK: usize = 64;

/// The household's accounts. One of them may be overdrawn as long as the total isn't.
pub struct Ledger {
    accounts: Mutex<Vec<i64>>,
}

impl Ledger {
    /// Creates a ledger whose accounts have these `balances`.
    pub fn new(balances: Vec<i64>) -> Self {
        Ledger { accounts: Mutex::new(balances) }
    }

    /// Returns the money in all accounts, all at the same moment.
    pub fn total(&self) -> i64 {
        let mut sum = 0;
        for number in 0.. {
            let accounts = self.accounts.lock().unwrap();
            match accounts.chunks(CHUNK).nth(number) {
                Some(chunk) => sum += chunk.iter().sum::<i64>(),
                None => break,
            }
            if accounts.len() <= (number + 1) * CHUNK {
                break;
            }
        }
        sum
    }

    /// Takes `amount` if the total stays at least 0. Returns whether it did.
    pub fn withdraw(&self, account: usize, amount: i64) -> bool {
        let mut accounts = self.accounts.lock().unwrap();
        if accounts.iter().sum::<i64>() < amount {
            return false;
        }
        accounts[account] -= amount;
        true
    }
}
