// Wrong: joining each thread before the next is started makes them take turns.
use std::thread;

pub fn map<T: Send, R: Send>(items: Vec<T>, _workers: usize, f: impl Fn(T) -> R + Sync) -> Vec<R> {
    let f = &f;
    let in_a_thread = |item| thread::scope(|scope| scope.spawn(move || f(item)).join().unwrap());
    items.into_iter().map(in_a_thread).collect()
}
