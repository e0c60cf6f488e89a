//! The demo as a learner runs it.

#[path = "../../timeline/tests/manners/mod.rs"]
mod manners; // what every demo promises

use manners::{assert_committed, demo, output};
use timeline::{Count, Recording, State, Track};

#[test]
fn a_set_event_lets_all_go_on_and_a_cleared_one_does_not() {
    let text = output(&mut demo());
    assert!(text.contains("a 4th, who came later, did not wait: true"), "{text}");
    assert!(text.contains("wait_timeout(10 ms), and nobody sets it: false"), "{text}");
}

#[test]
fn exploring_finds_the_lost_wakeup_and_nothing_else() {
    let text = output(demo().arg("--explore"));
    assert!(text.contains("FlagOutside   MISSED") && text.contains("the notification is lost"), "{text}");
    assert_eq!(text.matches("never missed in all interleavings").count(), 2, "{text}");
}

#[test]
fn the_picture_of_the_chapter() {
    let mut recording = Recording::new("Event: three workers wait for the server")
        .track(Track::new("server").mark(60, "ready").until(60));
    for number in 1..=3 {
        let worker = Track::new(format!("worker {number}"));
        recording = recording.track(worker.span(State::Waiting, 0..60, "the server").until(90));
    }
    let late = Track::new("worker 4").from(70).until(90);
    assert_committed("08-event.svg", &recording.track(late).counter("waiting", Count::waiting()));
}
