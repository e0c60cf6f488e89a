// Wrong: the account's own thread is told to end when the account is dropped, but nobody joins it.
use std::sync::mpsc::{self, Sender};
use std::thread;

enum Request {
    Withdraw(i64, Sender<bool>),
    Balance(Sender<i64>),
}

pub struct Account {
    teller: Sender<Request>,
}

impl Account {
    pub fn new(mut balance: i64) -> Self {
        let (teller, inbox) = mpsc::channel();
        thread::spawn(move || {
            for request in inbox {
                match request {
                    Request::Withdraw(amount, reply) => {
                        let enough = balance >= amount;
                        if enough {
                            balance -= amount;
                        }
                        let _ = reply.send(enough);
                    }
                    Request::Balance(reply) => {
                        let _ = reply.send(balance);
                    }
                }
            }
        });
        Account { teller }
    }

    pub fn withdraw(&self, amount: i64) -> bool {
        let (reply, answer) = mpsc::channel();
        self.teller.send(Request::Withdraw(amount, reply)).unwrap();
        answer.recv().unwrap()
    }

    pub fn balance(&self) -> i64 {
        let (reply, answer) = mpsc::channel();
        self.teller.send(Request::Balance(reply)).unwrap();
        answer.recv().unwrap()
    }
}
