//! The page that a failing check writes: it says what the report says, it is small, it stands alone, and a browser plays it.

#[macro_use]
extern crate interleave as std; // the scenarios are explored

use interleave::Check;
use interleave::real::io::{Write, stderr};
use interleave::real::path::{Path, PathBuf};
use interleave::real::process::{Command, Stdio};
use interleave::real::{env, fs};
use scheduler::page;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::thread;

// What the other tests run. Not claims of their own: without FAIL_ON_PURPOSE they do nothing.

fn on_purpose(scenario: impl Fn() + 'static) {
    if env::var_os("FAIL_ON_PURPOSE").is_some() {
        let fixed = env::var_os("FIXED_BY_NOW").is_some();
        Check::new().run(move || {
            if !fixed {
                scenario();
            }
        });
    }
}

/// Two threads with names, and the scenario's own at the end.
#[test]
fn loses_an_update() {
    on_purpose(|| {
        let visits = Arc::new(Mutex::new(0));
        let guests = ["Ann", "Bob"].map(|name| {
            let visits = Arc::clone(&visits);
            let visit = move || {
                let seen = *visits.lock().unwrap();
                *visits.lock().unwrap() = seen + 1;
            };
            thread::Builder::new().name(name.into()).spawn(visit).unwrap()
        });
        guests.into_iter().for_each(|guest| guest.join().unwrap());
        assert!(*visits.lock().unwrap() == 2, "a visit is lost");
    });
}

#[test]
fn waits_in_a_circle() {
    on_purpose(|| {
        let locks = Arc::new((Mutex::new(1), Mutex::new(2)));
        let theirs = Arc::clone(&locks);
        let other = thread::spawn(move || {
            let second = theirs.1.lock().unwrap();
            *theirs.0.lock().unwrap() += *second;
        });
        let first = locks.0.lock().unwrap();
        *locks.1.lock().unwrap() += *first;
        drop(first);
        other.join().unwrap();
    });
}

#[test]
fn misses_a_notification() {
    on_purpose(|| {
        let shared = Arc::new((Mutex::new(false), Condvar::new()));
        let theirs = Arc::clone(&shared);
        let other = thread::spawn(move || {
            *theirs.0.lock().unwrap() = true;
            theirs.1.notify_one();
        });
        let is_ready = *shared.0.lock().unwrap();
        if !is_ready {
            let guard = shared.0.lock().unwrap();
            drop(shared.1.wait(guard).unwrap());
        }
        other.join().unwrap();
    });
}

#[test]
fn wakes_for_no_reason() {
    on_purpose(|| {
        let shared = Arc::new((Mutex::new(0), Condvar::new()));
        let theirs = Arc::clone(&shared);
        let other = thread::spawn(move || {
            *theirs.0.lock().unwrap() = 7;
            theirs.1.notify_one();
        });
        let mut value = shared.0.lock().unwrap();
        if *value == 0 {
            value = shared.1.wait(value).unwrap();
        }
        assert!(*value == 7, "the value isn't there");
        drop(value);
        other.join().unwrap();
    });
}

#[test]
fn reads_an_old_value() {
    on_purpose(|| {
        let shared = Arc::new((AtomicU32::new(0), AtomicBool::new(false)));
        let theirs = Arc::clone(&shared);
        let other = thread::spawn(move || {
            theirs.0.store(7, Ordering::Relaxed);
            theirs.1.store(true, Ordering::Relaxed);
        });
        if shared.1.load(Ordering::Relaxed) {
            assert!(shared.0.load(Ordering::Relaxed) == 7, "the flag came before the data");
        }
        other.join().unwrap();
    });
}

#[test]
fn never_ends() {
    on_purpose(|| {
        let (sender, inbox) = mpsc::channel::<u32>();
        let worker = thread::spawn(move || while inbox.try_recv() != Ok(1) {});
        sender.send(0).unwrap();
        worker.join().unwrap();
    });
}

