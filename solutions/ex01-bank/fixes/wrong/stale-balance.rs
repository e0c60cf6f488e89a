// Wrong: the balance that is written back was read under an earlier lock, so one withdrawal undoes the other.
use std::sync::Mutex;

pub struct Account {
    balance: Mutex<i64>,
}

impl Account {
    pub fn new(balance: i64) -> Self {
        Account { balance: Mutex::new(balance) }
    }

    pub fn withdraw(&self, amount: i64) -> bool {
        let current = *self.balance.lock().unwrap();
        if current < amount {
            return false;
        }
        *self.balance.lock().unwrap() = current - amount;
        true
    }

    pub fn balance(&self) -> i64 {
        *self.balance.lock().unwrap()
    }
}
