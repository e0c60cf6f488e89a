// Wrong: "hands a line over, and doesn't wait until that line is written"; the guard in the `while let` lives through its body: the first line is written without the lock, but while the second is on the disk, log waits for the lock.
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
                let Some(first) = state.queue.pop_front() else { return };
                drop(state);
                sink(first);
                // Whatever has come in meanwhile:
                while let Some(line) = theirs.state.lock().unwrap().queue.pop_front() {
                    sink(line);
                }
            }
        });
        Logger { shared, writer: Some(writer) }
    }

    /// Hands `line` over to the writer, and doesn't wait until it's written.
    pub fn log(&self, line: &str) {
        self.shared.state.lock().unwrap().queue.push_back(line.to_string());
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
