// Wrong: drop asks again and again whether the writer has ended, but nobody has told the writer to.
use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle, yield_now};

pub struct Logger {
    lines: Sender<String>,
    writer: JoinHandle<()>,
}

impl Logger {
    pub fn start(mut sink: impl FnMut(String) + Send + 'static) -> Logger {
        let (lines, inbox) = mpsc::channel();
        let writer = thread::spawn(move || inbox.into_iter().for_each(&mut sink));
        Logger { lines, writer }
    }

    pub fn log(&self, line: &str) {
        self.lines.send(line.to_string()).unwrap();
    }
}

impl Drop for Logger {
    fn drop(&mut self) {
        while !self.writer.is_finished() {
            yield_now();
        }
    }
}
