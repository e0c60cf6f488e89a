// Right: a VecDeque under a lock with a condition variable; closed counts only once the queue is empty.
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

struct Queue {
    lines: VecDeque<String>,
    closed: bool,
}

pub struct Logger {
    queue: Arc<(Mutex<Queue>, Condvar)>,
    writer: Option<JoinHandle<()>>,
}

impl Logger {
    pub fn start(mut sink: impl FnMut(String) + Send + 'static) -> Logger {
        let queue = Arc::new((Mutex::new(Queue { lines: VecDeque::new(), closed: false }), Condvar::new()));
        let mine = Arc::clone(&queue);
        let writer = thread::spawn(move || {
            let (queue, changed) = &*mine;
            let mut queue = queue.lock().unwrap();
            loop {
                if let Some(line) = queue.lines.pop_front() {
                    drop(queue);
                    sink(line);
                    queue = mine.0.lock().unwrap();
                } else if queue.closed {
                    return;
                } else {
                    queue = changed.wait(queue).unwrap();
                }
            }
        });
        Logger { queue, writer: Some(writer) }
    }

    pub fn log(&self, line: &str) {
        self.queue.0.lock().unwrap().lines.push_back(line.to_string());
        self.queue.1.notify_one();
    }
}

impl Drop for Logger {
    fn drop(&mut self) {
        self.queue.0.lock().unwrap().closed = true;
        self.queue.1.notify_one();
        self.writer.take().unwrap().join().unwrap();
    }
}
