// A hiker for whom nobody else is wanted waits for a second, to be woken by nobody.
use std::sync::{Condvar, Mutex};
pub struct Barrier {
    size: usize,
    state: Mutex<(usize, usize)>,
    c: Condvar,
}
impl Barrier {
    pub fn new(size: usize) -> Self {
        Barrier { size, state: Mutex::new((0, 0)), c: Condvar::new() }
    }
    pub fn wait(&self) {
        let mut s = self.state.lock().unwrap();
        let mine = s.1;
        s.0 += 1;
        if s.0 == self.size {
            *s = (0, mine + 1);
            self.c.notify_all();
        }
        s = self.c.wait_while(s, |s| s.1 == mine).unwrap();
        if self.size == 1 {
            drop(self.c.wait(s));
        }
    }
}
