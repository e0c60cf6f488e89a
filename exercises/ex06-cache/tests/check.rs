// This is the finished check for exercise 6: change src/lib.rs, not this file.
//
// Several readers may hold a read lock at the same time. But between the read lock (under which the key is missing) and
// the write lock (under which its value is stored) nothing is locked. A second thread can find the key missing too, and both
// compute it. So check again under the write lock what you saw under the read lock: before you compute the value, not after.
// A thread that waits for a value that another thread computes must sleep until it is woken. Checking in a loop keeps a processor
// busy, and a thread that checks now and then, or when a timeout expires, notices too late.
//
// This check runs your code under every interleaving of the readers' steps, or under several thousand if there are
// more than that. It shows the shortest interleaving that fails, as a table of your own lines.
// Run it with `cargo test -p ex06-cache`; read docs/06-rwlock.md.

#[macro_use]
extern crate interleave as std; // in this file and the modules it includes, std's threads are explored
#[allow(unused_extern_crates)]
extern crate interleave as core;
interleave::exercise!(); // no `unsafe`, no `extern`, at most 1 GiB of memory

#[cfg_attr(not(feature = "solution"), path = "../src/lib.rs")]
#[cfg_attr(feature = "solution", path = "../../../solutions/ex06-cache/src/lib.rs")]
mod cache;
#[allow(unused_imports)]
use cache::*; // so that `crate::` means the same here as in src/lib.rs

use cache::Cache;
use interleave::Check;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread::{self, Builder, JoinHandle};
use std::time::{Duration, Instant};

/// Starts a reader that asks for the value of `key`, and computes `value` if it has to.
fn reader(
    name: &str,
    cache: &Arc<Cache>,
    computed: &Arc<AtomicUsize>,
    key: u32,
    value: u32,
) -> JoinHandle<u32> {
    let (cache, computed) = (Arc::clone(cache), Arc::clone(computed));
    let compute = move || {
        computed.fetch_add(1, SeqCst);
        value
    };
    Builder::new().name(name.into()).spawn(move || cache.get(key, compute)).unwrap()
}

/// What it means if a reader waits forever in these tests.
const STUCK: &str = "the value has been computed, but not every waiting reader was woken";

/// A check that requires a waiting thread to sleep until it is woken.
fn check() -> Check {
    Check::new().must_sleep()
}

#[test]
fn a_key_is_computed_once() {
    check().must_join().stuck_means(STUCK).runs(5_000).run(|| {
        let (cache, computed) = (Arc::new(Cache::new()), Arc::new(AtomicUsize::new(0)));
        let readers = [reader("Ann", &cache, &computed, 7, 49), reader("Bob", &cache, &computed, 7, 49)];
        let values = readers.map(|reader| reader.join().unwrap());
        let times = computed.load(SeqCst);
        assert!(times == 1, "Ann and Bob asked for key 7, but it was computed {times} times instead of once");
        assert!(
            values == [49, 49],
            "the value of key 7 is 49, but Ann got {} and Bob got {}",
            values[0],
            values[1]
        );
    });
}

#[test]
fn all_who_wait_for_a_key_get_it() {
    check().must_join().stuck_means(STUCK).runs(5_000).run(|| {
        let (cache, computed) = (Arc::new(Cache::new()), Arc::new(AtomicUsize::new(0)));
        let readers = ["Ann", "Bob", "Cleo"].map(|name| reader(name, &cache, &computed, 7, 49));
        let values = readers.map(|reader| reader.join().unwrap());
        let times = computed.load(SeqCst);
        assert!(
            times == 1,
            "three readers asked for key 7, and its value was computed {times} times instead of once"
        );
        assert!(values == [49; 3], "the value of key 7 is 49, but three readers got {values:?}");
    });
}

