// Wrong: a line that is the same as the one before it is left out.
use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle};

pub struct Logger {
    lines: Option<Sender<String>>,
    writer: Option<JoinHandle<()>>,
}

impl Logger {
    pub fn start(mut sink: impl FnMut(String) + Send + 'static) -> Logger {
        let (lines, inbox) = mpsc::channel::<String>();
        let write_all = move || {
            let mut last = None;
            for line in inbox {
                if last.as_ref() != Some(&line) {
                    last = Some(line.clone());
                    sink(line);
                }
            }
        };
        Logger { lines: Some(lines), writer: Some(thread::spawn(write_all)) }
    }

    pub fn log(&self, line: &str) {
        self.lines.as_ref().unwrap().send(line.to_string()).unwrap();
    }
}

impl Drop for Logger {
    fn drop(&mut self) {
        drop(self.lines.take());
        let _ = self.writer.take().unwrap().join();
    }
}
