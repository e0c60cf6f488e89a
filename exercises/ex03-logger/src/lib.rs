// A logger with a thread that writes its lines, so that no caller waits for the disk.
use std::sync::mpsc::{self, Sender};
use std::thread;

/// Takes lines from any thread, and writes them one after another.
pub struct Logger {
    lines: Sender<String>,
}

impl Logger {
    /// Starts the thread that passes each line to `sink`.
    pub fn start(mut sink: impl FnMut(String) + Send + 'static) -> Logger {
        let (lines, inbox) = mpsc::channel();
        let writer = thread::Builder::new().name("writer".into());
        // TODO: once the logger has been dropped, every line must have been written.
        let _detached = writer.spawn(move || {
            for line in inbox {
                sink(line);
            }
        });
        Logger { lines }
    }

    /// Hands `line` over to the writer, and doesn't wait until it's written.
    pub fn log(&self, line: &str) {
        self.lines.send(line.to_string()).unwrap();
    }
}
