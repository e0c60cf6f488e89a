// This is the finished check for exercise 5: change src/lib.rs, not this file.
//
// `withdraw` holds the lock and calls `total`, which locks it again: the thread waits for itself, forever. A lock that
// its holder may acquire again is called reentrant (Python: threading.RLock). std's Mutex isn't reentrant. Releasing the
// lock in between doesn't help: the check and the withdrawal belong to one critical section. So compute the sum in a
// function that is given what the lock protects, and doesn't lock.
//
// This check runs your code under every interleaving of the members' steps, or under several thousand if there are
// more than that. It shows the shortest interleaving that fails, as a table of your own lines.
// Run it with `cargo test -p ex05-ledger`; read docs/05-reentrant-lock.md.

#[macro_use]
extern crate interleave as std; // in this file and the modules it includes, std's threads are explored
#[allow(unused_extern_crates)]
extern crate interleave as core;
interleave::exercise!(); // no `unsafe`, no `extern`, at most 1 GiB of memory

#[cfg_attr(not(feature = "solution"), path = "../src/lib.rs")]
#[cfg_attr(feature = "solution", path = "../../../solutions/ex05-ledger/src/lib.rs")]
mod ledger;
#[allow(unused_imports)]
use ledger::*; // so that `crate::` means the same here as in src/lib.rs

use interleave::Check;
use ledger::Ledger;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

/// Starts a member of the household who asks for `amount` from `account`. The thread returns whether the member was paid.
fn member(name: &str, ledger: &Arc<Ledger>, account: usize, amount: i64) -> JoinHandle<bool> {
    let ledger = Arc::clone(ledger);
    let member = Builder::new().name(name.into());
    member.spawn(move || ledger.withdraw(account, amount)).unwrap()
}

/// Starts a member who makes two withdrawals. The thread returns which of them were paid.
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
        assert!(total == 0, "all 100 was paid out, but the total is {total}");
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
        assert!(total == 30, "70 of 100 was paid out, but the total is {total} instead of 30");
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
            "Ann wanted 10 and Bob 20 of the household's 100, but at least one of them was refused"
        );
        let total = ledger.total();
        assert!(total == 70, "30 of 100 was paid out, but the total is {total} instead of 70");
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
            "Ann's withdrawal was refused, but meanwhile, the auditor saw a total of {total} instead of 100"
        );
    });
}

#[test]
fn the_total_never_shows_money_that_was_not_paid_out() {
    Check::new().must_join().runs(10_000).run(|| {
        let ledger = Arc::new(Ledger::new(vec![60, 40]));
        // The household has enough for either member, but not for both.
        let members = [member("Ann", &ledger, 0, 70), member("Bob", &ledger, 1, 70)];
        let seen = [ledger.total(), ledger.total()];
        for member in members {
            member.join().unwrap();
        }
        let possible = [[100, 100], [100, 30], [30, 30]];
        assert!(
            possible.contains(&seen),
            "main asked for the total twice, and saw {} and then {}, while Ann and Bob wanted 70 each out of 100: the total is 100 until one of \
             them is paid, and 30 from then on",
            seen[0],
            seen[1]
        );
    });
}

#[test]
fn a_third_member_is_paid_what_is_left() {
    // The household has just 70 + 30, so Cem is paid, whichever of the others is paid.
    Check::new().must_join().runs(10_000).run(|| {
        let ledger = Arc::new(Ledger::new(vec![60, 40]));
        let members =
            [member("Ann", &ledger, 0, 70), member("Bob", &ledger, 1, 70), member("Cem", &ledger, 1, 30)];
        let paid = members.map(|member| member.join().unwrap());
        assert!(
            paid[2],
            "Cem was refused 30, although the household had 100: Ann and Bob wanted 70 each, so only one of them can be paid, and \
             30 is left for Cem"
        );
        assert!(
            paid[0] != paid[1],
            "Ann and Bob wanted 70 each out of the household's 100, so exactly one must be paid, but {}",
            if paid[0] { "both were" } else { "neither was" }
        );
        let total = ledger.total();
        assert!(total == 0, "all 100 was paid out, but the total is {total}");
    });
}

