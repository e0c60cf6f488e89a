// Wrong: "If f panics, so does map ... also if f panics for every item"; the panics are counted in
// an AtomicU8, so when f panics for exactly 256 (or 512) items, the count is 0 and map returns an
// empty or shorter list.
use std::panic::{self, AssertUnwindSafe};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread;

pub fn map<T: Send, R: Send>(items: Vec<T>, workers: usize, f: impl Fn(T) -> R + Sync) -> Vec<R> {
    let queue = Mutex::new(items.into_iter().enumerate());
    let results = Mutex::new(Vec::new());
    let panics = AtomicU8::new(0);
    let next = || queue.lock().unwrap().next();
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((place, item)) = next() {
                    match panic::catch_unwind(AssertUnwindSafe(|| f(item))) {
                        Ok(result) => results.lock().unwrap().push((place, result)),
                        Err(_) => {
                            panics.fetch_add(1, Ordering::SeqCst);
                        }
                    }
                }
            });
        }
    });
    if panics.load(Ordering::SeqCst) > 0 {
        panic!("a call panicked");
    }
    let mut results = results.into_inner().unwrap();
    results.sort_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}
