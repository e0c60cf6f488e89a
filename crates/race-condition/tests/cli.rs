//! The command line: what it prints, what it refuses, and that it stays quiet when nobody listens.

#[path = "../../timeline/tests/manners/narrow.rs"]
mod narrow; // what every program promises to a narrow terminal

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use std::process::Stdio;

fn race_condition() -> Command {
    Command::cargo_bin("race-condition").unwrap()
}

#[test]
fn the_forced_order_shows_both_ways_to_go_wrong() {
    let output =
        race_condition().args(["--tries", "5", "--seed", "7"]).assert().success().get_output().clone();
    let text = String::from_utf8(output.stdout).unwrap();
    let forced: Vec<_> = text.lines().filter(|line| line.contains("both ask, then both act")).collect();
    assert!(forced[0].ends_with("balance 300, paid out 1400"), "{text}");
    assert!(forced[1].ends_with("balance -400, paid out 1400"), "{text}");
    assert!(text.lines().count() <= 24, "{text}");
    assert!(text.ends_with("does not make the steps one.\n"));
    assert!(!text.contains('\x1b'), "no colour in a pipe");
}

#[test]
fn help_names_every_flag() {
    let help = race_condition().arg("--help").assert().success();
    help.stdout(contains("--tries").and(contains("--seed")).and(contains("--explore")));
}

#[test]
fn what_makes_no_sense_is_refused_with_status_2() {
    for (args, what) in
        [(["--tries", "0"], "--tries"), (["--seed", "x"], "--seed"), (["--luck", "1"], "--luck")]
    {
        race_condition().args(args).assert().code(2).stderr(contains(what)).stdout("");
    }
}

#[test]
fn a_closed_pipe_is_no_error() {
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("race-condition"))
        .args(["--tries", "1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_replay_shows_that_one_interleaving_of_both_versions() {
    let replay = race_condition().args(["--replay", "1221"]).assert().success();
    replay.stdout(contains("balance 300, paid out 1400").and(contains("balance -400, paid out 1400")));
    let right = race_condition().args(["--replay", "112"]).assert().success();
    right.stdout(contains("paid out 1400").not().and(contains("balance 300, paid out 700").count(2)));
}

#[test]
fn a_replay_of_what_cannot_be_is_refused() {
    for schedule in ["1222", "1x-"] {
        let failed = race_condition().args(["--replay", schedule]).assert().code(1).stdout("");
        failed.stderr(contains(format!("race-condition: --replay {schedule}: ")));
    }
}

#[test]
fn a_narrow_terminal_is_respected() {
    narrow::assert_narrow(&["--tries", "5", "--seed", "18446744073709551615"]);
    narrow::assert_narrow(&["--explore"]);
    narrow::assert_narrow(&["--replay", "1221"]);
}
