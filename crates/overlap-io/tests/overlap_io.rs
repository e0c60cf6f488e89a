//! That the waits overlap is asserted by the server, which counts the requests it holds; no clock is asked.

#[path = "../../timeline/tests/manners/narrow.rs"]
mod narrow; // what every program promises to a narrow terminal

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::Duration;

use assert_cmd::Command;
use assert_cmd::cargo::{cargo_bin, cargo_bin_cmd};
use executor::Executor;
use lab_server::LabServer;
use overlap_io::{a_pool, a_thread_each, client, files, one_by_one};
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use timeline::{Count, Recorder, Recording, State, Track};

const SOON: Duration = Duration::from_secs(20);

/// The picture of chapter 13: both runs from the same zero, as the server's latency has them.
#[test]
fn the_picture_of_the_chapter() {
    let one_by_one = (0..10).fold(Track::new("one thread"), |track, n| {
        track.span(State::Waiting, n * 100..(n + 1) * 100, "answer")
    });
    let worker = |n| Track::new(format!("worker {n}")).span(State::Waiting, 0..100, "answer");
    let alone = Recording::new("Ten waits, one after another and overlapped").track(one_by_one.until(1000));
    let recording = (1..=10).fold(alone, |recording, n| recording.track(worker(n).until(100)));
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/images/13-overlap-io.svg");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, recording.svg()).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let mend = "UPDATE_DOCS=1 cargo test -p overlap-io rewrites it";
    assert!(committed == recording.svg(), "docs/images/13-overlap-io.svg is out of date: {mend}");
}

fn urls(server: &LabServer, number: usize) -> Vec<String> {
    (0..number).map(|n| server.url(&format!("/page?hold=yes&n={n}"))).collect()
}

#[test]
fn ten_threads_wait_at_once() {
    let server = LabServer::start().unwrap();
    std::thread::scope(|threads| {
        let fetch = || a_thread_each(&client(10), &urls(&server, 10), &Recorder::off()).unwrap();
        let sizes = threads.spawn(fetch);
        server.wait_until(SOON, |stats| stats.in_flight == 10).expect("ten requests at once");
        server.release();
        assert_eq!(sizes.join().unwrap(), [7; 10]);
    });
}

#[test]
fn a_pool_of_four_has_four_requests_in_flight_and_never_five() {
    let server = LabServer::start().unwrap();
    std::thread::scope(|threads| {
        let fetch = || a_pool(4, &client(4), &urls(&server, 10), &Recorder::off()).unwrap();
        let sizes = threads.spawn(fetch);
        server.wait_until(SOON, |stats| stats.in_flight == 4).expect("four requests at once");
        server.release();
        assert_eq!(sizes.join().unwrap().len(), 10);
    });
    let stats = server.stats();
    assert_eq!((stats.requests, stats.peak_in_flight, stats.connections), (10, 4, 4));
}

#[test]
fn one_by_one_never_overlaps() {
    let server = LabServer::start().unwrap();
    server.release();
    one_by_one(&client(1), &urls(&server, 5), &Recorder::off()).unwrap();
    let stats = server.stats();
    assert_eq!((stats.requests, stats.peak_in_flight), (5, 1));
}

#[test]
fn the_timeline_shows_all_ten_waiting_at_one_instant() {
    let server = LabServer::start().unwrap();
    let recorder = Recorder::new("pool");
    std::thread::scope(|threads| {
        let sizes = threads.spawn(|| a_pool(10, &client(10), &urls(&server, 10), &recorder).unwrap());
        server.wait_until(SOON, |stats| stats.in_flight == 10).expect("ten requests at once");
        server.release();
        sizes.join().unwrap();
    });
    assert_eq!(recorder.recording().most(&Count::waiting()), 10);
}

#[test]
fn files_come_back_whole_in_both_ways() {
    let folder = tempfile::tempdir().unwrap();
    let paths = files::paths(folder.path(), 100);
    let pool = Executor::new(4);
    for pool in [None, Some(&pool)] {
        for act in [files::write, files::write_and_sync, files::read] {
            assert_eq!(files::for_each(pool, &paths, act).unwrap(), 100 * files::SIZE);
        }
    }
    files::forget(&paths).unwrap();
    assert_eq!(files::for_each(None, &paths, files::read).unwrap(), 100 * files::SIZE);
    let missing = folder.path().join("missing");
    let error = files::for_each(Some(&pool), &[missing], files::read).unwrap_err();
    assert!(error.to_string().contains("missing: "), "{error}");
}

