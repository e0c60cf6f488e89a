// Right: a thread-local whose initialiser takes the next number from a Mutex.
use std::sync::Mutex;

static NEXT: Mutex<usize> = Mutex::new(1);

thread_local! {
    static MY_ID: usize = {
        let mut next = NEXT.lock().unwrap();
        *next += 1;
        *next - 1
    };
}

pub fn my_id() -> usize {
    MY_ID.with(|id| *id)
}
