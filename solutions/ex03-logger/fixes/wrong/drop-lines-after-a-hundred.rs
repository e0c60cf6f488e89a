// Wrong: a hundred lines may wait, and the one after them is thrown away without a word.
use std::sync::mpsc::{self, SyncSender};
use std::thread::{self, JoinHandle};

pub struct Logger {
    lines: Option<SyncSender<String>>,
    writer: Option<JoinHandle<()>>,
}

impl Logger {
    pub fn start(mut sink: impl FnMut(String) + Send + 'static) -> Logger {
        let (lines, inbox) = mpsc::sync_channel(100);
        let writer = thread::spawn(move || inbox.into_iter().for_each(&mut sink));
        Logger { lines: Some(lines), writer: Some(writer) }
    }

    pub fn log(&self, line: &str) {
        let _ = self.lines.as_ref().unwrap().try_send(line.to_string());
    }
}

impl Drop for Logger {
    fn drop(&mut self) {
        self.lines = None;
        self.writer.take().unwrap().join().unwrap();
    }
}
