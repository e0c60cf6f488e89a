// Wrong: drop waits until the queue is empty, but the last line has only been taken out of it, not written.
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

pub struct Logger {
    queue: Arc<(Mutex<VecDeque<String>>, Condvar)>,
}

impl Logger {
    pub fn start(mut sink: impl FnMut(String) + Send + 'static) -> Logger {
        let queue = Arc::new((Mutex::new(VecDeque::new()), Condvar::new()));
        let mine: Arc<(Mutex<VecDeque<String>>, Condvar)> = Arc::clone(&queue);
        thread::spawn(move || {
            loop {
                let lines = mine.1.wait_while(mine.0.lock().unwrap(), |lines| lines.is_empty()).unwrap();
                let line = { lines }.pop_front().unwrap();
                mine.1.notify_all();
                sink(line);
            }
        });
        Logger { queue }
    }

    pub fn log(&self, line: &str) {
        self.queue.0.lock().unwrap().push_back(line.to_string());
        self.queue.1.notify_all();
    }
}

impl Drop for Logger {
    fn drop(&mut self) {
        drop(self.queue.1.wait_while(self.queue.0.lock().unwrap(), |lines| !lines.is_empty()).unwrap());
    }
}
