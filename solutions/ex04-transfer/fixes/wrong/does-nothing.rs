// Wrong: whoever moves no money cannot deadlock.
pub struct Bank {
    accounts: [i64; 2],
}

impl Bank {
    pub fn new(balances: [i64; 2]) -> Self {
        Bank { accounts: balances }
    }

    pub fn transfer(&self, _from: usize, _to: usize, _amount: i64) {}

    pub fn balance(&self, account: usize) -> i64 {
        self.accounts[account]
    }

    pub fn total(&self) -> i64 {
        self.accounts.iter().sum()
    }
}
