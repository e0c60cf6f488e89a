//! A deadlock: two threads, each of which holds what the other one waits for.
//!
//! Ann pays Bob and Bob pays Ann at the same moment. Whoever pays locks both accounts, their own first. If each has locked one
//! before either has locked the second, both wait for ever: nobody fails, nothing is printed, no core is busy.
//!
//! Rust does not prevent it. Nobody can forget to unlock; who locks what first is still yours to decide. Three cures
//! follow: one order for all, never waiting with a lock in hand, and one lock for both accounts.

use std::sync::{Arc, Mutex, TryLockError};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use timeline::Lane;

/// An account with a lock of its own, and the number that says which lock comes first.
pub struct Account {
    pub(crate) number: usize,
    pub(crate) name: &'static str,
    pub(crate) balance: Mutex<i64>,
}

/// Two accounts with 1000 each; and the same two balances under one lock.
pub struct Bank {
    pub(crate) accounts: [Account; 2],
    pub(crate) balances: Mutex<[i64; 2]>,
}

/// A way to pay 100. `lane` notes who holds and wants what; `meanwhile` is what happens before the second lock.
pub type Pay = fn(bank: &Bank, from: usize, to: usize, lane: &Lane, meanwhile: &dyn Fn());

/// Wrong: locks the payer, then the payee. Two payments in opposite directions can wait for each other.
pub fn as_they_come(bank: &Bank, from: usize, to: usize, lane: &Lane, meanwhile: &dyn Fn()) {
    let [from, to] = [from, to].map(|number| &bank.accounts[number]);
    let mut payer = lane.hold(from.name, || from.balance.lock().unwrap());
    meanwhile();
    let mut payee = lane.hold(to.name, || to.balance.lock().unwrap());
    *payer -= 100;
    *payee += 100;
}

/// Right: locks the lower number first, whoever pays. Whoever holds the higher one no longer waits for a lower one.
pub fn in_one_order(bank: &Bank, from: usize, to: usize, lane: &Lane, meanwhile: &dyn Fn()) {
    let [low, high] = [from.min(to), from.max(to)].map(|number| &bank.accounts[number]);
    let mut first = lane.hold(low.name, || low.balance.lock().unwrap());
    meanwhile();
    let mut second = lane.hold(high.name, || high.balance.lock().unwrap());
    let to_high = if from == low.number { 100 } else { -100 };
    *first -= to_high;
    *second += to_high;
}

/// Right: never waits while it holds a lock. If the second lock is taken, it releases the first, pauses and starts again.
/// With equal pauses both payers could collide again forever, a livelock. Here each payer's pauses grow by a factor of
/// their own; with many threads, make them random.
pub fn try_and_back_off(bank: &Bank, from: usize, to: usize, lane: &Lane, meanwhile: &dyn Fn()) {
    let [from, to] = [from, to].map(|number| &bank.accounts[number]);
    let mut pause = Duration::from_millis(1);
    loop {
        let mut payer = lane.hold(from.name, || from.balance.lock().unwrap());
        meanwhile();
        let if_free = || match to.balance.try_lock() {
            Err(TryLockError::WouldBlock) => None,
            locked => Some(locked.unwrap()), // A poisoned lock isn't a busy one: it panics here.
        };
        if let Some(mut payee) = lane.try_hold(to.name, if_free) {
            *payer -= 100;
            *payee += 100;
            return;
        }
        drop(payer);
        lane.mark("backs off");
        thread::sleep(pause);
        pause *= 2 + from.number as u32;
    }
}

/// Right: one lock for both balances, so there is no second one to wait for. Payments elsewhere wait too.
pub fn under_one_lock(bank: &Bank, from: usize, to: usize, lane: &Lane, meanwhile: &dyn Fn()) {
    let mut balances = lane.hold("both accounts", || bank.balances.lock().unwrap());
    meanwhile();
    balances[from] -= 100;
    balances[to] += 100;
}

impl Bank {
    /// Ann's account, number 0, and Bob's, number 1.
    pub fn new() -> Arc<Bank> {
        let account = |number, name| Account { number, name, balance: Mutex::new(1000) };
        let accounts = [account(0, "Ann's account"), account(1, "Bob's account")];
        Arc::new(Bank { accounts, balances: Mutex::new([1000; 2]) })
    }
}

/// Ann pays Bob while Bob pays Ann, each on a thread of their own. Nobody may ever join them: ask whether they are finished.
pub fn pay_each_other(
    bank: &Arc<Bank>,
    pay: Pay,
    [ann, bob]: [Lane; 2],
    meanwhile: impl Fn() + Clone + Send + 'static,
) -> [JoinHandle<()>; 2] {
    [(0, "Ann", ann), (1, "Bob", bob)].map(|(from, name, lane)| {
        let (bank, meanwhile) = (Arc::clone(bank), meanwhile.clone());
        let thread = thread::Builder::new().name(name.into());
        thread.spawn(move || pay(&bank, from, 1 - from, &lane, &meanwhile)).unwrap()
    })
}
