// The check of exercise 1. It is finished: change src/lib.rs, not this file.
//
// Two customers come to the same account at the same moment. There is money for one of them.
// "Is there enough?" and "take it out" are two steps; whatever comes between them sees a balance that is about to
// change. Everything from the question to the answer is one critical section: it needs one lock, held throughout.
// To take first and to put it back if it was too much is no way out: for that moment, the money is missing for others.
//
// This check runs your code under every interleaving of the customers' steps, or under some thousands of them if there
// are more, and shows the shortest one that goes wrong as a table of your own lines. Run it with `cargo test -p ex01-bank`; read docs/01-race-conditions.md.

#[macro_use]
extern crate interleave as std; // in this file, and in what it takes in, std's threads are explored
extern crate interleave as core;
interleave::exercise!(); // no `unsafe`, no `extern`, at most 1 GiB of memory

#[cfg_attr(not(feature = "solution"), path = "../src/lib.rs")]
#[cfg_attr(feature = "solution", path = "../../../solutions/ex01-bank/src/lib.rs")]
mod bank;
#[allow(unused_imports)]
use bank::*; // so that `crate::` means the same in src/lib.rs, here and there

use bank::Account;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

/// A customer who wants `amount`, and tells whether they got it.
fn customer(number: usize, account: &Arc<Account>, amount: i64) -> JoinHandle<bool> {
    let account = Arc::clone(account);
    let thread = Builder::new().name(format!("customer {number}"));
    thread.spawn(move || account.withdraw(amount)).unwrap()
}

#[test]
fn the_last_700_are_paid_once() {
    interleave::check(|| {
        let account = Arc::new(Account::new(1000));
        let customers = [customer(1, &account, 700), customer(2, &account, 700)];
        let paid = customers.map(|c| c.join().unwrap()).into_iter().filter(|paid| *paid).count();
        assert!(paid != 0, "nobody was paid, although the account held 1000 and each asked for 700");
        assert!(paid != 2, "both customers were paid 700: 1400 came out of an account that held 1000");
        let left = account.balance();
        assert!(left == 300, "700 of 1000 were paid out, but the balance says {left} instead of 300");
    });
}

#[test]
fn whoever_is_disturbed_again_and_again_is_paid_too() {
    interleave::Check::new().runs(20_000).run(|| {
        let account = Arc::new(Account::new(1000));
        let customers = [1, 2, 3, 4].map(|number| customer(number, &account, 100));
        for (customer, number) in customers.into_iter().zip(1..) {
            assert!(
                customer.join().unwrap(),
                "customer {number} was sent away, although the account held 1000 and all of them together asked for 400"
            );
        }
    });
    // While one customer takes a step, the other one takes several, and is faster again and again.
    interleave::Check::new().in_turns().run(|| {
        let account = Arc::new(Account::new(1000));
        let regular = Arc::clone(&account);
        let withdraws_often = move || (0..150).filter(|_| regular.withdraw(1)).count();
        let regular = Builder::new().name("customer 2".into()).spawn(withdraws_often).unwrap();
        let once = customer(1, &account, 100).join().unwrap();
        let often = regular.join().unwrap();
        assert!(once, "customer 1 was sent away, although the account never held less than 850 and they asked for 100");
        assert!(
            often == 150,
            "customer 2 asked 150 times for 1 of 1000, and was sent away although customer 1 asked only for 100"
        );
    });
}

#[test]
fn two_who_can_be_paid_are_paid() {
    interleave::check(|| {
        let account = Arc::new(Account::new(1000));
        let customers = [customer(1, &account, 300), customer(2, &account, 600)];
        let paid = customers.map(|c| c.join().unwrap());
        assert!(
            paid[0],
            "customer 1 was sent away, although the account held 1000 and all of them together asked for 900"
        );
        assert!(
            paid[1],
            "customer 2 was sent away, although the account held 1000 and all of them together asked for 900"
        );
        let left = account.balance();
        assert!(left == 100, "900 of 1000 were paid out, but the balance says {left} instead of 100");
    });
}

#[test]
fn a_third_customer_is_paid_what_is_left() {
    // 700 + 300 is all that the account holds, so customer 3 is paid whichever of the
    // others is.
    interleave::Check::new().runs(10_000).run(|| {
        let account = Arc::new(Account::new(1000));
        let customers =
            [customer(1, &account, 700), customer(2, &account, 700), customer(3, &account, 300)];
        let paid = customers.map(|c| c.join().unwrap());
        assert!(
            paid[2],
            "customer 3 was sent away, although the account held 1000: customers 1 and 2 asked for 700 each, only one of them can \
             be paid, and customer 3 asked for the 300 that are left"
        );
        assert!(paid[0] || paid[1], "customers 1 and 2 were both sent away, although the account held enough for one of them");
        assert!(!(paid[0] && paid[1]), "both customers were paid 700: 1400 came out of an account that held 1000");
        let left = account.balance();
        assert!(left == 0, "700 and 300 of 1000 were paid out, but the balance says {left} instead of 0");
    });
}

