//! The demos' own pages, taken in once more with explored threads, and two small pages that only this game needs.

#[path = "../../../condvar/src/lib.rs"]
pub mod condvar;
#[path = "../../../deadlock/src/lib.rs"]
pub mod deadlock;
#[path = "../../../event/src/lib.rs"]
pub mod event;
#[path = "../../../mutex-fix/src/lib.rs"]
pub mod mutex_fix;
#[path = "../../../race-condition/src/lib.rs"]
pub mod race_condition;
#[path = "../../../rwlock/src/lib.rs"]
pub mod rwlock;
#[path = "../../../semaphore/src/lib.rs"]
pub mod semaphore;

#[path = "barrier_reused.rs"]
pub mod barrier_reused;
#[path = "philosophers.rs"]
pub mod philosophers;
