// A logger whose lines are written by a thread of its own, so that nobody waits for the disk.
use std::sync::mpsc::{self, Sender};
use std::thread;

/// Takes lines from any thread, and writes them one after the other.
pub struct Logger {
    lines: Sender<String>,
}

impl Logger {
    /// Starts the thread that hands each line to `sink`.
    pub fn start(mut sink: impl FnMut(String) + Send + 'static) -> Logger {
        let (lines, inbox) = mpsc::channel();
        let writer = thread::Builder::new().name("writer".into());
        // TODO: nobody waits for the writer: when the logger is dropped, every line must have been written.
        let _detached = writer.spawn(move || {
            for line in inbox {
                sink(line);
            }
        });
        Logger { lines }
    }

    /// Hands `line` over to the writer, without waiting until it is written.
    pub fn log(&self, line: &str) {
        self.lines.send(line.to_string()).unwrap();
    }
}
