// Right: the caller is one of the workers, and one thread less is started.
use std::sync::Mutex;
use std::thread;

pub fn map<T: Send, R: Send>(items: Vec<T>, workers: usize, f: impl Fn(T) -> R + Sync) -> Vec<R> {
    let count = items.len();
    let queue = Mutex::new(items.into_iter().enumerate());
    let results = Mutex::new(Vec::from_iter((0..count).map(|_| None)));
    let work = || {
        loop {
            let next = queue.lock().unwrap().next();
            let Some((place, item)) = next else { return };
            let result = f(item);
            results.lock().unwrap()[place] = Some(result);
        }
    };
    thread::scope(|scope| {
        for _ in 1..workers {
            scope.spawn(work);
        }
        work();
    });
    results.into_inner().unwrap().into_iter().map(|result| result.expect("all workers have ended")).collect()
}
