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

#[macro_use]
extern crate interleave as std; // in this file, and in what it takes in, std's threads are explored
#[allow(unused_extern_crates)]
extern crate interleave as core;
interleave::exercise!(); // no `unsafe`, no `extern`, at most 1 GiB of memory

#[cfg_attr(not(feature = "solution"), path = "../src/lib.rs")]
#[cfg_attr(feature = "solution", path = "../../../solutions/ex05-ledger/src/lib.rs")]
mod ledger;
#[allow(unused_imports)]
use ledger::*; // so that `crate::` means the same in src/lib.rs, here and there

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

/// A member who comes twice; tells which time they got what they wanted.
fn member_who_takes_twice(
    name: &str,
    ledger: &Arc<Ledger>,
    wants: [(usize, i64); 2],
) -> JoinHandle<[bool; 2]> {
    let ledger = Arc::clone(ledger);
    let member = Builder::new().name(name.into());
    member.spawn(move || wants.map(|(account, amount)| ledger.withdraw(account, amount))).unwrap()
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

#[test]
fn the_total_never_shows_money_that_was_not_paid_out() {
    Check::new().must_join().runs(10_000).run(|| {
        let ledger = Arc::new(Ledger::new(vec![60, 40]));
        // Both find enough money, and only one of them can be paid.
        let members = [member("Ann", &ledger, 0, 70), member("Bob", &ledger, 1, 70)];
        let seen = [ledger.total(), ledger.total()];
        for member in members {
            member.join().unwrap();
        }
        let possible = [[100, 100], [100, 30], [30, 30]];
        assert!(
            possible.contains(&seen),
            "main asked for the total twice, and saw {} and then {}, while Ann and Bob wanted 70 of 100 each: it is 100 until one of \
             them is paid, and 30 from then on",
            seen[0],
            seen[1]
        );
    });
}

#[test]
fn a_third_member_is_paid_what_is_left() {
    // 70 + 30 is all that the household has, so Cem is paid whichever of the others is.
    Check::new().must_join().runs(10_000).run(|| {
        let ledger = Arc::new(Ledger::new(vec![60, 40]));
        let members =
            [member("Ann", &ledger, 0, 70), member("Bob", &ledger, 1, 70), member("Cem", &ledger, 1, 30)];
        let paid = members.map(|member| member.join().unwrap());
        assert!(
            paid[2],
            "Cem was refused 30, although the household had 100: Ann and Bob wanted 70 each, only one of them can be paid, and Cem \
             wanted what is left"
        );
        assert!(
            paid[0] != paid[1],
            "Ann and Bob wanted 70 each of the household's 100, so one of them is paid, but {}",
            if paid[0] { "both were" } else { "neither was" }
        );
        let total = ledger.total();
        assert!(total == 0, "all 100 were paid out, but the total is {total}");
    });
}

#[test]
fn two_households_know_nothing_of_each_other() {
    Check::new().must_join().runs(1_000).run(|| {
        let (north, south) = (Arc::new(Ledger::new(vec![60, 40, 20])), Arc::new(Ledger::new(vec![5])));
        let members = [member("Ann", &north, 2, 70), member("Bob", &south, 0, 5)];
        let paid = members.map(|member| member.join().unwrap());
        assert!(paid[0], "Ann wanted 70 of her household's 120, and was refused: there is a second household");
        assert!(paid[1], "Bob wanted 5 of his household's 5, and was refused: there is a second household");
        let totals = [north.total(), south.total()];
        assert!(
            totals == [50, 0],
            "Ann took 70 of 120 and Bob 5 of 5, so their households have 50 and 0 left, but the totals are {totals:?}"
        );
    });
}

#[test]
fn large_amounts_are_paid_in_full() {
    Check::new().must_join().run(|| {
        let ledger = Arc::new(Ledger::new(vec![5_000_000_000, 4_000_000_000]));
        let paid = member("Ann", &ledger, 1, 8_000_000_000).join().unwrap();
        let total = ledger.total();
        assert!(paid, "Ann wanted 8 of the household's 9 thousand million, and was refused");
        assert!(
            total == 1_000_000_000,
            "8 of 9 thousand million were paid out, but the total is {total}: an i64 has room for that"
        );
    });
}

#[test]
fn the_total_between_two_withdrawals_is_one_that_was() {
    Check::new().must_join().runs(5_000).run(|| {
        let ledger = Arc::new(Ledger::new(vec![60, 40]));
        let audited = Arc::clone(&ledger);
        let auditor = Builder::new().name("auditor".into()).spawn(move || audited.total()).unwrap();
        // One after the other, from two accounts.
        let paid = member_who_takes_twice("Ann", &ledger, [(0, 30), (1, 20)]).join().unwrap();
        let total = auditor.join().unwrap();
        assert!(paid == [true, true], "Ann wanted 30 and then 20 of the household's 100, and was refused");
        assert!(
            [100, 70, 50].contains(&total),
            "Ann took 30 and then 20 of 100, so the total was 100, then 70, then 50: the auditor saw {total}, which it never was"
        );
        let total = ledger.total();
        assert!(total == 50, "50 of 100 were paid out, but the total is {total} instead of 50");
    });
}

#[test]
fn whoever_comes_twice_waits_twice() {
    Check::new().must_join().runs(5_000).run(|| {
        let ledger = Arc::new(Ledger::new(vec![60, 40]));
        let ann = member_who_takes_twice("Ann", &ledger, [(0, 30), (1, 70)]);
        let bob = member("Bob", &ledger, 1, 70);
        let (ann, bob) = (ann.join().unwrap(), bob.join().unwrap());
        assert!(ann[0], "Ann wanted 30 and Bob 70 of the household's 100, but Ann was refused");
        assert!(
            !(ann[1] && bob),
            "Ann was paid 30 and then 70, and Bob was paid 70 as well, although the household had 100"
        );
        assert!(
            ann[1] || bob,
            "Ann was paid 30 of the household's 100, but then she and Bob were both refused the 70 that were left"
        );
        let total = ledger.total();
        assert!(total == 0, "all 100 were paid out, but the total is {total}");
    });
}

#[test]
fn whoever_asks_for_too_much_is_in_nobodys_way() {
    Check::new().must_join().runs(5_000).run(|| {
        let ledger = Arc::new(Ledger::new(vec![60, 40]));
        let members = [member("Ann", &ledger, 0, 130), member("Bob", &ledger, 1, 70)];
        let paid = members.map(|m| m.join().unwrap());
        assert!(!paid[0], "Ann was paid 130, although the household had 100");
        assert!(
            paid[1],
            "Bob was refused 70, although the household had 100: Ann wanted 130 and got nothing, so nothing was missing at any \
             moment"
        );
        let total = ledger.total();
        assert!(total == 30, "Bob took 70 of 100, but the total is {total} instead of 30");
    });
}

/// The task as a specification: the state of a ledger is the balances of its accounts.
/// The scenarios are made up from it.
#[test]
fn spec_explains_every_run() {
    use interleave::spec::Spec;

    let withdraw = |accounts: &mut Vec<i64>, &(account, amount): &(usize, i64), _| {
        let is_paid = accounts.iter().sum::<i64>() >= amount;
        if is_paid {
            accounts[account] -= amount;
        }
        is_paid
    };
    let wants =
        [(0, 70), (1, 70), (1, 30), (0, 100), (0, 101), (0, 1), (1, 5_000_000_000), (0, 0), (0, i64::MAX)];
    let say = |(account, amount): &(usize, i64)| format!("wants {amount} from account {account}");
    let large = i64::MAX / 2;
    let starts = [
        vec![60, 40],
        vec![0, 0, 0],
        vec![-20, 6_000_000_000],
        vec![-20, 5],
        vec![25; 12],
        vec![large, large],
    ];
    Spec::new(
        starts,
        |start| format!("a ledger with {start:?}"),
        |start| Ledger::new(start.clone()),
        Vec::clone,
    )
    .call(wants, say, |ledger, &(account, amount)| ledger.withdraw(account, amount), withdraw)
    .call(
        [()],
        |()| "asks for the total".into(),
        |ledger, ()| ledger.total(),
        |accounts, (), _| accounts.iter().sum::<i64>(),
    )
    .also_at_the_end()
    .must_join()
    .check();
}
