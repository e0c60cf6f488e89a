// Wrong: "A waiting thread sleeps, and is woken as soon as it can continue"; one Condvar for loggers and the writer, with notify_one: room 2 is full, four loggers wait, the writer takes both lines (wakes L3, L4) and waits itself; L3 and L4 fill the queue and their notify_one wake L5 and L6, which wait again: all sleep forever.
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

#[derive(Default)]
struct State {
    queue: VecDeque<String>,
    closed: bool,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

/// Takes lines from any thread, and writes them one after another.
pub struct Logger {
    shared: Arc<Shared>,
    writer: Option<JoinHandle<()>>,
}

const ROOM: usize = 2;

impl Logger {
    /// Starts the thread that passes each line to `sink`.
    pub fn start(mut sink: impl FnMut(String) + Send + 'static) -> Logger {
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        let writer = thread::spawn(move || {
            loop {
                let mut state = theirs.state.lock().unwrap();
                while state.queue.is_empty() && !state.closed {
                    state = theirs.changed.wait(state).unwrap();
                }
                let Some(line) = state.queue.pop_front() else { return };
                drop(state);
                theirs.changed.notify_one();
                sink(line);
            }
        });
        Logger { shared, writer: Some(writer) }
    }

    /// Hands `line` over to the writer, and doesn't wait until it's written.
    pub fn log(&self, line: &str) {
        let mut state = self.shared.state.lock().unwrap();
        while state.queue.len() == ROOM {
            state = self.shared.changed.wait(state).unwrap();
        }
        state.queue.push_back(line.to_string());
        drop(state);
        self.shared.changed.notify_one();
    }
}

impl Drop for Logger {
    fn drop(&mut self) {
        self.shared.state.lock().unwrap().closed = true;
        self.shared.changed.notify_one();
        self.writer.take().unwrap().join().unwrap();
    }
}
