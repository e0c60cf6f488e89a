// Wrong: one lock for the question and the answer, but the balance is an i32.
use std::sync::Mutex;

pub struct Account {
    balance: Mutex<i32>,
}

impl Account {
    pub fn new(balance: i64) -> Self {
        Account { balance: Mutex::new(balance as i32) }
    }

    pub fn withdraw(&self, amount: i64) -> bool {
        let mut balance = self.balance.lock().unwrap();
        if *balance < amount as i32 {
            return false;
        }
        *balance -= amount as i32;
        true
    }

    pub fn balance(&self) -> i64 {
        i64::from(*self.balance.lock().unwrap())
    }
}
