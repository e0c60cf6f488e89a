// Wrong: names need not differ, and some threads have none.
use std::thread::current;

pub fn my_id() -> usize {
    current().name().unwrap_or("").bytes().fold(7, |hash, byte| hash * 31 % 1_000_003 + byte as usize)
}
