// Wrong: "As long as there are enough items, exactly that many are [in work]"; more than 32 workers
// are cut to 32, so map(40 items, 40, ..) whose calls wait for each other at a Barrier of 40 never
// ends.
use std::sync::Mutex;
use std::thread;

/// More threads than this only cost memory.
const MAX_THREADS: usize = 32;

pub fn map<T: Send, R: Send>(items: Vec<T>, workers: usize, f: impl Fn(T) -> R + Sync) -> Vec<R> {
    let threads = workers.min(items.len()).min(MAX_THREADS);
    let queue = Mutex::new(items.into_iter().enumerate());
    let results = Mutex::new(Vec::new());
    let next = || queue.lock().unwrap().next();
    thread::scope(|scope| {
        for _ in 0..threads {
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
