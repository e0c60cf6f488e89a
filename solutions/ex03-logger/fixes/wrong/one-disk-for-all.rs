// Wrong: "A waiting thread ... is woken as soon as it can continue" / "dropping the logger returns when every line has been written"; two loggers: the sink of the first waits until the second one has written a line (or logs to it and drops it): the second's writer waits for the static lock that the first's writer holds: deadlock. Nothing in the README ties one logger's sink to another's.
use std::sync::Mutex;
use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle};

static DISK: Mutex<()> = Mutex::new(());

/// Takes lines from any thread, and writes them one after another.
pub struct Logger {
    lines: Option<Sender<String>>,
    writer: Option<JoinHandle<()>>,
}

impl Logger {
    /// Starts the thread that passes each line to `sink`.
    pub fn start(mut sink: impl FnMut(String) + Send + 'static) -> Logger {
        let (lines, inbox) = mpsc::channel();
        let writer = thread::Builder::new().name("writer".into());
        let writer = writer.spawn(move || {
            for line in inbox {
                // There's only one disk: the lines of two loggers must not be mixed up.
                let _disk = DISK.lock().unwrap();
                sink(line);
            }
        });
        Logger { lines: Some(lines), writer: Some(writer.unwrap()) }
    }

    /// Hands `line` over to the writer, and doesn't wait until it's written.
    pub fn log(&self, line: &str) {
        self.lines.as_ref().unwrap().send(line.to_string()).unwrap();
    }
}

impl Drop for Logger {
    fn drop(&mut self) {
        self.lines.take();
        if let Some(writer) = self.writer.take() {
            writer.join().unwrap();
        }
    }
}
