// Wrong: all lines are kept until drop, so a program that crashes has written none.
use std::sync::Mutex;

pub struct Logger {
    sink: Mutex<Box<dyn FnMut(String) + Send>>,
    lines: Mutex<Vec<String>>,
}

impl Logger {
    pub fn start(sink: impl FnMut(String) + Send + 'static) -> Logger {
        Logger { sink: Mutex::new(Box::new(sink)), lines: Mutex::new(vec![]) }
    }

    pub fn log(&self, line: &str) {
        self.lines.lock().unwrap().push(line.to_string());
    }
}

impl Drop for Logger {
    fn drop(&mut self) {
        let mut sink = self.sink.lock().unwrap();
        self.lines.lock().unwrap().drain(..).for_each(|line| sink(line));
    }
}
