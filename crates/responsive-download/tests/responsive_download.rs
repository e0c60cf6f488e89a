//! Pause, resume, cancel and kill, over real sockets and real files.
//!
//! `DOWNLOAD_KILLS=100 cargo test -p responsive-download` kills the program a hundred times; by default it is fewer.

#[path = "../../timeline/tests/manners/narrow.rs"]
mod narrow; // what every program promises to a narrow terminal
mod support;

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
use support::{at_once, files};

const SOON: Duration = Duration::from_secs(20);

fn body(size: u64) -> Vec<u8> {
    (0..size).map(body_byte).collect()
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
            download(&at_once(), url, path, control, |news| {
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
    let end = download(&at_once(), &url, &path, &control, |news| {
        if matches!(news, News::Progress(1.., _)) {
            control.set(Wish::Cancel);
            control.set(Wish::Run);
        }
    });
    assert_eq!(end.unwrap(), End::Cancelled, "once cancelled is cancelled");
    assert!(files(folder.path()).is_empty());
}

/// Leaves the beginning of what `url` has, as a run does that is killed after this many
/// bytes.
fn leave_a_part(url: &str, path: &Path, bytes: u64) {
    let part = path.with_extension("part");
    let killed = std::panic::catch_unwind(|| {
        download(&at_once(), url, path, &Control::default(), |news| {
            if matches!(news, News::Progress(1.., _)) {
                std::panic::resume_unwind(Box::new("killed"));
            }
        })
    });
    assert!(killed.is_err() && fs::metadata(&part).unwrap().len() > 0);
    let note = fs::read_to_string(path.with_extension("part-tag")).unwrap();
    assert!(note.contains(url), "{note}");
    let whole = body(bytes);
    fs::write(&part, whole).unwrap();
}

#[test]
fn another_file_under_the_same_url_is_taken_whole() {
    let (server, folder) = (LabServer::start().unwrap(), tempfile::tempdir().unwrap());
    let path = folder.path().join("file");
    let url = server.url("/file?size=3000");
    leave_a_part(&url, &path, 1000);
    // The note is of the same URL, but of a file of 5000 bytes; the server has one of
    // 3000 now, whose tag differs.
    let note = path.with_extension("part-tag");
    fs::write(&note, fs::read_to_string(&note).unwrap().replace("3000\"", "5000\"")).unwrap();
    fs::write(path.with_extension("part"), [b'?'; 1000]).unwrap();
    download(&at_once(), &url, &path, &Control::default(), |_| ()).unwrap();
    assert_eq!(fs::read(&path).unwrap(), body(3000));
}

#[test]
fn a_part_of_another_url_is_not_continued() {
    let (server, folder) = (LabServer::start().unwrap(), tempfile::tempdir().unwrap());
    let path = folder.path().join("file");
    leave_a_part(&server.url("/file?size=3000&n=1"), &path, 1000);
    fs::write(path.with_extension("part"), [b'?'; 1000]).unwrap();
    // The tag is the same, and says nothing.
    download(&at_once(), &server.url("/file?size=3000&n=2"), &path, &Control::default(), |_| ()).unwrap();
    assert_eq!(fs::read(&path).unwrap(), body(3000));
}

#[test]
fn a_part_that_is_complete_is_asked_for_its_last_byte_only() {
    let (server, folder) = (LabServer::start().unwrap(), tempfile::tempdir().unwrap());
    let path = folder.path().join("file");
    let url = server.url("/file?size=3000");
    leave_a_part(&url, &path, 3000);
    let begun = std::cell::Cell::new(None);
    let end = download(&at_once(), &url, &path, &Control::default(), |news| {
        begun.set(begun.get().or(Some(news)));
    });
    assert_eq!(end.unwrap(), End::Done { bytes: 3000 });
    assert_eq!(begun.get(), Some(News::Progress(2999, 3000)));
    assert_eq!(fs::read(&path).unwrap(), body(3000));
    assert_eq!(files(folder.path()), ["file"]);
}

#[test]
fn a_truncated_answer_never_gets_the_name() {
    let (server, folder) = (LabServer::start().unwrap(), tempfile::tempdir().unwrap());
    let path = folder.path().join("file");
    let url = server.url("/file?fault=truncate");
    assert!(download(&at_once(), &url, &path, &Control::default(), |_| ()).is_err());
    assert!(!path.exists());
    let url = server.url("/file?status=404");
    let error = download(&at_once(), &url, &path, &Control::default(), |_| ()).unwrap_err();
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

/// What the tests are about is not what the user's shell happens to say.
const NOT_FROM_THE_ENVIRONMENT: [&str; 9] = [
    "COLUMNS",
    "NO_COLOR",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "no_proxy",
];

fn demo() -> Command {
    let mut command = cargo_bin_cmd!("responsive-download");
    for name in NOT_FROM_THE_ENVIRONMENT {
        command.env_remove(name);
    }
    command
}

/// The same, to be spawned.
fn process() -> std::process::Command {
    let mut command = std::process::Command::new(cargo_bin!("responsive-download"));
    for name in NOT_FROM_THE_ENVIRONMENT {
        command.env_remove(name);
    }
    command
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
        // Two at once: one of them gets the part, and the other one fails.
        let mut children = [(); 2].map(|()| {
            let mut child = process();
            child.arg("--dir").arg(folder.path()).arg(&url);
            child.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap()
        });
        // Not in order to wait for anything: this is the random moment. On Unix, kill is SIGKILL.
        for child in &mut children {
            thread::sleep(Duration::from_micros(rng.random_range(0..30_000)));
            child.kill().unwrap();
        }
        for child in &mut children {
            // One that ended by itself has a code.
            killed += u32::from(child.wait().unwrap().code().is_none_or(|_| cfg!(windows)));
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
    let mut child = process()
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
    let mut command = process();
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

/// Ctrl-C, which can be sent to one process only where there are signals.
#[cfg(unix)]
fn interrupt(child: &std::process::Child) {
    use rustix::process::{Pid, Signal, kill_process};
    kill_process(Pid::from_child(child), Signal::INT).unwrap();
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_no_folder() {
    let tmp = tempfile::tempdir().unwrap();
    for times in [1, 2] {
        let mut child = demo_in(tmp.path()).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        lines.find(|line| line.contains(" % of ")).expect("a download has begun");
        for _ in 0..times {
            interrupt(&child); // Until it is waited for, there is a process to send it to.
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
    use rustix::termios::{LocalModes, OptionalActions, Winsize, tcgetattr, tcsetattr, tcsetwinsize};

    let (server, folder) = (LabServer::start().unwrap(), tempfile::tempdir().unwrap());
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    tcsetwinsize(&ours, Winsize { ws_row: 20, ws_col: 60, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap().into_string().unwrap();
    let terminal = fs::OpenOptions::new().read(true).write(true).open(name).unwrap();
    // What is typed would be echoed wherever the cursor happens to be: in the middle of a
    // bar.
    let mut modes = tcgetattr(&terminal).unwrap();
    modes.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&terminal, OptionalActions::Now, &modes).unwrap();
    let mut command = process();
    command.arg(server.url("/day.bin?size=40000000000&rate=400000")).arg("--dir").arg(folder.path());
    command.env("TERM", "xterm");
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
            let piece = shown.recv_timeout(SOON).unwrap_or_else(|why| panic!("no \"{what}\": {why}\n{text}"));
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

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_no_file() {
    let (server, folder) = (LabServer::start().unwrap(), tempfile::tempdir().unwrap());
    let child = process()
        .arg(server.url("/day?size=8640000&rate=1000"))
        .arg("--dir")
        .arg(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    server.wait_until(SOON, |stats| stats.in_flight == 1).expect("the download has begun");
    interrupt(&child);
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