#[test]
fn two_households_know_nothing_of_each_other() {
    Check::new().must_join().runs(1_000).run(|| {
        let (north, south) = (Arc::new(Ledger::new(vec![60, 40, 20])), Arc::new(Ledger::new(vec![5])));
        let members = [member("Ann", &north, 2, 70), member("Bob", &south, 0, 5)];
        let paid = members.map(|member| member.join().unwrap());
        assert!(paid[0], "Ann wanted 70 of her household's 120, and was refused: is there only one ledger?");
        assert!(paid[1], "Bob wanted 5 of his household's 5, and was refused: is there only one ledger?");
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
        assert!(paid, "Ann wanted 8 billion of the household's 9 billion, and was refused");
        assert!(
            total == 1_000_000_000,
            "8 billion of 9 billion was paid out, but the total is {total}: an i64 can hold all these amounts"
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
        assert!(paid == [true, true], "Ann wanted 30 and then 20 of the household's 100, but was refused");
        assert!(
            [100, 70, 50].contains(&total),
            "Ann took 30 and then 20 out of 100, so the total was 100, then 70, then 50, but the auditor saw {total}"
        );
        let total = ledger.total();
        assert!(total == 50, "50 of 100 was paid out, but the total is {total} instead of 50");
    });
}

#[test]
fn whoever_comes_twice_waits_twice() {
    Check::new().must_join().runs(5_000).run(|| {
        let ledger = Arc::new(Ledger::new(vec![60, 40]));
        let ann = member_who_takes_twice("Ann", &ledger, [(0, 30), (1, 70)]);
        let bob = member("Bob", &ledger, 1, 70);
        let (ann, bob) = (ann.join().unwrap(), bob.join().unwrap());
        assert!(ann[0], "Ann wanted 30 and Bob 70 of the household's 100, but Ann was refused her 30");
        assert!(
            !(ann[1] && bob),
            "Ann was paid 30 and then 70, and Bob was paid 70 as well, although the household had 100"
        );
        assert!(
            ann[1] || bob,
            "Ann was paid 30 of the household's 100, but then she and Bob were both refused the 70 that was left"
        );
        let total = ledger.total();
        assert!(total == 0, "all 100 was paid out, but the total is {total}");
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
            "Bob was refused 70, although the household had 100: Ann wanted 130 and was refused, so all 100 was there the whole \
             time"
        );
        let total = ledger.total();
        assert!(total == 30, "Bob took 70 of 100, but the total is {total} instead of 30");
    });
}

#[test]
fn the_total_is_that_of_one_moment() {
    total_of(3, 3_000, |check| check);
    total_of(130, 200, |check| check);
    total_of(130, 1, Check::in_turns);
}

/// Ann takes 1 from the first of several accounts with 50 each, and then 7 from the last, while Bob asks for the total.
fn total_of(accounts: usize, runs: usize, how: fn(Check) -> Check) {
    how(Check::new().must_join().wakeups(0).runs(runs)).run(move || {
        let all = 50 * accounts as i64;
        let ledger = Arc::new(Ledger::new(vec![50; accounts]));
        let theirs = Arc::clone(&ledger);
        let withdraw = move || (theirs.withdraw(0, 1), theirs.withdraw(accounts - 1, 7));
        let ann = Builder::new().name("Ann".into()).spawn(withdraw).unwrap();
        let theirs = Arc::clone(&ledger);
        let bob = Builder::new().name("Bob".into()).spawn(move || theirs.total()).unwrap();
        let (paid, total) = (ann.join().unwrap(), bob.join().unwrap());
        assert!(
            paid == (true, true),
            "{accounts} accounts hold {all}, and Ann took 1 and 7, but withdraw returned {paid:?}"
        );
        assert!(
            [all, all - 1, all - 8].contains(&total),
            "the total of {accounts} accounts went from {all} to {} to {}, but Bob was told {total}",
            all - 1,
            all - 8
        );
        let left = ledger.total();
        assert!(left == all - 8, "of {all}, Ann took 8, but the total is {left}");
    });
}

#[test]
fn a_ledger_without_accounts_holds_nothing() {
    Check::new().must_join().run(|| {
        let total = Ledger::new(vec![]).total();
        assert!(total == 0, "a ledger without accounts holds {total}");
    });
}

/// The task as a specification, from which the scenarios are generated. The state of a
/// ledger is the balances of its accounts.
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
