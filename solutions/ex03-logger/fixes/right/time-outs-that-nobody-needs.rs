// Right: the time-outs are never needed, since every line and the end wake the writer.
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

pub struct Logger {
    lines: Option<Sender<String>>,
    writer: Option<JoinHandle<()>>,
}

impl Logger {
    pub fn start(mut sink: impl FnMut(String) + Send + 'static) -> Logger {
        let (lines, inbox) = mpsc::channel();
        let writer = thread::spawn(move || {
            loop {
                match inbox.recv_timeout(Duration::from_millis(50)) {
                    Ok(line) => sink(line),
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => return,
                }
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
        self.writer.take().unwrap().join().unwrap();
    }
}
