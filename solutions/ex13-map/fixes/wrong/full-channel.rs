// Wrong: the results go through a channel with room for 64 that is only read when all workers have ended.
use std::sync::{Mutex, mpsc};
use std::thread;

pub fn map<T: Send, R: Send>(items: Vec<T>, workers: usize, f: impl Fn(T) -> R + Sync) -> Vec<R> {
    let queue = &Mutex::new(items.into_iter().enumerate());
    let f = &f;
    let (sender, receiver) = mpsc::sync_channel(64);
    thread::scope(|scope| {
        for _ in 0..workers {
            let sender = sender.clone();
            scope.spawn(move || {
                loop {
                    let next = queue.lock().unwrap().next();
                    let Some((place, item)) = next else { break };
                    sender.send((place, f(item))).unwrap();
                }
            });
        }
    });
    drop(sender);
    let mut results: Vec<(usize, R)> = receiver.iter().collect();
    results.sort_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}
