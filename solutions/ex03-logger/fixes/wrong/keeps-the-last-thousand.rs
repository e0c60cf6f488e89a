// Wrong: "No line is lost."; while the disk is busy with one line, a thread logs 1,200 lines: the oldest 200 of them are thrown away.
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

const MOST: usize = 1000;

#[derive(Default)]
struct Inbox {
    lines: VecDeque<String>,
    closed: bool,
}

type Shared = Arc<(Mutex<Inbox>, Condvar)>;

fn next(shared: &Shared) -> Option<String> {
    let mut inbox = shared.0.lock().unwrap();
    loop {
        if let Some(line) = inbox.lines.pop_front() {
            return Some(line);
        }
        if inbox.closed {
            return None;
        }
        inbox = shared.1.wait(inbox).unwrap();
    }
}

/// Takes lines from any thread, and writes them one after another.
pub struct Logger {
    shared: Shared,
    writer: Option<JoinHandle<()>>,
}

impl Logger {
    /// Starts the thread that passes each line to `sink`.
    pub fn start(mut sink: impl FnMut(String) + Send + 'static) -> Logger {
        let shared = Shared::default();
        let inbox = Arc::clone(&shared);
        let writer = thread::Builder::new().name("writer".into());
        let writer = writer.spawn(move || {
            while let Some(line) = next(&inbox) {
                sink(line);
            }
        });
        Logger { shared, writer: Some(writer.unwrap()) }
    }

    /// Hands `line` over to the writer, and doesn't wait until it's written.
    pub fn log(&self, line: &str) {
        let mut inbox = self.shared.0.lock().unwrap();
        if inbox.lines.len() == MOST {
            // Keep the memory small: the newest lines are the ones that matter.
            inbox.lines.pop_front();
        }
        inbox.lines.push_back(line.to_string());
        self.shared.1.notify_one();
    }
}

impl Drop for Logger {
    fn drop(&mut self) {
        self.shared.0.lock().unwrap().closed = true;
        self.shared.1.notify_one();
        if let Some(writer) = self.writer.take() {
            writer.join().unwrap();
        }
    }
}
