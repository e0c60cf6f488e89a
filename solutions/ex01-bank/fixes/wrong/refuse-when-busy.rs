// Wrong: a customer who finds the account busy is sent away, although there is enough for both.
use std::sync::Mutex;

pub struct Account {
    balance: Mutex<i64>,
}

impl Account {
    pub fn new(balance: i64) -> Self {
        Account { balance: Mutex::new(balance) }
    }

    pub fn withdraw(&self, amount: i64) -> bool {
        let Ok(mut balance) = self.balance.try_lock() else { return false };
        let enough = *balance >= amount;
        if enough {
            *balance -= amount;
        }
        enough
    }

    pub fn balance(&self) -> i64 {
        *self.balance.lock().unwrap()
    }
}
