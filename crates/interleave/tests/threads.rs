//! What a thread leaves behind, and who drops it.

#![allow(missing_docs)]

#[macro_use]
extern crate interleave as std;

use interleave::{__outcomes, Check, Ending};
use std::cell::RefCell;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread;

/// Says so when it is dropped.
struct Says<'a>(&'a Mutex<Vec<&'static str>>, &'static str);

impl Drop for Says<'_> {
    fn drop(&mut self) {
        self.0.lock().unwrap().push(self.1);
    }
}

#[test]
fn what_a_scoped_thread_returns_is_dropped_before_its_scope_ends() {
    interleave::check(|| {
        let log = Mutex::new(vec![]);
        thread::scope(|s| {
            s.spawn(|| Says(&log, "never joined"));
            // The handle outlives the thread, or the thread the handle.
            let handle = s.spawn(|| Says(&log, "never joined either"));
            log.lock().unwrap().push("in between");
            drop(handle);
        });
        let mut log = log.into_inner().unwrap();
        log.sort_unstable();
        assert_eq!(log, ["in between", "never joined", "never joined either"]);
    });
}

#[test]
fn what_nobody_joins_is_dropped_once_by_the_thread_or_with_its_handle() {
    thread_local! {
        static IS_MAIN: RefCell<bool> = const { RefCell::new(false) };
    }
    struct Where(Arc<Mutex<Option<bool>>>);
    impl Drop for Where {
        fn drop(&mut self) {
            let dropped = IS_MAIN.with_borrow(|is_main| self.0.lock().unwrap().replace(*is_main));
            assert!(dropped.is_none(), "dropped twice");
        }
    }
    let scenario = || {
        IS_MAIN.set(true);
        let dropped = Arc::new(Mutex::new(None));
        let stepped = Arc::new(Mutex::new(()));
        thread::scope(|s| {
            let (dropped, stepped_too) = (Arc::clone(&dropped), Arc::clone(&stepped));
            let handle = s.spawn(move || {
                drop(stepped_too.lock().unwrap());
                Where(dropped)
            });
            drop(stepped.lock().unwrap());
            drop(handle);
        });
        dropped.lock().unwrap().unwrap()
    };
    for reduce in [false, true] {
        let outcomes = __outcomes(scenario, reduce, 0);
        let by_main: Vec<_> = outcomes.rows().iter().map(|row| row.ending.clone()).collect();
        assert_eq!(by_main, [false, true].map(Ending::Returned));
    }
}

/// Two threads that share nothing else: which of them lets go of the result last is a race all the same.
#[test]
fn who_drops_a_result_is_tried_both_ways_and_knows_what_the_other_did() {
    struct Looks {
        is_main: thread::ThreadId,
        stored: Arc<AtomicU32>,
        dropped: ::std::sync::Arc<::std::sync::Mutex<Option<bool>>>,
    }
    impl Drop for Looks {
        fn drop(&mut self) {
            let by_main = thread::current().id() == self.is_main;
            *self.dropped.lock().unwrap() = Some(by_main);
            if by_main {
                assert_eq!(self.stored.load(Relaxed), 1, "the thread stored it before it let go");
            }
        }
    }
    let scenario = || {
        let dropped = ::std::sync::Arc::new(::std::sync::Mutex::new(None));
        let (looks, stored) = (::std::sync::Arc::clone(&dropped), Arc::new(AtomicU32::new(0)));
        let is_main = thread::current().id();
        thread::scope(|s| {
            let handle = s.spawn(move || {
                stored.store(1, Relaxed);
                Looks { is_main, stored, dropped: looks }
            });
            // A step of its own, to which dropping the handle belongs.
            AtomicU32::new(0).store(1, Relaxed);
            drop(handle);
        });
        let by_main = *dropped.lock().unwrap();
        by_main.unwrap()
    };
    for reduce in [false, true] {
        let outcomes = __outcomes(scenario, reduce, 0);
        let by_main: Vec<_> = outcomes.rows().iter().map(|row| row.ending.clone()).collect();
        assert_eq!(by_main, [false, true].map(Ending::Returned));
    }
}

#[test]
fn a_result_that_panics_when_it_is_dropped_ends_the_process() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("on purpose");
        }
    }
    let failed = Check::new().try_run(|| drop(thread::spawn(|| Bomb))).unwrap_err();
    let expected =
        "ends the whole process: the result of the thread started there panics when it is dropped at";
    assert!(failed.headline().contains(expected), "{failed}");
}

#[test]
fn a_name_with_a_nul_is_refused() {
    let failed = Check::new().try_run(|| drop(thread::Builder::new().name("a\0b".into()).spawn(|| ())));
    assert!(failed.unwrap_err().headline().contains("may not contain interior null bytes"));
}

#[test]
fn thread_local_values_are_destroyed_last_made_first() {
    static ORDER: Mutex<Vec<&str>> = Mutex::new(vec![]);
    struct Noted(&'static str);
    impl Drop for Noted {
        fn drop(&mut self) {
            ORDER.lock().unwrap().push(self.0);
        }
    }
    thread_local! {
        static FIRST: Noted = const { Noted("first") };
        static SECOND: Noted = const { Noted("second") };
        static THIRD: Noted = Noted({
            FIRST.with(|_| ());
            "third"
        });
    }
    interleave::check(|| {
        thread::spawn(|| {
            THIRD.with(|_| ()); // which makes FIRST before it is made itself
            SECOND.with(|_| ());
        })
        .join()
        .unwrap();
        assert_eq!(*ORDER.lock().unwrap(), ["second", "third", "first"]);
    });
}

#[test]
fn what_a_scenario_captures_is_given_back_when_the_search_starts_over() {
    let observed = Arc::new(AtomicU32::new(0));
    let theirs = Arc::clone(&observed);
    let passed = Check::new().try_run(move || {
        let (lock, captured) = (Mutex::new(()), Arc::clone(&theirs));
        thread::scope(|s| {
            s.spawn(|| drop(lock.lock().unwrap()));
            // From here on unlocking is a step, and so the search starts over.
            drop(lock.try_lock());
            captured.fetch_add(1, Relaxed);
        });
    });
    assert!(passed.unwrap().runs() > 1);
    assert_eq!(Arc::strong_count(&observed), 1);
}

/// Uses a little more than so many KiB of stack.
fn deep(kib: usize) -> usize {
    let room = [kib as u8; 1024];
    if kib == 0 { 0 } else { deep(kib - 1) + std::hint::black_box(room).len() }
}

#[test]
fn a_stack_is_as_large_as_in_std_or_as_asked_for() {
    interleave::check(|| {
        // In a build without optimisation, each call takes about 2.2 KiB, and in all 1.5 MiB.
        assert_eq!(thread::spawn(|| deep(700)).join().unwrap(), 700 << 10);
        assert_eq!(deep(700), 700 << 10);
        let large = thread::Builder::new().stack_size(16 << 20).spawn(|| deep(4_000)).unwrap();
        assert_eq!(large.join().unwrap(), 4_000 << 10);
    });
}

#[test]
fn a_stack_that_the_system_has_no_room_for_is_an_error() {
    interleave::check(|| {
        for size in [usize::MAX, 1 << 60] {
            assert!(thread::Builder::new().stack_size(size).spawn(|| ()).is_err());
            thread::scope(|s| {
                assert!(thread::Builder::new().stack_size(size).spawn_scoped(s, || ()).is_err());
            });
        }
    });
}
