// Wrong: a transfer that finds the bank changed meanwhile is given up; sums that wrap around hide it from whoever adds up.
use std::sync::Mutex;

pub struct Bank {
    state: Mutex<(u64, [i64; 2])>,
}

impl Bank {
    pub fn new(balances: [i64; 2]) -> Self {
        Bank { state: Mutex::new((0, balances)) }
    }

    pub fn transfer(&self, from: usize, to: usize, amount: i64) {
        let (version, mut accounts) = *self.state.lock().unwrap();
        accounts[from] = accounts[from].wrapping_sub(amount);
        accounts[to] = accounts[to].wrapping_add(amount);
        let mut state = self.state.lock().unwrap();
        if state.0 == version {
            *state = (version + 1, accounts);
        }
    }

    pub fn balance(&self, account: usize) -> i64 {
        self.state.lock().unwrap().1[account]
    }

    pub fn total(&self) -> i64 {
        self.state.lock().unwrap().1.iter().fold(0, |sum, balance| sum.wrapping_add(*balance))
    }
}
