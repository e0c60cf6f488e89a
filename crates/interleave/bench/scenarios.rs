// The scenarios, in terms of `lib`: interleave, shuttle or loom. What differs is in `given`, of the module that takes this in.

use given::{Arc, AtomicUsize, Condvar, Mutex, RwLock, mpsc, thread};
use std::collections::VecDeque;
use std::sync::Arc as Shared; // not a part of the scenario: loom's takes no closures
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};

/// Two threads, and what they return.
fn two<T: Send + 'static>(f: impl Fn(usize) -> T + Send + Sync + 'static) -> Vec<T> {
    let f = Shared::new(f);
    let start = |me| {
        let f = f.clone();
        thread::spawn(move || f(me))
    };
    let threads = [start(0), start(1)];
    threads.into_iter().map(|thread| thread.join().unwrap()).collect()
}

pub fn bank(right: bool) {
    let account = Arc::new(Mutex::new(1000));
    let paid = two(move |_| {
        let mut balance = account.lock().unwrap();
        if *balance < 700 {
            return false;
        }
        if !right {
            drop(balance);
            balance = account.lock().unwrap();
        }
        *balance -= 700;
        true
    });
    assert_eq!(paid.iter().filter(|paid| **paid).count(), 1);
}

pub fn counter(right: bool) {
    let count = Arc::new(AtomicUsize::new(0));
    let theirs = count.clone();
    two(move |_| {
        if right {
            theirs.fetch_add(1, Relaxed);
        } else {
            let seen = theirs.load(SeqCst);
            theirs.store(seen + 1, SeqCst);
        }
    });
    assert_eq!(count.load(SeqCst), 2);
}

pub fn publication(right: bool) {
    let (data, ready) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    two(move |me| {
        if me == 0 {
            data.store(1, Relaxed);
            ready.store(1, if right { Release } else { Relaxed });
        } else if ready.load(Acquire) == 1 {
            assert_eq!(data.load(Relaxed), 1);
        }
    });
}

pub fn spinning(right: bool) {
    let (data, ready) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    two(move |me| {
        if me == 0 {
            data.store(1, Relaxed);
            ready.store(1, if right { Release } else { Relaxed });
        } else {
            while ready.load(Acquire) == 0 {
                given::spin();
            }
            assert_eq!(data.load(Relaxed), 1);
        }
    });
}

pub fn buffer(right: bool) {
    let buffer = Arc::new((Mutex::new(VecDeque::new()), Condvar::new(), Condvar::new()));
    let received = two(move |me| {
        let (items, has_room, has_items) = &*buffer;
        let mut received = vec![];
        for item in 0..2 {
            let mut items = items.lock().unwrap();
            let stuck = |items: &VecDeque<i32>| if me == 0 { !items.is_empty() } else { items.is_empty() };
            let wakes = if me == 0 { has_room } else { has_items };
            if right {
                while stuck(&items) {
                    items = wakes.wait(items).unwrap();
                }
            } else if stuck(&items) {
                items = wakes.wait(items).unwrap();
            }
            if me == 0 {
                assert!(items.is_empty(), "no room");
                items.push_back(item);
                has_items.notify_one();
            } else {
                received.push(items.pop_front().expect("an item"));
                has_room.notify_one();
            }
        }
        received
    });
    assert_eq!(received[1], [0, 1]);
}

