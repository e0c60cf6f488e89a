// This is the finished check for exercise 9: change src/lib.rs, not this file.
//
// Bakers put bread on a shelf, and customers take it away. Bakers wait for room, customers for bread, and all of them on the
// same condition variable. `notify_one` wakes one of them, which may be the wrong one: a customer who has taken the last
// loaf wakes another customer, who finds no bread and goes back to sleep. The notification is used up, and the baker who
// needed it waits forever.
// A waiting thread must sleep until it is woken. Checking in a loop keeps a processor busy, and a thread that checks now and
// then, or when a timeout expires, notices too late.
//
// This check runs your code under every interleaving of their steps, or under several thousand if there are more than
// that. It shows the shortest interleaving that fails, as a table of your own lines.
// Run it with `cargo test -p ex09-buffer`; read docs/09-condvar.md.

#[macro_use]
extern crate interleave as std; // in this file and the modules it includes, std's threads are explored
#[allow(unused_extern_crates)]
extern crate interleave as core;
interleave::exercise!(); // no `unsafe`, no `extern`, at most 1 GiB of memory

#[cfg_attr(not(feature = "solution"), path = "../src/lib.rs")]
#[cfg_attr(feature = "solution", path = "../../../solutions/ex09-buffer/src/lib.rs")]
mod buffer;
#[allow(unused_imports)]
use buffer::*; // so that `crate::` means the same here as in src/lib.rs

use buffer::Buffer;
use interleave::Check;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc::{Sender, channel};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

/// Starts a baker who puts these loaves on the shelf, one after the other.
fn baker(name: &str, shelf: &Arc<Buffer>, loaves: &'static [u32]) -> JoinHandle<()> {
    let shelf = Arc::clone(shelf);
    let bake = move || loaves.iter().for_each(|loaf| shelf.push(*loaf));
    Builder::new().name(name.into()).spawn(bake).unwrap()
}

/// Takes a loaf. If `pop` panics, says what the panic means.
fn pop(shelf: &Buffer) -> u32 {
    catch_unwind(AssertUnwindSafe(|| shelf.pop())).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without a message");
        panic!(
            "pop panicked instead of waiting: was its thread woken for a loaf that another customer took first? The panic said: {text}"
        )
    })
}

/// Starts a customer who takes `loaves` loaves. The thread returns the loaves.
fn customer(name: &str, shelf: &Arc<Buffer>, loaves: usize) -> JoinHandle<Vec<u32>> {
    let shelf = Arc::clone(shelf);
    let buy = move || (0..loaves).map(|_| pop(&shelf)).collect();
    Builder::new().name(name.into()).spawn(buy).unwrap()
}

fn is_sold(made: &[u32], sold: Vec<Vec<u32>>) {
    let mut sold = sold.concat();
    sold.sort_unstable();
    assert!(sold == made, "the loaves {made:?} went onto the shelf, but the customers got {sold:?}");
}

/// What it means if a thread waits forever in these tests: the customers buy as many loaves as the bakers bake.
const STUCK: &str = "either a thread that could continue was not woken, or a loaf was lost";

/// Runs customers who take one loaf each, and one baker who bakes for all of them. Returns how long that takes.
fn one_baker(customers: &[&str], room: usize) -> Duration {
    let (start, shelf) = (Instant::now(), Arc::new(Buffer::new(room)));
    let customers: Vec<_> = customers.iter().map(|name| customer(name, &shelf, 1)).collect();
    let loaves = &[1, 2, 3, 4, 5, 6, 7, 8][..customers.len()];
    let baker = baker("baker", &shelf, loaves);
    let sold = customers.into_iter().map(|customer| customer.join().unwrap()).collect();
    baker.join().unwrap();
    is_sold(loaves, sold);
    start.elapsed()
}

/// Runs bakers who bring one loaf each, and one customer who takes all of the loaves. Returns how long that takes.
fn one_customer(bakers: &[&str], room: usize) -> Duration {
    let (start, shelf) = (Instant::now(), Arc::new(Buffer::new(room)));
    let loaves: &[&[u32]] = &[&[1], &[2], &[3], &[4], &[5], &[6], &[7], &[8]];
    let bakers: Vec<_> = bakers.iter().zip(loaves).map(|(name, loaf)| baker(name, &shelf, loaf)).collect();
    let sold = customer("customer", &shelf, bakers.len()).join().unwrap();
    is_sold(&loaves[..bakers.len()].concat(), vec![sold]);
    bakers.into_iter().for_each(|baker| baker.join().unwrap());
    start.elapsed()
}

