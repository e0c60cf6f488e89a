//! A panic hook that the explored code sets is its own: what the explorer says doesn't go through it.

#![allow(missing_docs)]

#[macro_use]
extern crate interleave as std;

use interleave::{Check, Failed};
use std::panic;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;

fn fails(scenario: impl Fn() + 'static) -> Failed {
    Check::new().try_run(scenario).expect_err("this scenario fails")
}

#[test]
fn a_hook_that_says_nothing_does_not_silence_the_report() {
    let failed = fails(|| {
        panic::set_hook(Box::new(|_| ()));
        assert!(thread::spawn(|| panic!("caught by a join")).join().is_err());
        panic!("out of paper");
    });
    assert!(failed.headline().starts_with("out of paper\n"), "{failed}");
    assert!(failed.to_string().contains("panics: caught by a join"), "{failed}");
}

#[test]
fn a_hook_is_called_for_each_panic_of_its_run() {
    let passed = Check::new().try_run(|| {
        let (count, places) = (Arc::new(AtomicU32::new(0)), Arc::new(Mutex::new(vec![])));
        let (counter, noted) = (count.clone(), places.clone());
        panic::set_hook(Box::new(move |info| {
            counter.fetch_add(1, SeqCst);
            noted.lock().unwrap().push((info.payload_as_str().map(str::to_owned), thread::panicking()));
        }));
        for message in ["one", "two"] {
            let counter = count.clone();
            let panics = thread::spawn(move || {
                counter.load(SeqCst);
                panic!("{message}")
            });
            count.load(SeqCst);
            assert!(panics.join().is_err());
        }
        assert_eq!(count.load(SeqCst), 2);
        let expected = ["one", "two"].map(|message| (Some(message.to_string()), true));
        assert_eq!(*places.lock().unwrap(), expected);
        // The next run begins with the usual hook.
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| before(info)));
        assert!(panic::catch_unwind(|| panic!("three")).is_err());
        assert_eq!(count.load(SeqCst), 3);
        drop(panic::take_hook());
        assert!(panic::catch_unwind(|| panic!("four")).is_err());
        assert_eq!(count.load(SeqCst), 3);
    });
    assert!(passed.unwrap().runs() > 1);
}
