// This is the finished check for exercise 7: change src/lib.rs, not this file.
//
// A car park has a fixed number of places, and a car that finds none free waits until it is woken. Being woken doesn't
// mean having a place: another car may have taken it in between, and a wait may even end without any notification (a
// spurious wakeup). So a car that wakes must check again, and wait again if there is no free place: `while`, not `if`.
// Until then it must sleep. Checking in a loop keeps a processor busy, and a car that checks now and then, or when a
// timeout expires, notices too late.
//
// This check runs your code under every interleaving of the cars' steps, or under several thousand if there are more
// than that. It shows the shortest interleaving that fails, as a table of your own lines.
// Run it with `cargo test -p ex07-semaphore`; read docs/07-semaphore.md.

#[macro_use]
extern crate interleave as std; // in this file and the modules it includes, std's threads are explored
#[allow(unused_extern_crates)]
extern crate interleave as core;
interleave::exercise!(); // no `unsafe`, no `extern`, at most 1 GiB of memory

#[cfg_attr(not(feature = "solution"), path = "../src/lib.rs")]
#[cfg_attr(feature = "solution", path = "../../../solutions/ex07-semaphore/src/lib.rs")]
mod semaphore;
#[allow(unused_imports)]
use semaphore::*; // so that `crate::` means the same here as in src/lib.rs

use interleave::Check;
use semaphore::Semaphore;
use std::sync::Arc;
use std::sync::atomic::{
    AtomicBool, AtomicUsize,
    Ordering::{Relaxed, SeqCst},
};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

/// The clock is virtual: it moves only when every thread waits. So a thread waits this long only if no other thread can continue.
const HOUR: Duration = Duration::from_secs(60 * 60);

/// Starts a car that does `drive`.
fn car<T: Send + 'static>(number: usize, drive: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    Builder::new().name(format!("car {number}")).spawn(drive).unwrap()
}

/// Lets `cars` cars use a car park with `places` places. Returns the most cars that were parked at once.
fn most_parked(cars: usize, places: usize) -> usize {
    let (park, parked) = (Arc::new(Semaphore::new(places)), Arc::new(AtomicUsize::new(0)));
    let drive = |number| {
        let (park, parked) = (Arc::clone(&park), Arc::clone(&parked));
        car(number, move || {
            park.acquire();
            let now = parked.fetch_add(1, SeqCst) + 1;
            parked.fetch_sub(1, SeqCst);
            park.release();
            now
        })
    };
    let cars: Vec<JoinHandle<usize>> = (1..=cars).map(drive).collect();
    cars.into_iter().map(|car| car.join().unwrap()).max().unwrap()
}

/// What it means if a car waits forever in these tests.
fn stuck() -> &'static str {
    if release_waits(0) || release_waits(1) {
        "release waits, but release must give the place back and return"
    } else {
        "a place became free, but no waiting car was woken for it"
    }
}

/// Returns whether a thread that calls `release` has to wait while `cars` cars wait for a place.
fn release_waits(cars: usize) -> bool {
    let waits = "no release for an hour";
    let attended = check().wakeups(0).runs(200).try_run(move || {
        let park = Arc::new(Semaphore::new(0));
        for number in 1..=cars {
            let park = Arc::clone(&park);
            car(number, move || park.acquire());
        }
        let (tell, told) = mpsc::channel();
        Builder::new()
            .spawn(move || {
                (0..3).for_each(|_| park.release());
                let _ = tell.send(());
            })
            .unwrap();
        assert!(told.recv_timeout(HOUR) != Err(RecvTimeoutError::Timeout), "{waits}");
    });
    attended.is_err_and(|failed| failed.headline().contains(waits))
}

/// A check that requires a waiting thread to sleep until it is woken.
fn check() -> Check {
    Check::new().must_sleep()
}

#[test]
fn a_release_counts_although_no_car_waits() {
    let not_counted = "a place was released while no car was waiting, and the release was not counted";
    let counted = if release_waits(0) { stuck() } else { not_counted };
    check().must_join().stuck_means(counted).runs(5_000).run(|| {
        let park = Arc::new(Semaphore::new(0));
        park.release();
        park.release();
        // Two places were free before the car came, so it waits for neither.
        let car = car(1, move || (0..2).for_each(|_| park.acquire()));
        car.join().unwrap();
    });
    // The same for more releases than the initial number, and for many of them.
    check().must_join().stuck_means(counted).wakeups(0).runs(100).run(|| {
        let park = Arc::new(Semaphore::new(1));
        (0..20).for_each(|_| park.release());
        (0..21).for_each(|_| park.acquire());
    });
}

