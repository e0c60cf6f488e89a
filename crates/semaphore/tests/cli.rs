//! The demo as a learner runs it.

#[path = "../../timeline/tests/manners/mod.rs"]
mod manners; // what every demo promises

use manners::{assert_committed, demo, output};
use timeline::{Count, Recording, State, Track};

#[test]
fn permits_in_use_reach_the_limit_or_less_and_all_come_back() {
    for [clients, permits] in [["8", "3"], ["5", "1"], ["2", "9"]] {
        let text = output(demo().args(["--clients", clients, "--permits", permits]));
        let line = text.lines().find(|line| line.contains("in use at most")).unwrap();
        let most: usize = line.split_whitespace().nth(5).unwrap().parse().unwrap();
        assert!(most >= 1 && most <= permits.parse().unwrap(), "{text}");
        assert!(text.contains(&format!("free at the end   {permits:>4}")), "{text}");
    }
    demo().args(["--permits", "0"]).assert().code(2);
}

#[test]
fn exploring_counts_two_inside_and_never_three() {
    let text = output(demo().arg("--explore"));
    assert!(text.contains("\"2 inside at most\"") && !text.contains("\"3 inside"), "{text}");
}

#[test]
fn the_picture_of_the_chapter() {
    let starts = [0, 0, 0, 40, 40, 40, 80, 80];
    let mut recording = Recording::new("Semaphore of 3, 8 clients");
    for (number, start) in (1..).zip(starts) {
        let track = Track::new(format!("client {number}"));
        let track = if start > 0 { track.span(State::Waiting, 0..start, "a connection") } else { track };
        recording = recording.track(track.span(State::Holding, start..start + 40, "a connection"));
    }
    let recording =
        recording.counter("permits in use", Count::holding()).counter("waiting", Count::waiting());
    assert_eq!(recording.most(&Count::holding()), 3);
    assert_committed("07-semaphore.svg", &recording);
}
