// Wrong: the question and the answer are under one lock, but it is a static, which every account shares.
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
        if *balance < amount {
            return false;
        }
        *balance -= amount;
        true
    }

    pub fn balance(&self) -> i64 {
        *BALANCE.lock().unwrap()
    }
}
