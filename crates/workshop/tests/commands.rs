//! The commands, in tiny workshops.

mod common;

use common::{Tree, answer};
use predicates::prelude::PredicateBooleanExt;
use predicates::str::{contains, ends_with, is_empty, starts_with};
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant, SystemTime};

const MINE: &str = "exercises/ex01-tiny/src/lib.rs";

#[test]
fn a_learner_goes_from_the_first_check_to_the_next_exercise() {
    let tree = Tree::tiny("path");
    tree.workshop(&[])
        .assert()
        .success()
        .stdout(starts_with("You've solved 0 of 2 exercises. Next: ex01-tiny\nnumbers, at the tiny end\n"));
    tree.workshop(&["check"]).assert().code(1).stdout(
        starts_with("ex01-tiny: not yet: the answer is 41, and not 42\n")
            .and(contains("cargo workshop hint 1")),
    );
    tree.write(MINE, &answer("mine", "40 + 2"));
    tree.workshop(&["list"]).assert().success().stdout(contains("ex01-tiny   changed since check "));
    tree.workshop(&["check", "ex01"]).assert().success().stdout(
        starts_with("ex01-tiny: solved\n").and(contains("Next: read exercises/ex02-small/README.md.")),
    );
    tree.workshop(&["list"]).assert().success().stdout(contains("1 of 2 solved; next: ex02-small"));
    let line = "threads workshop: 1/2 [#.] next: ex02-small\n# solved   + begun   . to do\n";
    tree.workshop(&["progress", "--line"]).assert().success().stdout(line);

    tree.write(MINE, &answer("mine, and worse", "0"));
    tree.workshop(&["list"]).assert().success().stdout(contains("changed since solved"));
    tree.workshop(&["progress", "--line"])
        .assert()
        .stdout(starts_with("threads workshop: 0/2 [+.] next: ex01-tiny\n"));
    tree.write(MINE, &answer("mine", "40 + 2"));
    tree.workshop(&["list"]).assert().stdout(contains("1 of 2 solved"));

    tree.write("exercises/ex02-small/src/lib.rs", &answer("mine", "42"));
    tree.workshop(&["check", "02"]).assert().success().stdout(contains("You've solved all 2 exercises."));
    tree.workshop(&["check"]).assert().success().stdout(starts_with("You've solved all 2 exercises."));
}

#[test]
fn an_exercise_has_many_names() {
    let tree = Tree::tiny("names");
    let paths = ["exercises/ex02-small/", "exercises/ex02-small/src/lib.rs"];
    for name in ["2", "02", "ex02", "ex2", "EX02", "ex02-small", "small"].into_iter().chain(paths) {
        tree.workshop(&["hint", name]).assert().success().stdout(contains("ex02-small"));
    }
    // Without a name: the next one, or the one whose folder this is.
    tree.workshop(&["hint"]).assert().success().stdout(contains("ex01-tiny"));
    let mut inside = tree.workshop(&["check"]);
    inside.current_dir(tree.root.join("exercises/ex02-small/src"));
    inside.assert().code(1).stdout(starts_with("ex02-small: not yet"));
    tree.workshop(&["hint", "7"])
        .assert()
        .code(1)
        .stdout(is_empty())
        .stderr("cargo workshop: `7`: no such exercise; they are ex01-tiny to ex02-small\n");
    fs::remove_dir_all(tree.root.join("exercises/ex02-small")).unwrap();
    tree.workshop(&["hint", "2"])
        .assert()
        .code(1)
        .stderr(contains("exercises/ex02-small: this folder is missing"));
}

#[test]
fn a_file_that_is_gone_can_be_brought_back() {
    let tree = Tree::tiny("gone");
    fs::remove_file(tree.root.join(MINE)).unwrap();
    tree.workshop(&["check", "1"]).assert().code(1).stdout(contains("run `cargo workshop reset 1`"));
    tree.workshop(&["check", "2"]).assert().code(1).stdout(starts_with("ex02-small: not yet"));
    tree.workshop(&["reset", "1"]).assert().success().stdout(contains("was missing. It's back"));
    tree.workshop(&["check", "1"]).assert().code(1).stdout(starts_with("ex01-tiny: not yet"));
}

