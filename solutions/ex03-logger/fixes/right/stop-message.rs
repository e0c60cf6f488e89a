// Right: the last message in the queue says stop, then drop joins.
use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle};

enum Message {
    Line(String),
    Stop,
}

pub struct Logger {
    messages: Sender<Message>,
    writer: Option<JoinHandle<()>>,
}

impl Logger {
    pub fn start(mut sink: impl FnMut(String) + Send + 'static) -> Logger {
        let (messages, inbox) = mpsc::channel();
        let writer = thread::spawn(move || {
            while let Ok(Message::Line(line)) = inbox.recv() {
                sink(line);
            }
        });
        Logger { messages, writer: Some(writer) }
    }

    pub fn log(&self, line: &str) {
        self.messages.send(Message::Line(line.to_string())).unwrap();
    }
}

impl Drop for Logger {
    fn drop(&mut self) {
        self.messages.send(Message::Stop).unwrap();
        self.writer.take().unwrap().join().unwrap();
    }
}
