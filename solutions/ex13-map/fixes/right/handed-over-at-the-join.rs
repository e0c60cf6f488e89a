// Right: each worker keeps what it has done, with its place, and hands it over when it is joined.
use std::collections::VecDeque;
use std::sync::Mutex;
use std::thread;

pub fn map<T: Send, R: Send>(items: Vec<T>, workers: usize, f: impl Fn(T) -> R + Sync) -> Vec<R> {
    let mut results: Vec<Option<R>> = items.iter().map(|_| None).collect();
    let queue: Mutex<VecDeque<(usize, T)>> = Mutex::new(items.into_iter().enumerate().collect());
    let next = || queue.lock().unwrap().pop_front();
    let work = || {
        let mut done = vec![];
        while let Some((place, item)) = next() {
            done.push((place, f(item)));
        }
        done
    };
    thread::scope(|s| {
        let threads: Vec<_> = (0..workers).map(|_| s.spawn(work)).collect();
        for thread in threads {
            match thread.join() {
                Ok(done) => done.into_iter().for_each(|(place, result)| results[place] = Some(result)),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    results.into_iter().flatten().collect()
}
