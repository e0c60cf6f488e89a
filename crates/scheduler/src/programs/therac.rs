//! After the Therac-25, a radiation therapy machine. In 1985 to 1987 it gave massive overdoses to six patients. N. Leveson and C. Turner, "An
//! Investigation of the Therac-25 Accidents", IEEE Computer 26(7), 1993. Much simplified: here the mode is read twice.

use std::sync::Mutex;

/// The operator notices a mistake and corrects it.
pub fn correct(mode: &Mutex<&'static str>) {
    *mode.lock().unwrap() = "electron";
}

/// Wrong: the magnets and the turntable are set from two reads of the mode.
pub fn set_up(mode: &Mutex<&'static str>) -> (&'static str, &'static str) {
    let magnets = *mode.lock().unwrap();
    let turntable = *mode.lock().unwrap();
    (magnets, turntable)
}

/// Sets both from one read.
pub fn set_up_from_one_read(mode: &Mutex<&'static str>) -> (&'static str, &'static str) {
    let mode = *mode.lock().unwrap();
    (mode, mode)
}
