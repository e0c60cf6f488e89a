// Wrong: a static lock lets only one map run in the whole program: two calls wait for each other, and a map inside f waits forever.
use std::sync::{Mutex, PoisonError};
use std::thread;

static ONE: Mutex<()> = Mutex::new(());

pub fn map<T: Send, R: Send>(items: Vec<T>, workers: usize, f: impl Fn(T) -> R + Sync) -> Vec<R> {
    let _only = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let queue = Mutex::new(items.into_iter().enumerate());
    let results = Mutex::new(Vec::new());
    let next = || queue.lock().unwrap().next();
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((place, item)) = next() {
                    let result = f(item);
                    results.lock().unwrap().push((place, result));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap();
    results.sort_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}
