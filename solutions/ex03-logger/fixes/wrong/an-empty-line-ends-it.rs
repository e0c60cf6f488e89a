// Wrong: an empty line means that no more lines will come, but a caller may log one.
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
            for line in inbox {
                if line.is_empty() {
                    break;
                }
                sink(line);
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
        let lines = self.lines.take().unwrap();
        let _ = lines.send(String::new());
        let _ = self.writer.take().unwrap().join();
    }
}