#[test]
fn each_key_has_its_own_value() {
    check().must_join().stuck_means(STUCK).runs(5_000).run(|| {
        let (cache, computed) = (Arc::new(Cache::new()), Arc::new(AtomicUsize::new(0)));
        let readers = [reader("Ann", &cache, &computed, 0, 0), reader("Bob", &cache, &computed, 7, 49)];
        let values = readers.map(|reader| reader.join().unwrap());
        assert!(
            values == [0, 49],
            "key 0 has the value 0 and key 7 has 49, but Ann got {} and Bob got {}",
            values[0],
            values[1]
        );
        let again = [0, 7].map(|key| reader("Cleo", &cache, &computed, key, 1).join().unwrap());
        let times = computed.load(SeqCst);
        assert!(
            times == 2,
            "keys 0 and 7 were asked for twice each, and {times} values were computed instead of 2"
        );
        assert!(
            again == [0, 49],
            "keys 0 and 7 had the values 0 and 49 at first, but the values {} and {} later",
            again[0],
            again[1]
        );
    });
}

#[test]
fn two_caches_know_nothing_of_each_other() {
    check().must_join().stuck_means(STUCK).run(|| {
        let computed = Arc::new(AtomicUsize::new(0));
        let (squares, cubes) = (Arc::new(Cache::new()), Arc::new(Cache::new()));
        let square = reader("Ann", &squares, &computed, 7, 49).join().unwrap();
        let cube = reader("Ann", &cubes, &computed, 7, 343).join().unwrap();
        assert!(
            (square, cube) == (49, 343),
            "7 has the square 49 and the cube 343, but the two caches returned {square} and {cube}"
        );
    });
}

#[test]
fn no_two_keys_share_a_value() {
    check().must_join().stuck_means(STUCK).run(|| {
        let (cache, computed) = (Arc::new(Cache::new()), Arc::new(AtomicUsize::new(0)));
        // Far apart and close together: if the cache drops a few bits or digits of a key, two of these become the same.
        let others = [0, 7, 1_000_007, 1_000_000_007, 232_792_567, u32::MAX];
        for (key, value) in (0..32).map(|bit| 1 << bit).chain(others).zip(1..) {
            let got = reader("Ann", &cache, &computed, key, value).join().unwrap();
            assert!(
                got == value,
                "key {key} has the value {value}, but Ann got {got}: is that the value of another key?"
            );
        }
    });
}

#[test]
fn no_key_is_computed_again() {
    check().must_join().stuck_means(STUCK).run(|| {
        let cache = Cache::new();
        // One after another, and far apart: if only a part of the key decides where its
        // value is stored, one value replaces another.
        let keys =
            || (0..70).chain((2..8).map(|n| n * 1_000)).chain((0..16).step_by(3).map(|bit| 0xFFFF << bit));
        for key in keys() {
            cache.get(key, || key ^ 0x5555);
        }
        for key in keys() {
            let mut computed = false;
            let value = cache.get(key, || {
                computed = true;
                0
            });
            assert!(!computed, "key {key} was computed a second time, after many other keys");
            assert!(
                value == key ^ 0x5555,
                "key {key} has the value {}, but the cache returned {value}",
                key ^ 0x5555
            );
        }
    });
}

#[test]
fn readers_of_two_pending_keys_are_all_woken() {
    check().must_join().stuck_means(STUCK).wakeups(0).runs(5_000).run(|| {
        let cache = Arc::new(Cache::new());
        // Both values take long to compute, so every other reader waits, some for one key
        // and some for the other.
        let ask = |(name, key): (&str, u32)| {
            let cache = Arc::clone(&cache);
            let compute = move || {
                thread::sleep(Duration::from_secs(key.into()));
                key * key
            };
            Builder::new().name(name.into()).spawn(move || cache.get(key, compute)).unwrap()
        };
        let readers = [("Ann", 7), ("Bob", 8), ("Cleo", 7), ("Dan", 8)].map(ask);
        let values = readers.map(|reader| reader.join().unwrap());
        assert!(
            values == [49, 64, 49, 64],
            "key 7 has the value 49 and key 8 has 64, but the readers of 7, 8, 7 and 8 got {values:?}"
        );
    });
}

