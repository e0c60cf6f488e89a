// Wrong: who arrives sleeps and looks now and then, instead of being woken by the last.
use std::sync::Mutex;
use std::thread::sleep;
use std::time::Duration;

pub struct Barrier {
    size: usize,
    arrived: Mutex<usize>,
}

impl Barrier {
    pub fn new(size: usize) -> Self {
        Barrier { size, arrived: Mutex::new(0) }
    }

    pub fn wait(&self) {
        let mine = {
            let mut arrived = self.arrived.lock().unwrap();
            *arrived += 1;
            arrived.div_ceil(self.size)
        };
        while *self.arrived.lock().unwrap() < mine * self.size {
            sleep(Duration::from_millis(50));
        }
    }
}
