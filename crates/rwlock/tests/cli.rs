//! The demo as a learner runs it.

#[path = "../../timeline/tests/manners/mod.rs"]
mod manners; // what every demo promises

use manners::{assert_committed, demo, output};
use timeline::{Count, Recording, State, Track};

#[test]
fn readers_are_inside_together_and_an_upgrade_is_reported() {
    let text = output(&mut demo());
    assert!(text.contains("three readers were inside at the same moment: true"), "{text}");
    // std may notice, and panic, where Linux waits for ever.
    assert!(text.contains("upgrade_in_place   DEADLOCK") || text.contains("PANIC: std noticed"), "{text}");
    assert!(text.contains("got 100 and 100, fetched once: true"), "{text}");
    assert!(text.contains("three come: up to 3 may go first"), "{text}");
}

#[test]
fn exploring_rejects_the_two_that_are_wrong() {
    let text = output(demo().arg("--explore"));
    assert!(text.contains("upgrade_in_place       WRONG"), "{text}");
    assert!(text.contains("write_without_looking  WRONG") && text.contains("fetched twice"), "{text}");
    assert!(text.contains("look_again             fetched once in all interleavings"), "{text}");
    assert!(text.contains("\n  3 of them let in before the writer, in "), "{text}");
}

#[test]
fn the_picture_of_the_chapter() {
    let reader = |name: &str, from| Track::new(name).span(State::Reading, from..from + 30, "rate");
    let late = Track::new("reader 3").from(20).span(State::Waiting, 25..60, "rate").span(
        State::Reading,
        60..90,
        "rate",
    );
    let writer =
        Track::new("writer").span(State::Waiting, 15..40, "rate").span(State::Writing, 40..60, "rate");
    let recording = Recording::new("RwLock: readers overlap, the writer is alone")
        .track(reader("reader 1", 5).until(45))
        .track(reader("reader 2", 10).until(50))
        .track(writer.until(70))
        .track(late.until(95))
        .counter("inside", Count::holding());
    assert_eq!(recording.most(&Count::holding()), 2);
    assert_committed("06-rwlock.svg", &recording);
}
