// Right: a Mutex, with the answer worked out in a block that ends the critical section.
use std::sync::Mutex;

pub struct Account {
    balance: Mutex<i64>,
}

impl Account {
    pub fn new(balance: i64) -> Self {
        Account { balance: Mutex::new(balance) }
    }

    pub fn withdraw(&self, amount: i64) -> bool {
        let paid = {
            let mut balance = self.balance.lock().unwrap();
            let enough = *balance >= amount;
            if enough {
                *balance -= amount;
            }
            enough
        };
        paid
    }

    pub fn balance(&self) -> i64 {
        *self.balance.lock().unwrap()
    }
}
