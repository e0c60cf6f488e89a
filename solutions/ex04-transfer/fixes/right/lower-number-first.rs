// Right: the account with the lower number is locked first, whichever of the two pays.
use std::sync::Mutex;

pub struct Bank {
    accounts: [Mutex<i64>; 2],
}

impl Bank {
    pub fn new(balances: [i64; 2]) -> Self {
        Bank { accounts: balances.map(Mutex::new) }
    }

    pub fn transfer(&self, from: usize, to: usize, amount: i64) {
        use std::cmp::Ordering::{Equal, Greater, Less};
        let (mut payer, mut payee);
        match from.cmp(&to) {
            Equal => return,
            Less => {
                payer = self.accounts[from].lock().unwrap();
                payee = self.accounts[to].lock().unwrap();
            }
            Greater => {
                payee = self.accounts[to].lock().unwrap();
                payer = self.accounts[from].lock().unwrap();
            }
        }
        *payer -= amount;
        *payee += amount;
    }

    pub fn balance(&self, account: usize) -> i64 {
        *self.accounts[account].lock().unwrap()
    }

    pub fn total(&self) -> i64 {
        let accounts = self.accounts.each_ref().map(|account| account.lock().unwrap());
        accounts.iter().map(|account| **account).sum()
    }
}
