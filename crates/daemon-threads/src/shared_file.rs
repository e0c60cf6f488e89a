//! What stands for the log file where every interleaving is tried: a text that several threads can look at.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

/// Each clone writes to, and reads, the same text.
#[derive(Clone, Default)]
pub struct SharedFile(Arc<Mutex<String>>);

impl SharedFile {
    /// All that has been written so far.
    pub fn text(&self) -> String {
        self.0.lock().unwrap().clone()
    }
}

impl Write for SharedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().push_str(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
