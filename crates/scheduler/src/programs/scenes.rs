//! Which thread runs what. `Ok` is how it should end, `Err` is what went wrong; a thread that waits forever returns neither.

use super::pages::{
    atomics, barrier_reused, channel, condvar, connection, daemon_threads, deadlock, dirty_cow, event, gate,
    mailbox, mutex_fix, parking, philosophers, pool, race_condition, reentrant_lock, rwlock, semaphore,
    therac,
};
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex, mpsc};
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
    let nothing = "The consumer continued with an empty buffer.";
    taken.map(|item| format!("The consumer has taken {item}.")).ok_or(nothing.into())
}

pub fn check_again() -> Ended {
    let buffer = condvar::Buffer::new(1);
    thread::scope(|s| {
        start(s, "consumer", || buffer.take());
        start(s, "producer", || {
            buffer.put(7);
        });
    });
    Ok("The consumer has taken 7.".into())
}

pub fn two_condvars() -> Ended {
    let buffer = condvar::Buffer::new(1);
    thread::scope(|s| {
        for name in ["Ann", "Bob"] {
            let buffer = &buffer;
            start(s, name, move || buffer.take());
        }
        start(s, "producer", || {
            buffer.put(7);
            buffer.put(8);
        });
    });
    Ok("Ann and Bob have an item each.".into())
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
        [_, _] => Err("Two items were put, and someone went home without one.".into()),
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
    meet_twice(|| barrier.wait())
}

pub fn generations() -> Ended {
    let barrier = barrier_reused::WithGenerations::new(2);
    meet_twice(|| barrier.wait())
}

fn meet_twice(wait: impl Fn() + Sync) -> Ended {
    let two_meetings = || {
        wait();
        wait();
    };
    thread::scope(|s| {
        start(s, "worker 1", two_meetings);
        start(s, "worker 2", two_meetings);
    });
    Ok("Both workers have met twice.".into())
}

