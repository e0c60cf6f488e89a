//! Pause, resume, cancel and kill, over real sockets and real files.
//!
//! `DOWNLOAD_KILLS=100 cargo test -p responsive-download` kills the program a hundred times; by default it is fewer.

#[path = "../../timeline/tests/manners/narrow.rs"]
mod narrow; // what every program promises to a narrow terminal

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::Stdio;
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
            .stdin(Stdio::null())
            .stdout(Stdio::null())
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

#[test]
fn an_order_says_which_one_it_means() {
    let (server, folder) = (LabServer::start().unwrap(), tempfile::tempdir().unwrap());
    let mut run = demo();
    run.arg(server.url("/day?size=86400&rate=1")).arg("--dir").arg(folder.path());
    run.write_stdin("pause\ncancel\nquit\n");
    let run = run.assert().success().stdout(contains("'pause' does not say which one; orders: "));
    run.stdout(contains("'cancel' does not say which one; orders: "));
}

/// `echo pause all | responsive-download`: nobody is left to say `resume`.
#[test]
fn what_is_paused_goes_on_when_the_orders_end() {
    let (server, folder) = (LabServer::start().unwrap(), tempfile::tempdir().unwrap());
    let mut child = std::process::Command::new(cargo_bin!("responsive-download"))
        // Held, so that it cannot be done before it is paused.
        .arg(server.url("/held?hold=yes&size=10"))
        .arg("--dir")
        .arg(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    writeln!(stdin, "pause all").unwrap();
    drop(stdin);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    lines.find(|line| line == "end of the orders: what is paused goes on").expect("that line");
    server.release();
    let rest: Vec<String> = lines.collect();
    assert!(child.wait().unwrap().success(), "{rest:?}");
    assert!(rest.contains(&String::from("held: done, 10 bytes")), "{rest:?}");
}

/// The program with `tmp` for temporary files, and nothing to read.
fn demo_in(tmp: &Path) -> std::process::Command {
    let mut command = std::process::Command::new(cargo_bin!("responsive-download"));
    command.envs(["TMPDIR", "TMP", "TEMP"].map(|name| (name, tmp))).stdin(Stdio::null());
    command
}

#[test]
fn the_folder_for_the_demo_goes_also_when_the_reader_has_left() {
    let tmp = tempfile::tempdir().unwrap();
    assert!(demo_in(tmp.path()).stdout(Stdio::null()).status().unwrap().success());
    assert!(files(tmp.path()).is_empty(), "when all goes well");
    // The reader leaves before the first line, or with it, and the next one cannot be printed.
    for lines in [0, 1, 3] {
        let mut child = demo_in(tmp.path()).stdout(Stdio::piped()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap()).lines().take(lines);
        let read: Vec<String> = out.map(Result::unwrap).collect();
        assert!(read.iter().take(1).all(|line| line.contains(tmp.path().to_str().unwrap())), "{read:?}");
        assert!(child.wait().unwrap().success());
        assert!(files(tmp.path()).is_empty(), "after {lines} lines");
    }
    #[cfg(target_os = "linux")]
    {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        assert_eq!(demo_in(tmp.path()).stdout(full).status().unwrap().code(), Some(1));
        assert!(files(tmp.path()).is_empty(), "when the disk is full");
    }
}

/// Ctrl-C can be sent to one process only where there are signals.
#[cfg(unix)]
#[test]
fn ctrl_c_leaves_no_folder() {
    let tmp = tempfile::tempdir().unwrap();
    for times in [1, 2] {
        let mut child = demo_in(tmp.path()).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        lines.find(|line| line.contains(" % of ")).expect("a download has begun");
        for _ in 0..times {
            std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        }
        let rest: Vec<String> = lines.collect();
        child.wait().unwrap();
        assert!(files(tmp.path()).is_empty(), "{times}: {rest:?}");
    }
}

/// A terminal of 60 columns, which the test reads and types on.
#[cfg(target_os = "linux")]
#[test]
fn on_a_terminal_the_bars_fit_and_paused_is_to_be_seen() {
    use std::io::Read;

    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use rustix::termios::{Winsize, tcsetwinsize};

    let (server, folder) = (LabServer::start().unwrap(), tempfile::tempdir().unwrap());
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    tcsetwinsize(&ours, Winsize { ws_row: 20, ws_col: 60, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap().into_string().unwrap();
    let terminal = fs::OpenOptions::new().read(true).write(true).open(name).unwrap();
    let mut command = std::process::Command::new(cargo_bin!("responsive-download"));
    command.arg(server.url("/day.bin?size=40000000000&rate=400000")).arg("--dir").arg(folder.path());
    command.env("TERM", "xterm").env_remove("NO_COLOR").env_remove("COLUMNS");
    command.stdin(terminal.try_clone().unwrap());
    command.stdout(terminal.try_clone().unwrap()).stderr(terminal);
    let mut child = command.spawn().unwrap();
    drop(command); // Its handles of the terminal: the last one to close is the child's.

    let mut ours = fs::File::from(ours);
    let (tell, shown) = channel();
    let mut screen = ours.try_clone().unwrap();
    thread::spawn(move || {
        let mut piece = [0; 4096];
        // A terminal that the last program has left is an error.
        while let Ok(read @ 1..) = screen.read(&mut piece) {
            if tell.send(piece[..read].to_vec()).is_err() {
                return;
            }
        }
    });
    let mut text = String::new();
    let mut until = |what: &str, times: usize| {
        while text.matches(what).count() < times {
            let piece = shown.recv_timeout(SOON).unwrap_or_else(|why| panic!("no «{what}»: {why}\n{text}"));
            text += &String::from_utf8_lossy(&piece);
        }
        std::mem::take(&mut text)
    };
    // So often that what comes next would be left out, had it to wait for its turn.
    let bars = until("day.bin  ", 30);
    ours.write_all(b"pause all\n").unwrap();
    let bars = bars + &until("day.bin paused", 1);
    ours.write_all(b"quit\n").unwrap();
    until("0 done, 1 cancelled, 0 failed", 1);
    assert!(child.wait().unwrap().success());
    // What comes between two movements of the cursor is a row; a few characters of it are the movement's own.
    let (_, bars) = bars.split_once("> ").expect("a line to type on");
    for row in bars.split(['\u{1b}', '\r', '\n']) {
        assert!(row.chars().count() <= 60 + "[2K".len(), "{row:?}");
    }
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
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
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
    demo().args(["--timeout", "0s"]).assert().code(2).stderr(contains("write 500ms or 5s"));
    let folder = tempfile::tempdir().unwrap();
    let run = demo().arg("--dir").arg(folder.path()).arg("not a url").assert().code(1);
    run.stdout(contains("download-1: failed: "));
    let run = demo().arg("--dir").arg(folder.path()).arg("http://127.0.0.1:99999/x").assert().code(1);
    run.stdout(contains("x: failed: port 99999 is not in 1..65535"));
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    demo().arg("--dir").arg(&file).assert().code(1).stderr(contains("responsive-download: cannot use "));
}

#[test]
fn a_narrow_terminal_is_respected() {
    narrow::assert_narrow(&[]);
}
