// A logger whose lines are written by a thread of its own, so that nobody waits for the disk.
//
// Why this: dropping the sender is the message "no more lines". The writer still receives all that was sent before,
// then its loop ends, and `join` returns. The order matters: join first, and both wait for ever.
//
// What else would do: a message `Stop` at the end of the same queue; a `Mutex<VecDeque>` with a condition variable and
// a flag `closed` that counts only when the queue is empty.
//
// What it costs: whoever drops the logger waits until the disk has caught up, and the queue grows as long as callers
// are faster than the disk. `sync_channel` bounds it: then `log` waits when the queue is full.
use std::sync::mpsc::{self, Sender};
use std::thread::{Builder, JoinHandle};

/// Takes lines from any thread, and writes them one after the other.
pub struct Logger {
    lines: Option<Sender<String>>,
    writer: Option<JoinHandle<()>>,
}

impl Logger {
    /// Starts the thread that hands each line to `sink`.
    pub fn start(mut sink: impl FnMut(String) + Send + 'static) -> Logger {
        let (lines, inbox) = mpsc::channel();
        let write_all = move || {
            for line in inbox {
                sink(line);
            }
        };
        let writer = Builder::new().name("writer".into()).spawn(write_all).unwrap();
        Logger { lines: Some(lines), writer: Some(writer) }
    }

    /// Hands `line` over to the writer, without waiting until it is written.
    pub fn log(&self, line: &str) {
        let lines = self.lines.as_ref().expect("only drop takes the sender");
        lines.send(line.to_string()).expect("the writer receives until the sender is dropped");
    }
}

impl Drop for Logger {
    /// Returns when every line is written.
    fn drop(&mut self) {
        drop(self.lines.take());
        if let Some(writer) = self.writer.take() {
            // If the sink has panicked, its message is out already; a panic in a drop could end the process.
            let _ = writer.join();
        }
    }
}
