//! The command line: a game from start to end, without a terminal, and what is refused.

#[path = "../../timeline/tests/manners/narrow.rs"]
mod narrow; // what every program promises to a narrow terminal

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::{contains, ends_with};
use std::process::Stdio;

fn scheduler() -> Command {
    Command::cargo_bin("scheduler").unwrap()
}

#[test]
fn a_schedule_is_played_line_by_line() {
    let game =
        scheduler().args(["play", "race-condition"]).write_stdin("1\n2\n2\nm\n1\nh\nq\n").assert().success();
    game.stdout(contains("✗ WRONG: The bank paid out 1400").and(contains("4 of 6 schedules lose money")));
}

#[test]
fn a_schedule_on_the_command_line_or_in_one_word_is_the_same() {
    let end = contains("■ STUCK: Deadlock: Ann and Bob wait for each other");
    scheduler()
        .args(["play", "deadlock", "--schedule", "12"])
        .write_stdin("")
        .assert()
        .success()
        .stdout(end.clone());
    scheduler().args(["play", "deadlock"]).write_stdin("12").assert().success().stdout(end);
}

#[test]
fn undo_and_start_again_take_steps_back() {
    let game = scheduler().args(["play", "deadlock"]).write_stdin("u\n12\n1\nu\nr\nu").assert().success();
    let twice = contains("Nothing to undo").count(2);
    game.stdout(twice.and(contains("Ann cannot go on: it waits for the lock Bob's account, held by Bob")));
}

#[test]
fn a_spurious_wakeup_is_a_step_with_an_exclamation_mark() {
    let game = scheduler().args(["play", "if-for-while"]).write_stdin("111!122\n").assert().success();
    game.stdout(contains("✗ WRONG: The consumer continued with an empty buffer"));
}

#[test]
fn no_picture_is_longer_than_a_screen_or_wider_than_100_columns() {
    for program in scheduler::programs::PROGRAMS.iter().map(|program| program.id) {
        let played = scheduler().args(["play", program]).write_stdin("h h h m 1 1 2 2").output().unwrap();
        let text = String::from_utf8(played.stdout).unwrap();
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
        assert!(!text.contains('\x1b'), "no control codes in a pipe");
    }
}

#[test]
fn every_program_is_listed_with_its_counts() {
    let list = scheduler().arg("list").assert().success();
    let text = String::from_utf8(list.get_output().stdout.clone()).unwrap();
    for program in &scheduler::programs::PROGRAMS {
        assert!(text.lines().any(|line| line.starts_with(program.id)), "{text}");
    }
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
}

#[test]
fn a_graph_is_json() {
    let graph = scheduler().args(["graph", "deadlock"]).assert().success();
    let graph: serde_json::Value = serde_json::from_slice(&graph.get_output().stdout).unwrap();
    assert_eq!(graph["positions"][0]["w"], serde_json::json!([2, 2, 2, 2]));
}

#[test]
fn the_page_is_written_where_it_is_wanted() {
    let folder = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let file = folder.join("page.html");
    scheduler().arg("page").arg(&file).assert().success().stdout(contains("open "));
    assert!(std::fs::read_to_string(&file).unwrap().ends_with("</html>\n"));
    let nowhere = folder.join("missing/page.html");
    let failed = scheduler().arg("page").arg(nowhere).assert().code(1);
    failed.stderr(contains("scheduler: cannot write ").and(contains("page.html: ")));
}

#[test]
fn what_makes_no_sense_is_refused() {
    scheduler().args(["play", "chess"]).assert().code(2).stderr(contains("chess"));
    scheduler().arg("--fast").assert().code(2).stderr(contains("--fast"));
    scheduler().assert().code(2).stderr(contains("Usage"));
    let failed = scheduler().args(["play", "deadlock", "--schedule", "1222"]).assert().code(1).stdout("");
    failed.stderr(ends_with("nobody can take step \"22\" after 12\n"));
}

#[test]
fn a_closed_pipe_is_no_error() {
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("scheduler"))
        .args(["graph", "semaphore"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}
