// Right: an atomic says which item is next, and each result has a slot of its own.
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

pub fn map<T: Send, R: Send>(items: Vec<T>, workers: usize, f: impl Fn(T) -> R + Sync) -> Vec<R> {
    let jobs: Vec<(Mutex<Option<T>>, Mutex<Option<R>>)> =
        items.into_iter().map(|item| (Mutex::new(Some(item)), Mutex::new(None))).collect();
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((item, result)) = jobs.get(next.fetch_add(1, Relaxed)) {
                    let item = item.lock().unwrap().take().unwrap();
                    let done = f(item);
                    *result.lock().unwrap() = Some(done);
                }
            });
        }
    });
    jobs.into_iter().map(|(_, result)| result.into_inner().unwrap().unwrap()).collect()
}
