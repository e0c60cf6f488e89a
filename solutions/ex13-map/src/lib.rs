// A map that works on several items at once.
//
// Why this: the workers share one iterator, and each takes the next item when it is free, so none is idle while there is
// work. An item's number travels with it. Each worker keeps its results to itself, and `join` hands them over: no
// lock round the results, and a worker that has panicked hands over its panic instead.
//
// What else would do: cutting the list into as many pieces as there are workers, which needs no lock at all but makes
// the worker with the slow items finish last; the crates rayon (for computing) or a pool that lives longer than one call.
//
// What it costs: `workers` threads for each call, some tens of microseconds each. For waiting on a network that is nothing.
use std::panic::resume_unwind;
use std::sync::Mutex;
use std::thread;

/// Calls `f` with each item, on `workers` threads (at least one); the results are in the order of their items.
pub fn map<T: Send, R: Send>(items: Vec<T>, workers: usize, f: impl Fn(T) -> R + Sync) -> Vec<R> {
    let workers = workers.min(items.len());
    let queue = Mutex::new(items.into_iter().enumerate());
    // In a function of its own, so that the guard is gone when the item is worked on.
    let next = || queue.lock().unwrap().next();
    let work = || {
        let mut mine = vec![];
        while let Some((place, item)) = next() {
            mine.push((place, f(item)));
        }
        mine
    };
    let mut results = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let results =
            workers.into_iter().map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic)));
        results.flatten().collect::<Vec<(usize, R)>>()
    });
    results.sort_unstable_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}
