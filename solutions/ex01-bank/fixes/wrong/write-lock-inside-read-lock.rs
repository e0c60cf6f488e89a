// Wrong: it waits for the write lock while it holds the read lock, and so for itself.
use std::sync::RwLock;

pub struct Account {
    balance: RwLock<i64>,
}

impl Account {
    pub fn new(balance: i64) -> Self {
        Account { balance: RwLock::new(balance) }
    }

    pub fn withdraw(&self, amount: i64) -> bool {
        let current = self.balance.read().unwrap();
        if *current < amount {
            return false;
        }
        *self.balance.write().unwrap() -= amount;
        true
    }

    pub fn balance(&self) -> i64 {
        *self.balance.read().unwrap()
    }
}
