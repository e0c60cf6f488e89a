// Right: an RwLock that is locked for writing before the question is asked.
use std::sync::RwLock;

pub struct Account {
    balance: RwLock<i64>,
}

impl Account {
    pub fn new(balance: i64) -> Self {
        Account { balance: RwLock::new(balance) }
    }

    pub fn withdraw(&self, amount: i64) -> bool {
        let mut balance = self.balance.write().unwrap();
        let enough = *balance >= amount;
        if enough {
            *balance -= amount;
        }
        enough
    }

    pub fn balance(&self) -> i64 {
        *self.balance.read().unwrap()
    }
}
