//! Scenarios that run at the same time, and how their failures are told.

use interleave::live::{PATIENCE, Scenario, Scenarios, kept_panics, receive, thread};
use std::panic::catch_unwind;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

static ALL: Scenarios = Scenarios::new(&[
    Scenario::new("passes", passes),
    Scenario::new("one", one),
    Scenario::new("other", other),
]);

interleave::side_by_side! {
    group: [passes];
}

fn passes() {}

fn one() {
    assert!(thread::spawn(|| panic!("in the program of one")).join().is_err());
    panic!("one failed{}", kept_panics());
}

fn other() {
    assert!(thread::scope(|scope| scope.spawn(|| panic!("in that of the other")).join()).is_err());
    panic!("the other failed{}", kept_panics());
}

#[test]
fn a_failure_begins_with_its_sentence_and_has_the_panics_of_its_own_program() {
    let why = |name| {
        let outcome = catch_unwind(|| ALL.outcome_of(name));
        outcome.err().map(|why| why.downcast_ref::<String>().unwrap().clone()).unwrap_or_default()
    };
    assert_eq!(why("passes"), "");
    for (name, sentence, own, foreign) in [
        ("one", "one failed", "program of one", "that of the other"),
        ("other", "the other failed", "that of the other", "program of one"),
    ] {
        let why = why(name);
        let first = why.lines().next().unwrap();
        assert!(first.contains("side_by_side.rs:") && first.ends_with(sentence), "{why}");
        assert!(why.contains(own) && !why.contains(foreign), "{why}");
    }
}

#[test]
fn to_receive_is_to_wait_for_a_limited_time() {
    let (sender, receiver) = mpsc::channel();
    let begin = Instant::now();
    let limit = Duration::from_millis(35);
    assert_eq!(receive::<u8>(&receiver, limit), Err(RecvTimeoutError::Timeout));
    assert!(begin.elapsed() >= limit);
    sender.send(1).unwrap();
    assert_eq!(receive(&receiver, PATIENCE), Ok(1));
    drop(sender);
    assert_eq!(receive(&receiver, PATIENCE), Err(RecvTimeoutError::Disconnected));
}
