// Wrong: "If `f` panics, so does `map`"; only panics with a text are passed on: if `f` calls `std::panic::panic_any(7)` (or `resume_unwind(Box::new(7))`), map returns normally, with results missing.
use std::sync::Mutex;
use std::thread;

/// Calls `f` with each item, on `workers` threads (at least one). Returns the results in the
/// order of the items.
pub fn map<T: Send, R: Send>(items: Vec<T>, workers: usize, f: impl Fn(T) -> R + Sync) -> Vec<R> {
    let queue = Mutex::new(items.into_iter().enumerate());
    let results = Mutex::new(vec![]);
    let next = || queue.lock().unwrap().next();
    let mut message = None;
    thread::scope(|scope| {
        let threads: Vec<_> = (0..workers)
            .map(|_| {
                scope.spawn(|| {
                    while let Some((place, item)) = next() {
                        let result = f(item);
                        results.lock().unwrap().push((place, result));
                    }
                })
            })
            .collect();
        for thread in threads {
            if let Err(payload) = thread.join() {
                if let Some(text) = payload.downcast_ref::<&str>() {
                    message = Some(text.to_string());
                } else if let Some(text) = payload.downcast_ref::<String>() {
                    message = Some(text.clone());
                }
            }
        }
    });
    if let Some(message) = message {
        panic!("{message}");
    }
    let mut results = results.into_inner().unwrap();
    results.sort_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}
