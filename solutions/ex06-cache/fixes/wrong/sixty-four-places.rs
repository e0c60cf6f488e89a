// Wrong: there are 64 places for values, and a key that belongs to the same place pushes the older one out.
use std::sync::Mutex;

pub struct Cache {
    places: [Mutex<Option<(u32, u32)>>; 64],
}

impl Cache {
    pub fn new() -> Self {
        Cache { places: [const { Mutex::new(None) }; 64] }
    }

    pub fn get(&self, key: u32, compute: impl FnOnce() -> u32) -> u32 {
        let mut place = self.places[key as usize % 64].lock().unwrap();
        match *place {
            Some((known, value)) if known == key => value,
            _ => {
                let value = compute();
                *place = Some((key, value));
                value
            }
        }
    }
}
