//! Every failure has its word, 32 means 32, and nothing is left behind.

#[path = "../../timeline/tests/manners/narrow.rs"]
mod narrow; // what every program promises to a narrow terminal

use std::collections::HashMap;
use std::time::Duration;

use assert_cmd::Command;
use assert_cmd::cargo::cargo_bin_cmd;
use executor::Executor;
use health_check::{Health, check, check_all, client};
use lab_server::{LabServer, RefusingPort};
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

const SOON: Duration = Duration::from_secs(20);

#[test]
fn each_way_to_fail_has_its_own_word() {
    let server = LabServer::start().unwrap();
    // Long enough that a busy machine answers in time; short enough to wait for twice.
    let client = client(Duration::from_millis(1500), 4, true);
    let health = |url: &str| check(&client, url).health;
    let lab = |path: &str| health(&server.url(path));
    assert_eq!(lab("/well"), Health::Ok(200));
    assert_eq!(lab("/gone?status=404"), Health::Status(404));
    assert_eq!(lab("/busy?status=503"), Health::Status(503));
    assert_eq!(lab("/reset?fault=reset"), Health::Reset);
    assert_eq!(lab("/closed?fault=close"), Health::Closed);
    assert_eq!(lab("/cut?fault=truncate"), Health::Closed);
    assert_eq!(lab("/garbage?fault=garbage").word(), "malformed");
    assert_eq!(lab("/silent?fault=hang"), Health::Silent);
    assert_eq!(lab("/slow?size=1000&rate=100"), Health::Slow);
    let refusing = RefusingPort::reserve().unwrap();
    assert_eq!(health(&format!("http://{}/", refusing.address())), Health::Refused);
    let self_signed = LabServer::builder().self_signed().start().unwrap();
    let certificate = health(&self_signed.url("/"));
    assert_eq!(certificate.word(), "certificate", "{certificate}");
    assert!(certificate.to_string().contains("certificate"), "{certificate}");
    assert_eq!(health("not a url").word(), "bad-url");
    let port = health("http://127.0.0.1:182000/");
    assert_eq!(port, Health::BadUrl("port 182000 is not in 1..65535".into()));
    // Some resolvers answer for any name that can be asked for, also for .invalid, which they must not (RFC 2606). This
    // one cannot be asked for: a label has 63 characters at most.
    let no_host = health(&format!("http://{}.invalid/", "nobody".repeat(11)));
    assert_eq!(no_host.word(), "no-host", "{no_host}");
}

/// Windows refuses when a queue is full.
#[cfg(unix)]
#[test]
fn a_connection_that_is_never_made_is_not_a_service_that_hangs() {
    let full = lab_server::FullPort::fill().unwrap();
    let client = client(Duration::from_millis(700), 4, true);
    for scheme in ["http", "https"] {
        let health = check(&client, &format!("{scheme}://{}/", full.address())).health;
        assert_eq!(health, Health::NoConnection("no connection in time".into()), "{scheme}");
    }
}

/// The other way round: it takes the connection, and then says nothing to the greeting of TLS.
#[test]
fn a_service_that_hangs_before_tls_is_silent() {
    let hanging = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let client = client(Duration::from_millis(700), 4, true);
    let url = format!("https://{}/", hanging.local_addr().unwrap());
    assert_eq!(check(&client, &url).health, Health::Silent);
}

/// A request on a kept connection begins none: what the last one came to must not be told of this one.
#[test]
fn a_kept_connection_that_goes_silent_is_silent() {
    let server = LabServer::start().unwrap();
    let client = client(Duration::from_millis(1500), 4, true);
    assert_eq!(check(&client, &server.url("/well")).health, Health::Ok(200));
    assert_eq!(check(&client, &server.url("/silent?fault=hang")).health, Health::Silent);
    assert_eq!(server.stats().connections, 1, "the second request took the first one's connection");
}

/// Linux says at once that there is no way to a group of hosts; other systems put it differently.
#[cfg(target_os = "linux")]
#[test]
fn where_no_way_leads_is_unreachable() {
    let health = check(&client(SOON, 4, true), "http://224.0.0.1/").health;
    assert_eq!(health, Health::NoConnection("Network is unreachable".into()));
}

#[test]
fn whoever_answers_first_is_told_first() {
    let server = LabServer::start().unwrap();
    let (pool, client) = (Executor::new(4), client(SOON, 4, true));
    let urls = [server.url("/held?hold=yes"), server.url("/quick")];
    let mut told = Vec::new();
    check_all(&pool, &client, &urls, |report| {
        told.push(report.url);
        // The held request is answered only after the other one was told.
        server.release();
    });
    assert_eq!(told, [urls[1].clone(), urls[0].clone()]);
}

