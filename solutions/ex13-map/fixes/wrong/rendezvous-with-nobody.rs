// Wrong: the caller hands over item by item, and waits for ever for a taker once all workers have panicked.
use std::sync::Mutex;
use std::sync::mpsc::sync_channel;
use std::thread;

pub fn map<T: Send, R: Send>(items: Vec<T>, workers: usize, f: impl Fn(T) -> R + Sync) -> Vec<R> {
    let (give, take) = sync_channel(0);
    let (take, results) = (Mutex::new(take), Mutex::new(vec![]));
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let next = take.lock().unwrap().recv();
                    let Ok((place, item)) = next else { return };
                    let result = f(item);
                    results.lock().unwrap().push((place, result));
                }
            });
        }
        for job in items.into_iter().enumerate() {
            give.send(job).unwrap();
        }
        drop(give);
    });
    let mut results = results.into_inner().unwrap();
    results.sort_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}
