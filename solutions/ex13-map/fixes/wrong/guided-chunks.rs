// Wrong: "each thread takes one item after another" / "exactly `workers` items are in progress"; a worker takes remaining/(4*workers) items at once: with 2 workers and 16 items, A takes items 0 and 1 and is slow with item 0; B does all the others and ends, while item 1 waits though a worker is free.
use std::sync::Mutex;
use std::thread;

/// Calls `f` with each item, on `workers` threads (at least one). Returns the results in the
/// order of the items.
pub fn map<T: Send, R: Send>(items: Vec<T>, workers: usize, f: impl Fn(T) -> R + Sync) -> Vec<R> {
    let workers = workers.min(items.len());
    let queue = Mutex::new(items.into_iter().enumerate());
    let results = Mutex::new(vec![]);
    // Guided scheduling: larger pieces first, single items at the end.
    let next = || -> Vec<(usize, T)> {
        let mut queue = queue.lock().unwrap();
        let share = (queue.len() / (4 * workers)).max(1);
        queue.by_ref().take(share).collect()
    };
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let piece = next();
                    if piece.is_empty() {
                        return;
                    }
                    for (place, item) in piece {
                        let result = f(item);
                        results.lock().unwrap().push((place, result));
                    }
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap();
    results.sort_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}
