//! A database connection has one transaction at a time, whichever thread began it.

use std::sync::Mutex;

/// How many rows are pending, and how many are saved.
pub type Rows = (u32, u32);

fn insert((pending, _): &mut Rows) {
    *pending += 1;
}

fn commit((pending, saved): &mut Rows) {
    *saved += *pending;
    *pending = 0;
}

fn roll_back((pending, _): &mut Rows) {
    *pending = 0;
}

/// Inserts a row and commits.
pub fn save(rows: &Mutex<Rows>) {
    insert(&mut rows.lock().unwrap());
    commit(&mut rows.lock().unwrap());
}

/// Inserts a row and takes it back.
pub fn try_out(rows: &Mutex<Rows>) {
    insert(&mut rows.lock().unwrap());
    roll_back(&mut rows.lock().unwrap());
}
