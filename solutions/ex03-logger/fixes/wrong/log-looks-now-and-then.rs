// Wrong: when the queue is full, log sleeps and looks now and then whether there is room.
use std::sync::mpsc::{self, SyncSender, TrySendError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

pub struct Logger {
    lines: Option<SyncSender<String>>,
    writer: Option<JoinHandle<()>>,
}

impl Logger {
    pub fn start(mut sink: impl FnMut(String) + Send + 'static) -> Logger {
        let (lines, inbox) = mpsc::sync_channel(16);
        let writer = thread::spawn(move || inbox.into_iter().for_each(&mut sink));
        Logger { lines: Some(lines), writer: Some(writer) }
    }

    pub fn log(&self, line: &str) {
        let lines = self.lines.as_ref().unwrap();
        let mut line = line.to_string();
        while let Err(TrySendError::Full(back)) = lines.try_send(line) {
            line = back;
            thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Drop for Logger {
    fn drop(&mut self) {
        self.lines = None;
        self.writer.take().unwrap().join().unwrap();
    }
}
