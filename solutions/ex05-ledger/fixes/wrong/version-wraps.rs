// Wrong: "Two members of the household who come at the same moment are never paid from the same
// money."; the version has 8 bits: if exactly 256 withdrawals come between a member's look and
// payment, the look counts as fresh: [300], A looks for 200, others take 256 x 1, A gets 200 of 44.
use std::sync::Mutex;

struct State {
    accounts: Vec<i64>,
    version: u8,
}

/// The household's accounts. One of them may be overdrawn as long as the total isn't.
pub struct Ledger {
    state: Mutex<State>,
}

impl Ledger {
    /// Creates a ledger whose accounts have these `balances`.
    pub fn new(balances: Vec<i64>) -> Self {
        Ledger { state: Mutex::new(State { accounts: balances, version: 0 }) }
    }

    fn look(&self) -> (i64, u8) {
        let state = self.state.lock().unwrap();
        (state.accounts.iter().sum(), state.version)
    }

    /// Returns the money in all accounts, all at the same moment.
    pub fn total(&self) -> i64 {
        self.look().0
    }

    /// Takes `amount` if the total stays at least 0. Returns whether it did.
    pub fn withdraw(&self, account: usize, amount: i64) -> bool {
        loop {
            let (total, version) = self.look();
            if total < amount {
                return false;
            }
            let mut state = self.state.lock().unwrap();
            if state.version == version {
                state.accounts[account] -= amount;
                state.version = version.wrapping_add(1);
                return true;
            }
            // Somebody was faster: look again.
        }
    }
}
