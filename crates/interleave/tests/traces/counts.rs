//! Reference counts are not steps, and a verdict on a file that asks for one says so: hence a file of its own.

use crate::passes;
use interleave::sync::atomic::{AtomicBool, Ordering::SeqCst};
use interleave::sync::{Arc, Mutex};
use interleave::{Check, thread};

#[test]
fn a_verdict_names_reference_counts_where_the_file_asks_for_one() {
    let passed = passes(Check::new(), || {
        let value = Arc::new(Mutex::new(1));
        let theirs = Arc::clone(&value);
        thread::spawn(move || *theirs.lock().unwrap() += 1).join().unwrap();
        let value = Arc::try_unwrap(value).unwrap().into_inner().unwrap();
        assert_eq!(value, 2);
    });
    assert_eq!(passed.to_string(), "all interleavings, where reference counts are not steps: 1 run");
    assert!(passed.is_complete() && !passed.is_exhaustive());
}

/// Two threads may both find the other's reference: real threads do, and no run of a check does.
#[test]
fn a_bug_of_reference_counts_is_not_excluded() {
    let last_one_cleans_up = || {
        let is_clean = Arc::new(AtomicBool::new(false));
        let shared = Arc::new(());
        let threads = [(); 2].map(|()| {
            let (shared, is_clean) = (Arc::clone(&shared), Arc::clone(&is_clean));
            thread::spawn(move || {
                if Arc::try_unwrap(shared).is_ok() {
                    is_clean.store(true, SeqCst);
                }
            })
        });
        drop(shared);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert!(is_clean.load(SeqCst));
    };
    if let Ok(passed) = Check::new().try_run(last_one_cleans_up) {
        assert!(!passed.is_exhaustive(), "{passed}");
    }
}
