// The check of exercise 4. It is finished: change src/lib.rs, not this file.
//
// One clerk transfers from account 0 to account 1, another from 1 to 0, and each locks the account that pays first. If
// each has its first lock, each waits for the lock that the other holds: a deadlock. It cannot happen when everybody
// takes the locks in the same order. And the locks must be held together, or somebody who adds up the accounts sees
// money that has left one and has not reached the other.
//
// This check runs your code under every interleaving of the clerks' steps, or under some thousands of them if there
// are more, and shows the shortest one that goes wrong as a table of your own lines.
// Run it with `cargo test -p ex04-transfer`; read docs/04-deadlock.md.

#![deny(deprecated)] // of files, sockets and the like: a check cannot follow them

#[macro_use]
extern crate interleave as std; // in this file, and in what it takes in, std's threads are explored
#[allow(unused_extern_crates)]
extern crate interleave as core;

mod bank {
    include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/lib.rs"));
}

use bank::Bank;
use interleave::Check;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

/// A clerk who makes one transfer.
fn clerk(name: &str, bank: &Arc<Bank>, from: usize, to: usize, amount: i64) -> JoinHandle<()> {
    busy_clerk(name, bank, 1, from, to, amount)
}

/// A clerk who makes so many transfers.
fn busy_clerk(
    name: &str,
    bank: &Arc<Bank>,
    times: usize,
    from: usize,
    to: usize,
    amount: i64,
) -> JoinHandle<()> {
    let bank = Arc::clone(bank);
    let clerk = Builder::new().name(name.into());
    clerk.spawn(move || (0..times).for_each(|_| bank.transfer(from, to, amount))).unwrap()
}

#[test]
fn opposite_transfers_both_come_to_an_end() {
    // Without `must_join`, to which the end of a thread would be a step too.
    let passed = Check::new().runs(5_000).run(|| {
        let bank = Arc::new(Bank::new([100, 100]));
        let clerks = [clerk("Ada", &bank, 0, 1, 30), clerk("Ben", &bank, 1, 0, 50)];
        for clerk in clerks {
            clerk.join().unwrap();
        }
        let total = bank.total();
        assert!(
            total == 200,
            "the bank held 200 before Ada and Ben made their transfers, and holds {total} after them"
        );
    });
    // Two transfers that meet at no lock and no atomic have moved nothing.
    assert!(
        passed.runs() > 1,
        "a transfer changes nothing that another thread could notice: does it move the money?"
    );
}

#[test]
fn no_transfer_is_given_up() {
    Check::new().must_join().runs(5_000).run(|| {
        // Account 0 is as full as an i64 can be: it overflows when more comes back than went out.
        let bank = Arc::new(Bank::new([i64::MAX, 0]));
        let clerks = [clerk("Ada", &bank, 0, 1, 30), clerk("Ben", &bank, 0, 1, 50)];
        for clerk in clerks {
            clerk.join().unwrap();
        }
        let all_back = catch_unwind(AssertUnwindSafe(|| bank.transfer(1, 0, 80)));
        assert!(
            all_back.is_ok(),
            "Ada moved 30 and Ben 50 out of account 0, but less than 80 is gone from it: one of the transfers was given up"
        );
    });
}

#[test]
fn a_transfer_takes_from_the_first_account_and_gives_to_the_second() {
    Check::new().must_join().run(|| {
        for (from, to) in [(0, 1), (1, 0)] {
            // The payer is as full as an i64 can be: it overflows when it is paid in place of paying.
            let mut balances = [0, 0];
            balances[from] = i64::MAX;
            let bank = Bank::new(balances);
            let moved = catch_unwind(AssertUnwindSafe(|| bank.transfer(from, to, 10)));
            assert!(
                moved.is_ok(),
                "10 were to move from account {from} to account {to}, and went the other way"
            );
        }
    });
}

#[test]
fn payments_that_meet_both_move_their_money() {
    // One account starts so full, and the other so empty, that they take what was moved back only if it was moved.
    let both_are_made = |balances: [i64; 2], back: fn(&Bank), who: &'static str| {
        Check::new().must_join().runs(5_000).run(move || {
            let bank = Arc::new(Bank::new(balances));
            let clerks = [clerk("Ada", &bank, 0, 1, 30), clerk("Ben", &bank, 1, 0, 50)];
            for clerk in clerks {
                clerk.join().unwrap();
            }
            let back = catch_unwind(AssertUnwindSafe(|| back(&bank)));
            assert!(
                back.is_ok(),
                "Ada and Ben moved money in opposite directions, and {who}'s transfer was given up"
            );
        });
    };
    both_are_made([i64::MAX - 50, i64::MIN + 50], |bank| bank.transfer(1, 0, 30), "Ada");
    both_are_made([i64::MIN + 30, i64::MAX - 30], |bank| bank.transfer(0, 1, 50), "Ben");
}

