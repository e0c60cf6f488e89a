// Wrong: withdrawals wait for each other at the gate, but total adds up account by account while they go on.
use std::sync::Mutex;

pub struct Ledger {
    gate: Mutex<()>,
    accounts: Vec<Mutex<i64>>,
}

impl Ledger {
    pub fn new(balances: Vec<i64>) -> Self {
        Ledger { gate: Mutex::new(()), accounts: balances.into_iter().map(Mutex::new).collect() }
    }

    pub fn total(&self) -> i64 {
        self.accounts.iter().map(|balance| *balance.lock().unwrap()).sum()
    }

    pub fn withdraw(&self, account: usize, amount: i64) -> bool {
        let _gate = self.gate.lock().unwrap();
        if self.total() < amount {
            return false;
        }
        *self.accounts[account].lock().unwrap() -= amount;
        true
    }
}
