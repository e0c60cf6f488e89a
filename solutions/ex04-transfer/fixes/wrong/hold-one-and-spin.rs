// Wrong: try_lock in a loop never lets go of the first lock, so two clerks spin for ever instead of waiting for ever.
use std::hint::spin_loop;
use std::sync::Mutex;

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
        loop {
            if let Ok(mut payee) = self.accounts[to].try_lock() {
                *payer -= amount;
                *payee += amount;
                return;
            }
            spin_loop();
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
