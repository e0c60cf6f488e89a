// This is the finished check for exercise 10: change src/lib.rs, not this file.
//
// Hikers walk in stages, and meet at the end of each stage before they continue. For one meeting, a count of arrivals is enough.
// For the second meeting, the count has to start again from 0, and that is the hard part: a fast hiker arrives at the next
// meeting before a slow one has left the last, and both read the same count. So every hiker has to know which meeting this
// is, by a number that goes up with each meeting: a generation.
// A waiting thread must sleep until it is woken. Checking in a loop keeps a processor busy, and a thread that checks now and
// then, or when a timeout expires, notices too late.
//
// This check runs your code under every interleaving of the hikers' steps, or under several thousand if there are more
// than that. It shows the shortest interleaving that fails, as a table of your own lines.
// Run it with `cargo test -p ex10-barrier`; read docs/10-barrier.md.

#[macro_use]
extern crate interleave as std; // in this file and the modules it includes, std's threads are explored
#[allow(unused_extern_crates)]
extern crate interleave as core;
interleave::exercise!(); // no `unsafe`, no `extern`, at most 1 GiB of memory

#[cfg_attr(not(feature = "solution"), path = "../src/lib.rs")]
#[cfg_attr(feature = "solution", path = "../../../solutions/ex10-barrier/src/lib.rs")]
mod barrier;
#[allow(unused_imports)]
use barrier::*; // so that `crate::` means the same here as in src/lib.rs

use barrier::Barrier;
use interleave::Check;
use std::sync::Arc;
use std::sync::atomic::{
    AtomicUsize,
    Ordering::{Relaxed, SeqCst},
};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

/// Records that a hiker has walked `stages` stages. Relaxed: the barrier must make this visible to the others after the meeting.
fn has_walked(walked: &AtomicUsize, stages: usize) {
    walked.store(stages, Relaxed);
}

fn is_behind(walked: &AtomicUsize, stages: usize) -> bool {
    walked.load(Relaxed) < stages
}

/// Lets `hikers` hikers walk `stages` stages and meet after each. Returns how long that takes. If a hiker continues without
/// another one, the panic says which.
fn hike(hikers: usize, stages: usize) -> Duration {
    let (start, meeting) = (Instant::now(), Arc::new(Barrier::new(hikers)));
    let walked: Arc<Vec<AtomicUsize>> = Arc::new((0..hikers).map(|_| AtomicUsize::new(0)).collect());
    let hike = |me: usize| {
        let (meeting, walked) = (Arc::clone(&meeting), Arc::clone(&walked));
        let walk = move || {
            for stage in 1..=stages {
                has_walked(&walked[me], stage);
                meeting.wait();
                if let Some(behind) = walked.iter().position(|walked| is_behind(walked, stage)) {
                    panic!(
                        "wait returned at meeting {stage}, but either hiker {} had not arrived there, or wait did not make that arrival visible",
                        behind + 1
                    );
                }
            }
        };
        Builder::new().name(format!("hiker {}", me + 1)).spawn(walk).unwrap()
    };
    let all: Vec<JoinHandle<()>> = (0..hikers).map(hike).collect();
    all.into_iter().for_each(|hiker| hiker.join().unwrap());
    start.elapsed()
}

/// Lets an even number of hikers come to a cable car whose cabin leaves with two. Returns how long it takes until all are gone.
fn ride_in_pairs(hikers: usize) -> Duration {
    let (start, cabin) = (Instant::now(), Arc::new(Barrier::new(2)));
    let (arrived, left) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let ride = |number| {
        let (cabin, arrived, left) = (Arc::clone(&cabin), Arc::clone(&arrived), Arc::clone(&left));
        let ride = move || {
            arrived.fetch_add(1, SeqCst);
            cabin.wait();
            let left = left.fetch_add(1, SeqCst) + 1;
            let arrived = arrived.load(SeqCst);
            assert!(
                left <= arrived / 2 * 2,
                "a barrier for 2 must release hikers in pairs, but {left} of {hikers} had left when {arrived} had arrived"
            );
        };
        Builder::new().name(format!("hiker {number}")).spawn(ride).unwrap()
    };
    let all: Vec<JoinHandle<()>> = (1..=hikers).map(ride).collect();
    all.into_iter().for_each(|hiker| hiker.join().unwrap());
    start.elapsed()
}

