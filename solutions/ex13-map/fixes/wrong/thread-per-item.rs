// Wrong: joined in order, the results are right, but there are as many threads as items.
use std::thread;

pub fn map<T: Send, R: Send>(items: Vec<T>, _workers: usize, f: impl Fn(T) -> R + Sync) -> Vec<R> {
    let f = &f;
    thread::scope(|scope| {
        let threads: Vec<_> = items.into_iter().map(|item| scope.spawn(move || f(item))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}