#[test]
fn a_large_key_is_computed_once() {
    for key in [1 << 10, 1 << 20, u32::MAX] {
        check().must_join().stuck_means(STUCK).runs(500).run(move || {
            let (cache, computed) = (Arc::new(Cache::new()), Arc::new(AtomicUsize::new(0)));
            let readers = ["Ann", "Bob"].map(|name| reader(name, &cache, &computed, key, 49));
            let values = readers.map(|reader| reader.join().unwrap());
            let computed = computed.load(SeqCst);
            assert!(computed == 1, "two readers asked for key {key}, which was computed {computed} times");
            assert!(values == [49, 49], "key {key} has the value 49, but the two readers got {values:?}");
        });
    }
}

#[test]
fn eight_pending_keys_are_each_computed_once() {
    check().must_join().stuck_means(STUCK).wakeups(0).runs(40).run(|| {
        let (cache, computed) = (Arc::new(Cache::new()), Arc::new(AtomicUsize::new(0)));
        let ask = |number: u32| {
            let (cache, computed, key) = (Arc::clone(&cache), Arc::clone(&computed), number % 8);
            let compute = move || {
                computed.fetch_add(1, SeqCst);
                thread::sleep(Duration::from_secs(1));
                key
            };
            Builder::new().name(format!("reader {number}")).spawn(move || cache.get(key, compute)).unwrap()
        };
        let readers: Vec<JoinHandle<u32>> = (0..16).map(ask).collect();
        let values: Vec<u32> = readers.into_iter().map(|reader| reader.join().unwrap()).collect();
        let computed = computed.load(SeqCst);
        assert!(
            computed == 8,
            "16 readers asked for 8 keys at the same time, and values were computed {computed} times"
        );
        let is_right = values.iter().zip(0..16).all(|(value, number)| *value == number % 8);
        assert!(
            is_right,
            "each key's value is the key, but the readers of the keys 0 to 7 and 0 to 7 got {values:?}"
        );
    });
}

#[test]
fn sixty_readers_that_wait_for_a_key_are_all_woken() {
    check().must_join().stuck_means(STUCK).wakeups(0).runs(2).run(|| {
        let cache = Arc::new(Cache::new());
        let ask = |number: usize| {
            let cache = Arc::clone(&cache);
            let compute = move || {
                thread::sleep(Duration::from_secs(1));
                49
            };
            Builder::new().name(format!("reader {number}")).spawn(move || cache.get(7, compute)).unwrap()
        };
        let readers: Vec<JoinHandle<u32>> = (1..=60).map(ask).collect();
        let wrong = readers.into_iter().map(|reader| reader.join().unwrap()).find(|&value| value != 49);
        assert!(wrong.is_none(), "key 7 has the value 49, but a reader got {}", wrong.unwrap_or_default());
    });
}

#[test]
fn of_many_keys_each_is_computed_once() {
    // One after the other, and in steps that fall on the same place of a table whose size is a power of two.
    for (step, order) in
        [(1, "ascending"), (16, "ascending"), (64, "ascending"), (4_096, "ascending"), (65_536, "descending")]
    {
        check().must_join().wakeups(0).runs(1).run(move || {
            let (cache, keys) = (Cache::new(), 0..300_u32);
            let key = |n: u32| step * if order == "ascending" { n } else { 299 - n };
            for n in keys.clone() {
                let value = cache.get(key(n), || n);
                assert!(value == n, "key {} has the value {n}, but get returned {value}", key(n));
            }
            for n in keys.step_by(13) {
                let (value, key) = (cache.get(key(n), || u32::MAX), key(n));
                assert!(value != u32::MAX, "300 keys were computed, and then key {key} was computed again");
                assert!(
                    value == n,
                    "300 keys were computed, and then key {key} had the value {value} instead of {n}"
                );
            }
        });
    }
}

/// Starts `readers` readers that ask for the same key at once. The first to compute its
/// value does `work` for it, and the others do nothing. Returns whether the value was
/// computed only once. If it wasn't, another test reports it.
fn is_computed_once(readers: usize, work: fn()) -> bool {
    let (cache, computed) = (Arc::new(Cache::new()), Arc::new(AtomicUsize::new(0)));
    let ask = |name: &&str| {
        let (cache, computed) = (Arc::clone(&cache), Arc::clone(&computed));
        let compute = move || {
            if computed.fetch_add(1, SeqCst) == 0 {
                work();
            }
            49
        };
        Builder::new().name(name.to_string()).spawn(move || cache.get(7, compute)).unwrap()
    };
    let readers: Vec<JoinHandle<u32>> = ["Ann", "Bob", "Cleo"][..readers].iter().map(ask).collect();
    for reader in readers {
        reader.join().unwrap();
    }
    computed.load(SeqCst) == 1
}

