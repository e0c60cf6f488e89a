// The check of exercise 5. It is finished: change src/lib.rs, not this file.
//
// `withdraw` holds the lock and calls `total`, which takes the same lock: the thread waits for itself, for ever. A lock
// that its own holder may take again is called reentrant (Python: threading.RLock). std's Mutex is not. Letting go of the
// lock in between is no way out: the question and the withdrawal belong to one critical section. So the sum has to be
// worked out by something that is handed what the lock protects, and does not lock.
//
// This check runs your code under every interleaving of the members' steps, or under some thousands of them if
// there are more, and shows the shortest one that goes wrong as a table of your own lines.
// Run it with `cargo test -p ex05-ledger`; read docs/05-reentrant-lock.md.

#![deny(deprecated)] // of files, sockets and the like: a check cannot follow them

#[macro_use]
extern crate interleave as std; // in this file, and in what it takes in, std's threads are explored
#[allow(unused_extern_crates)]
extern crate interleave as core;

mod ledger {
    include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/lib.rs"));
}

use interleave::Check;
use ledger::Ledger;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

/// A member of the household who wants `amount` from `account`, and tells whether they got it.
fn member(name: &str, ledger: &Arc<Ledger>, account: usize, amount: i64) -> JoinHandle<bool> {
    let ledger = Arc::clone(ledger);
    let member = Builder::new().name(name.into());
    member.spawn(move || ledger.withdraw(account, amount)).unwrap()
}

#[test]
fn one_member_at_a_time() {
    Check::new().must_join().runs(5_000).run(|| {
        let ledger = Arc::new(Ledger::new(vec![60, 40]));
        let paid = member("Ann", &ledger, 0, 70).join().unwrap();
        assert!(paid, "Ann wanted 70 of the 100 that the household has, and was refused");
        let total = ledger.total();
        assert!(total == 30, "Ann took 70 of 100, but the total is {total} instead of 30");
        let paid = member("Bob", &ledger, 1, 31).join().unwrap();
        assert!(!paid, "Bob was paid 31, although the household had 30 left");
        let total = ledger.total();
        assert!(total == 30, "Bob was refused, but the total went from 30 to {total}");
        let paid = member("Bob", &ledger, 1, 30).join().unwrap();
        assert!(paid, "Bob wanted the last 30 of the household, and was refused");
        let total = ledger.total();
        assert!(total == 0, "all 100 were paid out, but the total is {total}");
    });
}

#[test]
fn two_members_at_the_same_moment() {
    Check::new().must_join().runs(5_000).run(|| {
        let ledger = Arc::new(Ledger::new(vec![60, 40]));
        let members = [member("Ann", &ledger, 0, 70), member("Bob", &ledger, 1, 70)];
        let paid = members.map(|m| m.join().unwrap()).into_iter().filter(|paid| *paid).count();
        assert!(paid != 2, "Ann and Bob were paid 70 each, although the household had 100");
        assert!(
            paid != 0,
            "Ann and Bob were both refused, although the household had 100 and each wanted 70"
        );
        let total = ledger.total();
        assert!(total == 30, "70 of 100 were paid out, but the total is {total} instead of 30");
    });
}

#[test]
fn two_small_withdrawals_are_both_paid() {
    Check::new().must_join().runs(5_000).run(|| {
        let ledger = Arc::new(Ledger::new(vec![60, 40]));
        let members = [member("Ann", &ledger, 0, 10), member("Bob", &ledger, 0, 20)];
        let paid = members.map(|m| m.join().unwrap());
        assert!(
            paid == [true, true],
            "Ann wanted 10 and Bob 20 of the household's 100, but one of them was refused"
        );
        let total = ledger.total();
        assert!(total == 70, "30 of 100 were paid out, but the total is {total} instead of 70");
    });
}

#[test]
fn the_total_is_never_half_done() {
    Check::new().must_join().runs(5_000).run(|| {
        let ledger = Arc::new(Ledger::new(vec![60, 40]));
        let ann = member("Ann", &ledger, 0, 130);
        let audited = Arc::clone(&ledger);
        let auditor = Builder::new().name("auditor".into()).spawn(move || audited.total()).unwrap();
        let total = auditor.join().unwrap();
        let paid = ann.join().unwrap();
        assert!(!paid, "Ann was paid 130, although the household had 100");
        assert!(
            total == 100,
            "Ann was refused, but while she asked the auditor saw a total of {total} instead of 100"
        );
    });
}