/// A check that requires a waiting thread to sleep until it is woken.
fn check() -> Check {
    Check::new().must_sleep()
}

#[test]
fn whoever_can_go_on_is_woken() {
    let check = || self::check().must_join().stuck_means(STUCK).runs(3_000);
    check().run(|| {
        one_baker(&["Ann", "Bob"], 1);
    });
    check().run(|| {
        one_customer(&["Cem", "Dee"], 1);
    });
    // There is room for both loaves at once, so each of them must wake a customer.
    check().run(|| {
        one_baker(&["Ann", "Bob"], 2);
    });
    // Eight customers wait for a loaf, and then eight bakers wait for room.
    let crowd = ["1", "2", "3", "4", "5", "6", "7", "8"];
    check().wakeups(0).runs(500).run(move || {
        one_baker(&crowd, 1);
    });
    check().wakeups(0).runs(500).run(move || {
        one_customer(&crowd, 1);
    });
    check().wakeups(0).run(|| {
        let shelf = Arc::new(Buffer::new(1));
        let bakers = [baker("Cem", &shelf, &[1, 2]), baker("Dee", &shelf, &[3, 4])];
        let customers = [customer("Ann", &shelf, 2), customer("Bob", &shelf, 2)];
        let sold = customers.map(|customer| customer.join().unwrap());
        bakers.into_iter().for_each(|baker| baker.join().unwrap());
        is_sold(&[1, 2, 3, 4], sold.to_vec());
    });
    check().run(|| {
        let shelf = Arc::new(Buffer::new(2));
        shelf.push(1);
        shelf.push(2);
        let bakers = [baker("Cem", &shelf, &[3]), baker("Dee", &shelf, &[4])];
        let sold = [shelf.pop(), shelf.pop()];
        for baker in bakers {
            baker.join().unwrap();
        }
        assert!(
            sold == [1, 2],
            "loaf 1 was on the shelf first, then loaf 2, but the loaves were taken as {sold:?}"
        );
        is_sold(&[3, 4], vec![vec![shelf.pop(), shelf.pop()]]);
    });

    // The clock is virtual. It moves only when every thread waits, so it stands still unless a thread waits for the clock.
    let at_once = |market: fn(&[&str], usize) -> Duration, people: &'static [&str]| {
        move || {
            let late = market(people, 1);
            assert!(
                late.is_zero(),
                "selling {} loaves took {late:?}, although a thread could continue at any moment: that thread wasn't woken, and only checked \
                 again by itself",
                people.len()
            );
        }
    };
    check().wakeups(0).run(at_once(one_baker, &["Ann"]));
    check().wakeups(0).run(at_once(one_baker, &["Ann", "Bob"]));
    check().wakeups(0).run(at_once(one_customer, &["Cem", "Dee"]));
    // Many threads on one side: waking only one or two of them may miss the one that can continue.
    check().wakeups(0).run(at_once(one_baker, &["Ann", "Bob", "Cem", "Dee"]));
    check().wakeups(0).run(at_once(one_customer, &["Ann", "Bob", "Cem", "Dee"]));
}

/// The clock is virtual: it moves when no thread can continue, or when those that can
/// only spin. So this function sleeps many times, until a thread that spins for a while
/// has stopped spinning. Not a round number, so that no timeout ends at the same moment.
fn sleep_long() {
    (0..1_000).for_each(|_| std::thread::sleep(Duration::from_nanos(333_337)));
}

#[test]
fn a_thread_that_waits_is_woken_at_once() {
    let check = || self::check().must_join().stuck_means(STUCK).wakeups(0).runs(40);
    let wait = |name: &str, work: Box<dyn FnOnce() + Send>| {
        let work = move || {
            work();
            Instant::now()
        };
        Builder::new().name(name.into()).spawn(work).unwrap()
    };
    check().run(move || {
        let shelf = Arc::new(Buffer::new(2));
        let buy = |name| {
            let shelf = Arc::clone(&shelf);
            wait(name, Box::new(move || _ = pop(&shelf)))
        };
        let customers = ["Ann", "Bob"].map(buy);
        sleep_long();
        let baked = Instant::now();
        [1, 2].into_iter().for_each(|loaf| shelf.push(loaf));
        for customer in customers {
            let late = customer.join().unwrap() - baked;
            assert!(
                late.is_zero(),
                "two loaves were baked while two customers waited, but one got a loaf {late:?} later: that customer sleeps and checks now and then \
                 instead of being woken"
            );
        }
    });
    check().run(move || {
        let shelf = Arc::new(Buffer::new(2));
        [1, 2].into_iter().for_each(|loaf| shelf.push(loaf));
        let bake = |(name, loaf)| {
            let shelf = Arc::clone(&shelf);
            wait(name, Box::new(move || shelf.push(loaf)))
        };
        let bakers = [("Cem", 3), ("Dee", 4)].map(bake);
        sleep_long();
        let sold = Instant::now();
        (0..2).for_each(|_| _ = pop(&shelf));
        for baker in bakers {
            let late = baker.join().unwrap() - sold;
            assert!(
                late.is_zero(),
                "two loaves were sold while two bakers waited for room, but one put down a loaf {late:?} later: that baker sleeps and checks now and \
                 then instead of being woken"
            );
        }
    });
}

