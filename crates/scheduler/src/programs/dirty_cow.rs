//! After Dirty COW, CVE-2016-5195: for nine years, any user of a Linux machine could write to files that they could only read. Much simplified.

use std::sync::Mutex;

/// A file that may not be changed, and a private copy of it that may.
pub struct Page {
    pub(crate) file: Mutex<&'static str>,
    pub(crate) copy: Mutex<Option<String>>,
}

impl Page {
    /// Wrong: makes a private copy, then writes to whatever is there by then.
    pub fn write(&self) {
        let text = *self.file.lock().unwrap();
        *self.copy.lock().unwrap() = Some(text.into());
        if let Some(copy) = &mut *self.copy.lock().unwrap() {
            *copy = "evil".into();
            return;
        }
        *self.file.lock().unwrap() = "evil";
    }

    /// Gives the copy back: "I don't need this memory now."
    pub fn discard(&self) {
        *self.copy.lock().unwrap() = None;
    }
}
