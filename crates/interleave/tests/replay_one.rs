//! `INTERLEAVE_REPLAY` does one check again, and leaves the others of the same test as they are.

use interleave::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use interleave::{check, thread};
use std::process::Command;
use std::sync::Arc;

fn lost_update() -> usize {
    let visits = Arc::new(AtomicUsize::new(0));
    let theirs = Arc::clone(&visits);
    let other = thread::spawn(move || theirs.store(theirs.load(SeqCst) + 1, SeqCst));
    visits.store(visits.load(SeqCst) + 1, SeqCst);
    other.join().unwrap();
    visits.load(SeqCst)
}

/// Two checks in one test: the second fails. Not a claim of its own, but what the other test runs.
#[test]
fn two_checks() {
    if std::env::var_os("FAIL_ON_PURPOSE").is_some() {
        check(|| assert_ne!(lost_update(), 0));
        check(|| assert_ne!(lost_update(), 1, "an update is lost"));
    }
}

/// What `two_checks` prints.
fn run(replay: Option<&str>) -> String {
    let mut test = Command::new(std::env::current_exe().unwrap());
    test.args(["--exact", "two_checks"]).env("FAIL_ON_PURPOSE", "1").env_remove("INTERLEAVE_REPLAY");
    test.envs(replay.map(|replay| ("INTERLEAVE_REPLAY", replay)));
    String::from_utf8(test.output().unwrap().stdout).unwrap()
}

#[test]
fn the_line_says_which_check_is_done_again() {
    let told = run(None);
    let machine = told.lines().find(|line| line.starts_with("interleave: verdict=fails")).expect("it fails");
    let value =
        |key: &str| machine.split(' ').find_map(|pair| pair.strip_prefix(key)).expect("it has all of them");
    let replay = format!("{}@{}", value("schedule="), value("line="));
    let replay = replay.as_str();
    let again = run(Some(replay));
    assert!(again.contains("an update is lost"), "{again}");
    assert!(!again.contains("interleavings"), "one run tells of no search:\n{again}");
    // The schedule does not fit the first check, and without the line it is that one's too.
    let (schedule, line) = replay.split_once('@').unwrap();
    let nobodys = run(Some(&format!("{schedule}@{}", line.parse::<u32>().unwrap() + 1000)));
    assert!(nobodys.contains("interleavings"), "no check stands there, so all are searched:\n{nobodys}");
}
