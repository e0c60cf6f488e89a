// Wrong: "Lines from one thread are written in the order in which that thread logged them"; a line
// that begins with "ERROR" goes to the front of the queue.
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

#[derive(Default)]
struct Shared {
    state: Mutex<(VecDeque<String>, bool)>,
    changed: Condvar,
}

pub struct Logger {
    shared: Arc<Shared>,
    writer: Option<JoinHandle<()>>,
}

impl Logger {
    pub fn start(mut sink: impl FnMut(String) + Send + 'static) -> Logger {
        let shared = Arc::new(Shared::default());
        let mine = Arc::clone(&shared);
        let writer = thread::Builder::new()
            .name("writer".into())
            .spawn(move || {
                loop {
                    let waits = |s: &mut (VecDeque<String>, bool)| s.0.is_empty() && !s.1;
                    let mut state = mine.changed.wait_while(mine.state.lock().unwrap(), waits).unwrap();
                    let Some(line) = state.0.pop_front() else { break };
                    drop(state);
                    sink(line);
                }
            })
            .unwrap();
        Logger { shared, writer: Some(writer) }
    }

    pub fn log(&self, line: &str) {
        let mut state = self.shared.state.lock().unwrap();
        if line.starts_with("ERROR") {
            state.0.push_front(line.to_string());
        } else {
            state.0.push_back(line.to_string());
        }
        self.shared.changed.notify_one();
    }
}

impl Drop for Logger {
    fn drop(&mut self) {
        self.shared.state.lock().unwrap().1 = true;
        self.shared.changed.notify_one();
        self.writer.take().unwrap().join().unwrap();
    }
}
