// Wrong: a Vec that is popped hands out the newest line first, so the order is lost.
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{Builder, JoinHandle};

struct Queue {
    lines: Mutex<(Vec<String>, bool)>,
    changed: Condvar,
}

pub struct Logger {
    queue: Arc<Queue>,
    writer: Option<JoinHandle<()>>,
}

impl Logger {
    pub fn start(mut sink: impl FnMut(String) + Send + 'static) -> Logger {
        let queue = Arc::new(Queue { lines: Mutex::new((vec![], false)), changed: Condvar::new() });
        let mine = Arc::clone(&queue);
        let write = move || loop {
            let lines = mine.lines.lock().unwrap();
            let mut lines =
                mine.changed.wait_while(lines, |(lines, closed)| lines.is_empty() && !*closed).unwrap();
            let Some(line) = lines.0.pop() else { return };
            drop(lines);
            sink(line);
        };
        let writer = Builder::new().name("writer".into()).spawn(write).unwrap();
        Logger { queue, writer: Some(writer) }
    }

    pub fn log(&self, line: &str) {
        self.queue.lines.lock().unwrap().0.push(line.to_string());
        self.queue.changed.notify_one();
    }
}

impl Drop for Logger {
    fn drop(&mut self) {
        self.queue.lines.lock().unwrap().1 = true;
        self.queue.changed.notify_one();
        self.writer.take().unwrap().join().unwrap();
    }
}
