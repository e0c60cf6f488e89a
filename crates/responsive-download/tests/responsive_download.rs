//! Pause, resume, cancel and kill, over real sockets and real files.
//!
//! `DOWNLOAD_KILLS=100 cargo test -p responsive-download` kills the program a hundred times; by default it is fewer.

#[path = "../../timeline/tests/manners/narrow.rs"]
mod narrow; // what every program promises to a narrow terminal

use std::fs;
use std::path::Path;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use assert_cmd::Command;
use assert_cmd::cargo::{cargo_bin, cargo_bin_cmd};
use lab_server::{LabServer, body_byte};
use predicates::str::contains;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use responsive_download::{Control, End, News, Wish, download};
use ureq::Agent;

const SOON: Duration = Duration::from_secs(20);

fn client() -> Agent {
    Agent::config_builder().proxy(None).http_status_as_error(false).build().new_agent()
}

fn body(size: u64) -> Vec<u8> {
    (0..size).map(body_byte).collect()
}

fn files(folder: &Path) -> Vec<String> {
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    let mut names: Vec<String> = fs::read_dir(folder).unwrap().map(name).collect();
    names.sort_unstable();
    names
}

#[test]
fn a_paused_download_lets_go_and_goes_on_where_it_was() {
    let (server, folder) = (LabServer::start().unwrap(), tempfile::tempdir().unwrap());
    let path = folder.path().join("file");
    let (control, url) = (Control::default(), server.url("/file?size=200000&rate=1000000"));
    let (tell, news) = channel();
    thread::scope(|threads| {
        let (control, path, url) = (&control, &path, url.as_str());
        let end = threads.spawn(move || {
            let paused = std::sync::Once::new();
            download(&client(), url, path, control, |news| {
                // Paused by the download's own thread: it cannot have ended before the order comes.
                if matches!(news, News::Progress(1.., _)) {
                    paused.call_once(|| control.set(Wish::Pause));
                }
                tell.send(news).unwrap();
            })
        });
        while news.recv().unwrap() != News::Paused {}
        server.wait_until(SOON, |stats| stats.open == 0).expect("the connection is let go");
        let paused_at = fs::metadata(path.with_extension("part")).unwrap().len();
        assert!(paused_at > 0 && !path.exists());
        control.set(Wish::Run);
        assert_eq!(news.recv().unwrap(), News::Progress(paused_at, 200_000), "it goes on from there");
        assert_eq!(end.join().unwrap().unwrap(), End::Done { bytes: 200_000 });
    });
    assert_eq!(fs::read(&path).unwrap(), body(200_000));
    assert_eq!(files(folder.path()), ["file"]);
}

#[test]
fn a_cancelled_download_leaves_nothing() {
    let (server, folder) = (LabServer::start().unwrap(), tempfile::tempdir().unwrap());
    let path = folder.path().join("file");
    let control = Control::default();
    let url = server.url("/file?size=200000&rate=100000");
    let end = download(&client(), &url, &path, &control, |news| {
        if matches!(news, News::Progress(1.., _)) {
            control.set(Wish::Cancel);
            control.set(Wish::Run);
        }
    });
    assert_eq!(end.unwrap(), End::Cancelled, "once cancelled is cancelled");
    assert!(files(folder.path()).is_empty());
}

#[test]
fn another_file_under_the_same_url_is_taken_whole() {
    let (server, folder) = (LabServer::start().unwrap(), tempfile::tempdir().unwrap());
    let path = folder.path().join("file");
    // A part of a file of 5000 bytes; the server has one of 3000 now, whose tag differs.
    fs::write(path.with_extension("part"), [b'?'; 1000]).unwrap();
    fs::write(path.with_extension("part-tag"), "\"5000\"").unwrap();
    download(&client(), &server.url("/file?size=3000"), &path, &Control::default(), |_| ()).unwrap();
    assert_eq!(fs::read(&path).unwrap(), body(3000));
}

#[test]
fn a_part_that_is_already_whole_is_found_out() {
    let (server, folder) = (LabServer::start().unwrap(), tempfile::tempdir().unwrap());
    let path = folder.path().join("file");
    fs::write(path.with_extension("part"), body(3000)).unwrap();
    fs::write(path.with_extension("part-tag"), "\"3000\"").unwrap();
    download(&client(), &server.url("/file?size=3000"), &path, &Control::default(), |_| ()).unwrap();
    assert_eq!(fs::read(&path).unwrap(), body(3000));
    assert_eq!(files(folder.path()), ["file"]);
}

#[test]
fn a_truncated_answer_never_gets_the_name() {
    let (server, folder) = (LabServer::start().unwrap(), tempfile::tempdir().unwrap());
    let path = folder.path().join("file");
    let url = server.url("/file?fault=truncate");
    assert!(download(&client(), &url, &path, &Control::default(), |_| ()).is_err());
    assert!(!path.exists());
    let url = server.url("/file?status=404");
    let error = download(&client(), &url, &path, &Control::default(), |_| ()).unwrap_err();
    assert_eq!(error.to_string(), "the server answered 404");
}

