// Wrong: the writer looks at the stop flag before the queue is empty, and leaves lines behind.
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc::{self, Sender};
use std::thread::{Builder, JoinHandle};

pub struct Logger {
    lines: Option<Sender<String>>,
    stop: Arc<AtomicBool>,
    writer: Option<JoinHandle<()>>,
}

impl Logger {
    pub fn start(mut sink: impl FnMut(String) + Send + 'static) -> Logger {
        let (lines, inbox) = mpsc::channel();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let write = move || {
            while !stopped.load(SeqCst) {
                let Ok(line) = inbox.recv() else { return };
                sink(line);
            }
        };
        let writer = Builder::new().name("writer".into()).spawn(write).unwrap();
        Logger { lines: Some(lines), stop, writer: Some(writer) }
    }

    pub fn log(&self, line: &str) {
        self.lines.as_ref().unwrap().send(line.to_string()).unwrap();
    }
}

impl Drop for Logger {
    fn drop(&mut self) {
        self.stop.store(true, SeqCst);
        self.lines.take();
        self.writer.take().unwrap().join().unwrap();
    }
}
