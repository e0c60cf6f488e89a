// Wrong: a thread that has panicked is left out, and the caller gets fewer results without a word.
use std::sync::Mutex;
use std::thread;

pub fn map<T: Send, R: Send>(items: Vec<T>, workers: usize, f: impl Fn(T) -> R + Sync) -> Vec<R> {
    let queue = Mutex::new(items.into_iter().enumerate());
    let next = || queue.lock().unwrap().next();
    let results = Mutex::new(vec![]);
    thread::scope(|scope| {
        let work = || {
            while let Some((place, item)) = next() {
                let result = f(item);
                results.lock().unwrap().push((place, result));
            }
        };
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            let _ = worker.join();
        }
    });
    let mut results = results.into_inner().unwrap();
    results.sort_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}
