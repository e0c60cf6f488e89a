// Wrong: subtracts before it compares, so a huge amount on an overdrawn account overflows: a panic that poisons the account, or a payment.
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
        let rest = *balance - amount;
        if rest < 0 {
            return false;
        }
        *balance = rest;
        true
    }

    pub fn balance(&self) -> i64 {
        *self.balance.lock().unwrap()
    }
}
