// Wrong: `<=` sends away whoever asks for all there is.
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
        if *balance <= amount {
            return false;
        }
        *balance -= amount;
        true
    }

    pub fn balance(&self) -> i64 {
        *self.balance.lock().unwrap()
    }
}
