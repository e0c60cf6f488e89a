// Wrong: no line is lost, but nobody wakes the writer at the end: it looks now and then at a flag, and whoever drops the logger waits.
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

pub struct Logger {
    lines: Sender<String>,
    stop: Arc<AtomicBool>,
    writer: Option<JoinHandle<()>>,
}

impl Logger {
    pub fn start(mut sink: impl FnMut(String) + Send + 'static) -> Logger {
        let (lines, inbox) = mpsc::channel();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let writer = thread::spawn(move || {
            loop {
                // Asked first: what was sent before the flag was set is then in the queue already.
                let last_round = stopped.load(SeqCst);
                while let Ok(line) = inbox.recv_timeout(Duration::from_millis(50)) {
                    sink(line);
                }
                if last_round {
                    return;
                }
            }
        });
        Logger { lines, stop, writer: Some(writer) }
    }

    pub fn log(&self, line: &str) {
        self.lines.send(line.to_string()).unwrap();
    }
}

impl Drop for Logger {
    fn drop(&mut self) {
        self.stop.store(true, SeqCst);
        self.writer.take().unwrap().join().unwrap();
    }
}
