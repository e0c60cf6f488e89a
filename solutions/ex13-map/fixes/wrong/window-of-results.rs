// Wrong: "As long as there are enough items, exactly that many are [in work]"; nobody may be 4 *
// workers items ahead of the oldest unfinished item: while item 0 is slow, the other workers do 4 *
// workers - 1 items and then wait for it.
use std::sync::{Condvar, Mutex};
use std::thread;

struct State<T, R> {
    items: std::iter::Enumerate<std::vec::IntoIter<T>>,
    taken: usize,
    oldest: usize,
    results: Vec<Option<R>>,
    panicked: bool,
}

struct Watch<'a, T, R>(&'a Mutex<State<T, R>>, &'a Condvar);

impl<T, R> Drop for Watch<'_, T, R> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.lock().unwrap().panicked = true;
            self.1.notify_all();
        }
    }
}

pub fn map<T: Send, R: Send>(items: Vec<T>, workers: usize, f: impl Fn(T) -> R + Sync) -> Vec<R> {
    let window = workers.saturating_mul(4);
    let results = items.iter().map(|_| None).collect();
    let state = Mutex::new(State {
        items: items.into_iter().enumerate(),
        taken: 0,
        oldest: 0,
        results,
        panicked: false,
    });
    let moved = Condvar::new();
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                let _watch = Watch(&state, &moved);
                loop {
                    let next = {
                        let guard = state.lock().unwrap();
                        // Don't pile up results that nobody can use yet.
                        let mut guard =
                            moved.wait_while(guard, |s| s.taken - s.oldest >= window && !s.panicked).unwrap();
                        let next = guard.items.next();
                        guard.taken += usize::from(next.is_some());
                        next
                    };
                    let Some((place, item)) = next else { return };
                    let result = f(item);
                    let mut guard = state.lock().unwrap();
                    guard.results[place] = Some(result);
                    while guard.results.get(guard.oldest).is_some_and(|slot| slot.is_some()) {
                        guard.oldest += 1;
                    }
                    moved.notify_all();
                }
            });
        }
    });
    state.into_inner().unwrap().results.into_iter().map(|slot| slot.unwrap()).collect()
}
