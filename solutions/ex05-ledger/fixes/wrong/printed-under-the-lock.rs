// Wrong: the ledger is printed while its lock is held, and to print it is to lock it.
use std::fmt;
use std::sync::Mutex;

pub struct Ledger {
    accounts: Mutex<Vec<i64>>,
}

impl fmt::Display for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a household that has {}", self.total())
    }
}

impl Ledger {
    pub fn new(balances: Vec<i64>) -> Self {
        Ledger { accounts: Mutex::new(balances) }
    }

    pub fn total(&self) -> i64 {
        self.accounts.lock().unwrap().iter().sum()
    }

    pub fn withdraw(&self, account: usize, amount: i64) -> bool {
        let mut accounts = self.accounts.lock().unwrap();
        if accounts.iter().sum::<i64>() < amount {
            eprintln!("{amount} is too much for {self}");
            return false;
        }
        accounts[account] -= amount;
        true
    }
}