#[test]
fn two_shelves_know_nothing_of_each_other() {
    check().must_join().stuck_means(STUCK).run(|| {
        let (bread, cake) = (Arc::new(Buffer::new(1)), Arc::new(Buffer::new(2)));
        let baker = baker("baker", &bread, &[1]);
        [u32::MAX, 0].into_iter().for_each(|cake_number| cake.push(cake_number));
        let sold = [pop(&cake), pop(&bread), pop(&cake)];
        baker.join().unwrap();
        assert!(
            sold == [u32::MAX, 1, 0],
            "the items {} and 0 were put onto one shelf and 1 onto another, but the items taken are {sold:?}",
            u32::MAX
        );
    });
}

#[test]
fn the_oldest_is_taken_first() {
    let check = || self::check().must_join().stuck_means(STUCK).runs(3_000);
    check().run(|| {
        let shelf = Arc::new(Buffer::new(2));
        let baker = baker("baker", &shelf, &[1, 2, 3]);
        let sold = customer("customer", &shelf, 3).join().unwrap();
        baker.join().unwrap();
        assert!(sold == [1, 2, 3], "the loaves were put on the shelf as 1, 2, 3, but were taken as {sold:?}");
    });
    // Two bakers put down a loaf at the same moment, and no loaf may be taken before it is there.
    check().run(|| {
        one_customer(&["Cem", "Dee"], 2);
    });
    // Many loaves, one after the other, through a shelf whose room is not a power of two.
    check().runs(1).run(|| {
        let shelf = Buffer::new(3);
        let mut sold = vec![];
        for loaf in 0..600 {
            shelf.push(loaf);
            if loaf > 0 {
                sold.push(shelf.pop());
            }
        }
        let lost = (0..599).find(|&loaf| sold[loaf as usize] != loaf);
        assert!(
            lost.is_none(),
            "600 loaves went through a shelf with room for 3, but the first wrong one is {lost:?}"
        );
    });
    // More than two loaves at once, and not in the order of their numbers.
    let waits = "the shelf has room for 4 loaves, but a baker waits although fewer are on the shelf";
    check().stuck_means(waits).run(|| {
        let shelf = Buffer::new(4);
        [7, 3, 9].into_iter().for_each(|loaf| shelf.push(loaf));
        let first = shelf.pop();
        [1, 5].into_iter().for_each(|loaf| shelf.push(loaf));
        let sold = [first, shelf.pop(), shelf.pop(), shelf.pop(), shelf.pop()];
        assert!(
            sold == [7, 3, 9, 1, 5],
            "the loaves were put on the shelf as 7, 3, 9, 1, 5, but were taken as {sold:?}: pop must take the loaf that was put there first"
        );
    });
}

#[test]
fn there_is_room_for_all_that_it_has_room_for() {
    // No other thread is started, so a call that waits would wait forever.
    check().must_join().stuck_means("every push has room and every pop has a loaf").run(|| {
        for room in [1, 2, 3, 5, 255, 256, 300] {
            let shelf = Buffer::new(room);
            for day in 0..2 {
                let loaves = || (0..room as u32).map(|loaf| 1_000 * day + loaf);
                loaves().for_each(|loaf| shelf.push(loaf));
                let taken: Vec<u32> = (0..room).map(|_| shelf.pop()).collect();
                assert!(
                    loaves().eq(taken.iter().copied()),
                    "{room} loaves were put on a shelf for {room}, but were not taken in the same order"
                );
            }
        }
    });
}

