// Wrong: it takes under one lock and puts back under the next; in between, the money is missing for others.
use std::sync::Mutex;

pub struct Account {
    balance: Mutex<i64>,
}

impl Account {
    pub fn new(balance: i64) -> Self {
        Account { balance: Mutex::new(balance) }
    }

    pub fn withdraw(&self, amount: i64) -> bool {
        let mut balance = self.balance.lock().unwrap();
        *balance -= amount;
        let left = *balance;
        drop(balance);
        if left < 0 {
            *self.balance.lock().unwrap() += amount;
            return false;
        }
        true
    }

    pub fn balance(&self) -> i64 {
        *self.balance.lock().unwrap()
    }
}
