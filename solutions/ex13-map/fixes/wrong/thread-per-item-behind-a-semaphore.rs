// Wrong: so many work at once, but a thread is started for each item, and most of them only wait for their turn.
use std::sync::{Condvar, Mutex};
use std::thread;

pub fn map<T: Send, R: Send>(items: Vec<T>, workers: usize, f: impl Fn(T) -> R + Sync) -> Vec<R> {
    struct Permit<'a>(&'a Mutex<usize>, &'a Condvar);
    impl Drop for Permit<'_> {
        fn drop(&mut self) {
            *self.0.lock().unwrap() += 1;
            self.1.notify_one();
        }
    }
    let (permits, released) = (Mutex::new(workers), Condvar::new());
    thread::scope(|scope| {
        let start = |item| {
            scope.spawn(|| {
                *released.wait_while(permits.lock().unwrap(), |permits| *permits == 0).unwrap() -= 1;
                let _permit = Permit(&permits, &released);
                f(item)
            })
        };
        let threads: Vec<_> = items.into_iter().map(start).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}
