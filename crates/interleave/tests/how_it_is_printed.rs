//! What a check that fails prints: to a pipe, to a terminal, at other widths, and how its run is seen again.

use interleave::sync::Arc;
use interleave::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use interleave::{Check, check, thread};
use std::process::Command;

/// Not a claim of its own, but what the other tests run.
#[test]
fn loses_an_update() {
    if std::env::var_os("FAIL_ON_PURPOSE").is_none() {
        return;
    }
    check(|| {
        let visits = Arc::new(AtomicUsize::new(0));
        let theirs = Arc::clone(&visits);
        let other = thread::spawn(move || theirs.store(theirs.load(SeqCst) + 1, SeqCst));
        visits.store(visits.load(SeqCst) + 1, SeqCst);
        other.join().unwrap();
        let fixed = std::env::var_os("FIXED_BY_NOW").is_some();
        assert!(fixed || visits.load(SeqCst) == 2, "an update is lost");
    });
}

/// As `loses_an_update`, but with a long schedule.
#[test]
fn takes_long() {
    if std::env::var_os("FAIL_ON_PURPOSE").is_some() {
        Check::new().in_turns().run(|| {
            let visits = Arc::new(AtomicUsize::new(0));
            let visit_often =
                |visits: Arc<AtomicUsize>| (0..80).for_each(|_| _ = visits.fetch_add(1, SeqCst));
            let theirs = Arc::clone(&visits);
            let other = thread::spawn(move || visit_often(theirs));
            visit_often(visits);
            other.join().unwrap();
            panic!("a thread was overtaken");
        });
    }
}

fn command(test: &str, envs: &[(&str, &str)]) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", test, "--nocapture"])
        .env("FAIL_ON_PURPOSE", "1")
        .env("CARGO_PKG_NAME", "interleave");
    for name in
        ["INTERLEAVE_REPLAY", "INTERLEAVE_FULL", "COLUMNS", "NO_COLOR", "RUST_BACKTRACE", "FIXED_BY_NOW"]
    {
        command.env_remove(name);
    }
    // Each test of this file has a folder of its own.
    command.env("CARGO_TARGET_TMPDIR", folder()).envs(envs.iter().copied());
    command
}

fn folder() -> std::path::PathBuf {
    let name = std::thread::current().name().unwrap_or("main").replace("::", "-");
    std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("how_it_is_printed").join(name)
}

