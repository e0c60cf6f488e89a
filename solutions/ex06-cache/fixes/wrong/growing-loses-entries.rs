// Wrong: "Each key's value is computed once"; the home-made hash table doubles when it is half full, but puts the entries into the new table without looking for a free place: of two keys with the same place one is lost and computed again (keys 0, 16, 32 … 112: 8 entries, the 9th key makes the table grow to 32).
use std::sync::{Arc, Mutex, OnceLock};

type Entry = Option<(u32, Arc<OnceLock<u32>>)>;

struct Table {
    places: Vec<Entry>,
    used: usize,
}

impl Table {
    fn place(&self, key: u32) -> usize {
        let mask = self.places.len() - 1;
        let mut place = key as usize & mask;
        while self.places[place].as_ref().is_some_and(|entry| entry.0 != key) {
            place = (place + 1) & mask;
        }
        place
    }

    fn grow(&mut self) {
        let size = self.places.len() * 2;
        let mut places = vec![None; size];
        for entry in self.places.drain(..).flatten() {
            let place = entry.0 as usize & (size - 1);
            places[place] = Some(entry);
        }
        self.places = places;
    }

    fn cell(&mut self, key: u32) -> Arc<OnceLock<u32>> {
        let mut place = self.place(key);
        if self.places[place].is_none() {
            if self.used * 2 >= self.places.len() {
                self.grow();
                place = self.place(key);
            }
            self.used += 1;
        }
        Arc::clone(&self.places[place].get_or_insert_with(|| (key, Arc::default())).1)
    }
}

/// Remembers the value of each key.
pub struct Cache {
    table: Mutex<Table>,
}

impl Cache {
    /// Creates an empty cache.
    pub fn new() -> Self {
        Cache { table: Mutex::new(Table { places: vec![None; 16], used: 0 }) }
    }

    /// Returns the value of `key`. Only the first call computes it.
    pub fn get(&self, key: u32, compute: impl FnOnce() -> u32) -> u32 {
        let cell = self.table.lock().unwrap().cell(key);
        *cell.get_or_init(compute)
    }
}
