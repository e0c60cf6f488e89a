//! The demo as a learner runs it.

#[path = "../../timeline/tests/manners/mod.rs"]
mod manners; // what every demo promises

use manners::{assert_committed, demo, output};
use timeline::{Count, Recording, State, Track};

#[test]
fn what_is_right_loses_nothing_and_what_is_wrong_loses_a_visit_by_construction() {
    let text = output(&mut demo());
    for right in ["fetch_add", "compare_exchange", "publishing  Relaxed", "SeqCst"] {
        assert!(text.contains(right), "{text}");
    }
    let number = |what: &str| {
        let line = text.lines().find_map(|line| line.trim().strip_prefix(what)).unwrap();
        line.split_whitespace().next().unwrap().parse::<u32>().unwrap()
    };
    assert_eq!(number("both load first"), 1, "{text}");
    assert_eq!(number("fetch_add"), 0, "{text}");
    assert_eq!(number("claiming    compare_exchange"), 0, "{text}");
    assert_eq!(number("SeqCst"), 0, "{text}");
    demo().args(["--tries", "0"]).assert().code(2);
}

#[test]
fn exploring_finds_the_three_that_are_wrong() {
    let text = output(demo().arg("--explore"));
    for wrong in ["a visit is lost", "the flag came without the answer", "neither saw the other"] {
        assert!(text.contains(&format!("WRONG: {wrong}")), "{wrong}\n{text}");
    }
    assert_eq!(text.matches("right in all interleavings").count(), 3, "{text}");
}

#[test]
fn the_picture_of_the_chapter() {
    let ticket = |track: Track, from, length, letter, name| {
        track.span(State::Working, from..from + length, (letter, name))
    };
    let first = ticket(Track::new("thread 1"), 0, 10, '0', "ticket 0");
    let first = ticket(ticket(first, 10, 40, '2', "ticket 2"), 50, 20, '4', "ticket 4");
    let second = ticket(Track::new("thread 2"), 0, 25, '1', "ticket 1");
    let second = ticket(ticket(second, 25, 15, '3', "ticket 3"), 55, 15, '5', "ticket 5");
    let recording = Recording::new("compare_exchange: each ticket is claimed once")
        .track(first.until(70))
        .track(second.mark(50, "lost the race for 4, tries 5").until(70))
        .counter("working", Count::working());
    assert_committed("02-atomics.svg", &recording);
}