pub fn drop_read_first() -> Ended {
    let cache = rwlock::Cache::new(None);
    thread::scope(|s| {
        for name in ["reader", "other"] {
            let cache = &cache;
            start(s, name, move || {
                rwlock::look_again(cache, &|| 100, &Lane::off());
            });
        }
    });
    Ok("Both have the rate.".into())
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

pub fn lost_update() -> Ended {
    count_two_visits(|visits| atomics::load_then_store(visits, || ()))
}

pub fn fetch_add() -> Ended {
    count_two_visits(atomics::fetch_add)
}

fn count_two_visits(visit: fn(&AtomicU32)) -> Ended {
    let visits = AtomicU32::new(0);
    thread::scope(|s| {
        start(s, "visitor 1", || visit(&visits));
        start(s, "visitor 2", || visit(&visits));
    });
    match visits.into_inner() {
        2 => Ok("Two visits, and the counter says 2.".into()),
        counted => Err(format!("Two visits, and the counter says {counted}.")),
    }
}

pub fn reentrant() -> Ended {
    let ledger = reentrant_lock::Plain::new(1000);
    thread::scope(|s| {
        start(s, "Ann", || {
            ledger.pay_with_fee(100, &Lane::off());
        });
        start(s, "Bob", || {
            ledger.pay(100, &Lane::off());
        });
    });
    Ok("Both have paid.".into())
}

pub fn ledger_split() -> Ended {
    let ledger = reentrant_lock::Split::new(1000);
    thread::scope(|s| {
        start(s, "Ann", || {
            ledger.pay_with_fee(100, &Lane::off());
        });
        start(s, "Bob", || {
            ledger.pay(100, &Lane::off());
        });
    });
    Ok("Both have paid.".into())
}

pub fn pool() -> Ended {
    let (to_1, mut answer_1) = mpsc::channel();
    let (to_2, mut answer_2) = mpsc::channel();
    let jobs = Mutex::new(vec!["report".into(), "report".into()]);
    let pool = pool::Pool { jobs, answers: [to_1, to_2] };
    thread::scope(|s| {
        start(s, "worker 1", || pool.work(1, &mut answer_1));
        start(s, "worker 2", || pool.work(2, &mut answer_2));
    });
    Ok("Both reports are written.".into())
}

pub fn one_condvar() -> Ended {
    let buffer = condvar::OneBell::new(1);
    thread::scope(|s| {
        for name in ["Ann", "Bob"] {
            let buffer = &buffer;
            start(s, name, move || {
                buffer.take(Condvar::notify_one);
            });
        }
        start(s, "producer", || {
            buffer.put(7, Condvar::notify_one);
            buffer.put(8, Condvar::notify_one);
        });
    });
    Ok("Ann and Bob have an item each.".into())
}

pub fn two_tokens() -> Ended {
    thread::scope(|s| {
        let worker = start(s, "worker", parking::two_jobs);
        start(s, "boss", move || parking::announce_twice(worker.thread()));
    });
    Ok("The worker was woken twice.".into())
}

pub fn park_token() -> Ended {
    let ready = AtomicBool::new(false);
    thread::scope(|s| {
        let worker = start(s, "worker", || parking::wait(&ready));
        let ready = &ready;
        start(s, "boss", move || parking::announce(ready, worker.thread()));
    });
    Ok("The worker has seen that the job is ready.".into())
}

pub fn kept_sender() -> Ended {
    let (lines, printed) = mpsc::channel();
    let (for_worker, is_done) = (lines.clone(), AtomicBool::new(false));
    let mut kept = None;
    thread::scope(|s| {
        start(s, "worker", || {
            channel::report(7, for_worker);
            is_done.store(true, SeqCst);
        });
        start(s, "main", || kept = channel::close_if_done(lines, &is_done));
        start(s, "printer", || channel::print_all(printed));
    });
    drop(kept); // after the threads have ended
    Ok("Everything is printed.".into())
}

pub fn dropped_sender() -> Ended {
    let (lines, printed) = mpsc::channel();
    let for_worker_1 = lines.clone();
    thread::scope(|s| {
        start(s, "worker 1", || channel::report(7, for_worker_1));
        start(s, "worker 2", || channel::report(8, lines));
        start(s, "printer", || channel::print_all(printed));
    });
    Ok("Everything is printed.".into())
}

pub fn shared_connection() -> Ended {
    let rows = Mutex::new((0, 0));
    thread::scope(|s| {
        start(s, "Ann", || connection::save(&rows));
        start(s, "Bob", || connection::try_out(&rows));
    });
    match rows.into_inner().unwrap() {
        (_, 0) => Err("Bob's rollback took back Ann's row, too.".into()),
        (_, 1) => Ok("Ann's row is saved, and Bob's isn't.".into()),
        _ => Err("Ann's commit saved Bob's row, too.".into()),
    }
}

pub fn own_connection() -> Ended {
    let (rows_of_ann, rows_of_bob) = (Mutex::new((0, 0)), Mutex::new((0, 0)));
    thread::scope(|s| {
        start(s, "Ann", || connection::save(&rows_of_ann));
        start(s, "Bob", || connection::try_out(&rows_of_bob));
    });
    match [rows_of_ann, rows_of_bob].map(|rows| rows.into_inner().unwrap().1) {
        [1, 0] => Ok("Ann's row is saved, and Bob's isn't.".into()),
        _ => Err("A transaction ended another thread's.".into()),
    }
}

pub fn leaky_gate() -> Ended {
    let free = Mutex::new(1);
    let mut inside = [false; 2];
    let [one, two] = &mut inside;
    thread::scope(|s| {
        start(s, "client 1", || *one = gate::try_enter(&free));
        start(s, "client 2", || *two = gate::try_enter(&free));
    });
    match inside {
        [true, true] => Err("Two clients are inside, and there was one permit.".into()),
        _ => Ok("One client is inside, the other was turned away.".into()),
    }
}

pub fn relaxed_flag() -> Ended {
    read_mail(mailbox::Mailbox::send_relaxed, mailbox::Mailbox::look_relaxed)
}

pub fn release_acquire() -> Ended {
    read_mail(mailbox::Mailbox::send, mailbox::Mailbox::look)
}

fn read_mail(send: fn(&mailbox::Mailbox), look: fn(&mailbox::Mailbox) -> Option<u32>) -> Ended {
    let (mail, mut read) = (mailbox::Mailbox::default(), None);
    thread::scope(|s| {
        start(s, "sender", || send(&mail));
        start(s, "reader", || read = look(&mail));
    });
    match read {
        None => Ok("The reader came too early, and knows it.".into()),
        Some(42) => Ok("The reader has the answer, 42.".into()),
        Some(old) => Err(format!("The flag says the answer is there, and the reader reads {old}.")),
    }
}

pub fn both_enter() -> Ended {
    two_flags(mailbox::enter_release_acquire)
}

pub fn one_enters() -> Ended {
    two_flags(mailbox::enter_seqcst)
}

fn two_flags(enter: fn(&AtomicBool, &AtomicBool) -> bool) -> Ended {
    let (flag_1, flag_2) = (AtomicBool::new(false), AtomicBool::new(false));
    let mut inside = [false; 2];
    let [one, two] = &mut inside;
    thread::scope(|s| {
        start(s, "runner 1", || *one = enter(&flag_1, &flag_2));
        start(s, "runner 2", || *two = enter(&flag_2, &flag_1));
    });
    match inside {
        [true, true] => Err("Both raised a flag, neither saw the other's, and both went in.".into()),
        _ => Ok("At most one of them went in.".into()),
    }
}

pub fn claim() -> Ended {
    let (next, mut mine) = (AtomicU32::new(0), [None; 2]);
    let [one, two] = &mut mine;
    thread::scope(|s| {
        start(s, "worker 1", || *one = atomics::claim(&next, 2));
        start(s, "worker 2", || *two = atomics::claim(&next, 2));
    });
    if mine[0] == mine[1] {
        return Err("Both workers have the same ticket.".into());
    }
    Ok("Each worker has a ticket of its own.".into())
}

pub fn half_a_line() -> Ended {
    let file = Mutex::new(String::new());
    let mut left = String::new();
    thread::scope(|s| {
        start(s, "writer", || {
            daemon_threads::write_log(Disk(&file), |line| line == 1, |_| ());
        });
        start(s, "main", || left = main_returns(&file));
    });
    if left.ends_with(',') {
        return Err("The process has ended, and the last line of the file is half a line.".into());
    }
    Ok("Every line in the file is whole.".into())
}

/// What is in the file at this moment stays in it: every other thread stops where it is.
fn main_returns(file: &Mutex<String>) -> String {
    file.lock().unwrap().clone()
}

struct Disk<'a>(&'a Mutex<String>);