#[test]
fn whoever_asks_for_too_much_is_in_nobodys_way() {
    interleave::check(|| {
        let account = Arc::new(Account::new(1000));
        let customers = [customer(1, &account, 1200), customer(2, &account, 700)];
        let paid = customers.map(|c| c.join().unwrap());
        assert!(!paid[0], "customer 1 was paid 1200 from an account that held 1000");
        assert!(
            paid[1],
            "customer 2 was sent away, although the account held 1000 and they asked for 700: customer 1 asked for 1200 and \
             got nothing, so nothing was missing at any moment"
        );
        let left = account.balance();
        assert!(left == 300, "700 of 1000 were paid out, but the balance says {left} instead of 300");
    });
}

#[test]
fn the_balance_is_true_at_every_moment() {
    interleave::Check::new().runs(10_000).run(|| {
        let account = Arc::new(Account::new(1000));
        let customers = [customer(1, &account, 1200), customer(2, &account, 700)];
        let seen = account.balance();
        for customer in customers {
            let _ = customer.join().unwrap();
        }
        assert!(
            seen == 1000 || seen == 300,
            "somebody saw a balance of {seen} while customers asked for 700 and for 1200 of 1000: it is 1000 before the 700 are paid \
             out, and 300 from then on"
        );
    });
}

#[test]
fn the_balance_never_shows_money_that_was_not_paid_out() {
    interleave::Check::new().runs(10_000).run(|| {
        let account = Arc::new(Account::new(1000));
        // Both find enough money, and only one of them can be paid.
        let customers = [customer(1, &account, 700), customer(2, &account, 700)];
        let seen = [account.balance(), account.balance()];
        for customer in customers {
            let _ = customer.join().unwrap();
        }
        let possible = [[1000, 1000], [1000, 300], [300, 300]];
        assert!(
            possible.contains(&seen),
            "main read the balance twice, and saw {} and then {}, while two customers asked for 700 of 1000: it is 1000 until one of \
             them is paid, and 300 from then on",
            seen[0],
            seen[1]
        );
    });
}

#[test]
fn two_accounts_know_nothing_of_each_other() {
    interleave::check(|| {
        let (ann, bob) = (Arc::new(Account::new(1000)), Arc::new(Account::new(50)));
        let customers = [customer(1, &ann, 700), customer(2, &bob, 50)];
        let paid = customers.map(|c| c.join().unwrap());
        assert!(
            paid[0],
            "customer 1 asked for 700 from an account that held 1000, and was sent away: there is a second account"
        );
        assert!(
            paid[1],
            "customer 2 asked for 50 from an account that held 50, and was sent away: there is a second account"
        );
        let left = [ann.balance(), bob.balance()];
        assert!(
            left == [300, 0],
            "700 of 1000 were paid out of one account and 50 of 50 out of another, but they hold {left:?} instead of [300, 0]"
        );
    });
}

#[test]
fn large_amounts_are_paid_in_full() {
    interleave::check(|| {
        let account = Arc::new(Account::new(9_000_000_000_000));
        let paid = customer(1, &account, 8_000_000_000_000).join().unwrap();
        let left = account.balance();
        assert!(paid, "customer 1 asked for 8 of the account's 9 million million, and was sent away");
        assert!(
            left == 1_000_000_000_000,
            "8 of 9 million million were paid out, but the balance says {left}: an i64 has room for that"
        );
    });
}

#[test]
fn all_of_it_can_be_paid_out() {
    interleave::check(|| {
        let account = Arc::new(Account::new(700));
        let paid = customer(1, &account, 700).join().unwrap();
        assert!(paid, "customer 1 was sent away, although the account held 700 and they asked for just that");
        let left = account.balance();
        assert!(left == 0, "all 700 were paid out, but the balance says {left}");
        let paid = customer(2, &account, 1).join().unwrap();
        assert!(!paid, "customer 2 was paid 1, although the account was empty");
    });
}

/// The task as a specification: the state of an account is its balance. The scenarios are
/// made up from it.
#[test]
fn spec_explains_every_run() {
    use interleave::spec::Spec;

    let enough = |left: &mut i64, &amount: &i64, _| {
        let is_paid = *left >= amount;
        if is_paid {
            *left -= amount;
        }
        is_paid
    };
    Spec::new(
        [1000, 0, i64::MAX, -2],
        |left| format!("an account of {left}"),
        |&left| Account::new(left),
        |&left| left,
    )
    .names(["customer 1", "customer 2", "customer 3", "customer 4"])
    .call(
        [700, 300, 1000, 1001, 1, i64::MAX],
        |amount| format!("asks for {amount}"),
        |account, &n| account.withdraw(n),
        enough,
    )
    .call([()], |()| "looks at the balance".into(), |account, ()| account.balance(), |left, (), _| *left)
    .also_at_the_end()
    .must_join()
    .check();
}
