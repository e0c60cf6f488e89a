// Wrong: between the read lock and the write lock nothing is locked.
use std::sync::RwLock;

pub struct Account {
    balance: RwLock<i64>,
}

impl Account {
    pub fn new(balance: i64) -> Self {
        Account { balance: RwLock::new(balance) }
    }

    pub fn withdraw(&self, amount: i64) -> bool {
        let enough = *self.balance.read().unwrap() >= amount;
        if enough {
            *self.balance.write().unwrap() -= amount;
        }
        enough
    }

    pub fn balance(&self) -> i64 {
        *self.balance.read().unwrap()
    }
}