impl Write for Disk<'_> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.write_all(text).map(|()| text.len())
    }

    // A step of the line that writes.
    #[track_caller]
    fn write_all(&mut self, text: &[u8]) -> io::Result<()> {
        self.0.lock().unwrap().push_str(&String::from_utf8_lossy(text));
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub fn therac() -> Ended {
    let (mode, mut set) = (Mutex::new("X-ray"), ("", ""));
    thread::scope(|s| {
        start(s, "operator", || therac::correct(&mode));
        start(s, "machine", || set = therac::set_up(&mode));
    });
    match set {
        ("X-ray", "electron") => {
            Err("The beam has full power, and nothing is in its way but the patient.".into())
        }
        _ => Ok("Magnets and turntable belong to the same mode.".into()),
    }
}

pub fn one_read() -> Ended {
    let (mode, mut set) = (Mutex::new("X-ray"), ("", ""));
    thread::scope(|s| {
        start(s, "operator", || therac::correct(&mode));
        start(s, "machine", || set = therac::set_up_from_one_read(&mode));
    });
    if set.0 != set.1 {
        return Err("The beam has full power, and nothing is in its way but the patient.".into());
    }
    Ok("Magnets and turntable belong to the same mode.".into())
}

pub fn dirty_cow() -> Ended {
    let (file, copy) = (Mutex::new("secret"), Mutex::new(None));
    let page = dirty_cow::Page { file, copy };
    thread::scope(|s| {
        start(s, "writer", || page.write());
        start(s, "helper", || page.discard());
    });
    match page.file.into_inner().unwrap() {
        "secret" => Ok("The file is as it was.".into()),
        _ => Err("A file that the user could only read was written to.".into()),
    }
}

fn start<'s, T: Send + 's>(
    scope: &'s thread::Scope<'s, '_>,
    name: &str,
    run: impl FnOnce() -> T + Send + 's,
) -> thread::ScopedJoinHandle<'s, T> {
    thread::Builder::new().name(name.into()).spawn_scoped(scope, run).unwrap()
}
