//! Where the reports of interleave place what std's own code does for a line of the code under check.
//!
//! They look for that line in the debug information, which interleave itself is built without: this test needs a package that has it.

#![allow(missing_docs)]

#[macro_use]
extern crate interleave as std;

use interleave::{Check, Failed};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::{Builder, JoinHandle};

fn fails(scenario: impl Fn() + 'static) -> Failed {
    Check::new().try_run(scenario).expect_err("this scenario fails")
}

fn named<T: Send + 'static>(name: &str, f: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    Builder::new().name(name.into()).spawn(f).unwrap()
}

/// How a report names the only line of this file that begins with `text`.
fn place(text: &str) -> String {
    let mut lines = include_str!("places_within_std.rs").lines().enumerate();
    let (at, line) = lines.find(|(_, line)| line.trim().starts_with(text)).unwrap();
    format!("line {}: {}", at + 1, line.trim())
}

#[track_caller]
fn assert_tells(failed: &Failed, text: &str) {
    let report = failed.to_string();
    // Where a line is broken doesn't matter.
    let words = report.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(text), "\"{text}\" is missing in:\n{report}");
    assert!(!report.contains("/rustc/") && !report.contains("rustlib"), "{report}");
}

#[test]
fn a_wait_within_std_is_told_as_the_line_that_calls_std() {
    let waits = |take: fn(mpsc::Receiver<u32>), line: &str| {
        let failed = fails(move || {
            let (orders, inbox) = mpsc::channel();
            named("cook", move || take(inbox)).join().unwrap();
            drop(orders);
        });
        assert_tells(&failed, &format!("cook waits for a message sent with orders in {}", place(line)));
    };
    waits(for_each, "inbox.into_iter().for_each");
    waits(sum, "let _sum");
    waits(collect, "let _all");
    waits(extend, "vec![].extend");
}

fn for_each(inbox: mpsc::Receiver<u32>) {
    inbox.into_iter().for_each(drop);
}

fn sum(inbox: mpsc::Receiver<u32>) {
    let _sum: u32 = inbox.into_iter().map(|order| order + 1).sum();
}

fn collect(inbox: mpsc::Receiver<u32>) {
    let _all: Vec<u32> = inbox.into_iter().collect();
}

fn extend(inbox: mpsc::Receiver<u32>) {
    vec![].extend(inbox);
}

#[test]
fn a_join_within_std_is_told_as_the_line_that_calls_std() {
    let failed = fails(|| {
        let oven = Arc::new(Mutex::new(()));
        let in_use = oven.lock().unwrap();
        let theirs = Arc::clone(&oven);
        let cooks = [named("cook", move || drop(theirs.lock().unwrap()))];
        let _cooked: Vec<_> = cooks.into_iter().map(JoinHandle::join).collect();
        drop(in_use);
    });
    let place = place("let _cooked");
    // A long line is cut.
    let (beginning, _) = place.split_once(" = ").unwrap();
    assert_tells(&failed, &format!("main waits for cook to end in {beginning}"));
}

#[test]
fn a_table_of_steps_within_std_is_headed_by_the_file_of_the_code() {
    let failed = fails(|| {
        let (orders, inbox) = mpsc::channel();
        let waiter = named("waiter", move || (0..3).for_each(|order| orders.send(order).unwrap()));
        let sum: u32 = inbox.iter().sum();
        waiter.join().unwrap();
        assert_eq!(sum, 4);
    });
    assert_tells(&failed, &format!(" {} step │ main", file!()));
    let place = place("let sum").replacen("line ", "", 1).replacen(": ", " ", 1);
    let (beginning, _) = place.split_once(".iter").unwrap();
    assert_tells(&failed, beginning);
}