#[test]
fn what_a_crash_or_a_stranger_left_in_the_progress_is_passed_over() {
    let tree = Tree::tiny("crash");
    tree.write(MINE, &answer("mine", "42"));
    fs::write(
        tree.root.join(".workshop"),
        b"hint ex01-tiny 1\n\xff\xfe\nverdict ex02-small xyz solved\nverdict ex01-ti",
    )
    .unwrap();
    tree.workshop(&["list"]).assert().success().stdout(contains("0 of 2 solved"));
    tree.workshop(&["check", "1"]).assert().success();
    tree.workshop(&["list"]).assert().success().stdout(contains("1 of 2 solved"));
    tree.workshop(&["hint", "1"]).assert().success().stdout(contains("Less than 43."));
}

#[test]
fn a_progress_file_that_has_grown_long_is_put_in_order() {
    let tree = Tree::tiny("long");
    tree.write(MINE, &answer("mine", "42"));
    tree.workshop(&["check", "1"]).assert().success();
    let known = tree.read(".workshop");
    tree.write(".workshop", &format!("{}{known}", "hint ex02-small 1\n".repeat(2000)));
    tree.workshop(&["hint", "2"]).assert().success();
    assert_eq!(tree.read(".workshop"), format!("{known}hint ex02-small 2\n"));
    assert_eq!(
        fs::read_dir(&tree.root)
            .unwrap()
            .filter(|e| e.as_ref().unwrap().path().extension().is_some_and(|x| x == "tmp"))
            .count(),
        0
    );
}

#[test]
fn progress_that_cannot_be_kept_takes_no_verdict_away() {
    let tree = Tree::tiny("kept");
    fs::create_dir(tree.root.join(".workshop")).unwrap();
    tree.workshop(&["check", "1"])
        .assert()
        .code(1)
        .stdout(contains("not yet"))
        .stderr(contains("can't write"));
    let hint = tree.workshop(&["hint", "1"]).assert().success();
    hint.stdout(contains("More than 41.")).stderr(contains("can't write"));
}

#[test]
fn hints_come_one_by_one() {
    let tree = Tree::tiny("hints");
    let hint = |words: &[&str]| {
        let out = tree.workshop(words).assert().success().get_output().stdout.clone();
        String::from_utf8(out).unwrap()
    };
    assert!(hint(&["hint", "1", "--again"]).starts_with("You haven't seen a hint"));
    let first = hint(&["hint", "1"]);
    assert!(first.starts_with("Hint 1 of 2 for ex01-tiny: how large?\n\nMore than 41.\n"), "{first}");
    assert!(!first.contains("43") && !first.contains("Nobody knows"), "{first}");
    let second = hint(&["hint", "1"]);
    assert!(second.contains("Less than 43.") && second.contains("That was the last hint"), "{second}");
    assert!(hint(&["hint", "1"]).starts_with("You've seen every hint"));
    let again = hint(&["hint", "1", "--again"]);
    assert!(again.contains("More than 41.") && again.contains("Less than 43."), "{again}");
    assert!(hint(&["hint", "2"]).contains("More than 41."));
}

#[test]
fn the_solution_is_shown_to_those_who_solved_it_or_ask_for_it() {
    let tree = Tree::tiny("diff");
    tree.workshop(&["diff", "1"]).assert().code(1).stdout(is_empty()).stderr(contains("--peek"));
    let peek = tree.workshop(&["diff", "1", "--peek"]).assert().success().get_output().stdout.clone();
    let peek = String::from_utf8(peek).unwrap();
    assert!(
        peek.starts_with("--- exercises/ex01-tiny/src/lib.rs\n+++ solutions/ex01-tiny/src/lib.rs\n"),
        "{peek}"
    );
    assert!(peek.contains("\n-    41\n+    42\n"), "{peek}");
    tree.write(MINE, &answer("The solution.", "42"));
    tree.workshop(&["check", "1"]).assert().success();
    tree.workshop(&["diff", "1"]).assert().success().stdout(contains("is the same as the solution"));
}

