// Wrong: the writer ends when the queue is empty for a moment, and later lines have no reader.
use std::sync::mpsc::{self, Sender};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

pub struct Logger {
    lines: Option<Sender<String>>,
    writer: Option<JoinHandle<()>>,
}

impl Logger {
    pub fn start(mut sink: impl FnMut(String) + Send + 'static) -> Logger {
        let (lines, inbox) = mpsc::channel();
        let write = move || {
            while let Ok(line) = inbox.recv_timeout(Duration::from_secs(60)) {
                sink(line);
            }
        };
        let writer = Builder::new().name("writer".into()).spawn(write).unwrap();
        Logger { lines: Some(lines), writer: Some(writer) }
    }

    pub fn log(&self, line: &str) {
        let _ = self.lines.as_ref().unwrap().send(line.to_string());
    }
}

impl Drop for Logger {
    fn drop(&mut self) {
        self.lines.take();
        self.writer.take().unwrap().join().unwrap();
    }
}
