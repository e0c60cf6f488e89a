// Right: a channel of items and a channel of results; a missing result is the panic's.
use std::sync::{Mutex, mpsc};
use std::thread;

pub fn map<T: Send, R: Send>(items: Vec<T>, workers: usize, f: impl Fn(T) -> R + Sync) -> Vec<R> {
    let count = items.len();
    let (give, take) = mpsc::channel();
    for job in items.into_iter().enumerate() {
        give.send(job).unwrap();
    }
    drop(give);
    let take = Mutex::new(take);
    let (done, results) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..workers {
            let done = done.clone();
            let (take, f) = (&take, &f);
            scope.spawn(move || {
                loop {
                    let next = take.lock().unwrap().recv();
                    let Ok((place, item)) = next else { return };
                    done.send((place, f(item))).unwrap();
                }
            });
        }
        drop(done);
        let mut ordered: Vec<Option<R>> = (0..count).map(|_| None).collect();
        for (place, result) in results {
            ordered[place] = Some(result);
        }
        ordered.into_iter().map(|result| result.expect("a worker has panicked")).collect()
    })
}
