// Right: at the end each worker gets a message that says stop.
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

enum Message {
    Job(Box<dyn FnOnce() + Send>),
    Stop,
}

pub struct Pool {
    messages: Sender<Message>,
    workers: Vec<JoinHandle<()>>,
}

impl Pool {
    pub fn new(workers: usize) -> Self {
        let (messages, queue) = channel();
        let queue = Arc::new(Mutex::new(queue));
        let mut handles = Vec::new();
        for _ in 0..workers {
            let queue = Arc::clone(&queue);
            handles.push(thread::spawn(move || {
                loop {
                    let message = queue.lock().unwrap().recv().unwrap();
                    match message {
                        Message::Job(job) => drop(catch_unwind(AssertUnwindSafe(job))),
                        Message::Stop => break,
                    }
                }
            }));
        }
        Pool { messages, workers: handles }
    }

    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        self.messages.send(Message::Job(Box::new(job))).unwrap();
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        for _ in &self.workers {
            self.messages.send(Message::Stop).unwrap();
        }
        while let Some(worker) = self.workers.pop() {
            worker.join().unwrap();
        }
    }
}
