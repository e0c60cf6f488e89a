// The check of exercise 7. It is finished: change src/lib.rs, not this file.
//
// A car park has so many places, and a car that finds none waits to be told. Being woken is not being given a place: the
// place may have gone to a car that came by in between, and a wait may even end without any notification (a spurious
// wakeup). Whoever waits has to look again when it wakes, and wait again if it must: `while`, not `if`.
//
// This check runs your code under every interleaving of the cars' steps, or under some thousands of them if there
// are more, and shows the shortest one that goes wrong as a table of your own lines.
// Run it with `cargo test -p ex07-semaphore`; read docs/07-semaphore.md.

#![deny(deprecated)] // of files, sockets and the like: a check cannot follow them

#[macro_use]
extern crate interleave as std; // in this file, and in what it takes in, std's threads are explored
#[allow(unused_extern_crates)]
extern crate interleave as core;

mod semaphore {
    include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/lib.rs"));
}

use interleave::Check;
use semaphore::Semaphore;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

/// The clock is virtual: it moves only when every thread waits. So nobody waits this long, unless nobody else can go on.
const HOUR: Duration = Duration::from_secs(60 * 60);

/// A car that does `drive`.
fn car<T: Send + 'static>(number: usize, drive: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    Builder::new().name(format!("car {number}")).spawn(drive).unwrap()
}

/// So many cars come to so many places; the most that were parked at once.
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

#[test]
fn a_place_is_for_one_car() {
    Check::new().must_join().wakeups(2).runs(5_000).run(|| {
        let most = most_parked(2, 1);
        assert!(
            most == 1,
            "{most} cars were in the car park at once, and it has 1 place: who was woken did not look again"
        );
    });
}

#[test]
fn a_place_that_somebody_took_first_is_taken() {
    Check::new().must_join().wakeups(0).runs(5_000).run(|| {
        let most = most_parked(3, 1);
        assert!(most == 1, "{most} cars were in the car park at once, and it has 1 place: another car came by before the woken one");
    });
}

#[test]
fn all_places_are_used() {
    Check::new().must_join().wakeups(0).runs(5_000).run(|| {
        let park = Arc::new(Semaphore::new(2));
        let (greet_second, first_is_here) = mpsc::channel();
        let (greet_first, second_is_here) = mpsc::channel();
        // Each car greets the other one, and waits for its greeting. If that takes an hour, the other one was not let in.
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
}

#[test]
fn every_release_lets_a_car_in() {
    Check::new().must_join().runs(5_000).run(|| {
        let park = Arc::new(Semaphore::new(0));
        let cars = [1, 2].map(|number| {
            let park = Arc::clone(&park);
            car(number, move || park.acquire())
        });
        // Two cars wait, two places become free: if one of the cars waits for ever, a release has woken nobody.
        park.release();
        park.release();
        for car in cars {
            car.join().unwrap();
        }
    });
}

#[test]
fn releases_are_remembered() {
    Check::new().must_join().runs(5_000).run(|| {
        let park = Arc::new(Semaphore::new(0));
        park.release();
        park.release();
        // Two places were free before the car came: it does not wait for either.
        let car = car(1, move || (0..2).for_each(|_| park.acquire()));
        car.join().unwrap();
    });
}

#[test]
fn waiting_is_not_looking_now_and_then() {
    Check::new().must_join().wakeups(0).runs(5_000).run(|| {
        let start = Instant::now();
        let park = Arc::new(Semaphore::new(0));
        let entrance = Arc::clone(&park);
        let car = car(1, move || entrance.acquire());
        park.release();
        car.join().unwrap();
        // No time has passed if everybody waited for others, and nobody for the clock.
        let late = start.elapsed();
        assert!(
            late.is_zero(),
            "the car came in {late:?} after a place became free: it sleeps and looks now and then, instead of being woken"
        );
    });
}
