// Wrong: the last result arrives before its worker has dropped the list, so the list may still have two owners.
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;

pub fn map<T: Send, R: Send>(items: Vec<T>, workers: usize, f: impl Fn(T) -> R + Sync) -> Vec<R> {
    let count = items.len();
    let queue = Mutex::new(items.into_iter().enumerate());
    let results = Arc::new(Mutex::new(Vec::from_iter((0..count).map(|_| None))));
    let (done, told) = channel();
    let (queue, f) = (&queue, &f);
    thread::scope(|scope| {
        for _ in 0..workers {
            let (results, done) = (Arc::clone(&results), done.clone());
            scope.spawn(move || {
                loop {
                    let next = queue.lock().unwrap().next();
                    let Some((place, item)) = next else { return };
                    let result = f(item);
                    results.lock().unwrap()[place] = Some(result);
                    done.send(()).unwrap();
                }
            });
        }
        drop(done);
        for _ in 0..count {
            told.recv().unwrap();
        }
        let results = Arc::try_unwrap(results).unwrap_or_else(|_| panic!("a worker still has the list"));
        results.into_inner().unwrap().into_iter().map(Option::unwrap).collect()
    })
}
