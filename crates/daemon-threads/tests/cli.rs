//! The demo as a learner runs it.

#[path = "../../timeline/tests/manners/mod.rs"]
mod manners; // what every demo promises

use manners::{assert_committed, demo, output};
use timeline::{Recording, State, Track};

#[test]
fn a_detached_thread_is_cut_off_and_the_others_lose_nothing() {
    let text = output(&mut demo());
    let row = |way: &str| -> Vec<String> {
        let row = text.lines().find_map(|line| line.trim().strip_prefix(way)).unwrap();
        row.split_whitespace().map(String::from).collect()
    };
    assert_eq!(row("detached "), ["1", "yes", "no"], "{text}");
    assert_eq!(row("joined "), ["3", "no", "yes"], "{text}");
    assert_eq!(row("scoped "), ["3", "no", "yes"], "{text}");
    let signalled = row("signalled_then_joined ");
    assert!(signalled[0].parse::<u32>().unwrap() >= 2 && signalled[1..] == ["no", "yes"], "{text}");
    assert!(text.contains("\n  line 1: first half, second half\n  line 2: first half,\n"), "{text}");
}

#[test]
fn exploring_lists_every_end_of_the_file() {
    let text = output(demo().arg("--explore"));
    assert_eq!(text.matches("\n  detached ").count(), 8, "from empty, over each half, to closed\n{text}");
    assert_eq!(text.matches("\n  joined ").count(), 1, "{text}");
    assert_eq!(text.matches("\n  scoped ").count(), 1, "{text}");
}

#[test]
fn the_picture_of_the_chapter() {
    let line = |track: Track, from, number, name| track.span(State::Working, from..from + 20, (number, name));
    let cut_off =
        line(Track::new("detached writer"), 5, '1', "line 1").span(State::Working, 25..40, ('2', "line 2"));
    let whole = [(5, '1', "line 1"), (25, '2', "line 2"), (45, '3', "line 3")];
    let whole = whole
        .into_iter()
        .fold(Track::new("joined writer"), |track, (at, number, name)| line(track, at, number, name));
    let recording = Recording::new("main returns: a detached thread is cut off, a joined one is not")
        .track(Track::new("main").mark(40, "returns").until(40))
        .track(cut_off.until(40))
        .track(Track::new("main that joins").span(State::Waiting, 40..65, "join").until(70))
        .track(whole.until(65));
    assert_committed("03-daemon-threads.svg", &recording);
}
