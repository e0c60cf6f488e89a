// Right: the workers own the receiver together, so handing over fails when the last of them has panicked.
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex};
use std::thread;

pub fn map<T: Send, R: Send>(items: Vec<T>, workers: usize, f: impl Fn(T) -> R + Sync) -> Vec<R> {
    let (give, take) = sync_channel(0);
    let take = Arc::new(Mutex::new(take));
    let results = Mutex::new(vec![]);
    thread::scope(|scope| {
        for _ in 0..workers {
            let take = Arc::clone(&take);
            let (results, f) = (&results, &f);
            scope.spawn(move || {
                loop {
                    let next = take.lock().unwrap().recv();
                    let Ok((place, item)) = next else { return };
                    let result = f(item);
                    results.lock().unwrap().push((place, result));
                }
            });
        }
        drop(take);
        for job in items.into_iter().enumerate() {
            if give.send(job).is_err() {
                break;
            }
        }
        drop(give);
    });
    let mut results = results.into_inner().unwrap();
    results.sort_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}