fn demo() -> Command {
    cargo_bin_cmd!("overlap-io")
}

#[test]
fn the_demo_fits_a_terminal_and_ends_with_the_point() {
    let output = demo().args(["--latency", "5ms"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    assert!(text.lines().count() <= 24, "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    assert!(!text.contains('\u{1b}'));
    assert!(text.lines().last().unwrap().starts_with("Waits overlap: 10 of them"), "{text}");
}

/// As `overlap-io --svg FILE | head -1` does.
#[test]
fn the_picture_is_there_also_when_the_reader_has_left() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("picture.svg");
    let mut child = std::process::Command::new(cargo_bin!("overlap-io"))
        .args(["--latency", "5ms", "--svg"])
        .arg(&file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(child.wait().unwrap().success(), "{first}");
    assert!(std::fs::read_to_string(&file).unwrap().ends_with("</svg>\n"));
}

/// A folder where the programs are built: more often on a disk than the one for temporary files.
fn beside_the_programs() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

/// In memory nothing waits, not even `fsync`.
#[cfg(target_os = "linux")]
#[test]
fn in_memory_nothing_is_said_to_be_cold_or_to_overlap() {
    let Ok(folder) = tempfile::tempdir_in("/dev/shm") else { return };
    if !files::in_memory(folder.path()) {
        return;
    }
    let mut run = demo();
    run.args(["--files", "--count", "50", "--dir"]).arg(folder.path());
    let run = run.assert().success().stdout(contains("This folder is in memory (tmpfs)"));
    let run = run.stdout(contains("cold").or(contains("Cold")).not());
    run.stdout(predicates::str::ends_with("Nothing waited here, so nothing could overlap.\n"));
}

/// Ctrl-C can be sent to one process only where there are signals.
#[cfg(unix)]
#[test]
fn ctrl_c_leaves_no_files() {
    let folder = beside_the_programs();
    let mut child = std::process::Command::new(cargo_bin!("overlap-io"))
        .args(["--files", "--count", "5000", "--dir"])
        .arg(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    // The handler is set before the first line is printed.
    lines.next().expect("the first line");
    let folder_of_ours =
        || std::fs::read_dir(folder.path()).unwrap().next().map(|entry| entry.unwrap().path());
    let begun = folder_of_ours().expect("the folder is made before the first line");
    // Not before there is something to remove.
    while std::fs::read_dir(&begun).is_ok_and(|mut files| files.next().is_none()) {
        std::thread::yield_now();
    }
    std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let rest: Vec<String> = lines.collect();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{rest:?}");
    assert_eq!(output.stderr, b"overlap-io: interrupted; the files are removed\n");
    assert_eq!(folder_of_ours(), None, "{rest:?}");
}

#[test]
fn files_are_removed_also_when_the_reader_has_left() {
    let folder = beside_the_programs();
    for lines in [0, 1] {
        let mut child = std::process::Command::new(cargo_bin!("overlap-io"))
            .args(["--files", "--count", "50", "--dir"])
            .arg(folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap()).lines().take(lines);
        out.for_each(|line| drop(line.unwrap()));
        assert!(child.wait().unwrap().success());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "after {lines} lines");
    }
}

#[test]
fn files_are_measured_and_removed() {
    let folder = beside_the_programs();
    let mut run = demo();
    run.args(["--files", "--count", "50", "--dir"]).arg(folder.path());
    let point = if files::in_memory(folder.path()) { "Nothing waited here" } else { "Waits overlap" };
    run.assert().success().stdout(contains("write and sync").and(contains(point)));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn bad_input_is_one_clear_line() {
    demo().args(["--requests", "0"]).assert().code(2).stderr(contains("--requests"));
    demo().args(["--latency", "fast"]).assert().code(2).stderr(contains("write 100ms"));
    demo().args(["--files", "--latency", "1ms"]).assert().code(2).stderr(contains("--latency"));
    let at_once = demo().args(["--latency", "0ms", "--requests", "2"]).assert().success();
    at_once.stdout(contains("there was no wait to overlap"));
    let run = demo().args(["--files", "--dir", "/no/such/folder"]).assert().code(1);
    run.stderr(contains("overlap-io: cannot use /no/such/folder: "));
}

#[test]
fn a_narrow_terminal_is_respected() {
    narrow::assert_narrow(&[]);
}
