//! The demo as a learner runs it.

#[path = "../../timeline/tests/manners/mod.rs"]
mod manners; // what every demo promises

use manners::{assert_committed, demo, output};
use timeline::{Count, Recording, State, Track};

#[test]
fn every_item_is_delivered_and_the_buffer_is_never_over_full() {
    for [items, capacity] in [["12", "3"], ["7", "1"], ["2", "9"]] {
        let text = output(demo().args(["--items", items, "--capacity", capacity]));
        let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        let by_hand = rows.iter().find(|row| row.starts_with(&["Mutex"])).unwrap();
        assert_eq!(by_hand[4], items, "{text}");
        let most: usize = by_hand[5].parse().unwrap();
        assert!(most >= 1 && most <= capacity.parse().unwrap(), "{text}");
        let channel = rows.iter().find(|row| row.starts_with(&["crossbeam_channel::bounded"])).unwrap();
        assert_eq!(channel[1], items, "{text}");
    }
    demo().args(["--capacity", "0"]).assert().code(2);
}

#[test]
fn exploring_breaks_the_two_that_are_wrong() {
    let text = output(demo().arg("--explore"));
    assert!(text.contains("take_with_if          WRONG"), "{text}");
    assert!(text.contains("one bell, notify_one  WRONG"), "{text}");
    assert_eq!(text.matches("right in all interleavings").count(), 2, "{text}");
}

#[test]
fn the_picture_of_the_chapter() {
    // Three items fit at once; from then on the producer puts one whenever a consumer takes one.
    let mut producer = Track::new("producer");
    for start in [0, 20, 40] {
        producer = producer.span(State::Waiting, start + 1..start + 20, "room");
    }
    let consumer = |name: &str| {
        (0..4).fold(Track::new(name), |track, n| track.span(State::Working, n * 20..n * 20 + 20, "an item"))
    };
    let recording = Recording::new("Bounded buffer of 3: the producer waits for room")
        .track(producer.until(61))
        .track(consumer("consumer 1").until(80))
        .track(consumer("consumer 2").until(80))
        .counter("working", Count::working())
        .counter("waiting", Count::waiting());
    assert_committed("09-condvar.svg", &recording);
}