/// What the test prints, to a pipe.
fn run(test: &str, envs: &[(&str, &str)]) -> String {
    let output = command(test, envs).output().unwrap();
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A path is not broken, so its line may be longer.
fn fits_80_columns(told: &str) -> bool {
    told.lines().all(|line| line.chars().count() <= 80 || line.starts_with("Step by step: "))
}

#[test]
fn the_end_repeats_the_headline_and_says_what_comes_next() {
    let told = run("loses_an_update", &[]);
    let lines: Vec<&str> = told.lines().filter(|line| !line.is_empty()).collect();
    let [.., machine, page, last, next] = &lines[..] else { panic!("{told}") };
    assert!(lines[0].contains("how_it_is_printed.rs:") && lines[0].ends_with("an update is lost"), "{told}");
    assert!(machine.starts_with("interleave: verdict=fails kind=panic"), "{told}");
    assert_eq!(
        (*last, *next),
        ("Not yet: an update is lost", "Next: change the code, then run `cargo test -p interleave` again.")
    );
    // A path is one piece, however long it is.
    let page = page.strip_prefix("Step by step: ").unwrap_or_else(|| panic!("{told}"));
    assert!(page.ends_with("interleave/interleave/loses_an_update.html"), "{told}");
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    assert!(root.join(page).is_file(), "{told}");
}

#[test]
fn the_last_run_is_kept_and_done_again() {
    let told = run("loses_an_update", &[]);
    assert!(told.contains("    INTERLEAVE_REPLAY=last cargo test -p interleave loses_an_update"), "{told}");
    let again = run("loses_an_update", &[("INTERLEAVE_REPLAY", "last")]);
    assert!(again.contains("acted on a value that was"), "{again}");
    assert!(
        !again.contains("interleavings") && !again.contains("is enough"),
        "one run tells of no search:\n{again}"
    );
    // With the fix, the very same run passes.
    let fixed = run("loses_an_update", &[("INTERLEAVE_REPLAY", "last"), ("FIXED_BY_NOW", "1")]);
    assert!(fixed.contains(" passes:") && fixed.contains("verdict=passes"), "{fixed}");
    // Once every run passes, there is none to be done again.
    assert!(run("loses_an_update", &[("FIXED_BY_NOW", "1")]).contains("complete=yes"));
    let searched = run("loses_an_update", &[("INTERLEAVE_REPLAY", "last")]);
    assert!(searched.contains("is enough"), "{searched}");
    assert!(searched.contains("no failing run of this test is stored"), "{searched}");
}

#[test]
fn a_long_schedule_is_only_in_the_file() {
    let told = run("takes_long", &[]);
    assert!(told.contains("schedule=last"), "{told}");
    assert!(told.contains("INTERLEAVE_REPLAY=last"), "{told}");
    assert!(fits_80_columns(&told), "{told}");
    assert!(run("takes_long", &[("INTERLEAVE_REPLAY", "last")]).contains("a thread was overtaken"));
}

#[test]
fn every_step_is_shown_if_wanted() {
    assert!(run("takes_long", &[]).contains(" left out (INTERLEAVE_FULL=1 shows them)"));
    let told = run("takes_long", &[("INTERLEAVE_FULL", "1")]);
    assert!(!told.contains(" left out") && told.contains("adds to visits: 80 → 81"), "{told}");
}

#[test]
fn a_report_fits_into_the_columns() {
    for (wanted, most) in [("60", 60), ("120", 120)] {
        let told = run("loses_an_update", &[("COLUMNS", wanted)]);
        let report = told.split_once("running 1 test").map_or(&*told, |(_, rest)| rest);
        assert!(report.contains('┼'), "{told}");
        // A path isn't broken, and the line for programs isn't meant for people.
        let is_whole = |line: &str| {
            ["Step by step: ", "interleave: "].iter().any(|begin| line.starts_with(begin))
                || line.split(' ').count() == 1
        };
        let widest = report.lines().filter(|line| !is_whole(line)).map(|line| line.chars().count()).max();
        assert!(widest.is_some_and(|widest| widest <= most), "{told}");
    }
    assert!(fits_80_columns(&run("loses_an_update", &[])));
}

#[test]
fn no_backtrace_of_the_explorer_is_printed() {
    let told = run("loses_an_update", &[("RUST_BACKTRACE", "1")]);
    assert!(told.contains("an update is lost"), "{told}");
    assert!(!told.contains("stack backtrace") && !told.contains("RUST_BACKTRACE"), "{told}");
}

#[test]
fn a_pipe_gets_no_colors() {
    assert!(!run("loses_an_update", &[("TERM", "xterm")]).contains('\x1b'));
}

#[test]
fn a_program_that_shows_the_report_on_a_terminal_gets_its_columns_in_color() {
    let told = run("loses_an_update", &[("INTERLEAVE_COLOR", "always")]);
    let colored: Vec<&str> = told.lines().filter(|line| line.contains('\x1b')).collect();
    // It reads the headline, and so gets that plain.
    assert!(!colored.is_empty() && colored.iter().all(|line| line.contains('│')), "{told}");
}

#[cfg(target_os = "linux")]
#[test]
fn colors_are_for_terminals_that_want_them() {
    let colored = on_a_terminal(&[("TERM", "xterm")]);
    assert!(colored.contains("\x1b[38;5;24m") && colored.contains("\x1b[1m"), "{colored}");
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let plain = on_a_terminal(&[("TERM", "xterm"), (name, value)]);
        assert!(plain.contains("an update is lost") && !plain.contains('\x1b'), "{plain}");
    }
}

/// What `loses_an_update` prints to a terminal, by util-linux's `script`.
#[cfg(target_os = "linux")]
fn on_a_terminal(envs: &[(&str, &str)]) -> String {
    let test = command("loses_an_update", envs);
    let words: Vec<String> = [test.get_program()]
        .into_iter()
        .chain(test.get_args())
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let mut script = Command::new("script");
    script.args(["-qec", &words.join(" "), "/dev/null"]);
    for (name, value) in test.get_envs() {
        match value {
            Some(value) => script.env(name, value),
            None => script.env_remove(name),
        };
    }
    String::from_utf8_lossy(&script.output().expect("util-linux has `script`").stdout).into_owned()
}
