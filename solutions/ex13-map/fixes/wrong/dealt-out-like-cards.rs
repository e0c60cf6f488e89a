// Wrong: the items are dealt out beforehand, so one waits behind a slow one although another worker is free.
use std::thread;

pub fn map<T: Send, R: Send>(items: Vec<T>, workers: usize, f: impl Fn(T) -> R + Sync) -> Vec<R> {
    let mut hands: Vec<Vec<T>> = (0..workers).map(|_| vec![]).collect();
    let count = items.len();
    for (place, item) in items.into_iter().enumerate() {
        hands[place % workers].push(item);
    }
    let f = &f;
    thread::scope(|scope| {
        let work = |hand: Vec<T>| scope.spawn(move || hand.into_iter().map(f).collect::<Vec<R>>());
        let workers: Vec<_> = hands.into_iter().map(work).collect();
        let mut results: Vec<_> =
            workers.into_iter().map(|worker| worker.join().unwrap().into_iter()).collect();
        let hands = results.len();
        (0..count).map(|place| results[place % hands].next().unwrap()).collect()
    })
}
