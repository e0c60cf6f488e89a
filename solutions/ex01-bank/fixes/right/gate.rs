// Right: a second lock, held throughout, makes the two short locks one critical section.
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
        let current = *self.balance.lock().unwrap();
        if current < amount {
            return false;
        }
        *self.balance.lock().unwrap() -= amount;
        true
    }

    pub fn balance(&self) -> i64 {
        *self.balance.lock().unwrap()
    }
}
