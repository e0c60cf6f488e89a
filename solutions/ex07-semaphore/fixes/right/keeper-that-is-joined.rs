// Right: one thread keeps the permits and answers messages; drop hangs up and joins it.
use std::collections::VecDeque;
use std::sync::mpsc::{Sender, channel};
use std::thread::{JoinHandle, spawn};

enum Message {
    Acquire(Sender<()>),
    Release,
}

pub struct Semaphore {
    gate: Option<Sender<Message>>,
    keeper: Option<JoinHandle<()>>,
}

impl Semaphore {
    pub fn new(mut permits: usize) -> Self {
        let (gate, messages) = channel();
        let keep = move || {
            let mut waiting: VecDeque<Sender<()>> = VecDeque::new();
            for message in messages {
                match message {
                    Message::Acquire(admit) => waiting.push_back(admit),
                    Message::Release => permits += 1,
                }
                while permits > 0
                    && let Some(admit) = waiting.pop_front()
                {
                    permits -= 1;
                    admit.send(()).unwrap();
                }
            }
        };
        Semaphore { gate: Some(gate), keeper: Some(spawn(keep)) }
    }

    fn say(&self, message: Message) {
        self.gate.as_ref().unwrap().send(message).unwrap();
    }

    pub fn acquire(&self) {
        let (admit, admitted) = channel();
        self.say(Message::Acquire(admit));
        admitted.recv().unwrap();
    }

    pub fn release(&self) {
        self.say(Message::Release);
    }
}

impl Drop for Semaphore {
    fn drop(&mut self) {
        drop(self.gate.take()); // without it, the keeper waits for messages for ever
        self.keeper.take().unwrap().join().unwrap();
    }
}
