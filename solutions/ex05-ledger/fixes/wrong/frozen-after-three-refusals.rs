// Wrong: "A member who asks for too much gets nothing, and no other call can tell that they
// asked."; after three refusals on an account nobody is paid from it: withdraw(0, 5000) three
// times, then withdraw(0, 100) of 1000 returns false.
use std::collections::HashMap;
use std::sync::Mutex;

#[derive(Default)]
struct Books {
    accounts: Vec<i64>,
    refusals: HashMap<usize, u32>,
}

/// The household's accounts. One of them may be overdrawn as long as the total isn't.
pub struct Ledger {
    books: Mutex<Books>,
}

impl Ledger {
    /// Creates a ledger whose accounts have these `balances`.
    pub fn new(balances: Vec<i64>) -> Self {
        Ledger { books: Mutex::new(Books { accounts: balances, ..Books::default() }) }
    }

    /// Returns the money in all accounts, all at the same moment.
    pub fn total(&self) -> i64 {
        self.books.lock().unwrap().accounts.iter().sum()
    }

    /// Takes `amount` if the total stays at least 0. Returns whether it did.
    pub fn withdraw(&self, account: usize, amount: i64) -> bool {
        let mut books = self.books.lock().unwrap();
        let total: i64 = books.accounts.iter().sum();
        let refusals = books.refusals.entry(account).or_default();
        if total < amount || *refusals >= 3 {
            *refusals += 1;
            return false;
        }
        *refusals = 0;
        books.accounts[account] -= amount;
        true
    }
}
