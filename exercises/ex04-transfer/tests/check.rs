// This is the finished check for exercise 4: change src/lib.rs, not this file.
//
// One clerk transfers from account 0 to account 1, another from 1 to 0, and each locks the paying account first. Once each
// clerk holds its first lock, each waits for the lock that the other one holds: a deadlock. It can't happen if every
// thread acquires the locks in the same order. And both locks must be held together, or a thread that adds up the
// accounts sees money that has left one account and has not reached the other.
//
// This check runs your code under every interleaving of the clerks' steps, or under several thousand if there are more
// than that. It shows the shortest interleaving that fails, as a table of your own lines.
// Run it with `cargo test -p ex04-transfer`; read docs/04-deadlock.md.

#[macro_use]
extern crate interleave as std; // in this file and the modules it includes, std's threads are explored
#[allow(unused_extern_crates)]
extern crate interleave as core;
interleave::exercise!(); // no `unsafe`, no `extern`, at most 1 GiB of memory

#[cfg_attr(not(feature = "solution"), path = "../src/lib.rs")]
#[cfg_attr(feature = "solution", path = "../../../solutions/ex04-transfer/src/lib.rs")]
mod bank;
#[allow(unused_imports)]
use bank::*; // so that `crate::` means the same here as in src/lib.rs

use bank::Bank;
use interleave::Check;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

/// Starts a clerk who makes one transfer.
fn clerk(name: &str, bank: &Arc<Bank>, from: usize, to: usize, amount: i64) -> JoinHandle<()> {
    busy_clerk(name, bank, 1, from, to, amount)
}

/// Starts a clerk who makes the same transfer `times` times.
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

/// Panics unless the accounts hold `balances`. `story` says what happened before.
fn must_hold(bank: &Bank, balances: [i64; 2], story: &str) {
    let found = [bank.balance(0), bank.balance(1)];
    assert!(
        found == balances,
        "{story}: account 0 holds {} instead of {}, and account 1 holds {} instead of {}",
        found[0],
        balances[0],
        found[1],
        balances[1]
    );
    let (sum, total) = (balances[0] + balances[1], bank.total());
    assert!(total == sum, "{story}: the accounts hold {found:?}, but the total is {total} instead of {sum}");
}

#[test]
fn opposite_transfers_both_come_to_an_end() {
    // Without `must_join`, which would count the end of a thread as a step.
    Check::new().runs(5_000).run(|| {
        let bank = Arc::new(Bank::new([100, 100]));
        let clerks = [clerk("Ada", &bank, 0, 1, 30), clerk("Ben", &bank, 1, 0, 50)];
        for clerk in clerks {
            clerk.join().unwrap();
        }
        must_hold(&bank, [120, 80], "Ada moved 30 from account 0 to 1, and Ben moved 50 from 1 to 0");
    });
}

#[test]
fn a_transfer_takes_from_the_first_account_and_gives_to_the_second() {
    Check::new().must_join().run(|| {
        let bank = Bank::new([70, 20]);
        must_hold(&bank, [70, 20], "the bank is new");
        bank.transfer(0, 1, 10);
        must_hold(&bank, [60, 30], "10 was moved from account 0 to account 1");
        bank.transfer(1, 0, 25);
        must_hold(&bank, [85, 5], "then 25 was moved from account 1 to account 0");
        bank.transfer(1, 0, 40);
        must_hold(
            &bank,
            [125, -35],
            "40 was moved from account 1, which held 5 (a balance may become negative)",
        );
        bank.transfer(0, 1, 5_000_000_000);
        must_hold(
            &bank,
            [-4_999_999_875, 4_999_999_965],
            "5 billion was moved from account 0, which held 125, to account 1",
        );
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
        bank.transfer(0, 0, 500);
        must_hold(&bank, [90, 110], "Ben moved 10 from account 0 to 1, and each account paid itself");
    });
}

