//! Six threads, two permits, and a semaphore made by hand, since std has none.

use std::sync::{Barrier, Condvar, Mutex};
use std::thread;

struct Semaphore {
    free: Mutex<u32>,
    given_back: Condvar,
}

impl Semaphore {
    fn with_permit(&self, work: impl FnOnce()) {
        let mut free = self.given_back.wait_while(self.free.lock().unwrap(), |free| *free == 0).unwrap();
        *free -= 1;
        drop(free);
        work(); // A panic here would lose the permit. In chapter 7 a destructor returns it.
        *self.free.lock().unwrap() += 1;
        self.given_back.notify_one();
    }
}

fn main() {
    let permits = Semaphore { free: Mutex::new(2), given_back: Condvar::new() };
    let two_inside = Barrier::new(2);
    let inside_and_most = Mutex::new((0, 0));
    let visit = || {
        let mut visitors = inside_and_most.lock().unwrap();
        *visitors = (visitors.0 + 1, visitors.1.max(visitors.0 + 1));
        drop(visitors);
        two_inside.wait();
        inside_and_most.lock().unwrap().0 -= 1;
    };
    thread::scope(|threads| {
        for _ in 0..6 {
            threads.spawn(|| permits.with_permit(visit));
        }
    });
    println!("inside at most: {}", inside_and_most.lock().unwrap().1);
}
