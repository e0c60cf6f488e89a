// Wrong: a thread for each line loses nothing, but the lines are written in any order.
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

pub struct Logger {
    sink: Arc<Mutex<Box<dyn FnMut(String) + Send>>>,
    writers: Mutex<Vec<JoinHandle<()>>>,
}

impl Logger {
    pub fn start(sink: impl FnMut(String) + Send + 'static) -> Logger {
        Logger { sink: Arc::new(Mutex::new(Box::new(sink))), writers: Mutex::new(vec![]) }
    }

    pub fn log(&self, line: &str) {
        let (sink, line) = (Arc::clone(&self.sink), line.to_string());
        let writer = thread::spawn(move || (sink.lock().unwrap())(line));
        self.writers.lock().unwrap().push(writer);
    }
}

impl Drop for Logger {
    fn drop(&mut self) {
        for writer in self.writers.lock().unwrap().drain(..) {
            writer.join().unwrap();
        }
    }
}