#[test]
fn a_reset_keeps_every_version() {
    let tree = Tree::tiny("reset");
    let shipped = tree.read(MINE);
    tree.workshop(&["reset", "1"]).assert().success().stdout(contains("nothing to do"));
    for number in 1..=3 {
        tree.write(MINE, &format!("version {number}"));
        let kept = ["exercises", "ex01-tiny", "src", &format!("lib.mine.{number}.rs")]
            .join(std::path::MAIN_SEPARATOR_STR);
        tree.workshop(&["reset", "1"]).assert().success().stdout(contains(kept.as_str()));
        assert_eq!(tree.read(MINE), shipped);
    }
    for number in 1..=3 {
        assert_eq!(
            tree.read(&format!("exercises/ex01-tiny/src/lib.mine.{number}.rs")),
            format!("version {number}")
        );
    }
    fs::remove_file(tree.root.join(MINE)).unwrap();
    tree.workshop(&["check", "1"]).assert().code(1).stdout(contains("not checked: src/lib.rs can't be read"));
    tree.workshop(&["reset", "1"]).assert().success().stdout(contains("was missing"));
    assert_eq!(tree.read(MINE), shipped);
}

#[test]
fn a_wrong_flag_shows_the_usage_and_a_wrong_folder_says_so() {
    let tree = Tree::tiny("flags");
    tree.workshop(&["check", "--fast"]).assert().code(2).stderr(contains("Usage"));
    tree.workshop(&["chekc"]).assert().code(2).stderr(contains("check"));
    tree.workshop(&["verify", "--fewest", "six"]).assert().code(2);
    tree.workshop(&["--help"]).assert().success().stdout(contains("Usage: cargo workshop"));
    fs::remove_dir_all(tree.root.join("exercises")).unwrap();
    tree.workshop(&["list"]).assert().code(1).stderr(starts_with("cargo workshop: "));
}

#[test]
fn every_line_fits_and_nothing_is_coloured_in_a_pipe() {
    let tree = Tree::tiny("width");
    let manifest = tree.read("exercises/ex01-tiny/Cargo.toml");
    tree.write("exercises/ex01-tiny/Cargo.toml", &manifest.replace("numbers", &"very ".repeat(60)));
    let check = common::CHECK.replace("and not 42", &"and not 42, ".repeat(20));
    tree.write("exercises/ex01-tiny/tests/check.rs", &check);
    let help = ["list", "check", "watch", "hint", "diff", "reset", "progress", "doctor", "verify"];
    let help = help.map(|command| vec![command, "--help"]);
    let others = [&[][..], &["list"], &["progress", "--line"], &["check", "1"], &["check", "2"], &["doctor"]];
    let others = others.into_iter().chain([&["hint", "1"][..], &["diff", "1"], &["--help"]]);
    for words in others.map(<[&str]>::to_vec).chain(help) {
        for (columns, wide) in [(Some("60"), 60), (Some("100"), 100), (None, 80)] {
            let mut command = tree.workshop(&words);
            match columns {
                Some(columns) => command.env("COLUMNS", columns),
                None => command.env_remove("COLUMNS"),
            };
            let out = command.output().unwrap();
            let out =
                String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
            assert!(!out.contains('\x1b'), "{out}");
            assert!(out.lines().count() <= 40, "{out}");
            // A path can't be broken.
            let is_path = |line: &str| line.contains(common::repository().to_str().unwrap());
            let too_wide = out.lines().find(|line| line.chars().count() > wide && !is_path(line));
            assert_eq!(too_wide, None, "{words:?} in {columns:?} columns:\n{out}");
        }
    }
}

