// Right: the writer parks when there is nothing to do, and is unparked by whoever logs or drops.
use std::mem::take;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

#[derive(Default)]
struct Inbox {
    lines: Vec<String>,
    closed: bool,
}

pub struct Logger {
    inbox: Arc<Mutex<Inbox>>,
    writer: Option<JoinHandle<()>>,
}

impl Logger {
    pub fn start(mut sink: impl FnMut(String) + Send + 'static) -> Logger {
        let inbox = Arc::new(Mutex::new(Inbox::default()));
        let mine = Arc::clone(&inbox);
        let writer = thread::spawn(move || {
            loop {
                let (lines, closed) = {
                    let mut inbox = mine.lock().unwrap();
                    (take(&mut inbox.lines), inbox.closed)
                };
                match (lines.is_empty(), closed) {
                    (true, true) => return,
                    (true, false) => thread::park(),
                    (false, _) => lines.into_iter().for_each(&mut sink),
                }
            }
        });
        Logger { inbox, writer: Some(writer) }
    }

    pub fn log(&self, line: &str) {
        self.inbox.lock().unwrap().lines.push(line.to_string());
        self.writer.as_ref().unwrap().thread().unpark();
    }
}

impl Drop for Logger {
    fn drop(&mut self) {
        self.inbox.lock().unwrap().closed = true;
        let writer = self.writer.take().unwrap();
        writer.thread().unpark();
        writer.join().unwrap();
    }
}
