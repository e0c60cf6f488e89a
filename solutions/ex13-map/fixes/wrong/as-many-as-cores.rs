// Workers that wait need no core: as many as were asked for have to run, not as many as there are cores.
use std::sync::Mutex;
use std::thread;
pub fn map<T: Send, R: Send>(items: Vec<T>, workers: usize, f: impl Fn(T) -> R + Sync) -> Vec<R> {
    let workers = workers.min(thread::available_parallelism().map_or(1, |n| n.get()));
    let queue = Mutex::new(items.into_iter().enumerate());
    let results = Mutex::new(vec![]);
    thread::scope(|s| {
        for _ in 0..workers {
            s.spawn(|| {
                loop {
                    let next = queue.lock().unwrap().next();
                    let Some((i, item)) = next else { break };
                    let r = f(item);
                    results.lock().unwrap().push((i, r));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap();
    results.sort_by_key(|r| r.0);
    results.into_iter().map(|r| r.1).collect()
}