#[test]
fn no_transfer_is_given_up() {
    Check::new().must_join().runs(5_000).run(|| {
        let bank = Arc::new(Bank::new([100, 0]));
        let clerks = [clerk("Ada", &bank, 0, 1, 30), clerk("Ben", &bank, 0, 1, 50)];
        for clerk in clerks {
            clerk.join().unwrap();
        }
        must_hold(&bank, [20, 80], "Ada moved 30 and Ben moved 50, both from account 0 to 1");
    });
    Check::new().must_join().runs(5_000).run(|| {
        let bank = Arc::new(Bank::new([100, 100]));
        let clerks =
            [clerk("Ada", &bank, 0, 1, 1), clerk("Ben", &bank, 1, 0, 10), clerk("Cem", &bank, 0, 1, 100)];
        for clerk in clerks {
            clerk.join().unwrap();
        }
        must_hold(&bank, [9, 191], "Ada moved 1 and Cem 100 from account 0 to 1, and Ben moved 10 back");
    });
    // The clerks take turns at every step, so that they get in each other's way as often as possible.
    Check::new().must_join().in_turns().run(|| {
        let bank = Arc::new(Bank::new([100, 100]));
        let clerks = [busy_clerk("Ada", &bank, 1, 0, 1, 30), busy_clerk("Ben", &bank, 50, 1, 0, 1)];
        for clerk in clerks {
            clerk.join().unwrap();
        }
        must_hold(&bank, [120, 80], "Ada moved 30 from account 0 to 1 once, and Ben moved 1 back 50 times");
    });
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
            "while 30 moved from one account to the other, the auditor got a total of {total} instead of 200"
        );
        must_hold(&bank, [130, 70], "30 was moved from account 1 to account 0");
    });
}

#[test]
fn a_balance_is_right_at_every_moment() {
    Check::new().must_join().runs(5_000).run(|| {
        let bank = Arc::new(Bank::new([100, 100]));
        let transfer = clerk("clerk", &bank, 0, 1, 30);
        let seen = [bank.balance(0), bank.balance(1), bank.balance(0)];
        transfer.join().unwrap();
        let possible = [[100, 100, 100], [100, 100, 70], [100, 130, 70], [70, 130, 70]];
        assert!(
            possible.contains(&seen),
            "while 30 moved from account 0 to account 1, main read account 0, account 1, and account 0 again, and saw {seen:?}: \
             both balances must change at the same moment, and only once"
        );
    });
    // Once a transfer has returned, both balances show it, whatever another clerk does.
    Check::new().must_join().runs(5_000).run(|| {
        let bank = Arc::new(Bank::new([100, 100]));
        let other = clerk("Ben", &bank, 1, 0, 50);
        bank.transfer(0, 1, 30);
        let seen = [bank.balance(0), bank.balance(1)];
        other.join().unwrap();
        assert!(
            [70, 120].contains(&seen[0]) && [130, 80].contains(&seen[1]),
            "main moved 30 from account 0 to account 1 while Ben moved 50 from 1 to 0, and then main read {seen:?}: after main's transfer, \
             account 0 holds 70 or 120, and account 1 holds 130 or 80"
        );
    });
}

#[test]
fn no_thread_sleeps_while_it_holds_a_lock() {
    // The clock is virtual. It moves only when every thread waits, so it stands still
    // unless a thread sleeps.
    Check::new().must_join().wakeups(0).runs(5_000).run(|| {
        let bank = Arc::new(Bank::new([100, 100]));
        let clerks = [clerk("Ada", &bank, 0, 1, 30), clerk("Ben", &bank, 1, 0, 50)];
        let start = Instant::now();
        bank.balance(0);
        bank.balance(1);
        let waited = start.elapsed();
        for clerk in clerks {
            clerk.join().unwrap();
        }
        assert!(
            waited == Duration::ZERO,
            "reading two balances took main {waited:?}: a clerk slept while holding a lock, and every other thread waited"
        );
    });
}

#[test]
fn two_banks_know_nothing_of_each_other() {
    Check::new().must_join().runs(1_000).run(|| {
        let (north, south) = (Arc::new(Bank::new([100, 100])), Arc::new(Bank::new([1, 2])));
        let clerks = [clerk("Ada", &north, 0, 1, 30), clerk("Ben", &south, 1, 0, 5)];
        for clerk in clerks {
            clerk.join().unwrap();
        }
        must_hold(
            &north,
            [70, 130],
            "Ada moved 30 from 0 to 1 in the northern bank, and Ben moved 5 in the southern one",
        );
        must_hold(
            &south,
            [6, -3],
            "Ada moved 30 in the northern bank, and Ben moved 5 from 1 to 0 in the southern one",
        );
    });
}

/// The task as a specification, from which the scenarios are generated. The state of a
/// bank is its two balances.
#[test]
fn spec_explains_every_run() {
    use interleave::spec::Spec;

    // The last amount is the smallest positive integer that an `f64` can't represent.
    let transfers =
        [(0, 1, 30), (1, 0, 50), (0, 0, 20), (0, 1, 0), (1, 0, 5_000_000_000), (0, 1, (1 << 53) + 1)];
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
    .call(
        [0, 1],
        |n| format!("asks for the balance of account {n}"),
        |bank, &n| bank.balance(n),
        |balances, &n, _| balances[n],
    )
    .also_at_the_end()
    .must_join()
    .check();
}
