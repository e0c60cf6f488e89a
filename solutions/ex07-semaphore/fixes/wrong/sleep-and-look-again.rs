// Wrong: sleeping and looking now and then is late every time and costs work for nothing.
use std::sync::Mutex;
use std::thread::sleep;
use std::time::Duration;

pub struct Semaphore {
    permits: Mutex<usize>,
}

impl Semaphore {
    pub fn new(permits: usize) -> Self {
        Semaphore { permits: Mutex::new(permits) }
    }

    pub fn acquire(&self) {
        loop {
            {
                let mut permits = self.permits.lock().unwrap();
                if *permits > 0 {
                    *permits -= 1;
                    return;
                }
            }
            sleep(Duration::from_millis(100));
        }
    }

    pub fn release(&self) {
        *self.permits.lock().unwrap() += 1;
    }
}
