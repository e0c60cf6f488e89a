// Right: a OnceLock, whose wait returns when there is a value.
use std::sync::OnceLock;

pub struct Event {
    set: OnceLock<()>,
}

impl Event {
    pub fn new() -> Self {
        Event { set: OnceLock::new() }
    }

    pub fn set(&self) {
        self.set.get_or_init(|| ());
    }

    pub fn wait(&self) {
        self.set.wait();
    }
}
