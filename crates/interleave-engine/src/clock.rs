//! What happened before what.

use crate::thread::Tid;

/// What happened before: the number of steps of each thread (a vector clock).
#[derive(Clone, Default, Debug, PartialEq, Eq)]
pub struct Clock(Vec<u32>);

impl Clock {
    /// What `other` knows is known here too.
    pub fn join(&mut self, other: &Clock) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        self.0.iter_mut().zip(&other.0).for_each(|(mine, theirs)| *mine = *theirs.max(mine));
    }

    /// Whether `other` knows all that is known here.
    pub fn is_before(&self, other: &Clock) -> bool {
        self.0.iter().enumerate().all(|(i, n)| *n <= other.0.get(i).copied().unwrap_or(0))
    }

    /// The thread does something that no other thread can notice.
    pub fn tick(&mut self, tid: Tid) {
        if self.0.len() <= tid {
            self.0.resize(tid + 1, 0);
        }
        self.0[tid] += 1;
    }
}
