//! Where thread-local values are: a place of one's own, for as long as the thread lives.

use interleave::sync::atomic::{AtomicBool, Ordering::Relaxed};
use interleave::sync::mpsc::channel;
use interleave::{check, thread, thread_local};
use std::cell::Cell;

thread_local! {
    static PLACE: Cell<u8> = const { Cell::new(1) };
}

fn address() -> usize {
    PLACE.with(|place| std::ptr::from_ref(place) as usize)
}

#[test]
fn a_thread_gets_the_place_of_one_that_has_ended() {
    check(|| {
        let first = thread::spawn(address).join().unwrap();
        let second = thread::spawn(address).join().unwrap();
        assert_eq!(first, second);
    });
}

#[test]
fn threads_that_live_at_the_same_time_have_places_of_their_own() {
    check(|| {
        thread::spawn(address).join().unwrap();
        let (tell, told) = channel();
        let other = thread::spawn(move || {
            tell.send(address()).unwrap();
            address()
        });
        let mine = address();
        assert_ne!(mine, told.recv().unwrap());
        assert_ne!(mine, other.join().unwrap());
    });
}

#[test]
fn a_place_is_as_new_for_whoever_gets_it() {
    check(|| {
        let change = || PLACE.replace(7);
        assert_eq!(thread::spawn(change).join().unwrap(), 1);
        assert_eq!(thread::spawn(change).join().unwrap(), 1);
    });
}

#[test]
fn a_destructor_finds_its_own_value_gone_and_leaves_the_place_for_others() {
    struct Looks;
    impl Drop for Looks {
        fn drop(&mut self) {
            assert!(LOOKS.try_with(|_| ()).is_err());
        }
    }
    thread_local! {
        static LOOKS: Looks = const { Looks };
    }
    check(|| {
        for _ in 0..2 {
            thread::spawn(|| LOOKS.with(|_| ())).join().unwrap();
        }
    });
}

#[test]
fn whether_a_place_comes_again_does_not_hang_on_who_happens_to_be_faster() {
    // Nothing orders the two threads, so that the search takes their steps for independent of each other.
    check(|| {
        let [one, other] = [(); 2].map(|()| {
            let own = AtomicBool::new(false);
            thread::spawn(move || {
                own.store(true, Relaxed);
                address()
            })
        });
        assert_ne!(one.join().unwrap(), other.join().unwrap());
    });
}
