// Wrong: each round waits for the slowest of the one before it, while the other workers have nothing to do.
use std::thread;

pub fn map<T: Send, R: Send>(items: Vec<T>, workers: usize, f: impl Fn(T) -> R + Sync) -> Vec<R> {
    let f = &f;
    let mut results = vec![];
    let mut items = items.into_iter().peekable();
    while items.peek().is_some() {
        thread::scope(|scope| {
            let round: Vec<_> =
                items.by_ref().take(workers).map(|item| scope.spawn(move || f(item))).collect();
            results.extend(round.into_iter().map(|worker| worker.join().unwrap()));
        });
    }
    results
}