#[test]
fn is_overtaken_for_long() {
    if env::var_os("FAIL_ON_PURPOSE").is_some() {
        Check::new().in_turns().run(|| {
            let visits = Arc::new(AtomicU32::new(0));
            let theirs = Arc::clone(&visits);
            let visit = |visits: &AtomicU32| (0..300).for_each(|_| _ = visits.fetch_add(1, Ordering::SeqCst));
            let other = thread::spawn(move || visit(&theirs));
            visit(&visits);
            other.join().unwrap();
            panic!("it took long");
        });
    }
}

#[test]
fn fails_without_a_step() {
    on_purpose(|| panic!("no thread has done anything"));
}

/// Whatever could end a script, a string or an element.
#[test]
fn has_odd_texts() {
    on_purpose(|| {
        let text = Arc::new(Mutex::new("</script><b>\"it's\" \\ & \u{1}\u{7f}".to_string()));
        let theirs = Arc::clone(&text);
        let name = "<i>\"T\" & 'U'</i>".to_string();
        let other = thread::Builder::new().name(name).spawn(move || theirs.lock().unwrap().push('<'));
        other.unwrap().join().unwrap();
        panic!("</script><!-- \"quoted\" & \u{1b}[1m <script>");
    });
}

const ALL: [&str; 9] = [
    "loses_an_update",
    "waits_in_a_circle",
    "misses_a_notification",
    "wakes_for_no_reason",
    "reads_an_old_value",
    "never_ends",
    "is_overtaken_for_long",
    "fails_without_a_step",
    "has_odd_texts",
];

// How they are run, and what they leave.

/// A failing check: what it printed, with every step, and the page that it wrote.
struct Failing {
    report: String,
    file: PathBuf,
    html: String,
    data: Value,
}

/// The folder is one for each test, so that tests don't meet.
fn run(test: &str, folder: &str, envs: &[(&str, &str)]) -> (String, PathBuf) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("failure").join(folder);
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]).env("CARGO_PKG_NAME", "scheduler");
    command.env("CARGO_TARGET_TMPDIR", &folder).env("FAIL_ON_PURPOSE", "1").env("INTERLEAVE_FULL", "1");
    for name in ["INTERLEAVE_REPLAY", "COLUMNS", "RUST_BACKTRACE", "FIXED_BY_NOW"] {
        command.env_remove(name);
    }
    let output = command.envs(envs.iter().copied()).output().unwrap();
    let page = folder.join("interleave/scheduler").join(format!("{test}.html"));
    (String::from_utf8(output.stderr).unwrap(), page)
}

fn failing(test: &str, folder: &str) -> Failing {
    let (report, file) = run(test, folder, &[("COLUMNS", "160")]);
    let html = fs::read_to_string(&file).unwrap_or_else(|why| panic!("{}: {why}\n{report}", file.display()));
    let begin = "<script type=\"application/json\" id=\"failure\">";
    let (_, rest) = html.split_once(begin).unwrap();
    let data = serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap();
    Failing { report, file, html, data }
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Failing {
    fn text(&self, member: &str) -> &str {
        self.data[member].as_str().unwrap()
    }

    fn run(&self) -> usize {
        self.data["run"].as_u64().unwrap() as usize
    }

    fn positions(&self) -> &[Value] {
        self.data["positions"].as_array().unwrap()
    }

    /// Which thread takes this step of the failing run, by its name, and in which line.
    fn step(&self, k: usize) -> (String, u64) {
        let from = &self.positions()[k];
        let thread = from["s"][0][0].as_u64().unwrap() as usize - 1;
        let place = from["t"][thread][1].as_i64().unwrap();
        assert!(place >= 0, "a thread that takes a step stands somewhere");
        let line = self.data["places"][place as usize][1].as_u64().unwrap();
        (self.data["threads"][thread].as_str().unwrap().into(), line)
    }

    /// The rows of the report's table: number, thread and line; a row of what a thread only says has no line.
    fn rows(&self) -> Vec<(u64, String, Option<u64>)> {
        let lines = || self.report.lines();
        let heads = lines().find(|line| line.starts_with(" step │")).map_or("", |line| line);
        let heads: Vec<&str> = heads.split('│').skip(1).map(str::trim).collect();
        let row = |line: &str| {
            let (number, rest) = line.split_once('│')?;
            let number = number.trim().parse().ok()?;
            let cells: Vec<&str> = rest.split('│').map(str::trim).collect();
            let in_column = cells.iter().position(|cell| !cell.is_empty())?;
            // The scenario's own rows have the whole width.
            let (thread, text) = match cells[0] {
                "main" if cells.len() == 2 => ("main", cells[1]),
                _ => (heads[in_column], cells[in_column]),
            };
            let line = text.split(' ').next().and_then(|word| word.rsplit(':').next()?.parse().ok());
            Some((number, thread.to_string(), line))
        };
        lines().filter_map(row).collect()
    }
}

/// The claims

#[test]
fn the_player_that_interleave_has_is_what_its_modules_make() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(page::PLAYER);
    let kept = fs::read_to_string(kept).unwrap().replace("\r\n", "\n");
    let is_same = kept == page::player().replace("\r\n", "\n");
    assert!(is_same, "{} is out of date: cargo run -p scheduler -- player", page::PLAYER);
}