#[test]
fn whoever_finds_it_full_waits() {
    check().must_join().stuck_means(STUCK).runs(3_000).run(|| {
        let (shelf, is_in) = (Arc::new(Buffer::new(1)), Arc::new(AtomicBool::new(false)));
        shelf.push(1);
        let (full, put) = (Arc::clone(&shelf), Arc::clone(&is_in));
        let bake = move || {
            full.push(2);
            put.store(true, SeqCst);
        };
        let baker = Builder::new().name("baker".into()).spawn(bake).unwrap();
        let too_early = is_in.load(SeqCst);
        let sold = [shelf.pop(), shelf.pop()];
        baker.join().unwrap();
        assert!(!too_early, "the shelf has room for 1 loaf, but the baker put a second loaf there");
        assert!(sold == [1, 2], "loaf 1 was on the shelf before loaf 2, but they were taken as {sold:?}");
    });
}

#[test]
fn room_for_one_is_room_for_one_baker() {
    let check = || self::check().must_join().stuck_means(STUCK).runs(3_000);
    let baker = |name: &str, shelf: &Arc<Buffer>, loaf: u32, done: &Sender<()>| {
        let (shelf, done) = (Arc::clone(shelf), done.clone());
        let bake = move || {
            shelf.push(loaf);
            done.send(()).unwrap();
        };
        Builder::new().name(name.into()).spawn(bake).unwrap()
    };
    check().run(move || {
        let (shelf, (done, told)) = (Arc::new(Buffer::new(1)), channel());
        shelf.push(1);
        let bakers = [baker("Cem", &shelf, 2, &done), baker("Dee", &shelf, 3, &done)];
        shelf.pop();
        // Now there is room for one of the two loaves, and only one.
        told.recv().unwrap();
        let both = told.try_recv().is_ok();
        assert!(
            !both,
            "the shelf has room for 1 loaf, but two bakers who waited for that room have each put a loaf there"
        );
        is_sold(&[2, 3], vec![vec![shelf.pop(), shelf.pop()]]);
        bakers.into_iter().for_each(|baker| baker.join().unwrap());
    });
    // A loaf that is taken makes room for only one other.
    check().run(move || {
        let (shelf, (done, told)) = (Arc::new(Buffer::new(2)), channel());
        shelf.push(1);
        shelf.push(2);
        shelf.pop();
        shelf.push(3);
        let cem = baker("Cem", &shelf, 4, &done);
        let too_early = told.try_recv().is_ok();
        let sold = [shelf.pop(), shelf.pop(), shelf.pop()];
        cem.join().unwrap();
        assert!(!too_early, "the shelf has room for 2 loaves and held 2 (one was taken, and one was added), but a third loaf was let in");
        assert!(sold == [2, 3, 4], "loaves 2, 3 and 4 were put on the shelf in this order, but were taken as {sold:?}");
    });
}

#[test]
fn who_waits_sleeps() {
    check().must_join().takes_no_time().runs(1_000).run(|| {
        let shelf = Arc::new(Buffer::new(1));
        let customer = customer("customer", &shelf, 1);
        shelf.push(1);
        customer.join().unwrap();
    });
    check().must_join().takes_no_time().runs(1_000).run(|| {
        let shelf = Arc::new(Buffer::new(1));
        shelf.push(1);
        let baker = baker("baker", &shelf, &[2]);
        shelf.pop();
        baker.join().unwrap();
    });
}

/// The task as a specification, from which the scenarios are generated.
#[test]
fn spec_explains_every_run() {
    use interleave::spec::{Answer, Call, Spec};
    use std::collections::VecDeque;

    /// The loaves, each with the call that put it there, and the number of loaves that fit.
    #[derive(Clone, PartialEq)]
    struct Shelf {
        loaves: VecDeque<(u32, Call)>,
        room: usize,
    }
    let push = |shelf: &mut Shelf, &loaf: &u32, call| {
        if shelf.loaves.len() == shelf.room {
            return Answer::waits();
        }
        shelf.loaves.push_back((loaf, call));
        Answer::returns(())
    };
    let pop = |shelf: &mut Shelf, (): &(), _| match shelf.loaves.pop_front() {
        Some((loaf, push)) => Answer::returns(loaf).sees(push),
        None => Answer::waits(),
    };
    let shelf = |&room: &usize| Shelf { loaves: VecDeque::new(), room };
    Spec::new(
        [1, 2, 3, 1_500],
        |room| format!("a shelf with room for {room}"),
        |&room| Buffer::new(room),
        shelf,
    )
    .call(1..=8, |loaf| format!("puts down loaf {loaf}"), |shelf, &loaf| shelf.push(loaf), push)
    .in_turn()
    .call([()], |()| "takes a loaf".into(), |shelf, ()| shelf.pop(), pop)
    .also_at_the_end()
    .must_join()
    .check();
}
