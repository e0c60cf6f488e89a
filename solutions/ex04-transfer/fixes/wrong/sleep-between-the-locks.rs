// Wrong: a pause between the two locks changes when the deadlock happens, not whether it does.
use std::sync::Mutex;
use std::thread::sleep;
use std::time::Duration;

pub struct Bank {
    accounts: [Mutex<i64>; 2],
}

impl Bank {
    pub fn new(balances: [i64; 2]) -> Self {
        Bank { accounts: balances.map(Mutex::new) }
    }

    pub fn transfer(&self, from: usize, to: usize, amount: i64) {
        if from == to {
            return;
        }
        let mut payer = self.accounts[from].lock().unwrap();
        sleep(Duration::from_millis(from as u64 * 10));
        let mut payee = self.accounts[to].lock().unwrap();
        *payer -= amount;
        *payee += amount;
    }

    pub fn balance(&self, account: usize) -> i64 {
        *self.accounts[account].lock().unwrap()
    }

    pub fn total(&self) -> i64 {
        let first = self.accounts[0].lock().unwrap();
        let second = self.accounts[1].lock().unwrap();
        *first + *second
    }
}
