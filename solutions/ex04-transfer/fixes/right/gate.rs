// Right: a lock that comes before all others lets only one clerk or auditor in at a time.
use std::sync::Mutex;

pub struct Bank {
    counter: Mutex<()>,
    accounts: [Mutex<i64>; 2],
}

impl Bank {
    pub fn new(balances: [i64; 2]) -> Self {
        Bank { counter: Mutex::new(()), accounts: balances.map(Mutex::new) }
    }

    pub fn transfer(&self, from: usize, to: usize, amount: i64) {
        let _my_turn = self.counter.lock().unwrap();
        *self.accounts[from].lock().unwrap() -= amount;
        *self.accounts[to].lock().unwrap() += amount;
    }

    pub fn balance(&self, account: usize) -> i64 {
        let _my_turn = self.counter.lock().unwrap();
        *self.accounts[account].lock().unwrap()
    }

    pub fn total(&self) -> i64 {
        let _my_turn = self.counter.lock().unwrap();
        self.accounts.iter().map(|account| *account.lock().unwrap()).sum()
    }
}
