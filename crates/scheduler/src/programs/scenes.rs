//! Who runs what. `Ok` is how it should end, `Err` is what went wrong; who waits for ever returns neither.

use super::pages::{
    barrier_reused, condvar, deadlock, event, mutex_fix, philosophers, race_condition, rwlock, semaphore,
};
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;
use timeline::Lane;

/// How a scene ends, in words.
pub type Ended = Result<String, String>;

pub fn stale_balance() -> Ended {
    let evening = race_condition::two_customers(|account, amount| account.withdraw_stale(amount, || ()));
    judge(evening.paid, evening.balance)
}

pub fn fresh_balance() -> Ended {
    let evening = race_condition::two_customers(|account, amount| account.withdraw_fresh(amount, || ()));
    judge(evening.paid, evening.balance)
}

pub fn short_locks() -> Ended {
    let account = Mutex::new(1000);
    let paid = mutex_fix::two_customers(&account, |account, amount| {
        mutex_fix::two_short_locks(account, amount, || ())
    });
    judge(paid, account.into_inner().unwrap())
}

pub fn critical_section() -> Ended {
    let account = Mutex::new(1000);
    let paid = mutex_fix::two_customers(&account, |account, amount| {
        mutex_fix::one_critical_section(account, amount, || {
            thread::yield_now(); // the scheduler may take it off the processor here
        })
    });
    judge(paid, account.into_inner().unwrap())
}

pub fn compare_exchange() -> Ended {
    let account = AtomicI64::new(1000);
    let paid = mutex_fix::two_customers(&account, |account, amount| {
        mutex_fix::compare_and_exchange(account, amount, || ())
    });
    judge(paid, account.into_inner())
}

fn judge(paid: i64, balance: i64) -> Ended {
    let words = format!("The bank paid out {paid}, and the account shows {balance}.");
    if paid <= 1000 { Ok(words) } else { Err(words) }
}

pub fn opposite_order() -> Ended {
    both_pay(deadlock::as_they_come)
}

pub fn one_order() -> Ended {
    both_pay(deadlock::in_one_order)
}

fn both_pay(pay: deadlock::Pay) -> Ended {
    let bank = deadlock::Bank::new();
    let lanes = [Lane::off(), Lane::off()];
    for thread in deadlock::pay_each_other(&bank, pay, lanes, || ()) {
        thread.join().unwrap();
    }
    Ok("Both have paid, and each has 1000 again.".into())
}

pub fn lost_wakeup() -> Ended {
    let ready = event::FlagOutside::default();
    thread::scope(|s| {
        start(s, "worker", || ready.wait(|| ()));
        start(s, "server", || ready.set());
    });
    Ok("The worker has seen that the server is ready.".into())
}

pub fn event() -> Ended {
    let ready = event::Event::default();
    thread::scope(|s| {
        start(s, "worker", || ready.wait());
        start(s, "server", || ready.set());
    });
    Ok("The worker has seen that the server is ready.".into())
}

pub fn if_for_while() -> Ended {
    let (buffer, mut taken) = (condvar::Buffer::new(1), None);
    thread::scope(|s| {
        start(s, "consumer", || taken = buffer.take_with_if());
        start(s, "producer", || {
            buffer.put(7);
        });
    });
    let nothing = "The consumer went on with an empty buffer: nobody had put anything.";
    taken.map(|item| format!("The consumer has taken {item}.")).ok_or(nothing.into())
}

pub fn stolen_item() -> Ended {
    let (buffer, mut taken) = (condvar::Buffer::new(1), [None, None]);
    let [one, two] = &mut taken;
    thread::scope(|s| {
        start(s, "Ann", || *one = buffer.take_with_if());
        start(s, "Bob", || *two = buffer.take_with_if());
        start(s, "producer", || {
            buffer.put(7);
            buffer.put(8);
        });
    });
    match taken {
        [Some(_), Some(_)] => Ok("Ann and Bob have an item each.".into()),
        [_, _] => Err("Two items were put, and somebody went home without one.".into()),
    }
}

pub fn semaphore() -> Ended {
    let (permits, inside) = (semaphore::Semaphore::new(1), AtomicU32::new(0));
    let crowd = AtomicU32::new(0);
    semaphore::all_at_once(2, |_| {
        let permit = permits.acquire();
        if inside.fetch_add(1, SeqCst) > 0 {
            crowd.store(1, SeqCst);
        }
        inside.fetch_sub(1, SeqCst);
        drop(permit);
    });
    match crowd.into_inner() {
        0 => Ok("Both clients were inside, one after the other.".into()),
        _ => Err("Two clients were inside with one permit.".into()),
    }
}

pub fn barrier_reused() -> Ended {
    let barrier = barrier_reused::Barrier::new(2);
    let two_meetings = || {
        barrier.wait();
        barrier.wait();
    };
    thread::scope(|s| {
        start(s, "worker 1", two_meetings);
        start(s, "worker 2", two_meetings);
    });
    Ok("Both workers have met twice.".into())
}

pub fn rwlock_upgrade() -> Ended {
    let cache = rwlock::Cache::new(None);
    thread::scope(|s| {
        start(s, "reader", || {
            rwlock::upgrade_in_place(&cache, &|| 100, &Lane::off());
        });
        start(s, "other", || {
            rwlock::look_again(&cache, &|| 100, &Lane::off());
        });
    });
    Ok("Both have the rate.".into())
}

pub fn philosophers() -> Ended {
    let forks = ["fork 1", "fork 2", "fork 3"].map(|_| Arc::new(Mutex::new("nobody")));
    thread::scope(|s| {
        for (seat, who) in ["Ada", "Ben", "Cleo"].into_iter().enumerate() {
            let (left, right) = (&forks[seat], &forks[(seat + 1) % 3]);
            start(s, who, move || philosophers::eat(left, right, who));
        }
    });
    Ok("All three have eaten.".into())
}

fn start<'s>(scope: &'s thread::Scope<'s, '_>, name: &str, run: impl FnOnce() + Send + 's) {
    thread::Builder::new().name(name.into()).spawn_scoped(scope, run).unwrap();
}
