// Wrong: "No line is lost."; 512 lines of room, and the 513th line that is logged while the disk is busy is thrown away.
use std::sync::mpsc::{self, SyncSender};
use std::thread::{self, JoinHandle};

/// Takes lines from any thread, and writes them one after another.
pub struct Logger {
    lines: Option<SyncSender<String>>,
    writer: Option<JoinHandle<()>>,
}

impl Logger {
    /// Starts the thread that passes each line to `sink`.
    pub fn start(mut sink: impl FnMut(String) + Send + 'static) -> Logger {
        let (lines, inbox) = mpsc::sync_channel(512);
        let writer = thread::spawn(move || {
            for line in inbox {
                sink(line);
            }
        });
        Logger { lines: Some(lines), writer: Some(writer) }
    }

    /// Hands `line` over to the writer, and doesn't wait until it's written.
    pub fn log(&self, line: &str) {
        let lines = self.lines.as_ref().expect("only drop takes it");
        lines.try_send(line.to_string()).ok();
    }
}

impl Drop for Logger {
    fn drop(&mut self) {
        drop(self.lines.take());
        self.writer.take().map(JoinHandle::join).unwrap().unwrap();
    }
}