#[test]
fn page_and_report_say_the_same() {
    for test in ALL {
        let page = failing(test, "same");
        let report = words(&page.report);
        for member in ["headline", "details", "reason", "likely"] {
            assert!(report.contains(&words(page.text(member))), "{test}: {member}\n{}", page.report);
        }
        let end = &page.positions()[page.run()]["e"];
        assert_eq!(
            end[1].as_str().unwrap(),
            page.text("headline"),
            "{test}: the last state says how it ends"
        );
        assert_eq!(
            end[0] == "stuck",
            page.report.contains("kind=deadlock") || page.report.contains("kind=stuck"),
            "{test}"
        );
        assert!(page.report.contains(&format!("Step by step: {}", shown(&page.file))), "{}", page.report);
    }
}

/// As the report names it.
fn shown(file: &Path) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    file.strip_prefix(root).unwrap_or(file).display().to_string()
}

#[test]
fn each_step_of_the_report_is_a_step_of_the_page_by_the_same_thread_in_the_same_line() {
    for test in ["loses_an_update", "waits_in_a_circle", "misses_a_notification", "wakes_for_no_reason"] {
        let page = failing(test, "steps");
        let rows = page.rows();
        let numbers = page.data["numbers"].as_array().unwrap();
        let mut told = 0;
        for (k, numbers) in numbers.iter().enumerate() {
            for number in numbers.as_array().unwrap() {
                let number = number.as_u64().unwrap();
                let row = rows.iter().find(|row| row.0 == number);
                let (_, thread, line) = row.unwrap_or_else(|| panic!("{test}: {number}\n{}", page.report));
                let (by, at) = page.step(k);
                assert_eq!(*thread, by, "{test}: step {number}\n{}", page.report);
                assert!(line.is_none_or(|line| line == at), "{test}: step {number} in {at}\n{}", page.report);
                told += 1;
            }
        }
        assert!(told == rows.len() && told > 1, "{test}: {told} of {} steps\n{}", rows.len(), page.report);
    }
}

#[test]
fn values_and_holders_are_those_after_each_step() {
    let page = failing("loses_an_update", "values");
    let object = page.data["objects"].as_array().unwrap().iter().position(|name| name == "visits").unwrap();
    let value = |k: usize| {
        let number = page.positions()[k]["o"][object][0].as_i64().unwrap();
        page.data["values"].get(usize::try_from(number).ok()?)?.as_str().map(str::to_owned)
    };
    let values: Vec<_> = (0..=page.run()).filter_map(value).collect();
    assert_eq!(values.first().map(String::as_str), Some("0"));
    assert_eq!(values.last().map(String::as_str), Some("1"), "the second visit was written over the first");

    let page = failing("waits_in_a_circle", "values");
    let last = &page.positions()[page.run()];
    let holders: BTreeSet<u64> = last["o"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|object| object[1].as_array().unwrap())
        .map(|holder| holder.as_u64().unwrap())
        .collect();
    assert_eq!(holders, BTreeSet::from([1, 2]), "each thread holds one of the locks");
    for stand in last["t"].as_array().unwrap() {
        let waits = &page.data["places"][stand[1].as_u64().unwrap() as usize][2];
        assert!(waits.as_str().unwrap().starts_with("waits for the lock "), "{waits}");
    }
}

