//! The counts of `--explore`, confirmed by an enumeration that knows nothing of the explorer: it puts the
//! customers' steps into every order by hand.

#[macro_use]
extern crate interleave as std;

#[path = "../src/lib.rs"]
mod page;

use interleave::Ending;
use page::{Account, Evening};
use std::collections::BTreeMap;

/// How a customer acts on what they heard.
#[derive(Clone, Copy)]
enum Act {
    WriteBack,
    Subtract,
}

#[derive(Clone, Copy, PartialEq)]
enum Customer {
    Comes,
    Heard(i64),
    Gone { paid: i64 },
}

/// Lets either customer take the next step, in every way there is, and counts the evenings.
fn enumerate(act: Act, balance: i64, customers: [Customer; 2], evenings: &mut BTreeMap<Evening, usize>) {
    let mut over = true;
    for who in 0..2 {
        let (mut balance, mut customers) = (balance, customers);
        customers[who] = match customers[who] {
            Customer::Comes => Customer::Heard(balance),
            Customer::Heard(current) if current < 700 => Customer::Gone { paid: 0 },
            Customer::Heard(current) => {
                balance = match act {
                    Act::WriteBack => current - 700,
                    Act::Subtract => balance - 700,
                };
                Customer::Gone { paid: 700 }
            }
            Customer::Gone { .. } => continue,
        };
        // Whoever hears too little goes without another step.
        if let Customer::Heard(current) = customers[who]
            && current < 700
        {
            customers[who] = Customer::Gone { paid: 0 };
        }
        over = false;
        enumerate(act, balance, customers, evenings);
    }
    if over {
        let paid = customers.iter().map(|c| if let Customer::Gone { paid } = c { *paid } else { 0 }).sum();
        *evenings.entry(Evening { balance, paid }).or_default() += 1;
    }
}

fn explored(withdraw: impl Fn(&Account, i64) -> bool + Sync + Copy + 'static) -> BTreeMap<Evening, usize> {
    let outcomes = interleave::outcomes(move || page::two_customers(withdraw));
    assert!(outcomes.is_complete());
    let row = |row: &interleave::Outcome<Evening>| match row.ending {
        Ending::Returned(evening) => (evening, row.count),
        Ending::Failed(ref how) => panic!("{how}"),
    };
    outcomes.rows().iter().map(row).collect()
}

fn enumerated(act: Act) -> BTreeMap<Evening, usize> {
    let mut evenings = BTreeMap::new();
    enumerate(act, 1000, [Customer::Comes; 2], &mut evenings);
    evenings
}

#[test]
fn a_stale_balance_is_lost_in_4_of_6_interleavings_and_never_negative() {
    let evenings = enumerated(Act::WriteBack);
    assert_eq!(explored(|account, amount| account.withdraw_stale(amount, || ())), evenings);
    assert_eq!(evenings[&Evening { balance: 300, paid: 1400 }], 4);
    assert!(evenings.keys().all(|evening| evening.balance == 300));
}

#[test]
fn a_fresh_balance_goes_below_zero_in_the_same_4_of_6() {
    let evenings = enumerated(Act::Subtract);
    assert_eq!(explored(|account, amount| account.withdraw_fresh(amount, || ())), evenings);
    assert_eq!(evenings[&Evening { balance: -400, paid: 1400 }], 4);
    assert_eq!(evenings.values().sum::<usize>(), 6);
}