#[test]
fn whoever_sleeps_is_woken_at_once() {
    // The clock is virtual. It moves only when every thread waits, so it stands still unless a thread waits for the clock.
    // Not a round number, so that no other thread's sleep ends at this moment.
    const LONG: Duration = Duration::from_nanos(333_337);
    check().must_join().stuck_means(STUCK).wakeups(0).runs(2_000).run(|| {
        let start = Instant::now();
        let once = is_computed_once(3, || thread::sleep(LONG));
        let late = start.elapsed().saturating_sub(LONG);
        assert!(
            late.is_zero() || !once,
            "the last reader got the value {late:?} after it was computed: the reader sleeps and checks now and then instead of being woken"
        );
    });
}

#[test]
fn who_waits_sleeps() {
    check().must_join().takes_no_time().runs(1_000).run(|| {
        let once = is_computed_once(2, || drop(thread::spawn(|| ()).join()));
        assert!(once, "Ann and Bob asked for key 7, but it was computed twice instead of once");
    });
}

/// The task as a specification, from which the scenarios are generated.
#[test]
fn spec_explains_every_run() {
    use interleave::spec::{Answer, Call, Spec};
    use std::collections::BTreeMap;
    use std::sync::{Condvar, Mutex};

    /// A cache, and the gate that every computation waits for.
    struct Slow {
        cache: Cache,
        is_open: Mutex<bool>,
        opened: Condvar,
    }
    impl Slow {
        /// The value, and whether this call has computed it.
        fn get(&self, key: u32, value: u32) -> (u32, bool) {
            let mut has_computed = false;
            let compute = || {
                drop(self.opened.wait_while(self.is_open.lock().unwrap(), |is_open| !*is_open));
                has_computed = true;
                value
            };
            (self.cache.get(key, compute), has_computed)
        }

        fn open(&self) {
            *self.is_open.lock().unwrap() = true;
            self.opened.notify_all();
        }
    }

    /// The value of each key, or the call that computes it.
    #[derive(Clone, PartialEq)]
    struct Values {
        all: BTreeMap<u32, Result<u32, Call>>,
        is_open: bool,
    }
    let get = |values: &mut Values, &(key, value): &(u32, u32), call| {
        let others_compute = values.all.iter().any(|(other, found)| *other != key && found.is_err());
        let answer = match values.all.get(&key).copied() {
            None => {
                values.all.insert(key, Err(call));
                return Answer::later();
            }
            Some(Err(by)) if by == call && values.is_open => {
                values.all.insert(key, Ok(value));
                (value, true)
            }
            Some(Err(_)) => return Answer::waits(),
            Some(Ok(value)) => (value, false),
        };
        // Callers for other keys are allowed to wait.
        if others_compute { Answer::may_wait(answer) } else { Answer::returns(answer) }
    };
    // Keys 1 and 65 may share a lock in a cache that spreads its keys over a few locks.
    let keys = [(1, 10), (2, 20), (65, u32::MAX), (1, 11)];
    let say = |(key, value): &(u32, u32)| format!("asks for {key}, and would compute {value}");
    let start =
        |is_open: &bool| if *is_open { "a cache".into() } else { "a cache with slow computations".into() };
    let slow =
        |&is_open: &bool| Slow { cache: Cache::new(), is_open: Mutex::new(is_open), opened: Condvar::new() };
    let values = |&is_open: &bool| Values { all: BTreeMap::new(), is_open };
    Spec::new([true, false], start, slow, values)
        .call(keys, say, |slow, &(key, value)| slow.get(key, value), get)
        .also_at_the_end()
        .call(
            [()],
            |()| "lets all computations finish".into(),
            |slow, ()| slow.open(),
            |values, (), _| values.is_open = true,
        )
        .must_join()
        .check();
}
