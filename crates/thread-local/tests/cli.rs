//! The demo as a learner runs it.

#[path = "../../timeline/tests/manners/mod.rs"]
mod manners; // what every demo promises

use manners::{assert_committed, demo, output};
use timeline::{Count, Recording, State, Track};

#[test]
fn no_connection_crosses_threads_and_all_are_closed() {
    let text = output(&mut demo());
    let row = |way: &str| -> Vec<String> {
        let row = text.lines().find_map(|line| line.trim().strip_prefix(way)).unwrap();
        row.split_whitespace().map(String::from).collect()
    };
    let own = row("thread_local!");
    assert_eq!(own[..2], ["4", "4"], "{text}");
    let mut numbers: Vec<&String> = own[2..].iter().filter(|it| *it != "|").collect();
    numbers.sort();
    assert_eq!(numbers, ["#1", "#2", "#3", "#4"], "one connection each, and nobody else's\n{text}");
    assert_eq!(row("Mutex<Connection>"), ["1", "1", "#5", "|", "#5", "|", "#5", "|", "#5"], "{text}");
    assert_eq!(row("a pool of two")[..2], ["2", "2"], "{text}");
    assert_eq!(row("a detached thread")[..2], ["1", "0"], "its destructor does not run\n{text}");
}

#[test]
fn exploring_proves_both_claims() {
    let text = output(demo().arg("--explore"));
    assert!(!text.contains("WRONG"), "{text}");
    assert_eq!(text.matches("all interleavings").count(), 2, "{text}");
}

#[test]
fn the_picture_of_the_chapter() {
    let mut recording = Recording::new("A connection each, a pool of two, one for all");
    for thread in 1..=3 {
        let own =
            Track::new(format!("own, thread {thread}")).span(State::Working, 2..22, ('o', "own connection"));
        recording = recording.track(own.until(25));
    }
    for (thread, from) in [(1, 2), (2, 2), (3, 22)] {
        let name = format!("pool, thread {thread}");
        recording = recording.track(lent(Track::new(name), from).until(from + 23));
    }
    for (thread, from) in [(1, 2), (2, 22), (3, 42)] {
        let name = format!("one, thread {thread}");
        recording = recording.track(lent(Track::new(name), from).until(from + 23));
    }
    assert_committed("11-thread-local.svg", &recording.counter("waiting", Count::waiting()));
}

fn lent(track: Track, from: u64) -> Track {
    let track = if from > 2 { track.span(State::Waiting, 2..from, "connection") } else { track };
    track.span(State::Holding, from..from + 20, "connection")
}
