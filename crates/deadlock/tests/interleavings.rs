//! The page's claims, over every interleaving.

#[macro_use]
extern crate interleave as std; // in this file, and in the page that it takes in, std's threads are explored

#[path = "../src/lib.rs"]
mod page;

use interleave::Check;
use page::{Bank, Pay, as_they_come, in_one_order, pay_each_other, try_and_back_off, under_one_lock};
use std::sync::Arc;
use std::thread;
use timeline::Lane;

fn both_pay(pay: Pay) {
    let bank = Bank::new();
    let threads = pay_each_other(&bank, pay, [Lane::off(), Lane::off()], || ());
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    let balances = [0, 1].map(|number| *bank.accounts[number].balance.lock().unwrap());
    assert_eq!(balances, [1000, 1000], "each has paid 100 and got 100");
    assert_eq!(*bank.balances.lock().unwrap(), [1000, 1000]);
}

#[test]
fn locked_as_they_come_two_payments_can_wait_for_each_other() {
    let failed = Check::new().try_run(|| both_pay(as_they_come)).unwrap_err();
    assert!(failed.headline().to_lowercase().contains("deadlock"), "{failed}");
}

#[test]
fn with_each_cure_both_pay_in_every_interleaving() {
    for pay in [in_one_order as Pay, under_one_lock] {
        let passed = Check::new().run(move || both_pay(pay));
        assert!(passed.is_complete(), "{passed}");
    }
    let passed = Check::new().runs(5000).run(|| both_pay(try_and_back_off));
    let far = passed.interruptions().is_some_and(|most| most >= 2);
    assert!(passed.is_complete() || far, "{passed}");
}

#[test]
fn a_poisoned_account_is_not_taken_for_a_busy_one() {
    let failed = Check::new().try_run(|| {
        let bank = Bank::new();
        let poison = Arc::clone(&bank);
        let thread = thread::spawn(move || {
            let _held = poison.accounts[1].balance.lock().unwrap();
            panic!("with the lock held");
        });
        assert!(thread.join().is_err() && bank.accounts[1].balance.is_poisoned());
        try_and_back_off(&bank, 0, 1, &Lane::off(), &|| ());
    });
    assert!(failed.unwrap_err().headline().contains("Poison"));
}

#[test]
fn one_payment_moves_100() {
    for pay in [as_they_come as Pay, in_one_order, try_and_back_off] {
        Check::new().run(move || {
            let bank = Bank::new();
            pay(&bank, 1, 0, &Lane::off(), &|| ());
            let balances = [0, 1].map(|number| *bank.accounts[number].balance.lock().unwrap());
            assert_eq!(balances, [1100, 900]);
        });
    }
}
