// Wrong: drop sleeps for a while instead of waiting for the writer, which is never joined.
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::Duration;

pub struct Logger {
    lines: Option<Sender<String>>,
}

impl Logger {
    pub fn start(mut sink: impl FnMut(String) + Send + 'static) -> Logger {
        let (lines, inbox) = mpsc::channel();
        thread::spawn(move || inbox.iter().for_each(&mut sink));
        Logger { lines: Some(lines) }
    }

    pub fn log(&self, line: &str) {
        self.lines.as_ref().unwrap().send(line.to_string()).unwrap();
    }
}

impl Drop for Logger {
    fn drop(&mut self) {
        self.lines.take();
        thread::sleep(Duration::from_millis(200));
    }
}
