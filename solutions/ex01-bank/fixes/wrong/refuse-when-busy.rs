// Wrong: a customer who meets a busy account is sent away, and when both meet one nobody is paid.
use std::sync::Mutex;

pub struct Account {
    balance: Mutex<i64>,
}

impl Account {
    pub fn new(balance: i64) -> Self {
        Account { balance: Mutex::new(balance) }
    }

    pub fn withdraw(&self, amount: i64) -> bool {
        let enough = *self.balance.lock().unwrap() >= amount;
        let Ok(mut balance) = self.balance.try_lock() else { return false };
        if enough {
            *balance -= amount;
        }
        enough
    }

    pub fn balance(&self) -> i64 {
        *self.balance.lock().unwrap()
    }
}