#[test]
fn the_map_has_as_many_interleavings_as_the_check_counted() {
    fn ways(positions: &[Value], number: usize) -> u64 {
        let here = &positions[number];
        let steps = here["s"].as_array().unwrap();
        let more = steps.iter().map(|step| ways(positions, step[4].as_u64().unwrap() as usize));
        if here["e"].is_null() { more.sum() } else { 1 }
    }
    for test in ["loses_an_update", "waits_in_a_circle", "misses_a_notification"] {
        let page = failing(test, "map");
        assert_eq!(page.data["whole"], true, "{test}");
        let all = ways(page.positions(), 0);
        let count = format!(" of the {all} possible interleavings ");
        assert!(words(&page.report).contains(&count), "{test}: {all}\n{}", page.report);
    }
    assert_eq!(failing("is_overtaken_for_long", "map").data["whole"], false);
    assert_eq!(failing("never_ends", "map").data["whole"], false);
}

#[test]
fn a_page_is_small_stands_alone_and_no_text_gets_out_of_its_place() {
    for test in ALL {
        let page = failing(test, "alone");
        assert!(page.html.len() <= 200_000, "{test}: {} bytes", page.html.len());
        for outside in
            ["http:", "https:", "src=", "@import", "url(", "XMLHttpRequest", "\nimport ", "\nexport "]
        {
            assert!(!page.html.contains(outside), "{test}: {outside}");
        }
        assert_eq!(page.html.matches("</script>").count(), 2, "{test}: no text ends a script");
        assert!(!page.html.chars().any(|c| c.is_control() && c != '\n'), "{test}: a control character");
    }
    let odd = failing("has_odd_texts", "alone");
    assert_eq!(odd.text("headline"), "</script><!-- \"quoted\" & \u{1b}[1m <script>");
    assert_eq!(odd.data["threads"][0], "<i>\"T\" & 'U'</i>");
}

#[test]
fn a_page_is_replaced_and_goes_away_with_the_failure() {
    let page = failing("loses_an_update", "replaced");
    fs::write(&page.file, "an older page").unwrap();
    let page = failing("loses_an_update", "replaced");
    assert!(page.html.contains("a visit is lost"));
    let (told, file) = run("loses_an_update", "replaced", &[("FIXED_BY_NOW", "1")]);
    assert!(told.contains("verdict=passes") && !file.exists(), "{told}");
}

/// Debian's chromium, driven by playwright-core: see `browser.rs`, which says how to get them. It takes some ten seconds.
#[test]
fn a_browser_steps_through_each_page_to_what_the_report_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    let chromium = env::var("CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".into());
    let has_node = Command::new("node").arg("--version").output().is_ok_and(|node| node.status.success());
    let is_there = Path::new(&chromium).is_file() && has_node;
    if !is_there || !folder.join("node_modules/playwright-core").is_dir() {
        let missing = "needs chromium, node, and `npm ci` in crates/scheduler/tests/browser";
        assert!(env::var_os("CI").is_none(), "continuous integration {missing}");
        // Past the harness, which swallows what a passing test prints.
        let _ = writeln!(stderr(), "SKIPPED: no page of a failing check is opened: that {missing}");
        return;
    }
    let wanted = ALL.map(|test| {
        let page = failing(test, "browser");
        let mut one = serde_json::json!({"file": page.file, "run": page.run(), "whole": page.data["whole"]});
        for member in ["headline", "details", "reason", "likely"] {
            // What is compared is the report's own text.
            let text = words(page.text(member));
            assert!(words(&page.report).contains(&text), "{test}: {member}");
            one[member] = text.into();
        }
        one
    });
    let mut node = Command::new("node");
    node.arg(folder.join("failure.mjs")).args(env::var_os("SCREENSHOTS")).env("CHROMIUM", chromium);
    node.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut node = node.spawn().unwrap();
    node.stdin.take().unwrap().write_all(serde_json::to_string(&wanted).unwrap().as_bytes()).unwrap();
    let played = node.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&played.stdout);
    assert!(played.status.success(), "{said}{}", String::from_utf8_lossy(&played.stderr));
    let _ = writeln!(stderr(), "{}", said.trim_end());
}
