// Wrong: each thread loads and stores in a cell of its own, but the ninth shares one with the first.
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

static NEXT: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static CELL: usize = NEXT.fetch_add(1, Relaxed) % 8;
}

pub struct Counter {
    cells: [AtomicUsize; 8],
}

impl Counter {
    pub fn new() -> Self {
        Counter { cells: Default::default() }
    }

    pub fn add(&self) {
        let cell = CELL.with(|cell| &self.cells[*cell]);
        cell.store(cell.load(Relaxed) + 1, Relaxed);
    }

    pub fn get(&self) -> usize {
        self.cells.iter().map(|cell| cell.load(Relaxed)).sum()
    }
}