pub fn semaphore(right: bool) {
    let semaphore = Arc::new((Mutex::new(1), Condvar::new()));
    let inside = Arc::new(AtomicUsize::new(0));
    let threads: Vec<_> = (0..3)
        .map(|_| {
            let (semaphore, inside) = (semaphore.clone(), inside.clone());
            thread::spawn(move || {
                let (permits, freed) = &*semaphore;
                let mut free = permits.lock().unwrap();
                if right {
                    while *free == 0 {
                        free = freed.wait(free).unwrap();
                    }
                } else if *free == 0 {
                    free = freed.wait(free).unwrap();
                }
                *free -= 1;
                drop(free);
                assert_eq!(inside.fetch_add(1, SeqCst), 0, "more inside than permits");
                inside.fetch_sub(1, SeqCst);
                *permits.lock().unwrap() += 1;
                freed.notify_one();
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

pub fn event(right: bool) {
    let event = Arc::new((Mutex::new(false), Condvar::new()));
    let is_set = Arc::new(AtomicUsize::new(0));
    two(move |me| {
        let (flag, changed) = &*event;
        if me == 0 {
            is_set.store(1, SeqCst);
            if right {
                *flag.lock().unwrap() = true;
            }
            changed.notify_all();
        } else {
            let mut flag = flag.lock().unwrap();
            while if right { !*flag } else { is_set.load(SeqCst) == 0 } {
                flag = changed.wait(flag).unwrap();
            }
        }
    });
}

pub fn event_if(right: bool) {
    let event = Arc::new((Mutex::new(false), Condvar::new()));
    two(move |me| {
        let (flag, changed) = &*event;
        if me == 0 {
            *flag.lock().unwrap() = true;
            changed.notify_all();
        } else {
            let mut flag = flag.lock().unwrap();
            if right {
                while !*flag {
                    flag = changed.wait(flag).unwrap();
                }
            } else if !*flag {
                flag = changed.wait(flag).unwrap(); // may wake spuriously
            }
            assert!(*flag);
        }
    });
}

pub fn barrier(right: bool) {
    let barrier = Arc::new((Mutex::new((0, 0)), Condvar::new()));
    let rounds = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
    two(move |_| {
        let (state, all_here) = &*barrier;
        for round in rounds.iter() {
            round.fetch_add(1, SeqCst);
            let mut state = state.lock().unwrap();
            let mine = state.1;
            state.0 += 1;
            if state.0 == 2 {
                *state = (0, mine + 1);
                all_here.notify_all();
            } else if right {
                while state.1 == mine {
                    state = all_here.wait(state).unwrap();
                }
            } else {
                while state.0 != 0 {
                    state = all_here.wait(state).unwrap(); // a fast thread may be in the next round
                }
            }
            drop(state);
            assert_eq!(round.load(SeqCst), 2);
        }
    });
}

pub fn transfer(right: bool) {
    let accounts = Arc::new([Mutex::new(10), Mutex::new(10)]);
    two(move |me| {
        let (from, to) = if right { (0, 1) } else { (me, 1 - me) };
        let mut a = accounts[from].lock().unwrap();
        let mut b = accounts[to].lock().unwrap();
        *a -= 1;
        *b += 1;
    });
}

pub fn transfer_back_off(right: bool) {
    let accounts = Arc::new([Mutex::new(10), Mutex::new(10)]);
    two(move |me| {
        let mut a = accounts[me].lock().unwrap();
        loop {
            if let Ok(mut b) = accounts[1 - me].try_lock() {
                *a -= 1;
                *b += 1;
                break;
            }
            if right {
                drop(a);
                thread::yield_now();
                a = accounts[me].lock().unwrap();
            } else {
                thread::yield_now(); // and keeps its own
            }
        }
    });
}

pub fn pool(right: bool) {
    let (sender, receiver) = mpsc::channel::<usize>();
    let receiver = Arc::new(Mutex::new(receiver));
    let done = Arc::new(AtomicUsize::new(0));
    let workers: Vec<_> = (0..2)
        .map(|_| {
            let (receiver, done) = (receiver.clone(), done.clone());
            thread::spawn(move || {
                loop {
                    let job = receiver.lock().unwrap().recv();
                    let Ok(job) = job else { return };
                    if job == 0 {
                        return;
                    }
                    done.fetch_add(job, SeqCst);
                }
            })
        })
        .collect();
    for job in [1, 2] {
        sender.send(job).unwrap();
    }
    if right {
        [0, 0].into_iter().for_each(|stop| sender.send(stop).unwrap());
    } else {
        sender.send(0).unwrap(); // one stops, the other waits for ever
    }
    workers.into_iter().for_each(|worker| worker.join().unwrap());
    assert_eq!(done.load(SeqCst), 3);
}

pub fn cache(right: bool) {
    let cache = Arc::new(RwLock::new(None));
    let computed = Arc::new(AtomicUsize::new(0));
    let times = computed.clone();
    let got = two(move |_| {
        if let Some(value) = *cache.read().unwrap() {
            return value;
        }
        let mut entry = cache.write().unwrap();
        match *entry {
            Some(value) if right => value,
            _ => {
                computed.fetch_add(1, SeqCst);
                *entry = Some(42);
                42
            }
        }
    });
    assert_eq!(got, [42, 42]);
    assert_eq!(times.load(SeqCst), 1);
}

pub fn thread_id(right: bool) {
    let next = Arc::new(AtomicUsize::new(0));
    let ids = two(move |_| {
        let draw = || {
            if right {
                return next.fetch_add(1, Relaxed);
            }
            let id = next.load(Relaxed);
            next.store(id + 1, Relaxed);
            id
        };
        let id = given::local(draw);
        assert_eq!(given::local(draw), id, "the same thread, another id");
        id
    });
    assert_ne!(ids[0], ids[1]);
}
