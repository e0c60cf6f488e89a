// Wrong: drop joins a writer that waits for the sender to go, and the sender goes only after drop.
use std::sync::mpsc::{self, Sender};
use std::thread::{Builder, JoinHandle};

pub struct Logger {
    lines: Sender<String>,
    writer: Option<JoinHandle<()>>,
}

impl Logger {
    pub fn start(mut sink: impl FnMut(String) + Send + 'static) -> Logger {
        let (lines, inbox) = mpsc::channel();
        let writer =
            Builder::new().name("writer".into()).spawn(move || inbox.iter().for_each(&mut sink)).unwrap();
        Logger { lines, writer: Some(writer) }
    }

    pub fn log(&self, line: &str) {
        self.lines.send(line.to_string()).unwrap();
    }
}

impl Drop for Logger {
    fn drop(&mut self) {
        self.writer.take().unwrap().join().unwrap();
    }
}
