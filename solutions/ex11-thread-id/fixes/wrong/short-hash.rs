// Wrong: there are a thousand short hashes, and soon two threads have the same.
use std::hash::{DefaultHasher, Hash, Hasher};
use std::thread::current;

pub fn my_id() -> usize {
    let mut hasher = DefaultHasher::new();
    current().id().hash(&mut hasher);
    (hasher.finish() % 1000) as usize
}
