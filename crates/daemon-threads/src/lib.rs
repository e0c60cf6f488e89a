//! A daemon thread: one that the program does not wait for when it ends.
//!
//! When `main` returns, the process ends, and every thread in it stops wherever it is: in the middle of a line, before its destructors,
//! with the file half written. In Python a thread is like that with `daemon=True`; by default Python waits, at the end of
//! the program, for every thread that is not. Rust has no such default: whoever is not joined is cut off.
//!
//! Rust does prevent one thing: a detached thread cannot borrow from `main`, because it might outlive it. What it does not
//! prevent is forgetting to join. Joined, scoped, and told to stop and then joined, a thread loses nothing.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;

/// A log that says when it is closed.
struct Log<W: Write>(W);

impl<W: Write> Drop for Log<W> {
    fn drop(&mut self) {
        self.0.write_all(b"closed\n").unwrap();
    }
}

/// Writes lines in two halves, until it is told to stop: `goes_on` is asked before each line, `halfway` called within.
pub fn write_log(out: impl Write, goes_on: impl Fn(u32) -> bool, halfway: impl Fn(u32)) {
    let mut log = Log(out);
    for number in (1..).take_while(|&number| goes_on(number)) {
        log.0.write_all(format!("line {number}: first half,").as_bytes()).unwrap();
        halfway(number);
        log.0.write_all(b" second half\n").unwrap();
    }
}

fn three_lines(number: u32) -> bool {
    number <= 3
}

/// Wrong, unless nobody minds: the handle is dropped, and with it the only way to wait.
pub fn detached(out: impl Write + Send + 'static, halfway: impl Fn(u32) + Send + 'static) {
    thread::spawn(move || write_log(out, three_lines, halfway));
}

/// Right: waits until the thread has ended.
pub fn joined(out: impl Write + Send + 'static, halfway: impl Fn(u32) + Send + 'static) {
    let writer = thread::spawn(move || write_log(out, three_lines, halfway));
    writer.join().unwrap();
}

/// Right: the end of the scope joins. That is why this thread may borrow.
pub fn scoped(out: impl Write + Send, halfway: impl Fn(u32) + Sync) {
    thread::scope(|s| {
        s.spawn(|| write_log(out, three_lines, &halfway));
    });
}

/// Right for a thread that would go on for ever: told to stop when `until` returns, it ends its line; then it is joined.
pub fn signalled_then_joined(
    out: impl Write + Send + 'static,
    halfway: impl Fn(u32) + Send + 'static,
    until: impl FnOnce(),
) {
    let stop = Arc::new(AtomicBool::new(false));
    let writer = thread::spawn({
        let stop = Arc::clone(&stop);
        // Relaxed: the flag publishes nothing but itself.
        move || write_log(out, |number| number == 1 || !stop.load(Relaxed), halfway)
    });
    until();
    stop.store(true, Relaxed);
    writer.join().unwrap();
}
