//! The counts of `--explore`, confirmed by an enumeration that knows nothing of the explorer: it puts the
//! customers' steps into every order by hand.

#[macro_use]
extern crate interleave as std;

#[path = "../src/lib.rs"]
mod page;

use interleave::{Ending, Outcomes, outcomes};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};

/// Paid out, balance.
type Evening = (i64, i64);
/// A customer's next step: what it does to the balance, and what comes after; none is: gone home.
type Step = fn(&mut i64, heard: i64) -> (i64, Next);

#[derive(Clone, Copy)]
enum Next {
    Step(Step),
    Gone(i64),
}

fn enumerate(balance: i64, customers: [(i64, Next); 2], evenings: &mut BTreeMap<Evening, usize>) {
    let gone = customers.map(|(_, next)| if let Next::Gone(paid) = next { Some(paid) } else { None });
    if let [Some(one), Some(two)] = gone {
        *evenings.entry((one + two, balance)).or_default() += 1;
        return;
    }
    for who in 0..2 {
        let (heard, Next::Step(step)) = customers[who] else { continue };
        let (mut balance, mut customers) = (balance, customers);
        customers[who] = step(&mut balance, heard);
        enumerate(balance, customers, evenings);
    }
}

fn enumerated(first: Step) -> BTreeMap<Evening, usize> {
    let mut evenings = BTreeMap::new();
    enumerate(1000, [(0, Next::Step(first)); 2], &mut evenings);
    evenings
}

/// Asks; whoever hears too little goes home with the same step.
fn ask(balance: &mut i64, _: i64) -> (i64, Next) {
    (*balance, if *balance < 700 { Next::Gone(0) } else { Next::Step(subtract) })
}

fn subtract(balance: &mut i64, _: i64) -> (i64, Next) {
    *balance -= 700;
    (0, Next::Gone(700))
}

fn ask_and_act(balance: &mut i64, _: i64) -> (i64, Next) {
    let enough = *balance >= 700;
    *balance -= if enough { 700 } else { 0 };
    (0, Next::Gone(if enough { 700 } else { 0 }))
}

fn load(balance: &mut i64, _: i64) -> (i64, Next) {
    (*balance, if *balance < 700 { Next::Gone(0) } else { Next::Step(exchange) })
}

fn exchange(balance: &mut i64, heard: i64) -> (i64, Next) {
    if *balance == heard {
        *balance -= 700;
        return (0, Next::Gone(700));
    }
    (*balance, if *balance < 700 { Next::Gone(0) } else { Next::Step(exchange) })
}

fn counts(outcomes: &Outcomes<Evening>) -> BTreeMap<Evening, usize> {
    let row = |row: &interleave::Outcome<Evening>| match row.ending {
        Ending::Returned(evening) => (evening, row.count),
        Ending::Failed(ref how) => panic!("{how}"),
    };
    outcomes.rows().iter().map(row).collect()
}

fn with_mutex(withdraw: fn(&Mutex<i64>, i64) -> bool) -> BTreeMap<Evening, usize> {
    counts(&outcomes(move || {
        let account = Mutex::new(1000);
        let paid = page::two_customers(&account, withdraw);
        (paid, account.into_inner().unwrap())
    }))
}

fn with_atomic(withdraw: fn(&AtomicI64, i64) -> bool) -> BTreeMap<Evening, usize> {
    counts(&outcomes(move || {
        let account = AtomicI64::new(1000);
        let paid = page::two_customers(&account, withdraw);
        (paid, account.load(SeqCst))
    }))
}

#[test]
fn two_short_locks_lose_in_4_of_6_interleavings() {
    let evenings = with_mutex(|balance, amount| page::two_short_locks(balance, amount, || ()));
    assert_eq!(evenings, enumerated(ask));
    assert_eq!(evenings, BTreeMap::from([((700, 300), 2), ((1400, -400), 4)]));
}

#[test]
fn a_load_and_a_fetch_sub_lose_in_4_of_6_interleavings() {
    let evenings = with_atomic(|balance, amount| page::load_then_fetch_sub(balance, amount, || ()));
    assert_eq!(evenings, enumerated(ask));
}

#[test]
fn one_critical_section_has_one_outcome() {
    let evenings = with_mutex(|balance, amount| page::one_critical_section(balance, amount, || ()));
    assert_eq!(evenings, enumerated(ask_and_act));
    assert_eq!(evenings, BTreeMap::from([((700, 300), 2)]));
}

#[test]
fn compare_and_exchange_has_one_outcome() {
    let evenings = with_atomic(|balance, amount| page::compare_and_exchange(balance, amount, || ()));
    assert_eq!(evenings, enumerated(load));
    assert_eq!(evenings.len(), 1);
}
