// Right: a sync_channel bounds the queue; hanging up and joining are the same.
use std::sync::mpsc::{self, SyncSender};
use std::thread::{self, JoinHandle};

pub struct Logger {
    lines: Option<SyncSender<String>>,
    writer: Option<JoinHandle<()>>,
}

impl Logger {
    pub fn start(mut sink: impl FnMut(String) + Send + 'static) -> Logger {
        let (lines, inbox) = mpsc::sync_channel(64);
        let writer = thread::spawn(move || {
            while let Ok(line) = inbox.recv() {
                sink(line);
            }
        });
        Logger { lines: Some(lines), writer: Some(writer) }
    }

    pub fn log(&self, line: &str) {
        self.lines.as_ref().unwrap().send(line.to_string()).unwrap();
    }
}

impl Drop for Logger {
    fn drop(&mut self) {
        self.lines = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}
