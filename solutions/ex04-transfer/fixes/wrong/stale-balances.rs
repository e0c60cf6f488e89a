// Wrong: the new balances are worked out from what was read under earlier locks, so one transfer undoes the other.
use std::sync::RwLock;

pub struct Bank {
    accounts: RwLock<[i64; 2]>,
}

impl Bank {
    pub fn new(balances: [i64; 2]) -> Self {
        Bank { accounts: RwLock::new(balances) }
    }

    pub fn transfer(&self, from: usize, to: usize, amount: i64) {
        let payer = self.accounts.read().unwrap()[from];
        self.accounts.write().unwrap()[from] = payer - amount;
        let payee = self.accounts.read().unwrap()[to];
        self.accounts.write().unwrap()[to] = payee + amount;
    }

    pub fn balance(&self, account: usize) -> i64 {
        self.accounts.read().unwrap()[account]
    }

    pub fn total(&self) -> i64 {
        self.accounts.read().unwrap().iter().sum()
    }
}