/// The check of a tiny exercise with three tests, each of which fails as long as the answer is wrong.
const THREE_TESTS: &str = "\
#[test]
fn it_is_even() {
    assert!(tiny::answer() % 2 == 0, \"{} is odd\", tiny::answer());
}

#[test]
fn a_third_of_it_is_14() {
    assert!(tiny::answer() / 3 == 14, \"a third of it is {}\", tiny::answer() / 3);
}
";

#[test]
fn of_several_failing_tests_the_first_is_shown() {
    let tree = Tree::tiny("several");
    tree.write("exercises/ex01-tiny/tests/check.rs", &format!("{}\n{THREE_TESTS}", common::CHECK));
    let first = starts_with("ex01-tiny: not yet: the answer is 41, and not 42\n");
    let others = "2 other tests fail for now: `cargo workshop check 1 --all` shows all.\n";
    let last = "\n\nex01-tiny: not yet: the answer is 41, and not 42\n\
                Edit exercises/ex01-tiny/src/lib.rs. Stuck? `cargo workshop hint 1`\n";
    tree.workshop(&["check", "1"])
        .assert()
        .code(1)
        .stdout(first.clone().and(contains(others)).and(ends_with(last)).and(contains("is odd").not()));
    tree.workshop(&["check", "1", "--all"]).assert().code(1).stdout(
        first
            .and(contains("other test").not())
            .and(contains(
                "\nTest it_is_even: not yet: 41 is odd\n\n    at exercises/ex01-tiny/tests/check.rs:",
            ))
            .and(contains("\nTest a_third_of_it_is_14: not yet: a third of it is 13\n"))
            .and(ends_with(last)),
    );
    tree.write(MINE, &answer("Nearly.", "43"));
    tree.workshop(&["check", "1"]).assert().code(1).stdout(contains("1 other test fails for now: "));
}

#[test]
fn a_report_has_no_backtrace() {
    let tree = Tree::tiny("backtrace");
    let full = tree.workshop(&["check", "1"]).env("RUST_BACKTRACE", "1").assert().code(1);
    full.stdout(contains("the answer is 41").and(contains("backtrace").not()).and(contains("rustc/").not()));
}

#[test]
fn what_is_built_first_is_told() {
    let tree = Tree::tiny("building");
    let depend = |folder: &str| {
        let manifest = tree.read(&format!("{folder}/Cargo.toml"));
        let depends = "[dependencies]\nhelper = { path = \"../../helper\" }\n\n[lib]";
        tree.write(&format!("{folder}/Cargo.toml"), &manifest.replace("[lib]", depends));
    };
    depend("exercises/ex01-tiny");
    tree.write("helper/Cargo.toml", "[package]\nname = \"helper\"\nversion = \"0.1.0\"\n");
    tree.write("helper/src/lib.rs", "");
    let check = tree.workshop(&["check", "1"]).assert().code(1);
    // Its own package is built each time.
    let told = contains("   Compiling helper v0.1.0").and(contains("Compiling ex01-tiny").not());
    check.stdout(starts_with("ex01-tiny: not yet")).stderr(told);
    tree.workshop(&["check", "1"]).assert().code(1).stderr(contains("Compiling").not());
}

#[test]
fn a_closed_pipe_is_no_error() {
    let tree = Tree::tiny("pipe");
    for words in [&[][..], &["list"], &["hint", "1"], &["diff", "1", "--peek"], &["doctor"]] {
        let mut child =
            tree.std_command(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let out = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&out.stderr);
        assert!(!said.contains("panicked") && !said.contains("pipe"), "{words:?}: {said}");
        assert!(out.status.success() || words == ["doctor"], "{words:?}: {said}");
    }
}

#[test]
fn the_doctor_looks_at_everything() {
    let tree = Tree::tiny("doctor");
    // A tiny workshop has no explorer to build: that is the one problem.
    let doctor = tree.workshop(&["doctor"]).assert().code(1).get_output().stdout.clone();
    let doctor = String::from_utf8(doctor).unwrap();
    for what in ["Rust", "cores", "crates", "build", "network", "folder", "terminal", "git"] {
        assert!(doctor.lines().any(|line| line.starts_with(what)), "{what}: {doctor}");
    }
    let problems: Vec<&str> = doctor.lines().filter(|line| line.contains("PROBLEM")).collect();
    assert!(problems.len() == 1 && problems[0].starts_with("build"), "{doctor}");
    assert!(doctor.ends_with("Before you can begin, solve 1 problem.\n"), "{doctor}");
    let line = tree.workshop(&["doctor", "--line"]).assert().code(1).get_output().stdout.clone();
    let line = String::from_utf8(line).unwrap();
    assert!(line.starts_with("threads doctor: PROBLEM with build | ") && line.lines().count() == 1, "{line}");
}

#[test]
fn crates_that_are_not_downloaded_yet_are_no_problem() {
    let tree = Tree::tiny("not-downloaded");
    let members =
        "[workspace]\nresolver = \"3\"\nmembers = [\"exercises/*\", \"solutions/*\", \"crates/*\"]\n";
    tree.write("Cargo.toml", members);
    let package = |name: &str| format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\n\n");
    tree.write("crates/interleave/Cargo.toml", &package("interleave"));
    tree.write("crates/interleave/src/lib.rs", "");
    tree.write("crates/demo/Cargo.toml", &(package("demo") + "[dependencies]\ncfg-if = \"1\"\n"));
    tree.write("crates/demo/src/lib.rs", "");
    // A registry that knows the crate, but doesn't have it here.
    let known = format!(
        "{{\"name\":\"cfg-if\",\"vers\":\"1.0.4\",\"deps\":[],\"cksum\":\"{}\",\"features\":{{}},\"yanked\":false}}\n",
        "0".repeat(64)
    );
    tree.write("registry/index/cf/g-/cfg-if", &known);
    let sources = format!(
        "[source.crates-io]\nreplace-with = \"local\"\n\n[source.local]\nlocal-registry = '{}'\n",
        tree.root.join("registry").display()
    );
    tree.write("home/config.toml", &sources);
    let mut doctor = tree.workshop(&["doctor"]);
    doctor.env("CARGO_HOME", tree.root.join("home"));
    doctor.assert().success().stdout(
        contains("\ncrates    note     some aren't downloaded yet")
            .and(contains("-> to work offline later, run `cargo fetch` once\n"))
            .and(contains("PROBLEM").not())
            .and(ends_with("\nYour machine has everything the workshop needs.\n")),
    );
}

#[test]
fn a_broken_exercise_leaves_the_others_alone() {
    let tree = Tree::tiny("alone");
    tree.write(MINE, "this is not Rust");
    tree.write("exercises/ex02-small/src/lib.rs", &answer("mine", "42"));
    tree.workshop(&["check", "2"]).assert().success();
    tree.workshop(&["check", "1"]).assert().code(1).stdout(starts_with("ex01-tiny: does not compile: "));
}

#[test]
fn a_broken_workspace_is_told_apart_from_a_broken_exercise() {
    let tree = Tree::tiny("workspace");
    tree.write("solutions/ex02-small/Cargo.toml", "[package");
    let told = "cargo workshop: can't build the check of ex01-tiny: error: ";
    tree.workshop(&["check", "1"])
        .assert()
        .code(1)
        .stdout(is_empty())
        .stderr(starts_with(told).and(contains("Caused by").not()));
}

#[test]
fn watching_checks_what_is_saved() {
    let tree = Tree::tiny("watch");
    let mut child = tree.std_command(&["watch"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut until = |wanted: &str| {
        let mut seen = vec![];
        loop {
            let Some(line) = lines.next() else { panic!("{wanted}: not among {seen:#?}") };
            assert!(!line.contains('\x1b'), "{line}");
            let found = line.starts_with(wanted);
            seen.push(line);
            if found {
                return;
            }
        }
    };
    until("Watching");
    until("ex01-tiny: not yet: the answer is 41");
    until("Edit exercises/ex01-tiny/src/lib.rs.");
    tree.write(MINE, &answer("mine", "42"));
    until("ex01-tiny: solved");
    until("Next: ");
    // As many editors do it: another file in its place.
    tree.write("exercises/ex02-small/src/lib.rs.new", &answer("mine", "17"));
    let [new, old] =
        ["lib.rs.new", "lib.rs"].map(|file| tree.root.join("exercises/ex02-small/src").join(file));
    fs::rename(new, old).unwrap();
    until("ex02-small: not yet: the answer is 17");
    until("Edit exercises/ex02-small/src/lib.rs.");
    // Both at once, as "save all" does.
    tree.write(MINE, &answer("mine", "43"));
    tree.write("exercises/ex02-small/src/lib.rs", &answer("mine", "42"));
    until("ex01-tiny: not yet: the answer is 43");
    until("ex02-small: solved");
    until("Next: ");
    interrupt(&child);
    let code = child.wait().unwrap().code();
    assert!(!cfg!(unix) || code == Some(130), "{code:?}");
}

#[cfg(unix)]
fn interrupt(child: &std::process::Child) {
    let pid = nix::unistd::Pid::from_raw(child.id().try_into().unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).unwrap();
}

#[cfg(not(unix))]
fn interrupt(child: &std::process::Child) {
    std::process::Command::new("taskkill").args(["/F", "/PID", &child.id().to_string()]).status().unwrap();
}

/// Ctrl-C ends a check that hangs, and what the check has started.
#[cfg(unix)]
#[test]
fn ctrl_c_leaves_nothing_behind() {
    let tree = Tree::tiny("interrupt");
    let started = tree.root.join("started");
    tree.write(
        "exercises/ex01-tiny/tests/check.rs",
        &format!(
            "#[test]\nfn it_hangs() {{\n    std::fs::write({:?}, \"\").unwrap();\n    loop {{ std::thread::park(); }}\n}}\n",
            started.display().to_string()
        ),
    );
    let child = tree.std_command(&["check", "1", "--limit", "3600"]).stdout(Stdio::null()).spawn().unwrap();
    let mut polls = 0;
    while !started.exists() {
        polls += 1;
        assert!(polls < 12_000, "the check has not started within two minutes");
        std::thread::sleep(Duration::from_millis(10));
    }
    interrupt(&child);
    let out = child.wait_with_output().unwrap();
    assert_eq!(out.status.code(), Some(130));
    nobody_is_left(&tree);
}

/// What was killed is gone at once, but for the moment that the system takes to bury it.
#[cfg(unix)]
fn nobody_is_left(tree: &Tree) {
    for _ in 0..1000 {
        if common::still_running(tree).is_empty() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("still running: {:?}", common::still_running(tree));
}

/// As a check writes it, some time ago.
fn write_page(tree: &Tree, exercise: &str, test: &str, minutes_ago: u64) -> String {
    let page = format!("target/interleave/{exercise}/{test}.html");
    tree.write(&page, "a page");
    let file = fs::File::options().append(true).open(tree.root.join(&page)).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(60 * minutes_ago)).unwrap();
    page
}

#[test]
fn the_last_failing_run_is_named_where_there_is_no_browser() {
    let tree = Tree::tiny("play");
    let play = |words: &[&str]| {
        let mut command = tree.workshop(&[&["play"], words].concat());
        for name in ["BROWSER", "DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"] {
            command.env_remove(name);
        }
        command.assert()
    };
    let _ = fs::remove_dir_all(tree.root.join("target/interleave"));
    play(&[]).code(1).stdout("There is no failing run to step through: run `cargo workshop check` first.\n");
    play(&["2"])
        .code(1)
        .stdout("There is no failing run to step through: run `cargo workshop check 2` first.\n");
    let first = write_page(&tree, "ex01-tiny", "first", 3);
    let second = write_page(&tree, "ex02-small", "second", 1);
    write_page(&tree, "ex02-small", "earlier", 2);
    tree.write("target/interleave/ex01-tiny/first", "1221@3\n");
    // On Windows and macOS there is always a browser.
    if cfg!(target_os = "linux") {
        let named = |page: String| contains("open this page in a browser:\n").and(contains(page));
        play(&[]).success().stdout(named(second));
        // The file is newer than the page.
        play(&["1"]).success().stdout(named(first).and(contains("You've changed ex01-tiny since then")));
    }
    tree.write("exercises/ex02-small/tests/check.rs", "use interleave::live;\n");
    play(&["2"]).code(1).stdout(contains("talks to real sockets, so it has no run to step through"));
}

#[test]
#[cfg(unix)]
fn the_last_failing_run_is_opened_in_the_browser_that_is_set() {
    use std::os::unix::fs::PermissionsExt;
    let tree = Tree::tiny("browser");
    let page = write_page(&tree, "ex01-tiny", "first", 1);
    let (browser, opened) = (tree.root.join("browser"), tree.root.join("opened"));
    let script = format!("#!/bin/sh\nprintf %s \"$1\" >'{0}.new' && mv '{0}.new' '{0}'\n", opened.display());
    tree.write("browser", &script);
    fs::set_permissions(&browser, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = tree.workshop(&["play", "1"]);
    command.env("BROWSER", &browser).assert().success().stdout(contains(&page));
    // It isn't waited for.
    let asked = Instant::now();
    while !opened.exists() {
        assert!(asked.elapsed() < Duration::from_secs(60), "no browser was started");
        std::thread::yield_now();
    }
    assert_eq!(fs::read_to_string(opened).unwrap(), tree.root.join(page).display().to_string());
}
