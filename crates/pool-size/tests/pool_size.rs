//! What holds on every machine: the counts, the law, the refusals. Where the knee lies is the demo's to show.

#[path = "../../timeline/tests/manners/narrow.rs"]
mod narrow; // what every program promises to a narrow terminal

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use assert_cmd::Command;
use assert_cmd::cargo::cargo_bin_cmd;
use lab_server::{LabServer, RefusingPort};
use pool_size::{Step, knee, little, sizes, svg, try_out};
use predicates::prelude::PredicateBooleanExt;
use predicates::str::{contains, starts_with};

/// A service that works on `limit` requests at once, 100 ms each, as the law has it.
fn ideal(limit: usize) -> Vec<Step> {
    let step = |workers: usize| {
        let latency = Duration::from_millis(100).mul_f64((workers as f64 / limit as f64).max(1.0));
        Step {
            workers,
            rate: workers as f64 / latency.as_secs_f64(),
            median: latency,
            p95: latency,
            failed: 0,
        }
    };
    sizes(512).into_iter().map(step).collect()
}

#[test]
fn the_knee_of_an_ideal_service_is_its_limit_and_so_says_the_law() {
    for limit in [1, 4, 16, 64, 256] {
        let steps = ideal(limit);
        assert_eq!(knee(&steps).unwrap().workers, limit);
        assert!((little(&steps) - limit as f64).abs() < 0.01);
    }
}

#[test]
fn every_worker_asks_at_least_once_and_no_more_ask_at_once() {
    let (now, peak, asked) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let counts = Arc::new((now, peak, asked));
    let seen = Arc::clone(&counts);
    let step = try_out(5, Duration::from_millis(20), move || {
        let at_once = counts.0.fetch_add(1, Ordering::SeqCst) + 1;
        counts.1.fetch_max(at_once, Ordering::SeqCst);
        let number = counts.2.fetch_add(1, Ordering::SeqCst);
        std::thread::yield_now();
        counts.0.fetch_sub(1, Ordering::SeqCst);
        number % 2 == 0
    });
    let asked = seen.2.load(Ordering::SeqCst);
    assert!(asked >= 1 && seen.1.load(Ordering::SeqCst) <= 5);
    assert_eq!(step.failed, asked / 2);
    assert!(step.median <= step.p95);
}

#[test]
fn the_picture_is_whole() {
    let picture = svg::picture("A & B < C", &ideal(16));
    assert!(picture.starts_with("<svg ") && picture.ends_with("</svg>\n"));
    assert_eq!(picture.matches("<circle").count(), 2 * sizes(512).len());
    assert!(picture.contains("<desc>A &amp; B &lt; C.") && picture.contains("prefers-color-scheme: dark"));
    assert!(!picture.contains("NaN") && !picture.contains("inf"));
}

/// The picture of chapter 12 is drawn from these figures, which were measured on two idle cores.
#[test]
fn the_picture_of_the_chapter() {
    let measured = [
        (1, 47.0, 21.0),
        (2, 89.0, 20.9),
        (4, 176.0, 21.3),
        (8, 360.0, 21.2),
        (16, 682.0, 21.2),
        (32, 707.0, 41.4),
        (64, 745.0, 60.3),
    ];
    let step = |(workers, rate, median): (usize, f64, f64)| {
        let median = Duration::from_secs_f64(median / 1e3);
        Step { workers, rate, median, p95: median, failed: 0 }
    };
    let steps = measured.map(step);
    let picture = svg::picture("Workers for a service of 20ms, at most 16 at once", &steps);
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/images/12-pool-size.svg");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &picture).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let mend = "UPDATE_DOCS=1 cargo test -p pool-size rewrites it";
    assert!(committed == picture, "docs/images/12-pool-size.svg is out of date: {mend}");
}

fn demo() -> Command {
    cargo_bin_cmd!("pool-size")
}

#[test]
fn the_demo_fits_a_terminal_and_draws() {
    let file = std::env::temp_dir().join(format!("pool-size-{}.svg", std::process::id()));
    let mut run = demo();
    run.args(["--most", "4", "--step", "10ms", "--latency", "2ms", "--limit", "2", "--svg"]).arg(&file);
    let output = run.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    assert!(text.lines().count() <= 24 && text.lines().all(|line| line.chars().count() <= 100), "{text}");
    assert!(text.contains("Little's law: "), "{text}");
    assert!(std::fs::read_to_string(&file).unwrap().starts_with("<svg "));
    std::fs::remove_file(&file).unwrap();
}

/// As `pool-size --svg FILE | head -1` does.
#[test]
fn the_picture_is_there_also_when_the_reader_has_left() {
    use std::io::{BufRead, BufReader};
    let file = std::env::temp_dir().join(format!("pool-size-head-{}.svg", std::process::id()));
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin!("pool-size"))
        .args(["--most", "2", "--step", "1ms", "--latency", "1ms", "--svg"])
        .arg(&file)
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(child.wait().unwrap().success(), "{first}");
    assert!(std::fs::read_to_string(&file).unwrap().ends_with("</svg>\n"));
    std::fs::remove_file(&file).unwrap();
}

#[test]
fn each_answer_costs_its_computing() {
    let run =
        demo().args(["--cpu", "50ms", "--latency", "0", "--limit", "0", "--most", "1"]).assert().success();
    let text = String::from_utf8(run.get_output().stdout.clone()).unwrap();
    assert!(
        text.starts_with("pool-size: a service of 0ns, and 50ms of computing for each answer\n"),
        "{text}"
    );
    let alone = text.split(" answers/s x ").nth(1).and_then(|rest| rest.split(" ms").next()).unwrap();
    // How many rounds take 50 ms was found out on a machine that may have been busy just then: no more is sure.
    assert!(alone.parse::<f64>().unwrap() >= 2.0, "{text}");
}

#[test]
fn a_service_of_ones_own_must_be_this_machine_or_be_vouched_for() {
    let server = LabServer::start().unwrap();
    let quick = ["--most", "2", "--step", "1ms"];
    demo().args(quick).args(["--url", &server.url("/own")]).assert().success();
    assert!(server.stats().requests >= 3);
    // 192.0.2.0/24 is for documentation (RFC 5737): nobody is there, and nobody is asked.
    let refused = demo().args(quick).args(["--url", "http://192.0.2.1/"]).assert().code(1);
    refused.stderr(
        starts_with("pool-size: will not load http://192.0.2.1/: ").and(contains("--i-own-this-host")),
    );
    let refusing = RefusingPort::reserve().unwrap();
    let nobody = format!("http://{}/", refusing.address());
    let run = demo().args(quick).args(["--url", &nobody]).assert().code(1);
    run.stderr(contains(format!("pool-size: no request succeeded: does {nobody} answer?")));
    demo().args(["--url", "nowhere at all"]).assert().code(1).stderr(contains("it is no URL"));
    for vouched in [&[][..], &["--i-own-this-host"]] {
        let run = demo().args(["--url", "http://127.0.0.1:99999/"]).args(vouched).assert().code(1);
        run.stderr("pool-size: will not load http://127.0.0.1:99999/: port 99999 is not in 1..65535\n");
    }
    demo().args(["--i-own-this-host"]).assert().code(2).stderr(contains("--url"));
}

#[test]
fn a_narrow_terminal_is_respected() {
    narrow::assert_narrow(&["--step", "20ms"]);
}
