// Wrong: what would leave 0 is refused, although there is enough.
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
        let left = *balance - amount;
        if left > 0 {
            *balance = left;
        }
        left > 0
    }

    pub fn balance(&self) -> i64 {
        *self.balance.lock().unwrap()
    }
}
