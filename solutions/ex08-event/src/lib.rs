// An event: threads wait until it is set, and from then on nobody waits any more.
//
// Why this: the flag is what is remembered, the notification only wakes those who sleep. Who looks before the flag changes
// is asleep, or on the way there under the lock, when the notification comes. Who looks later sees the flag.
//
// What else would do: a `OnceLock<()>`, whose `wait` does all of this; a channel whose sender is dropped.
//
// What it costs: after the event each `wait` still takes the lock for a moment. An `AtomicBool` that is looked at first
// saves that where it matters.
use std::sync::{Condvar, Mutex};

/// Not set at first, then set for good.
pub struct Event {
    is_set: Mutex<bool>,
    changed: Condvar,
}

impl Event {
    /// An event that is not set.
    pub fn new() -> Self {
        Event { is_set: Mutex::new(false), changed: Condvar::new() }
    }

    /// Sets the event, and wakes all who wait for it.
    pub fn set(&self) {
        *self.is_set.lock().unwrap() = true;
        // The lock is free again: those who are woken need it, and would wait for it otherwise.
        self.changed.notify_all();
    }

    /// Waits until the event is set.
    pub fn wait(&self) {
        let is_set = self.is_set.lock().unwrap();
        drop(self.changed.wait_while(is_set, |is_set| !*is_set).unwrap());
    }
}
