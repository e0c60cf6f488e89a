// Wrong: four items in pieces of two keep two workers busy; the third that was asked for has nothing to do.
use std::thread;

pub fn map<T: Send, R: Send>(items: Vec<T>, workers: usize, f: impl Fn(T) -> R + Sync) -> Vec<R> {
    let size = items.len().div_ceil(workers).max(1);
    let mut items = items.into_iter();
    let f = &f;
    thread::scope(|scope| {
        let mut threads = vec![];
        loop {
            let piece: Vec<T> = items.by_ref().take(size).collect();
            if piece.is_empty() {
                break;
            }
            threads.push(scope.spawn(move || piece.into_iter().map(f).collect::<Vec<R>>()));
        }
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}
