//! The demo as a learner runs it.

#[path = "../../timeline/tests/manners/mod.rs"]
mod manners; // what every demo promises

use manners::{assert_committed, demo, output};
use timeline::{Count, Recording, State, Track};

#[test]
fn no_read_is_wrong_and_each_meeting_has_one_leader() {
    for [workers, rounds] in [["4", "3"], ["1", "1"], ["5", "2"]] {
        let text = output(demo().args(["--workers", workers, "--rounds", rounds]));
        let number = |what| {
            let line = text.lines().find_map(|line| line.trim().strip_prefix(what)).unwrap();
            line.split_whitespace().next().unwrap().parse::<u32>().unwrap()
        };
        assert_eq!(number("reads of another round"), 0, "{text}");
        assert_eq!(number("leaders"), 2 * rounds.parse::<u32>().unwrap(), "{text}");
    }
}

#[test]
fn a_worker_that_never_arrives_is_reported() {
    let text = output(&mut demo());
    assert!(text.contains("STUCK: 2 wait for a thread that has ended"), "{text}");
    assert!(text.contains("the other two went on"), "{text}");
}

#[test]
fn exploring_finds_wrong_reads_where_a_meeting_is_missing() {
    let text = output(demo().arg("--explore"));
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
    let of = |meetings| rows.iter().filter(move |row| row.len() == 4 && row[0] == meetings);
    assert!(of("0").any(|row| row[2] != "0") && of("1").any(|row| row[2] != "0"), "{text}");
    assert!(of("2").all(|row| row[2..] == ["0", "4"]) && of("2").count() == 1, "{text}");
}

#[test]
fn the_picture_of_the_chapter() {
    let mut recording = Recording::new("Barrier: the slowest worker sets the pace");
    for worker in 1..=4 {
        let track = (0..3).fold(Track::new(format!("worker {worker}")), |track, round| {
            let (arrives, meeting) = (round * 40 + worker * 10, round * 40 + 40);
            if arrives < meeting { track.span(State::Waiting, arrives..meeting, "the others") } else { track }
        });
        recording = recording.track(track.until(120));
    }
    let recording = recording.counter("waiting", Count::waiting());
    assert_eq!(recording.most(&Count::waiting()), 3);
    assert_committed("10-barrier.svg", &recording);
}
