// Right: one thread owns the accounts, every call waits for its answer, and drop joins the thread.
use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};

type Job = Box<dyn FnOnce(&mut [i64; 2]) + Send>;

pub struct Bank {
    jobs: Mutex<Option<Sender<Job>>>,
    clerk: Option<JoinHandle<()>>,
}

impl Bank {
    pub fn new(balances: [i64; 2]) -> Self {
        let (jobs, inbox) = channel::<Job>();
        let clerk = thread::spawn(move || {
            let mut accounts = balances;
            while let Ok(job) = inbox.recv() {
                job(&mut accounts);
            }
        });
        Bank { jobs: Mutex::new(Some(jobs)), clerk: Some(clerk) }
    }

    fn ask<R: Send + 'static>(&self, job: impl FnOnce(&mut [i64; 2]) -> R + Send + 'static) -> R {
        let (reply, answer) = channel();
        let jobs = self.jobs.lock().unwrap().as_ref().unwrap().clone();
        jobs.send(Box::new(move |accounts| {
            let _ = reply.send(job(accounts));
        }))
        .unwrap();
        answer.recv().unwrap()
    }

    pub fn transfer(&self, from: usize, to: usize, amount: i64) {
        assert!(from < 2 && to < 2);
        self.ask(move |accounts| {
            accounts[from] -= amount;
            accounts[to] += amount;
        })
    }

    pub fn balance(&self, account: usize) -> i64 {
        assert!(account < 2);
        self.ask(move |accounts| accounts[account])
    }

    pub fn total(&self) -> i64 {
        self.ask(|accounts| accounts[0] + accounts[1])
    }
}

impl Drop for Bank {
    fn drop(&mut self) {
        self.jobs.get_mut().unwrap().take();
        self.clerk.take().unwrap().join().unwrap();
    }
}
