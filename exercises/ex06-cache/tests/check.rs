// The check of exercise 6. It is finished: change src/lib.rs, not this file.
//
// Many readers may look at the same time: that is what a read lock is for. But between the read lock ("it is not there") and
// the write lock ("now it is") nothing is locked, and a second thread finds the key missing too. Both compute it. What was
// seen under the read lock has to be looked at again under the write lock, before the work is done and not after.
// Who waits for a value that another thread computes sleeps until it is there: to look again and again keeps a processor busy, and
// to look now and then, or when a time-out ends, comes too late.
//
// This check runs your code under every interleaving of the readers' steps, or under some thousands of them if
// there are more, and shows the shortest one that goes wrong as a table of your own lines.
// Run it with `cargo test -p ex06-cache`; read docs/06-rwlock.md.

#[macro_use]
extern crate interleave as std; // in this file, and in what it takes in, std's threads are explored
#[allow(unused_extern_crates)]
extern crate interleave as core;
interleave::exercise!(); // no `unsafe`, no `extern`, at most 1 GiB of memory

#[cfg_attr(not(feature = "solution"), path = "../src/lib.rs")]
#[cfg_attr(feature = "solution", path = "../../../solutions/ex06-cache/src/lib.rs")]
mod cache;
#[allow(unused_imports)]
use cache::*; // so that `crate::` means the same in src/lib.rs, here and there

use cache::Cache;
use interleave::Check;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread::{self, Builder, JoinHandle};
use std::time::{Duration, Instant};

/// A reader who asks for the value of `key`, and computes `value` if it has to.
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

/// Whatever makes a reader wait for ever in these tests, it is this.
const STUCK: &str = "the value is computed, but whoever waits for it was not told";

/// A check in which a thread that waits has to sleep until it is woken.
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
        assert!(times == 1, "Ann and Bob asked for key 7, and it was computed {times} times instead of once");
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
            "three readers asked for key 7, and it was computed {times} times instead of once"
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
            "keys 0 and 7 were asked for twice each, and computed {times} times in all instead of 2"
        );
        assert!(
            again == [0, 49],
            "keys 0 and 7 had the values 0 and 49 at first, and {} and {} later",
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
            "7 has the square 49 and the cube 343, but two caches said {square} and {cube}"
        );
    });
}

#[test]
fn no_two_keys_share_a_value() {
    check().must_join().stuck_means(STUCK).run(|| {
        let (cache, computed) = (Arc::new(Cache::new()), Arc::new(AtomicUsize::new(0)));
        // Far apart and close together: if a few bits or digits of a key are left out, two of these become the same.
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
        // One after another, and far apart: if only a part of the key says where its
        // value is kept, one pushes out another.
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
            assert!(!computed, "key {key} was computed, then many others, and then it was computed again");
            assert!(
                value == key ^ 0x5555,
                "key {key} has the value {}, but the cache says {value}",
                key ^ 0x5555
            );
        }
    });
}

#[test]
fn readers_of_two_pending_keys_are_all_woken() {
    check().must_join().stuck_means(STUCK).wakeups(0).runs(5_000).run(|| {
        let cache = Arc::new(Cache::new());
        // Both keys take long, so all who ask meanwhile wait, some for one key and some
        // for the other.
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
            "the value of key 7 is 49 and that of key 8 is 64, but those who asked for 7, 8, 7 and 8 got {values:?}"
        );
    });
}

/// This many readers ask for the same key at once; the first to compute its value does
/// `work` for it, and the others nothing. Whether
/// no other computed it: if one did, another test tells.
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
    // The clock is virtual. It moves only when every thread waits, so it stands as long as nobody waits for the clock. Not a
    // round number, so that nobody's nap ends at this moment.
    const LONG: Duration = Duration::from_nanos(333_337);
    check().must_join().stuck_means(STUCK).wakeups(0).runs(2_000).run(|| {
        let start = Instant::now();
        let once = is_computed_once(3, || thread::sleep(LONG));
        let late = start.elapsed().saturating_sub(LONG);
        assert!(
            late.is_zero() || !once,
            "the last reader got the value {late:?} after it was computed: it sleeps and looks now and then, instead of being woken"
        );
    });
}

#[test]
fn who_waits_sleeps() {
    check()
        .must_join()
        .takes_no_time()
        .runs(1_000)
        .run(|| assert!(is_computed_once(2, || drop(thread::spawn(|| ()).join()))));
}

/// The task as a specification. The scenarios are made up from it.
#[test]
fn spec_explains_every_run() {
    use interleave::spec::{Answer, Call, Spec};
    use std::collections::BTreeMap;
    use std::sync::{Condvar, Mutex};

    /// A cache, and what every computation waits for: that the gate is open.
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
        // It is allowed that other keys have to wait.
        if others_compute { Answer::may_wait(answer) } else { Answer::returns(answer) }
    };
    // Two keys have the same remainder when keys are spread over a few locks.
    let keys = [(1, 10), (2, 20), (65, u32::MAX), (1, 11)];
    let say = |(key, value): &(u32, u32)| format!("asks for {key}, or computes {value}");
    let start =
        |is_open: &bool| if *is_open { "a cache".into() } else { "a cache whose values take long".into() };
    let slow =
        |&is_open: &bool| Slow { cache: Cache::new(), is_open: Mutex::new(is_open), opened: Condvar::new() };
    let values = |&is_open: &bool| Values { all: BTreeMap::new(), is_open };
    Spec::new([true, false], start, slow, values)
        .call(keys, say, |slow, &(key, value)| slow.get(key, value), get)
        .also_at_the_end()
        .call(
            [()],
            |()| "lets all computations end".into(),
            |slow, ()| slow.open(),
            |values, (), _| values.is_open = true,
        )
        .must_join()
        .check();
}
