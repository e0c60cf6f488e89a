// Wrong: the question and the answer are under one lock, but it is a static, which every household shares.
use std::sync::Mutex;

static ACCOUNTS: Mutex<Vec<i64>> = Mutex::new(vec![]);

pub struct Ledger;

impl Ledger {
    pub fn new(balances: Vec<i64>) -> Self {
        *ACCOUNTS.lock().unwrap() = balances;
        Ledger
    }

    pub fn total(&self) -> i64 {
        ACCOUNTS.lock().unwrap().iter().sum()
    }

    pub fn withdraw(&self, account: usize, amount: i64) -> bool {
        let mut accounts = ACCOUNTS.lock().unwrap();
        if accounts.iter().sum::<i64>() < amount {
            return false;
        }
        accounts[account] -= amount;
        true
    }
}
