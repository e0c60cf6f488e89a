// Wrong: the writer takes all lines at once, then wakes only one of the callers that wait for room.
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

const ROOM: usize = 16;

#[derive(Default)]
struct Queue {
    state: Mutex<(VecDeque<String>, bool)>,
    not_empty: Condvar,
    not_full: Condvar,
}

pub struct Logger {
    queue: Arc<Queue>,
    writer: Option<JoinHandle<()>>,
}

impl Logger {
    pub fn start(mut sink: impl FnMut(String) + Send + 'static) -> Logger {
        let queue = Arc::new(Queue::default());
        let theirs = Arc::clone(&queue);
        let write_all = move || {
            loop {
                let state = theirs.state.lock().unwrap();
                let mut state = theirs.not_empty.wait_while(state, |s| s.0.is_empty() && !s.1).unwrap();
                let lines = std::mem::take(&mut state.0);
                let closed = state.1;
                drop(state);
                theirs.not_full.notify_one();
                if lines.is_empty() && closed {
                    return;
                }
                lines.into_iter().for_each(&mut sink);
            }
        };
        Logger { queue, writer: Some(thread::spawn(write_all)) }
    }

    pub fn log(&self, line: &str) {
        let state = self.queue.state.lock().unwrap();
        let mut state = self.queue.not_full.wait_while(state, |s| s.0.len() == ROOM).unwrap();
        state.0.push_back(line.to_string());
        self.queue.not_empty.notify_one();
    }
}

impl Drop for Logger {
    fn drop(&mut self) {
        self.queue.state.lock().unwrap().1 = true;
        self.queue.not_empty.notify_one();
        let _ = self.writer.take().unwrap().join();
    }
}