#[test]
fn a_thousand_endpoints_are_asked_32_at_a_time() {
    const ENDPOINTS: usize = 1000;
    #[cfg(target_os = "linux")]
    let before = (count("/proc/self/fd"), threads_named("check"));
    let server = LabServer::start().unwrap();
    let urls: Vec<String> = (0..ENDPOINTS).map(|n| server.url(&format!("/{n}?hold=yes"))).collect();
    let mut words: HashMap<&str, usize> = HashMap::new();
    {
        let pool = Executor::builder(32).thread_name("check").build().unwrap();
        let client = client(SOON * 3, 32, true);
        std::thread::scope(|threads| {
            threads.spawn(|| {
                // Really 32: the requests are held until that many have arrived.
                server.wait_until(SOON, |stats| stats.in_flight == 32).expect("32 requests at once");
                server.release();
            });
            check_all(&pool, &client, &urls, |report| *words.entry(report.health.word()).or_default() += 1);
        });
    }
    assert_eq!(words, HashMap::from([("ok", ENDPOINTS)]));
    let stats = server.stats();
    assert_eq!((stats.requests, stats.peak_in_flight), (ENDPOINTS, 32), "and never 33");
    drop(server);
    // Other tests of this file run in this process at the same time, so what is counted is counted by name or bounded.
    #[cfg(target_os = "linux")]
    {
        assert_eq!(threads_named("check"), before.1, "the pool's threads have ended");
        let after = count("/proc/self/fd");
        assert!(after < before.0 + 32, "{} descriptors before, {after} after", before.0);
    }
}

#[cfg(target_os = "linux")]
fn count(folder: &str) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}

#[cfg(target_os = "linux")]
fn threads_named(prefix: &str) -> usize {
    let threads = std::fs::read_dir("/proc/self/task").unwrap();
    // A thread may end between being listed and being asked for its name.
    let names = threads
        .map(|thread| std::fs::read_to_string(thread.unwrap().path().join("comm")).unwrap_or_default());
    names.filter(|name| name.starts_with(prefix)).count()
}

fn demo() -> Command {
    let mut command = cargo_bin_cmd!("health-check");
    // What the tests are about is not what the user's shell happens to say.
    for name in ["COLUMNS", "NO_COLOR", "http_proxy", "https_proxy", "all_proxy", "no_proxy"] {
        command.env_remove(name).env_remove(name.to_uppercase());
    }
    command
}

#[test]
fn the_zoo_shows_every_word_and_fits_a_terminal() {
    let output = demo().output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    for word in ["ok", "status", "refused", "reset", "closed", "silent", "slow", "certificate", "malformed"] {
        assert!(text.lines().any(|line| line.starts_with(word)), "{word} is missing:\n{text}");
    }
    assert!(text.lines().count() <= 24 && text.lines().all(|line| line.chars().count() <= 100), "{text}");
    assert!(text.lines().last().unwrap().starts_with("2 of 11 are well"), "{text}");
}

#[test]
fn json_is_one_object_a_line() {
    let server = LabServer::start().unwrap();
    let output = demo().args(["--json", &server.url("/a"), &server.url("/b?status=500")]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "one of them is ill");
    let text = String::from_utf8(output.stdout).unwrap();
    let parse = |line| serde_json::from_str::<serde_json::Value>(line).unwrap();
    let mut healths: Vec<_> =
        text.lines().map(|line| (parse(line)["health"].clone(), parse(line)["ok"].clone())).collect();
    healths.sort_by_key(|(word, _)| word.to_string());
    assert_eq!(healths, [("ok".into(), true.into()), ("status".into(), false.into())]);
}

#[test]
fn watch_asks_again() {
    let server = LabServer::start().unwrap();
    let mut run = demo();
    run.args([&server.url("/a?fail=1"), "--watch", "1ms", "--rounds", "3"]);
    run.assert()
        .success()
        .stdout(contains("Round 1: 0 of 1"))
        .stdout(contains("Round 3: 1 of 1 are well.\n"));
    assert_eq!(server.stats().requests, 3);
}

#[test]
fn bad_input_is_one_clear_line() {
    demo().args(["--timeout", "soon"]).assert().code(2).stderr(contains("write 100ms"));
    demo().args(["--timeout", "0s"]).assert().code(2).stderr(contains("write 500ms or 5s"));
    let watch = demo().args(["--watch", "http://127.0.0.1:1/"]).assert().code(2);
    watch.stderr(contains("put URLs before --watch"));
    let port = demo().arg("http://127.0.0.1:99999/").assert().code(1);
    port.stdout(contains("bad-url").and(contains("port 99999 is not in 1..65535")));
    demo().args(["--rounds", "2"]).assert().code(2).stderr(contains("--watch"));
}

#[test]
fn a_proxy_that_is_gone_is_not_the_endpoints_fault() {
    let (gone, server) = (RefusingPort::reserve().unwrap(), LabServer::start().unwrap());
    let mut run = demo();
    run.arg(server.url("/x")).env("all_proxy", format!("http://{}", gone.address())).env("no_proxy", "");
    let said = format!("/x  proxy {}: nothing listens there\n", gone.address());
    run.assert().code(1).stdout(contains("\nproxy  ").and(contains(said)));
    let mut run = demo();
    run.arg(server.url("/x"))
        .env("all_proxy", format!("http://{}", gone.address()))
        .env("no_proxy", "127.0.0.1");
    run.assert().success();
}

#[test]
fn no_control_character_of_a_url_is_printed() {
    let run = demo().args(["http://127.0.0.1:1/\u{1b}[31m", "\u{7}\u{9b}2J"]).assert().code(1);
    let text = String::from_utf8(run.get_output().stdout.clone()).unwrap();
    assert!(text.contains("http://127.0.0.1:1/\\u{1b}[31m  it isn't a URL"), "{text:?}");
    assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
}

#[test]
fn a_narrow_terminal_is_respected() {
    narrow::assert_narrow(&[]);
}
