// Wrong: "each takes one item after the other" and "exactly that many are [in work]"; with more
// than 16 items per worker a worker takes 4 at once, and three items wait behind a slow one while
// the other workers run dry.
use std::sync::Mutex;
use std::thread;

pub fn map<T: Send, R: Send>(items: Vec<T>, workers: usize, f: impl Fn(T) -> R + Sync) -> Vec<R> {
    // Long lists: less contention on the queue.
    let batch = if items.len() / workers > 16 { 4 } else { 1 };
    let queue = Mutex::new(items.into_iter().enumerate());
    let results = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let mine: Vec<(usize, T)> = queue.lock().unwrap().by_ref().take(batch).collect();
                    if mine.is_empty() {
                        return;
                    }
                    for (place, item) in mine {
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
