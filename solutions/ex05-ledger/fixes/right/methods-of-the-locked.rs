// Right: the private type behind the lock has the methods, and the public ones lock and pass on.
use std::sync::Mutex;

struct Accounts(Vec<i64>);

impl Accounts {
    fn total(&self) -> i64 {
        self.0.iter().sum()
    }

    fn withdraw(&mut self, account: usize, amount: i64) -> bool {
        let enough = self.total() >= amount;
        if enough {
            self.0[account] -= amount;
        }
        enough
    }
}

pub struct Ledger {
    accounts: Mutex<Accounts>,
}

impl Ledger {
    pub fn new(balances: Vec<i64>) -> Self {
        Ledger { accounts: Mutex::new(Accounts(balances)) }
    }

    pub fn total(&self) -> i64 {
        self.accounts.lock().unwrap().total()
    }

    pub fn withdraw(&self, account: usize, amount: i64) -> bool {
        self.accounts.lock().unwrap().withdraw(account, amount)
    }
}
