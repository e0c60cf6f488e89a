// Wrong: when the second account is busy, it sleeps while it still holds the first, and takes that one again at once.
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
        loop {
            let mut payer = self.accounts[from].lock().unwrap();
            if let Ok(mut payee) = self.accounts[to].try_lock() {
                *payer -= amount;
                *payee += amount;
                return;
            }
            sleep(Duration::from_millis(10));
        }
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
