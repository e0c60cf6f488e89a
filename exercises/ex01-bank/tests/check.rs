// This is the finished check for exercise 1: change src/lib.rs, not this file.
//
// Two customers ask the same account for money at the same moment, and it holds enough for only one of them.
// Checking the balance and paying out are two steps. A thread that runs between them sees a balance that is about to
// change. Both steps belong to one critical section: hold one lock from the check to the update.
// Paying first and putting the money back if it was too much doesn't help: until then, other customers miss that money.
//
// This check runs your code under every interleaving of the customers' steps, or under several thousand if there are more
// than that. It shows the shortest interleaving that fails, as a table of your own lines. Run it with `cargo test -p ex01-bank`; read docs/01-race-conditions.md.

#[macro_use]
extern crate interleave as std; // in this file and the modules it includes, std's threads are explored
extern crate interleave as core;
interleave::exercise!(); // no `unsafe`, no `extern`, at most 1 GiB of memory

#[cfg_attr(not(feature = "solution"), path = "../src/lib.rs")]
#[cfg_attr(feature = "solution", path = "../../../solutions/ex01-bank/src/lib.rs")]
mod bank;
#[allow(unused_imports)]
use bank::*; // so that `crate::` means the same here as in src/lib.rs

use bank::Account;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

/// Starts a customer who asks for `amount`. The thread returns whether the customer was paid.
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
        assert!(paid != 0, "neither customer was paid although the account held 1000 and each asked for 700");
        assert!(paid != 2, "both customers were paid 700: 1400 came out of an account that held 1000");
        let left = account.balance();
        assert!(left == 300, "700 of 1000 was paid out, but the balance is {left} instead of 300");
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
                "customer {number} was refused, although the account held 1000 and the four customers asked for only 400 in all"
            );
        }
    });
    // While one customer takes a step, the other takes several, and so overtakes the first one again and again.
    interleave::Check::new().in_turns().run(|| {
        let account = Arc::new(Account::new(1000));
        let regular = Arc::clone(&account);
        let withdraws_often = move || (0..150).filter(|_| regular.withdraw(1)).count();
        let regular = Builder::new().name("customer 2".into()).spawn(withdraws_often).unwrap();
        let once = customer(1, &account, 100).join().unwrap();
        let often = regular.join().unwrap();
        assert!(once, "customer 1 asked for 100 and was refused, although the account never held less than 850");
        assert!(
            often == 150,
            "customer 2 asked 150 times for 1, and was refused at least once, although 1000 was enough for both customers"
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
            "customer 1 was refused, although the account held 1000 and the two asked for only 900 in all"
        );
        assert!(
            paid[1],
            "customer 2 was refused, although the account held 1000 and the two asked for only 900 in all"
        );
        let left = account.balance();
        assert!(left == 100, "900 of 1000 was paid out, but the balance is {left} instead of 100");
    });
}

#[test]
fn a_third_customer_is_paid_what_is_left() {
    // The account holds just 700 + 300, so customer 3 is paid, whichever of the other
    // two is paid.
    interleave::Check::new().runs(10_000).run(|| {
        let account = Arc::new(Account::new(1000));
        let customers =
            [customer(1, &account, 700), customer(2, &account, 700), customer(3, &account, 300)];
        let paid = customers.map(|c| c.join().unwrap());
        assert!(
            paid[2],
            "customer 3 was refused 300, although the account held 1000: customers 1 and 2 asked for 700 each, so only one of them \
             can be paid, and 300 is left for customer 3"
        );
        assert!(paid[0] || paid[1], "customers 1 and 2 were both refused, although the account held enough to pay one of them");
        assert!(!(paid[0] && paid[1]), "both customers were paid 700: 1400 came out of an account that held 1000");
        let left = account.balance();
        assert!(left == 0, "700 and 300 were paid out of 1000, but the balance is {left} instead of 0");
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
            "customer 2 was refused 700, although the account held 1000: customer 1 asked for 1200 and was refused, so all \
             1000 was there the whole time"
        );
        let left = account.balance();
        assert!(left == 300, "700 of 1000 was paid out, but the balance is {left} instead of 300");
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
            "main read a balance of {seen} while customers asked for 700 and for 1200 out of 1000: the balance is 1000 until 700 is paid \
             out, and 300 from then on"
        );
    });
}

#[test]
fn the_balance_never_shows_money_that_was_not_paid_out() {
    interleave::Check::new().runs(10_000).run(|| {
        let account = Arc::new(Account::new(1000));
        // The account holds enough for either customer, but not for both.
        let customers = [customer(1, &account, 700), customer(2, &account, 700)];
        let seen = [account.balance(), account.balance()];
        for customer in customers {
            let _ = customer.join().unwrap();
        }
        let possible = [[1000, 1000], [1000, 300], [300, 300]];
        assert!(
            possible.contains(&seen),
            "main read the balance twice, and saw {} and then {}, while two customers asked for 700 each out of 1000: the balance is 1000 until one of \
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
            "customer 1 asked for 700 from an account that held 1000, and was refused: do the two accounts share one balance?"
        );
        assert!(
            paid[1],
            "customer 2 asked for 50 from an account that held 50, and was refused: do the two accounts share one balance?"
        );
        let left = [ann.balance(), bob.balance()];
        assert!(
            left == [300, 0],
            "700 of 1000 was paid out of one account and 50 of 50 out of another, but the accounts hold {left:?} instead of [300, 0]"
        );
    });
}

#[test]
fn large_amounts_are_paid_in_full() {
    interleave::check(|| {
        let account = Arc::new(Account::new(9_000_000_000_000));
        let paid = customer(1, &account, 8_000_000_000_000).join().unwrap();
        let left = account.balance();
        assert!(paid, "customer 1 asked for 8 trillion of the account's 9 trillion, and was refused");
        assert!(
            left == 1_000_000_000_000,
            "8 trillion of 9 trillion was paid out, but the balance is {left}: an i64 can hold these amounts"
        );
    });
}

#[test]
fn all_of_it_can_be_paid_out() {
    interleave::check(|| {
        let account = Arc::new(Account::new(700));
        let paid = customer(1, &account, 700).join().unwrap();
        assert!(paid, "customer 1 asked for 700 and was refused, although the account held exactly 700");
        let left = account.balance();
        assert!(left == 0, "all 700 was paid out, but the balance is {left} instead of 0");
        let paid = customer(2, &account, 1).join().unwrap();
        assert!(!paid, "customer 2 was paid 1, although the account was empty");
    });
}

/// The task as a specification, from which the scenarios are generated. The state of an
/// account is its balance.
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
        [700, 300, 1000, 1001, 1, 0, i64::MAX],
        |amount| format!("asks for {amount}"),
        |account, &n| account.withdraw(n),
        enough,
    )
    .call([()], |()| "reads the balance".into(), |account, ()| account.balance(), |left, (), _| *left)
    .also_at_the_end()
    .must_join()
    .check();
}