#[test]
fn who_is_disturbed_often_does_not_give_up() {
    // The clerks take turns at every step, so that they get in each other's way for as long as they can.
    let all_are_made = |balances: [i64; 2], back: fn(&Bank), given_up: &'static str| {
        Check::new().must_join().in_turns().run(move || {
            let bank = Arc::new(Bank::new(balances));
            let clerks = [busy_clerk("Ada", &bank, 1, 0, 1, 30), busy_clerk("Ben", &bank, 50, 1, 0, 1)];
            for clerk in clerks {
                clerk.join().unwrap();
            }
            let back = catch_unwind(AssertUnwindSafe(|| back(&bank)));
            assert!(
                back.is_ok(),
                "Ada made 1 transfer and Ben 50 in the opposite direction, and {given_up} was given up: a transfer that is disturbed \
                 has to be tried again, however often that takes"
            );
        });
    };
    all_are_made([i64::MAX - 50, i64::MIN + 50], |bank| bank.transfer(1, 0, 30), "Ada's");
    all_are_made([i64::MIN + 30, i64::MAX - 30], |bank| bank.transfer(0, 1, 50), "one of Ben's");
}

#[test]
fn the_total_is_right_at_every_moment() {
    Check::new().must_join().runs(5_000).run(|| {
        let bank = Arc::new(Bank::new([100, 100]));
        let transfer = clerk("clerk", &bank, 1, 0, 30);
        let audited = Arc::clone(&bank);
        let auditor = Builder::new().name("auditor".into()).spawn(move || audited.total()).unwrap();
        let total = auditor.join().unwrap();
        transfer.join().unwrap();
        assert!(
            total == 200,
            "while 30 of 200 moved from one account to the other, the auditor counted {total}"
        );
        let total = bank.total();
        assert!(total == 200, "the bank held 200 before the transfer, and holds {total} after it");
    });
}

#[test]
fn the_same_account_can_pay_itself() {
    Check::new().must_join().runs(5_000).run(|| {
        let bank = Arc::new(Bank::new([100, 100]));
        let clerks = [clerk("Ada", &bank, 1, 1, 30), clerk("Ben", &bank, 0, 1, 10)];
        for clerk in clerks {
            clerk.join().unwrap();
        }
        let total = bank.total();
        assert!(total == 200, "account 1 paid 30 to itself, and the bank's total went from 200 to {total}");
    });
}

/// The task as a specification: the state of a bank is its two balances. The scenarios are made up from it.
#[test]
fn spec_explains_every_run() {
    use interleave::spec::Spec;

    let transfers = [(0, 1, 30), (1, 0, 50), (0, 0, 20), (1, 0, 5_000_000_000)];
    let moves = |balances: &mut [i64; 2], &(from, to, amount): &(usize, usize, i64), _| {
        balances[from] -= amount;
        balances[to] += amount;
    };
    let say = |(from, to, amount): &(usize, usize, i64)| {
        format!("moves {amount} from account {from} to account {to}")
    };
    let start = |balances: &[i64; 2]| format!("a bank with {} and {}", balances[0], balances[1]);
    Spec::new(
        [[100, 100], [-20, 7_000_000_000]],
        start,
        |&balances| Bank::new(balances),
        |&balances| balances,
    )
    .names(["Ada", "Ben", "Cem", "Dee"])
    .call(transfers, say, |bank, &(from, to, amount)| bank.transfer(from, to, amount), moves)
    .call(
        [()],
        |()| "asks for the total".into(),
        |bank, ()| bank.total(),
        |balances, (), _| balances.iter().sum::<i64>(),
    )
    // An account is locked while a transfer moves its money, but not while a clerk sleeps.
    .must_not_wait()
    .call(
        [0, 1],
        |n| format!("asks for the balance of account {n}"),
        |bank, &n| bank.balance(n),
        |balances, &n, _| balances[n],
    )
    .must_not_wait()
    .also_at_the_end()
    .check();
}
