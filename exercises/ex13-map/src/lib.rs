// A map that works on several items at once.
use std::sync::Mutex;
use std::thread;

/// Calls `f` with each item, on `workers` threads (at least one). Returns the results in the
/// order of the items.
pub fn map<T: Send, R: Send>(items: Vec<T>, workers: usize, f: impl Fn(T) -> R + Sync) -> Vec<R> {
    // TODO: the results come in the order in which they are ready, and there are as many
    // threads as items.
    let _ = workers;
    let results = Mutex::new(vec![]);
    thread::scope(|scope| {
        for item in items {
            scope.spawn(|| {
                let result = f(item);
                results.lock().unwrap().push(result);
            });
        }
    });
    results.into_inner().unwrap()
}
