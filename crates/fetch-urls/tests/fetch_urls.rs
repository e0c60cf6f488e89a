//! Order, retries and partial results, over real sockets; the server counts the attempts.

#[path = "../../timeline/tests/manners/narrow.rs"]
mod narrow; // what every program promises to a narrow terminal

use std::time::Duration;

use assert_cmd::Command;
use assert_cmd::cargo::cargo_bin_cmd;
use fetch_urls::{Patience, fetch, wait_before_retry};
use lab_server::{LabServer, RefusingPort};
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use ureq::Agent;

const QUICK: Patience =
    Patience { attempts: 3, first_wait: Duration::from_millis(1), longest_wait: Duration::from_millis(4) };

fn client() -> Agent {
    Agent::config_builder().proxy(None).http_status_as_error(false).build().new_agent()
}

/// What the tests are about isn't what the user's shell happens to say.
fn not_from_the_environment() -> impl Iterator<Item = String> {
    let names = ["COLUMNS", "NO_COLOR", "http_proxy", "https_proxy", "all_proxy", "no_proxy"];
    names.into_iter().flat_map(|name| [name.into(), name.to_uppercase()])
}

fn demo() -> Command {
    let mut command = cargo_bin_cmd!("fetch-urls");
    for name in not_from_the_environment() {
        command.env_remove(name);
    }
    command
}

#[test]
fn what_may_pass_is_tried_again() {
    let server = LabServer::start().unwrap();
    let fetched = fetch(&client(), &server.url("/a?fail=2"), &QUICK, |_| ());
    assert!(fetched.is_ok() && fetched.attempts == 3, "{fetched:?}");
    for (path, attempts) in
        [("/b?status=503", 3), ("/c?fault=reset", 3), ("/d?status=404", 1), ("/e?status=500", 1)]
    {
        let fetched = fetch(&client(), &server.url(path), &QUICK, |_| ());
        assert!(!fetched.is_ok(), "{fetched:?}");
        assert_eq!(fetched.attempts, attempts, "{fetched:?}");
    }
    assert_eq!(server.stats().requests, 3 + 3 + 3 + 1 + 1);
}

#[test]
fn each_wait_is_twice_the_last_and_retry_after_is_believed() {
    let patience = Patience {
        attempts: 9,
        first_wait: Duration::from_millis(100),
        longest_wait: Duration::from_secs(2),
    };
    let wait = |attempts, asked| wait_before_retry("http://a/", attempts, asked, &patience);
    assert!((50..=100).contains(&wait(1, None).as_millis()));
    assert_eq!(wait(2, None), wait(1, None) * 2);
    assert_eq!(wait(60, None), Duration::from_secs(2));
    assert_eq!(wait(1, Some(Duration::from_secs(1))), Duration::from_secs(1));
    assert_eq!(wait(1, Some(Duration::from_secs(3600))), Duration::from_secs(2));
    assert_ne!(wait_before_retry("http://b/", 1, None, &patience), wait(1, None));
}

#[test]
fn a_long_wait_is_told() {
    let server = LabServer::start().unwrap();
    let mut run = demo();
    run.args(["--attempts", "2", &server.url("/a?status=503&retry-after=1")]);
    run.assert().code(1).stderr(contains("fetch-urls: waits 1s before it asks http://127.0.0.1:"));
    assert_eq!(server.stats().requests, 2);
}

#[test]
fn a_time_out_is_told_with_its_length() {
    let server = LabServer::start().unwrap();
    let run =
        demo().args(["--attempts", "1", "--timeout", "0.3", &server.url("/a?fault=hang")]).assert().code(1);
    run.stdout(contains(": no answer within 300ms\n"));
    // Also when it runs out within the answer.
    let slow = server.url("/b?size=100000&rate=10");
    let run = demo().args(["--attempts", "1", "--timeout", "300ms", &slow]).assert().code(1);
    run.stdout(contains(": no answer within 300ms\n"));
}

#[test]
fn results_are_printed_in_the_order_of_the_urls() {
    let output = demo().output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    let pages: Vec<usize> = (1..=10).filter_map(|n| text.find(&format!("/page/{n}?"))).collect();
    assert!(pages.len() == 10 && pages.is_sorted(), "{text}");
    assert!(text.contains("(attempt 2)"), "{text}");
    assert!(text.lines().count() <= 24 && text.lines().all(|line| line.len() <= 100), "{text}");
    assert!(!text.contains('\u{1b}') && output.stderr.is_empty());
    assert!(text.lines().last().unwrap().ends_with("all 10 succeeded."), "{text}");
}

