// A thread at a desk of its own takes down who arrives; it is joined when the barrier is dropped.
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};
pub struct Barrier {
    desk: Option<Sender<Sender<()>>>,
    keeper: Option<JoinHandle<()>>,
}
impl Barrier {
    pub fn new(size: usize) -> Self {
        let (desk, arrivals) = channel::<Sender<()>>();
        let keeper = thread::spawn(move || {
            let mut here = vec![];
            for a in arrivals {
                here.push(a);
                if here.len() == size {
                    for a in here.drain(..) {
                        a.send(()).unwrap();
                    }
                }
            }
        });
        Barrier { desk: Some(desk), keeper: Some(keeper) }
    }
    pub fn wait(&self) {
        let (tx, rx) = channel();
        self.desk.as_ref().unwrap().send(tx).unwrap();
        rx.recv().unwrap();
    }
}
impl Drop for Barrier {
    fn drop(&mut self) {
        self.desk = None;
        self.keeper.take().unwrap().join().unwrap();
    }
}
