//! The server's counts are exact, because the threads go in step.

#[path = "../../timeline/tests/manners/narrow.rs"]
mod narrow; // what every program promises to a narrow terminal

use assert_cmd::Command;
use assert_cmd::cargo::cargo_bin_cmd;
use per_thread_client::{a_new_one_every_time, count, one_for_all, one_for_each_thread};
use predicates::str::contains;

#[test]
fn a_new_client_is_a_new_connection() {
    let stats = count(4, 5, |url| a_new_one_every_time(url, 1)).unwrap();
    assert_eq!((stats.requests, stats.connections), (20, 20));
}

#[test]
fn a_client_for_each_thread_is_a_connection_for_each_thread() {
    let stats = count(8, 5, |url| one_for_each_thread(url, 1)).unwrap();
    assert_eq!((stats.requests, stats.connections), (40, 8));
}

#[test]
fn a_shared_client_with_room_opens_no_more_connections_than_threads() {
    let stats = count(8, 5, |url| one_for_all(url, 8)).unwrap();
    // A quick thread's connection may serve a slow one in the same round, so it can be fewer.
    assert!((1..=8).contains(&stats.connections), "{stats:?}");
    assert_eq!(stats.requests, 40);
}

#[test]
fn a_client_is_shared_by_reference_and_handed_over_by_clone() {
    fn shareable<T: Send + Sync + Clone>() {}
    shareable::<ureq::Agent>();
}

fn demo() -> Command {
    cargo_bin_cmd!("per-thread-client")
}

#[test]
fn the_demo_fits_a_terminal_and_ends_with_the_point() {
    let output = demo().args(["--rounds", "3"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    assert!(text.lines().count() <= 24 && text.lines().all(|line| line.chars().count() <= 100), "{text}");
    assert!(text.lines().last().unwrap().starts_with("Sharing is safe; but"), "{text}");
    let two = demo().args(["--threads", "2", "--rounds", "2"]).assert().success();
    two.stdout(contains("try --threads 8"));
    demo().args(["--threads", "0"]).assert().code(2).stderr(contains("--threads"));
}

#[test]
fn a_narrow_terminal_is_respected() {
    narrow::assert_narrow(&["--rounds", "2"]);
}
