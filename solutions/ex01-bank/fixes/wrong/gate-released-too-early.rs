// Wrong: `let _ = …` drops the guard at once, so the lock that was to span both steps is held for neither.
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
        let _ = self.gate.lock().unwrap();
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
