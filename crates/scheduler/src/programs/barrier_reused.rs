//! A barrier that counts who has arrived, and nothing else. Good for one meeting; it is meant for two.

use std::sync::{Condvar, Mutex};

/// A home-made barrier for so many threads.
pub struct Barrier {
    threads: usize,
    arrived: Mutex<usize>,
    everybody: Condvar,
}

impl Barrier {
    /// Nobody has arrived yet.
    pub fn new(threads: usize) -> Barrier {
        Barrier { threads, arrived: Mutex::new(0), everybody: Condvar::new() }
    }

    /// Wrong: a hiker who sleeps takes "no hiker has arrived" for "all hikers have been here", and the next meeting has begun.
    pub fn wait(&self) {
        let mut arrived = self.arrived.lock().unwrap();
        *arrived += 1;
        if *arrived == self.threads {
            *arrived = 0;
            self.everybody.notify_all();
        }
        while *arrived != 0 {
            arrived = self.everybody.wait(arrived).unwrap();
        }
    }
}

/// A barrier that can be used again: it counts its meetings.
pub struct WithGenerations {
    threads: usize,
    /// The number of the meeting, and how many threads have arrived for it.
    meeting: Mutex<(usize, usize)>,
    everybody: Condvar,
}

impl WithGenerations {
    /// Creates a barrier for this many threads.
    pub fn new(threads: usize) -> WithGenerations {
        WithGenerations { threads, meeting: Mutex::new((0, 0)), everybody: Condvar::new() }
    }

    /// Blocks until all threads have arrived. A thread waits for the end of its own meeting.
    pub fn wait(&self) {
        let mut meeting = self.meeting.lock().unwrap();
        let mine = meeting.0;
        meeting.1 += 1;
        if meeting.1 == self.threads {
            *meeting = (mine + 1, 0);
            self.everybody.notify_all();
        }
        while meeting.0 == mine {
            meeting = self.everybody.wait(meeting).unwrap();
        }
    }
}
