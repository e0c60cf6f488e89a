//! The demo as a learner runs it.

#[path = "../../timeline/tests/manners/mod.rs"]
mod manners; // what every demo promises

use manners::{assert_committed, demo, output};
use timeline::{Count, Recording, State, Track};

#[test]
fn the_deadlock_is_reported_and_the_cures_are_not_stuck() {
    let text = output(&mut demo());
    assert!(text.contains("DEADLOCK"), "{text}");
    assert!(text.contains("Ann holds Ann's account and waits for Bob's account"), "{text}");
    assert!(text.contains("Bob holds Bob's account and waits for Ann's account"), "{text}");
    assert_eq!(text.matches("both paid").count(), 3, "{text}");
}

#[test]
fn each_way_runs_alone() {
    for way in ["in_one_order", "try_and_back_off", "under_one_lock"] {
        let text = output(demo().arg(way).arg("--timeline"));
        assert!(text.contains("both paid") && !text.contains("DEADLOCK"), "{text}");
    }
    assert!(output(demo().arg("as_they_come")).contains("DEADLOCK"));
    demo().arg("by_luck").assert().code(2);
}

#[test]
fn exploring_shows_the_deadlock_line_by_line() {
    let text = output(demo().arg("--explore"));
    assert!(text.contains("as_they_come     DEADLOCK") && text.contains("waits for the lock"), "{text}");
    assert_eq!(text.matches("both paid in all interleavings").count(), 3, "{text}");
}

#[test]
fn the_picture_of_the_chapter() {
    let [ann, bob] = ["Ann's account", "Bob's account"];
    let recording = Recording::new("Deadlock: each holds what the other one waits for")
        .track(
            Track::new("Ann")
                .span(State::Holding, 10..100, ann)
                .span(State::Waiting, 54..100, bob)
                .until(100),
        )
        .track(
            Track::new("Bob")
                .span(State::Holding, 12..100, bob)
                .span(State::Waiting, 56..100, ann)
                .until(100),
        )
        .counter("holding", Count::holding())
        .counter("waiting", Count::waiting());
    assert_committed("04-deadlock.svg", &recording);
}
