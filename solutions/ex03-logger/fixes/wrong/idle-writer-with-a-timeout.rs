// Wrong: the writer looks at the stop flag once a second, so dropping an idle logger takes up to a second.
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
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
        let write_all = move || {
            loop {
                match inbox.recv_timeout(Duration::from_secs(1)) {
                    Ok(line) => sink(line),
                    Err(RecvTimeoutError::Timeout) if stopped.load(SeqCst) => break,
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => break,
                }
            }
        };
        Logger { lines, stop, writer: Some(thread::spawn(write_all)) }
    }

    pub fn log(&self, line: &str) {
        self.lines.send(line.to_string()).unwrap();
    }
}

impl Drop for Logger {
    fn drop(&mut self) {
        self.stop.store(true, SeqCst);
        let _ = self.writer.take().unwrap().join();
    }
}
