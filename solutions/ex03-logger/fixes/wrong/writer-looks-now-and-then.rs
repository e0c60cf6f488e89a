// Wrong: the writer sleeps and looks now and then whether there is a line.
use std::sync::mpsc::{self, Sender, TryRecvError};
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
                match inbox.try_recv() {
                    Ok(line) => sink(line),
                    Err(TryRecvError::Empty) => thread::sleep(Duration::from_millis(1)),
                    Err(TryRecvError::Disconnected) => return,
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
