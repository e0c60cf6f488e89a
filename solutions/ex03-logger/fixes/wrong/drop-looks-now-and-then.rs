// Wrong: drop sleeps and looks now and then whether the writer has ended, in place of joining it.
use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle};

pub struct Logger {
    lines: Option<Sender<String>>,
    writer: Option<JoinHandle<()>>,
}

impl Logger {
    pub fn start(mut sink: impl FnMut(String) + Send + 'static) -> Logger {
        let (lines, inbox) = mpsc::channel();
        let writer = thread::spawn(move || inbox.into_iter().for_each(&mut sink));
        Logger { lines: Some(lines), writer: Some(writer) }
    }

    pub fn log(&self, line: &str) {
        self.lines.as_ref().unwrap().send(line.to_string()).unwrap();
    }
}

impl Drop for Logger {
    fn drop(&mut self) {
        self.lines = None;
        let writer = self.writer.take().unwrap();
        while !writer.is_finished() {
            thread::sleep(std::time::Duration::from_millis(1));
        }
        writer.join().unwrap();
    }
}
