// Wrong: it looks under one lock, takes under the next, and puts back under a third; meanwhile the balance is negative.
use std::sync::Mutex;

pub struct Account {
    balance: Mutex<i64>,
}

impl Account {
    pub fn new(balance: i64) -> Self {
        Account { balance: Mutex::new(balance) }
    }

    pub fn withdraw(&self, amount: i64) -> bool {
        if *self.balance.lock().unwrap() < amount {
            return false;
        }
        let left = {
            let mut balance = self.balance.lock().unwrap();
            *balance -= amount;
            *balance
        };
        if left < 0 {
            *self.balance.lock().unwrap() += amount;
        }
        left >= 0
    }

    pub fn balance(&self) -> i64 {
        *self.balance.lock().unwrap()
    }
}