#[test]
fn a_file_that_is_there_already_is_left_as_it_is() {
    let (server, folder) = (LabServer::start().unwrap(), tempfile::tempdir().unwrap());
    fs::write(folder.path().join("mine.bin"), "mine").unwrap();
    // What a kill leaves that comes right after the file got its name.
    fs::write(folder.path().join("mine.bin.part-tag"), "\"4\"").unwrap();
    let urls = ["/mine.bin?size=3000", "/new.bin?size=3000"].map(|path| server.url(path));
    demo()
        .arg("--dir")
        .arg(folder.path())
        .args(urls)
        .assert()
        .success()
        .stdout(contains("mine.bin: is there already"))
        .stdout(contains("1 there before, 1 done, 0 cancelled, 0 failed"));
    assert_eq!(fs::read(folder.path().join("mine.bin")).unwrap(), b"mine");
    assert_eq!(files(folder.path()), ["mine.bin", "new.bin"]);
}

fn demo() -> Command {
    cargo_bin_cmd!("responsive-download")
}

#[test]
fn a_kill_at_any_moment_leaves_no_wrong_file_and_the_next_run_goes_on() {
    const SIZE: u64 = 400_000;
    let kills: u32 =
        std::env::var("DOWNLOAD_KILLS").map_or(12, |kills| kills.parse().expect("a number of kills"));
    let (server, folder) = (LabServer::start().unwrap(), tempfile::tempdir().unwrap());
    let (path, right) = (folder.path().join("file.bin"), body(SIZE));
    let url = server.url(&format!("/file.bin?size={SIZE}&rate=4000000"));
    // Different moments in each run; what is asserted holds at all of them.
    let mut rng = StdRng::seed_from_u64(std::process::id().into());
    let (mut killed, mut whole, mut resumed) = (0, 0, 0);
    while killed < kills {
        let part = fs::metadata(folder.path().join("file.bin.part")).map_or(0, |about| about.len());
        resumed += u32::from(part > 0);
        let mut child = std::process::Command::new(cargo_bin!("responsive-download"))
            .arg("--dir")
            .arg(folder.path())
            .arg(&url)
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        // Not in order to wait for anything: this is the random moment. On Unix, kill is SIGKILL.
        thread::sleep(Duration::from_micros(rng.random_range(0..60_000)));
        child.kill().unwrap();
        if !child.wait().unwrap().success() {
            killed += 1;
        }
        if path.exists() {
            assert!(
                fs::read(&path).unwrap() == right,
                "after {killed} kills: the final name and wrong content"
            );
            whole += 1;
            fs::remove_file(&path).unwrap();
        } else if let Ok(part) = fs::read(folder.path().join("file.bin.part")) {
            assert!(right.starts_with(&part), "after {killed} kills: the part is no beginning of the file");
        }
    }
    demo().arg("--dir").arg(folder.path()).arg(&url).assert().success();
    assert!(fs::read(&path).unwrap() == right);
    assert_eq!(files(folder.path()), ["file.bin"]);
    println!("{killed} kills, {resumed} runs went on from a part, {whole} files were whole in between");
}

#[test]
fn without_a_terminal_there_are_plain_lines() {
    let folder = tempfile::tempdir().unwrap();
    let output = demo().arg("--dir").arg(folder.path()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    assert!(output.stderr.is_empty() && !text.contains('\u{1b}') && !text.contains('\r'), "{text}");
    assert!(text.contains("file-3.bin: 50 % of 500000 bytes\n"), "{text}");
    assert!(text.lines().count() <= 24 && text.lines().all(|line| line.chars().count() <= 100), "{text}");
    assert!(text.lines().last().unwrap().starts_with("3 done, 0 cancelled, 0 failed"), "{text}");
    assert_eq!(files(folder.path()), ["file-1.bin", "file-2.bin", "file-3.bin"]);
}

#[test]
fn orders_are_obeyed_while_downloads_run() {
    let (server, folder) = (LabServer::start().unwrap(), tempfile::tempdir().unwrap());
    let mut run = demo();
    // The first would take a day; the second is held by nobody.
    run.args([server.url("/day?size=86400&rate=1"), server.url("/quick?size=10")])
        .arg("--dir")
        .arg(folder.path());
    run.write_stdin("dance\ncancel 9\npause 2\nresume 2\ncancel 1\n");
    let run =
        run.assert().success().stdout(contains("day: cancelled")).stdout(contains("quick: done, 10 bytes"));
    run.stdout(contains("no such order: dance")).stdout(contains("no such download: 9"));
    assert_eq!(files(folder.path()), ["quick"]);
}

/// Ctrl-C can be sent to one process only where there are signals.
#[cfg(unix)]
#[test]
fn ctrl_c_leaves_no_file() {
    let (server, folder) = (LabServer::start().unwrap(), tempfile::tempdir().unwrap());
    let child = std::process::Command::new(cargo_bin!("responsive-download"))
        .arg(server.url("/day?size=8640000&rate=1000"))
        .arg("--dir")
        .arg(folder.path())
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    server.wait_until(SOON, |stats| stats.in_flight == 1).expect("the download has begun");
    std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(130), "{text}");
    assert!(text.contains("day: cancelled, nothing left behind"), "{text}");
    assert!(files(folder.path()).is_empty());
}

#[test]
fn bad_input_is_one_clear_line() {
    demo().args(["--workers", "0"]).assert().code(2).stderr(contains("--workers"));
    let folder = tempfile::tempdir().unwrap();
    let run = demo().arg("--dir").arg(folder.path()).arg("not a url").assert().code(1);
    run.stdout(contains("download-1: failed: "));
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    demo().arg("--dir").arg(&file).assert().code(1).stderr(contains("responsive-download: cannot use "));
}

#[test]
fn a_narrow_terminal_is_respected() {
    narrow::assert_narrow(&[]);
}
