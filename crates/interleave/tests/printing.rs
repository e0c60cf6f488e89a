//! What a program prints: formatted in every run, under the locks that std's streams have.

#![allow(missing_docs)]

#[macro_use]
extern crate interleave as std;

use interleave::{Check, Failed};
use std::fmt;
use std::io::Write;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;

fn fails(scenario: impl Fn() + 'static) -> Failed {
    Check::new().try_run(scenario).expect_err("this scenario fails")
}

fn passes(scenario: impl Fn() + 'static) -> usize {
    Check::new().try_run(scenario).unwrap_or_else(|failed| panic!("{failed}")).runs()
}

/// Counts how often it is shown.
struct Counts<'a>(&'a AtomicU32);

impl fmt::Display for Counts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.fetch_add(1, SeqCst))
    }
}

impl fmt::Debug for Counts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[test]
fn everything_is_formatted_in_every_run() {
    passes(|| {
        let shown = AtomicU32::new(0);
        thread::scope(|s| {
            s.spawn(|| println!("{}", Counts(&shown)));
            eprintln!("{}", Counts(&shown));
            print!("{}", Counts(&shown));
            eprint!("{}", Counts(&shown));
            dbg!(Counts(&shown));
            write!(std::io::stdout(), "{}", Counts(&shown)).unwrap();
            writeln!(std::io::stderr().lock(), "{}", Counts(&shown)).unwrap();
        });
        assert_eq!(shown.load(SeqCst), 7);
    });
}

#[test]
fn the_report_shows_the_run_that_failed() {
    let failed = fails(|| {
        let shown = AtomicU32::new(0);
        println!("seen: {}", Counts(&shown));
        assert_eq!(shown.load(SeqCst), 0, "it has been shown");
    });
    assert!(failed.headline().contains("it has been shown"), "{failed}");
    assert!(failed.to_string().contains("prints seen: 0"), "{failed}");
}

#[test]
fn what_is_written_to_a_stream_is_in_the_report() {
    let failed = fails(|| {
        let mut out = std::io::stdout().lock();
        writeln!(out, "one {}", 1).unwrap();
        out.write_all(b"two\n").unwrap();
        writeln!(std::io::stderr(), "three").unwrap();
        panic!("on purpose");
    });
    let text = failed.to_string();
    for line in ["prints one 1", "prints two", "prints three"] {
        assert!(text.contains(line), "{line} is missing: {text}");
    }
}

#[test]
fn a_display_that_locks_may_deadlock_with_a_holder_that_prints() {
    struct Account(Mutex<u32>);
    impl fmt::Display for Account {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "{}", self.0.lock().unwrap())
        }
    }
    let failed = fails(|| {
        let account = Arc::new(Account(Mutex::new(100)));
        let theirs = Arc::clone(&account);
        let pays = thread::spawn(move || {
            let mut amount = theirs.0.lock().unwrap();
            println!("paying in"); // waits for the stream, and holds the lock
            *amount += 50;
        });
        println!("there is {account} in it"); // holds the stream, and waits for the lock
        pays.join().unwrap();
    });
    assert!(failed.headline().starts_with("deadlock"), "{failed}");
    assert!(failed.to_string().contains("waits for the standard output in line"), "{failed}");
    // With the guard of an argument it is the other way round, and both in the same order.
    passes(|| {
        let account = Arc::new(Account(Mutex::new(100)));
        let theirs = Arc::clone(&account);
        let pays = thread::spawn(move || println!("{}", theirs.0.lock().unwrap()));
        println!("{}", account.0.lock().unwrap());
        pays.join().unwrap();
    });
}

#[test]
fn a_stream_that_is_locked_over_a_join_waits_forever() {
    let failed = fails(|| {
        let mut out = std::io::stdout().lock();
        writeln!(out, "waiting").unwrap();
        thread::spawn(|| println!("done")).join().unwrap();
    });
    assert!(failed.to_string().contains("thread 1 waits for the standard output in line"), "{failed}");
    assert!(failed.to_string().contains("the standard output is held by main since step 1"), "{failed}");
    passes(|| {
        let mut out = std::io::stdout().lock();
        writeln!(out, "waiting").unwrap();
        println!("who holds it may print"); // the lock is reentrant
        drop(out);
        thread::spawn(|| println!("done")).join().unwrap();
    });
    passes(|| {
        let _out = std::io::stdout().lock();
        thread::spawn(|| eprintln!("the other stream")).join().unwrap();
    });
}

#[test]
fn a_print_is_stopped_by_a_stream_that_was_locked_after_the_step_before_it() {
    // What it takes: the first thread lets go of `a`, the second one locks the stream, and only then the first one prints.
    let failed = fails(|| {
        let locks = Arc::new((Mutex::new(()), Mutex::new(())));
        let theirs = Arc::clone(&locks);
        let first = thread::spawn(move || {
            let a = theirs.0.lock().unwrap();
            let _b = theirs.1.lock().unwrap();
            drop(a);
            println!("holds b");
        });
        let a = locks.0.lock().unwrap();
        let out = std::io::stdout().lock();
        drop(a);
        drop(locks.1.lock().unwrap());
        drop(out);
        first.join().unwrap();
    });
    assert!(failed.headline().starts_with("deadlock"), "{failed}");
}

#[test]
fn prints_alone_cost_no_runs() {
    let runs = |print: fn()| {
        passes(move || {
            let lock = Arc::new(Mutex::new(()));
            let threads = [(); 2].map(|()| {
                let lock = Arc::clone(&lock);
                thread::spawn(move || {
                    print();
                    drop(lock.lock().unwrap());
                    print();
                })
            });
            threads.into_iter().for_each(|thread| thread.join().unwrap());
        })
    };
    assert_eq!(runs(|| println!("here")), runs(|| ()));
}
