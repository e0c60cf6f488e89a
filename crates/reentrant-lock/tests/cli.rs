//! The demo as a learner runs it.

#[path = "../../timeline/tests/manners/mod.rs"]
mod manners; // what every demo promises

use manners::{assert_committed, demo, output};
use timeline::{Count, Recording, State, Track};

#[test]
fn the_deadlock_is_reported_and_the_other_two_pay() {
    let text = output(&mut demo());
    // std may notice, and panic, where Linux waits for ever.
    let stuck = text.contains("DEADLOCK") && text.contains("Ann waits for the ledger, which Ann holds");
    assert!(stuck || text.contains("PANIC: std noticed"), "{text}");
    assert_eq!(text.matches("paid 101, 899 left").count(), 2, "{text}");
}

#[test]
fn exploring_shows_who_holds_the_lock() {
    let text = output(demo().arg("--explore"));
    assert!(text.contains("Plain   DEADLOCK") && text.contains("already holds"), "{text}");
    assert!(text.contains("Split   both paid in all interleavings"), "{text}");
}

#[test]
fn the_picture_of_the_chapter() {
    let ann =
        Track::new("Plain: Ann").span(State::Holding, 5..60, "ledger").span(State::Waiting, 10..60, "ledger");
    let way = |name| Track::new(name).span(State::Holding, 5..30, "ledger").until(40);
    let recording = Recording::new("Mutex locked twice: a thread that waits for itself")
        .track(ann.until(60))
        .track(
            way("Reentrant: Bob")
                .span(State::Holding, 10..15, "ledger")
                .span(State::Holding, 18..23, "ledger")
                .until(40),
        )
        .track(way("Split: Cho"))
        .counter("waiting", Count::waiting());
    assert_committed("05-reentrant-lock.svg", &recording);
}