/// A check that requires a waiting thread to sleep until it is woken.
fn check() -> Check {
    Check::new().must_sleep()
}

#[test]
fn hikers_meet_again_and_again() {
    // If hikers wait forever, look at the last one to leave: which meeting does it think it is at?
    let check = || {
        check()
            .must_join()
            .stuck_means("every hiker comes to every meeting, but not every waiting hiker was woken")
    };
    let walk = |hikers, stages| {
        move || {
            hike(hikers, stages);
        }
    };
    check().runs(5_000).run(walk(2, 2));
    check().runs(5_000).run(walk(3, 1));
    check().runs(1_000).run(walk(3, 2));
    check().runs(2_000).run(walk(2, 3));
    check().run(walk(1, 2));
    // Long walks: whatever is reused at every second or third meeting must be in its first state again.
    check().runs(500).run(walk(2, 9));
    // The clock is virtual. It moves only when every thread waits, so it stands still unless a thread waits for the clock.
    let at_once = |hikers, stages| {
        move || {
            let late = hike(hikers, stages);
            assert!(
                late.is_zero(),
                "{hikers} hikers took {late:?}, although no hiker was late: a hiker wasn't woken, and only checked again by itself"
            );
        }
    };
    check().wakeups(0).runs(2_000).run(at_once(2, 1));
    check().wakeups(0).runs(2_000).run(at_once(2, 2));
    check().wakeups(0).runs(500).run(at_once(3, 2));
    check().wakeups(0).runs(100).run(at_once(20, 2));
    check().wakeups(0).runs(3).run(at_once(100, 2));
    check().wakeups(0).runs(1).run(at_once(2, 300));
    check().wakeups(0).run(at_once(1, 2));
    // If more threads come than the barrier is for, they form several groups.
    let pairs = |hikers| {
        move || {
            let late = ride_in_pairs(hikers);
            assert!(
                late.is_zero(),
                "{hikers} hikers at a barrier for 2 took {late:?}, although no hiker was late: a hiker wasn't woken, and only checked \
                 again by itself"
            );
        }
    };
    let left_over =
        "an even number of hikers came to a barrier for 2, but not every pair of them was released";
    let check = || self::check().must_join().stuck_means(left_over).wakeups(0);
    check().runs(1_500).run(pairs(4));
    check().runs(500).run(pairs(6));
    // A slow hiker sleeps through three more departures, and must not mistake the fourth
    // for the state before its own.
    check().runs(100).run(pairs(8));
    check().runs(40).run(pairs(16));
}

/// The clock is virtual: it moves when no thread can continue, or when those that can
/// only spin. So this function sleeps many times, until a thread that spins for a while
/// has stopped spinning. Not a round number, so that no timeout ends at the same moment.
fn sleep_long() {
    (0..1_000).for_each(|_| std::thread::sleep(Duration::from_nanos(333_337)));
}

#[test]
fn a_thread_that_waits_is_woken_at_once() {
    let stuck = "all hikers have arrived, but not all of them were woken";
    check().must_join().stuck_means(stuck).wakeups(0).runs(40).run(|| {
        let meeting = Arc::new(Barrier::new(3));
        let wait = |number| {
            let meeting = Arc::clone(&meeting);
            let walk = move || {
                meeting.wait();
                Instant::now()
            };
            Builder::new().name(format!("hiker {number}")).spawn(walk).unwrap()
        };
        let waiting = [1, 2].map(wait);
        sleep_long();
        let arrived = Instant::now();
        meeting.wait();
        for hiker in waiting {
            let late = hiker.join().unwrap() - arrived;
            assert!(
                late.is_zero(),
                "the last of 3 hikers arrived, but another continued {late:?} later: that hiker sleeps and checks now and then instead of being \
                 woken"
            );
        }
    });
}

