// Right: a busy flag with a condition variable; everybody who changes it notifies all.
use std::sync::{Condvar, Mutex, MutexGuard};

#[derive(Default)]
struct State {
    busy: bool,
    balances: [i64; 2],
}

pub struct Bank {
    state: Mutex<State>,
    free: Condvar,
}

impl Bank {
    pub fn new(balances: [i64; 2]) -> Self {
        Bank { state: Mutex::new(State { balances, ..State::default() }), free: Condvar::new() }
    }

    fn free_state(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap();
        while state.busy {
            state = self.free.wait(state).unwrap();
        }
        state
    }

    pub fn transfer(&self, from: usize, to: usize, amount: i64) {
        assert!(from < 2 && to < 2);
        {
            let mut state = self.free_state();
            state.busy = true;
            state.balances[from] -= amount;
        }
        // A call that comes now sees that a transfer is in its middle, and waits.
        {
            let mut state = self.state.lock().unwrap();
            state.balances[to] += amount;
            state.busy = false;
            self.free.notify_all();
        }
    }

    pub fn balance(&self, account: usize) -> i64 {
        self.free_state().balances[account]
    }

    pub fn total(&self) -> i64 {
        self.free_state().balances.iter().sum()
    }
}