#[test]
fn without_a_place_no_car_comes_in() {
    let stuck = stuck();
    let none = |places: usize| {
        move || {
            let (park, is_free) = (Arc::new(Semaphore::new(places)), Arc::new(AtomicBool::new(false)));
            (0..places).for_each(|_| park.acquire());
            let (entrance, free) = (Arc::clone(&park), Arc::clone(&is_free));
            let car = car(1, move || {
                entrance.acquire();
                free.load(SeqCst)
            });
            is_free.store(true, SeqCst);
            park.release();
            let was_free = car.join().unwrap();
            assert!(
                was_free,
                "no place was free in a car park for {places} cars, but a car came in before any was released"
            );
        }
    };
    check().must_join().stuck_means(stuck).wakeups(0).runs(2_000).run(none(0));
    check().must_join().stuck_means(stuck).wakeups(0).runs(2_000).run(none(1));
    check().must_join().stuck_means(stuck).wakeups(0).runs(2_000).run(none(2));
}

#[test]
fn a_place_is_for_one_car() {
    let stuck = stuck();
    let one_place = |cars| {
        move || {
            let most = most_parked(cars, 1);
            assert!(most == 1, "{most} cars were in the car park at once, but the car park has only 1 place");
        }
    };
    // A wait may end without a notification, and between a notification and the end of the wait, another car may come in.
    check().must_join().stuck_means(stuck).wakeups(2).runs(5_000).run(one_place(2));
    check().must_join().stuck_means(stuck).wakeups(0).runs(5_000).run(one_place(3));
}

#[test]
fn all_places_are_used() {
    let stuck = stuck();
    check().must_join().stuck_means(stuck).wakeups(0).runs(5_000).run(|| {
        let park = Arc::new(Semaphore::new(2));
        let (greet_second, first_is_here) = mpsc::channel();
        let (greet_first, second_is_here) = mpsc::channel();
        // Each car greets the other one, and waits for the other's greeting. If that takes an hour, the other car wasn't let in.
        let cars = [(1, greet_second, second_is_here), (2, greet_first, first_is_here)];
        let cars = cars.map(|(number, greet, other_is_here)| {
            let park = Arc::clone(&park);
            car(number, move || {
                park.acquire();
                let _ = greet.send(());
                let have_met = other_is_here.recv_timeout(HOUR).is_ok();
                park.release();
                have_met
            })
        });
        let have_met = cars.map(|car| car.join().unwrap());
        assert!(
            have_met == [true, true],
            "the car park has 2 places, but the second of two cars was not let in while the first was there"
        );
    });
    // Cars come in one after the other, and stay.
    let all_places = |places| {
        move || {
            let park = Arc::new(Semaphore::new(places));
            for number in 1..=places {
                let park = Arc::clone(&park);
                car(number, move || park.acquire()).join().unwrap();
            }
        }
    };
    let not_full = "the car park has a place for every car that has come";
    check().must_join().stuck_means(not_full).wakeups(0).runs(100).run(all_places(3));
    check().must_join().stuck_means(not_full).wakeups(0).runs(30).run(all_places(25));
    // Many places, taken and given back twice.
    check().stuck_means(not_full).wakeups(0).runs(20).run(|| {
        let park = Semaphore::new(300);
        for _ in 0..2 {
            (0..300).for_each(|_| park.acquire());
            (0..300).for_each(|_| park.release());
        }
    });
    // One more car has to wait.
    check().must_join().stuck_means(stuck).wakeups(0).runs(2_000).run(|| {
        let (park, has_left) = (Arc::new(Semaphore::new(3)), Arc::new(AtomicBool::new(false)));
        (1..=3).for_each(|_| park.acquire());
        let (entrance, gone) = (Arc::clone(&park), Arc::clone(&has_left));
        let fourth = car(4, move || {
            entrance.acquire();
            gone.load(SeqCst)
        });
        has_left.store(true, SeqCst);
        park.release();
        let had_left = fourth.join().unwrap();
        assert!(had_left, "car 4 was let in before any other had left, but the car park has 3 places");
    });
}

/// Lets `cars` cars wait, and releases as many places. Returns how long that took.
fn every_car_comes_in(cars: usize) -> Duration {
    let (start, park) = (Instant::now(), Arc::new(Semaphore::new(0)));
    let come = |number| {
        let park = Arc::clone(&park);
        car(number, move || park.acquire())
    };
    let waiting: Vec<JoinHandle<()>> = (1..=cars).map(come).collect();
    (0..cars).for_each(|_| park.release());
    waiting.into_iter().for_each(|car| car.join().unwrap());
    start.elapsed()
}

#[test]
fn every_release_lets_a_car_in() {
    let stuck = stuck();
    check().must_join().stuck_means(stuck).runs(5_000).run(|| {
        every_car_comes_in(2);
    });
    // No time passes while a car can continue. So if time has passed, a car waited for the clock.
    let at_once = |cars| {
        move || {
            let late = every_car_comes_in(cars);
            assert!(
                late.is_zero(),
                "a place became free, but the last car came in {late:?} later: the car wasn't woken, and only checked again by itself"
            );
        }
    };
    check().must_join().stuck_means(stuck).wakeups(0).runs(2_000).run(at_once(1));
    check().must_join().stuck_means(stuck).wakeups(0).runs(2_000).run(at_once(2));
    check().must_join().stuck_means(stuck).wakeups(0).runs(2_000).run(at_once(3));
}

