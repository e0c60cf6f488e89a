// Wrong: it waits until there are as many results as items, and after a panic there never are.
use std::sync::{Condvar, Mutex};
use std::thread;

pub fn map<T: Send, R: Send>(items: Vec<T>, workers: usize, f: impl Fn(T) -> R + Sync) -> Vec<R> {
    let count = items.len();
    let queue = Mutex::new(items.into_iter().enumerate());
    let next = || queue.lock().unwrap().next();
    let (results, ready) = (Mutex::new(vec![]), Condvar::new());
    let mut results = thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((place, item)) = next() {
                    let result = f(item);
                    results.lock().unwrap().push((place, result));
                    ready.notify_one();
                }
            });
        }
        let results = results.lock().unwrap();
        std::mem::take(&mut *ready.wait_while(results, |results| results.len() < count).unwrap())
    });
    results.sort_by_key(|(place, _): &(usize, R)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}
