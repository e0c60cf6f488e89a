// An append-only chain of pages: each payment writes the balance after it on the next page, and only one customer can write a page.
use std::sync::OnceLock;

struct Page {
    balance: i64,
    next: OnceLock<Box<Page>>,
}

impl Page {
    fn new(balance: i64) -> Self {
        Page { balance, next: OnceLock::new() }
    }

    fn last(&self) -> &Page {
        let mut page = self;
        while let Some(next) = page.next.get() {
            page = next;
        }
        page
    }
}

/// An account with a balance in whole euros.
pub struct Account {
    opening: Page,
}

impl Account {
    /// Creates an account with this `balance`.
    pub fn new(balance: i64) -> Self {
        Account { opening: Page::new(balance) }
    }

    /// Pays out `amount` if there is enough. Returns whether it did.
    pub fn withdraw(&self, amount: i64) -> bool {
        let mut page = &self.opening;
        loop {
            page = page.last();
            if page.balance < amount {
                return false;
            }
            if page.next.set(Box::new(Page::new(page.balance - amount))).is_ok() {
                return true;
            }
        }
    }

    /// Returns the current balance.
    pub fn balance(&self) -> i64 {
        self.opening.last().balance
    }
}
