// Wrong: the critical section is right, but an i32 has no room for every balance and every amount.
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
        let is_enough = *balance >= amount as i32;
        if is_enough {
            *balance -= amount as i32;
        }
        is_enough
    }

    pub fn balance(&self) -> i64 {
        i64::from(*self.balance.lock().unwrap())
    }
}
