// Wrong: "As long as there are enough items, exactly `workers` items are in progress."; an idle worker steals only from its right neighbour: with 3 workers and 9 items, item 2 (worker 2) stays slow while worker 0 empties itself and worker 1's list, ends, and leaves items 5 and 8 waiting behind item 2.
use std::collections::VecDeque;
use std::sync::Mutex;
use std::thread;

/// Calls `f` with each item, on `workers` threads (at least one). Returns the results in the
/// order of the items.
pub fn map<T: Send, R: Send>(items: Vec<T>, workers: usize, f: impl Fn(T) -> R + Sync) -> Vec<R> {
    let workers = workers.min(items.len().max(1));
    let mut lists: Vec<VecDeque<(usize, T)>> = (0..workers).map(|_| VecDeque::new()).collect();
    for (place, item) in items.into_iter().enumerate() {
        lists[place % workers].push_back((place, item));
    }
    let lists: Vec<Mutex<VecDeque<(usize, T)>>> = lists.into_iter().map(Mutex::new).collect();
    let results = Mutex::new(vec![]);
    let take = |me: usize| {
        let own = lists[me].lock().unwrap().pop_front();
        if own.is_some() {
            return own;
        }
        // Nothing left here: steal from the neighbour.
        lists[(me + 1) % workers].lock().unwrap().pop_back()
    };
    thread::scope(|scope| {
        for me in 0..workers {
            let (take, f, results) = (&take, &f, &results);
            scope.spawn(move || {
                while let Some((place, item)) = take(me) {
                    let result = f(item);
                    results.lock().unwrap().push((place, result));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap();
    results.sort_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}