#[test]
fn some_failures_leave_the_rest_and_exit_1() {
    let server = LabServer::start().unwrap();
    let refusing = RefusingPort::reserve().unwrap();
    let mut run = demo();
    run.args(["--attempts", "1", &format!("http://{}/", refusing.address()), &server.url("/x?size=12345")]);
    let run = run.assert().code(1).stdout(contains("failed").and(contains("12345 bytes")));
    run.stdout(contains("1 of 2 failed; the other 1 are above, whole."));
    let none = demo().args(["--attempts", "1", "nonsense"]).assert().code(1);
    none.stdout(contains("1 URL,").and(contains("\n1 of 1 failed.\n")));
}

#[test]
fn urls_come_from_arguments_a_file_and_stdin() {
    let server = LabServer::start().unwrap();
    let folder = std::env::temp_dir().join(format!("fetch-urls-{}", std::process::id()));
    std::fs::write(&folder, format!("# two pages\n{}\n\n{} # b\n", server.url("/a"), server.url("/b")))
        .unwrap();
    let mut run = demo();
    run.args([&server.url("/c"), "-", "--file"]).arg(&folder).write_stdin(server.url("/d"));
    run.assert().success().stdout(contains("4 URLs"));
    std::fs::remove_file(&folder).unwrap();
    assert_eq!(server.stats().requests, 4);
}

#[test]
fn bad_input_is_one_clear_line() {
    demo().args(["--workers", "0"]).assert().code(2).stderr(contains("--workers"));
    demo()
        .args(["--file", "/no/such/file"])
        .assert()
        .code(1)
        .stderr(contains("fetch-urls: cannot read /no/such/file: "));
    demo().arg("-").write_stdin("# nothing\n").assert().code(1).stderr(contains("stdin names no URL"));
    demo().args(["--timeout", "0s"]).assert().code(2).stderr(contains("write 500ms or 5s"));
    let port = demo().arg("http://127.0.0.1:99999/").assert().code(1);
    port.stdout(contains("failed").and(contains("port 99999 is not in 1..65535\n")));
    demo().arg("foo").assert().code(1).stdout(contains("write http://foo\n"));
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_url() {
    let server = LabServer::start().unwrap();
    let list = format!("\u{feff}{}\r\n{}\r\n", server.url("/a"), server.url("/b"));
    demo().arg("-").write_stdin(list).assert().success().stdout(contains("all 2 succeeded"));
}

#[test]
fn no_control_character_of_a_url_is_printed() {
    let run =
        demo().args(["--attempts", "1", "http://127.0.0.1:1/\u{1b}[31m", "\u{7}\u{9b}2J"]).assert().code(1);
    let run = run
        .stdout(contains("  http://127.0.0.1:1/\\u{1b}[31m: it isn't a URL: it has a control character\n"));
    let text = String::from_utf8(run.get_output().stdout.clone()).unwrap();
    assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
}

#[test]
fn a_proxy_that_is_gone_is_named() {
    let (gone, server) = (RefusingPort::reserve().unwrap(), LabServer::start().unwrap());
    let by_way_of = |no_proxy: &str| {
        let mut run = demo();
        run.args(["--attempts", "1", &server.url("/x")])
            .env("all_proxy", format!("http://{}", gone.address()));
        run.env("no_proxy", no_proxy).assert()
    };
    by_way_of("").code(1).stdout(contains(format!("(through the proxy {}, set", gone.address())));
    by_way_of("127.0.0.1").success();
    let refused = demo().args(["--attempts", "1", &format!("http://{}/", gone.address())]).assert().code(1);
    refused.stdout(contains("proxy").not());
}

/// Ctrl-C can be sent to one process only where there are signals.
#[cfg(unix)]
#[test]
fn ctrl_c_prints_what_has_come() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    use rustix::process::{Pid, Signal, kill_process};
    const SOON: Duration = Duration::from_secs(20);

    let server = LabServer::start().unwrap();
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("fetch-urls"));
    for name in not_from_the_environment() {
        command.env_remove(name);
    }
    command.args([server.url("/slow?fault=hang"), server.url("/quick?size=777")]);
    let mut child = command.args(["--timeout", "60s"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().starts_with("fetch-urls: 2 URLs"));
    // The hanging request stays; the other one has been answered when it is the only one in flight.
    server
        .wait_until(SOON, |stats| stats.requests == 2 && stats.in_flight == 1)
        .expect("one hangs, one is answered");
    let mut rest = Vec::new();
    // The answer may still be on its way to the report: ask until the process is gone, then look at what it said.
    while child.try_wait().unwrap().is_none() {
        kill_process(Pid::from_child(&child), Signal::INT).unwrap();
        rest.extend(lines.by_ref().map(Result::unwrap));
    }
    let text = rest.join("\n");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(text.contains(" of 2 answers had come."), "{text}");
    assert!(!text.contains("/slow"), "{text}");
}

#[test]
fn a_narrow_terminal_is_respected() {
    narrow::assert_narrow(&[]);
}
