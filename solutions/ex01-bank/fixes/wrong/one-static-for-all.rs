// Wrong: all accounts share one static balance, which each new account overwrites.
use std::sync::Mutex;

static BALANCE: Mutex<i64> = Mutex::new(0);

pub struct Account;

impl Account {
    pub fn new(balance: i64) -> Self {
        *BALANCE.lock().unwrap() = balance;
        Account
    }

    pub fn withdraw(&self, amount: i64) -> bool {
        let mut balance = BALANCE.lock().unwrap();
        let is_enough = *balance >= amount;
        if is_enough {
            *balance -= amount;
        }
        is_enough
    }

    pub fn balance(&self) -> i64 {
        *BALANCE.lock().unwrap()
    }
}
