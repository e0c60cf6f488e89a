//! A channel is closed when its last sender is dropped.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, Sender};

/// Sends one line, and drops its sender.
pub fn report(line: u32, lines: Sender<u32>) {
    lines.send(line).unwrap();
    drop(lines);
}

/// Prints lines until the channel is closed.
pub fn print_all(lines: Receiver<u32>) {
    for line in lines {
        print(line);
    }
}

/// Wrong: checks once whether the worker is done, and otherwise keeps the sender.
pub fn close_if_done(lines: Sender<u32>, is_done: &AtomicBool) -> Option<Sender<u32>> {
    if is_done.load(SeqCst) {
        drop(lines);
        return None;
    }
    Some(lines)
}

fn print(_line: u32) {}