/// The clock is virtual: it moves when no thread can continue, or when those that can
/// only spin. So this function sleeps many times, until a thread that spins for a while
/// has stopped spinning. Not a round number, so that no timeout ends at the same moment.
fn sleep_long() {
    (0..1_000).for_each(|_| std::thread::sleep(Duration::from_nanos(333_337)));
}

#[test]
fn a_car_is_woken_at_once() {
    let stuck = stuck();
    let at_once = |cars: usize| {
        move || {
            let park = Arc::new(Semaphore::new(0));
            let come = |number| {
                let park = Arc::clone(&park);
                car(number, move || {
                    park.acquire();
                    Instant::now()
                })
            };
            let waiting: Vec<JoinHandle<Instant>> = (1..=cars).map(come).collect();
            sleep_long();
            let released = Instant::now();
            (0..cars).for_each(|_| park.release());
            for car in waiting {
                let late = car.join().unwrap() - released;
                assert!(
                    late.is_zero(),
                    "a place was released while {cars} cars waited, but one came in {late:?} later: that car sleeps and checks now and then \
                     instead of being woken"
                );
            }
        }
    };
    check().must_join().stuck_means(stuck).wakeups(0).runs(40).run(at_once(1));
    check().must_join().stuck_means(stuck).wakeups(0).runs(40).run(at_once(2));
}

#[test]
fn two_car_parks_know_nothing_of_each_other() {
    let stuck = "a place was released in one car park, and the car that waits there was not let in: do two car parks share their places?";
    check().must_join().stuck_means(stuck).wakeups(0).runs(2_000).run(|| {
        let (north, south) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let is_free = Arc::new([AtomicBool::new(false), AtomicBool::new(false)]);
        let cars = [&north, &south].map(Arc::clone).into_iter().zip(0..).map(|(park, which)| {
            let is_free = Arc::clone(&is_free);
            car(which + 1, move || {
                park.acquire();
                is_free[which].load(SeqCst)
            })
        });
        let cars: Vec<_> = cars.collect();
        is_free[1].store(true, SeqCst);
        south.release();
        is_free[0].store(true, SeqCst);
        north.release();
        for car in cars {
            assert!(
                car.join().unwrap(),
                "a place was released in one car park, and a car was let into another with no free place"
            );
        }
    });
}

#[test]
fn what_came_before_a_release_is_seen() {
    let stuck = stuck();
    check().must_join().stuck_means(stuck).wakeups(0).runs(5_000).run(|| {
        let (park, swept) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicBool::new(false)));
        let (entrance, place) = (Arc::clone(&park), Arc::clone(&swept));
        let car = car(1, move || {
            entrance.acquire();
            place.load(Relaxed)
        });
        // Relaxed says nothing about the order that other threads see: the semaphore must see to that.
        swept.store(true, Relaxed);
        park.release();
        let is_swept = car.join().unwrap();
        assert!(
            is_swept,
            "the place was swept before it became free, but the car that got the place can't see that: release and acquire must \
             make what happened before release visible after acquire"
        );
    });
}

#[test]
fn who_waits_sleeps() {
    check().must_join().takes_no_time().runs(1_000).run(|| {
        let park = Arc::new(Semaphore::new(0));
        let entrance = Arc::clone(&park);
        let car = car(1, move || entrance.acquire());
        park.release();
        car.join().unwrap();
    });
}

#[test]
fn a_permit_that_is_released_during_a_panic_counts() {
    /// A guard that the caller might write.
    struct Leaves<'a>(&'a Semaphore);
    impl Drop for Leaves<'_> {
        fn drop(&mut self) {
            self.0.release();
        }
    }
    check().must_join().stuck_means("a permit that was released during a panic was lost").run(|| {
        let park = Semaphore::new(1);
        park.acquire();
        let crash = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _leaves = Leaves(&park);
            panic!("a panic that is caught");
        }));
        assert!(crash.is_err());
        park.acquire();
    });
}

/// The task as a specification, from which the scenarios are generated.
#[test]
fn spec_explains_every_run() {
    use interleave::spec::{Answer, Call, Spec};
    use std::collections::VecDeque;

    /// The number of initial permits left, and the calls that released the others.
    #[derive(Clone, PartialEq)]
    struct Permits {
        first: usize,
        released: VecDeque<Call>,
    }
    let acquire = |permits: &mut Permits, (): &(), _| {
        if permits.first > 0 {
            permits.first -= 1;
            return Answer::returns(());
        }
        match permits.released.pop_front() {
            Some(release) => Answer::returns(()).sees(release),
            None => Answer::waits(),
        }
    };
    let permits = |&first: &usize| Permits { first, released: VecDeque::new() };
    Spec::new(
        [1, 0, 2],
        |first| format!("a car park with {first} free places"),
        |&first| Semaphore::new(first),
        permits,
    )
    .names(["car 1", "car 2", "car 3", "car 4"])
    .call([()], |()| "comes".into(), |park, ()| park.acquire(), acquire)
    .also_at_the_end()
    .call(
        [()],
        |()| "leaves".into(),
        |park, ()| park.release(),
        |permits, (), call| permits.released.push_back(call),
    )
    .must_not_wait()
    .must_join()
    .check();
}
