// Wrong: "A customer who asks for too much gets nothing, and leaves no trace."; after 10 refusals in a row, the account is blocked: 10 times withdraw(2000), then withdraw(100) of 1000 is refused.
use std::sync::Mutex;

struct State {
    balance: i64,
    refused_in_a_row: u32,
}

/// An account with a balance in whole euros.
pub struct Account {
    state: Mutex<State>,
}

const LIMIT: u32 = 10;

impl Account {
    /// Creates an account with this `balance`.
    pub fn new(balance: i64) -> Self {
        Account { state: Mutex::new(State { balance, refused_in_a_row: 0 }) }
    }

    /// Pays out `amount` if there is enough. Returns whether it did.
    pub fn withdraw(&self, amount: i64) -> bool {
        let mut state = self.state.lock().unwrap();
        if state.refused_in_a_row >= LIMIT {
            return false;
        }
        if state.balance < amount {
            state.refused_in_a_row += 1;
            return false;
        }
        state.refused_in_a_row = 0;
        state.balance -= amount;
        true
    }

    /// Returns the current balance.
    pub fn balance(&self) -> i64 {
        self.state.lock().unwrap().balance
    }
}
