// Wrong: "It must not poll" (Waiting); the caller sleeps a millisecond again and again until all
// its threads are finished, instead of joining them.
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

pub fn map<T: Send, R: Send>(items: Vec<T>, workers: usize, f: impl Fn(T) -> R + Sync) -> Vec<R> {
    let queue = Mutex::new(items.into_iter().enumerate());
    let results = Mutex::new(Vec::new());
    let next = || queue.lock().unwrap().next();
    thread::scope(|scope| {
        let mut handles = Vec::new();
        for _ in 0..workers {
            handles.push(scope.spawn(|| {
                while let Some((place, item)) = next() {
                    let result = f(item);
                    results.lock().unwrap().push((place, result));
                }
            }));
        }
        while !handles.iter().all(|handle| handle.is_finished()) {
            thread::sleep(Duration::from_millis(1));
        }
    });
    let mut results = results.into_inner().unwrap();
    results.sort_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}
