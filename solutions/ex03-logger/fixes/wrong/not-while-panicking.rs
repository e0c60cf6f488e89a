// Wrong: when the logger is dropped because its thread panics, the writer isn't joined and the last lines are lost.
use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle};

pub struct Logger {
    lines: Option<Sender<String>>,
    writer: Option<JoinHandle<()>>,
}

impl Logger {
    pub fn start(mut sink: impl FnMut(String) + Send + 'static) -> Logger {
        let (lines, inbox) = mpsc::channel();
        let writer = thread::Builder::new().name("writer".into());
        let writer = writer
            .spawn(move || {
                for line in inbox {
                    sink(line);
                }
            })
            .unwrap();
        Logger { lines: Some(lines), writer: Some(writer) }
    }

    pub fn log(&self, line: &str) {
        self.lines.as_ref().unwrap().send(line.to_string()).unwrap();
    }
}

impl Drop for Logger {
    fn drop(&mut self) {
        drop(self.lines.take());
        // A second panic would abort the program, so don't unwrap anything now.
        if thread::panicking() {
            return;
        }
        self.writer.take().unwrap().join().unwrap();
    }
}