#[test]
fn a_slow_hiker_recognizes_the_meeting_after_many_others() {
    let stuck = "one hiker was slow while two others met 255 times, and then not every hiker was woken";
    check().must_join().stuck_means(stuck).wakeups(0).stopped_once(1).run(|| {
        let meeting = Arc::new(Barrier::new(2));
        // With the slow hiker's, the number of arrivals is even.
        let left = Arc::new(AtomicUsize::new(511));
        let hike = |name: &str, meetings: usize| {
            let (meeting, left) = (Arc::clone(&meeting), Arc::clone(&left));
            let walk = move || {
                for _ in 0..meetings {
                    if left.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_err() {
                        break;
                    }
                    meeting.wait();
                }
            };
            Builder::new().name(name.into()).spawn(walk).unwrap()
        };
        let theirs = Arc::clone(&meeting);
        let slow = Builder::new().name("slow hiker".into()).spawn(move || theirs.wait()).unwrap();
        let others = [hike("hiker 2", 511), hike("hiker 3", 511)];
        slow.join().unwrap();
        others.into_iter().for_each(|hiker| hiker.join().unwrap());
    });
}

#[test]
fn two_barriers_know_nothing_of_each_other() {
    let stuck = "two hikers came to each of two barriers for 2, but not all of them were woken";
    check().must_join().stuck_means(stuck).wakeups(0).runs(2_000).run(|| {
        let meetings = Arc::new([Barrier::new(2), Barrier::new(2)]);
        let arrived = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
        let hike = |number: usize| {
            let (meetings, arrived) = (Arc::clone(&meetings), Arc::clone(&arrived));
            let walk = move || {
                let place = number % 2;
                arrived[place].fetch_add(1, SeqCst);
                meetings[place].wait();
                let here = arrived[place].load(SeqCst);
                assert!(here == 2, "wait returned at a barrier for 2 with only one hiker there: do two barriers share one count?");
            };
            Builder::new().name(format!("hiker {number}")).spawn(walk).unwrap()
        };
        let all: Vec<JoinHandle<()>> = (1..=4).map(hike).collect();
        all.into_iter().for_each(|hiker| hiker.join().unwrap());
    });
}

#[test]
fn who_waits_sleeps() {
    check().must_join().takes_no_time().runs(1_000).run(|| {
        let meeting = Arc::new(Barrier::new(2));
        let theirs = Arc::clone(&meeting);
        let hiker = Builder::new().name("hiker 1".into()).spawn(move || theirs.wait()).unwrap();
        meeting.wait();
        hiker.join().unwrap();
    });
}

/// The task as a specification, from which the scenarios are generated.
#[test]
fn spec_explains_every_run() {
    use interleave::spec::{Answer, Call, Spec};
    use std::collections::BTreeSet;

    /// The meetings that not every hiker has left: which hikers came, and how many have left.
    #[derive(Clone, PartialEq)]
    struct Meetings {
        size: usize,
        open: Vec<(BTreeSet<Call>, usize)>,
    }
    let wait = |meetings: &mut Meetings, (): &(), call| {
        let size = meetings.size;
        let Some(mine) = meetings.open.iter_mut().find(|(hikers, _)| hikers.contains(&call)) else {
            match meetings.open.last_mut().filter(|(hikers, _)| hikers.len() < size) {
                Some((hikers, _)) => _ = hikers.insert(call),
                None => meetings.open.push((BTreeSet::from([call]), 0)),
            }
            return Answer::later();
        };
        if mine.0.len() < size {
            return Answer::waits();
        }
        mine.1 += 1;
        let all_here = Answer::returns(()).sees_all(mine.0.clone());
        meetings.open.retain(|(_, left)| *left < size);
        all_here
    };
    let meetings = |&size: &usize| Meetings { size, open: vec![] };
    Spec::new([2, 3, 1], |size| format!("a barrier for {size}"), |&size| Barrier::new(size), meetings)
        .names(["hiker 1", "hiker 2", "hiker 3", "hiker 4"])
        .call([()], |()| "arrives".into(), |barrier, ()| barrier.wait(), wait)
        .must_join()
        .check();
}
