// Wrong: "calls f with each item" (and map panics only "if f panics"); the note that a call
// panicked is static: after one map that panicked (and was caught), every later map, or one that
// runs at the same time, panics too.
use std::panic::{self, AssertUnwindSafe};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

static PANICKED: AtomicBool = AtomicBool::new(false);

pub fn map<T: Send, R: Send>(items: Vec<T>, workers: usize, f: impl Fn(T) -> R + Sync) -> Vec<R> {
    let queue = Mutex::new(items.into_iter().enumerate());
    let results = Mutex::new(Vec::new());
    let next = || queue.lock().unwrap().next();
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((place, item)) = next() {
                    match panic::catch_unwind(AssertUnwindSafe(|| f(item))) {
                        Ok(result) => results.lock().unwrap().push((place, result)),
                        Err(_) => PANICKED.store(true, SeqCst),
                    }
                }
            });
        }
    });
    if PANICKED.load(SeqCst) {
        panic!("f panicked");
    }
    let mut results = results.into_inner().unwrap();
    results.sort_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}
