// Wrong: customers wait for each other at the gate, but balance does not, and sees what is put back a moment later.
use std::sync::Mutex;

pub struct Account {
    gate: Mutex<()>,
    balance: Mutex<i64>,
}

impl Account {
    pub fn new(balance: i64) -> Self {
        Account { gate: Mutex::new(()), balance: Mutex::new(balance) }
    }

    pub fn withdraw(&self, amount: i64) -> bool {
        let _gate = self.gate.lock().unwrap();
        *self.balance.lock().unwrap() -= amount;
        if self.balance() < 0 {
            *self.balance.lock().unwrap() += amount;
            return false;
        }
        true
    }

    pub fn balance(&self) -> i64 {
        *self.balance.lock().unwrap()
    }
}
