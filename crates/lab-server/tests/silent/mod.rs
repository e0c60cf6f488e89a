//! Twelve ways of being silent, and what a program does about them: `--timeout` ends it,
//! and so does Ctrl-C. The tests of the network programs take this file in.
//!
//! It prints the seconds until the end: `SILENT_TIMEOUT=2s cargo test -p fetch-urls
//! --test silent -- --nocapture`. No limit is asserted, since a busy machine is no fault;
//! what never ends fails after a minute.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Once};
use std::thread;
use std::time::{Duration, Instant};

use lab_server::FullPort;
use rustix::process::{Pid, Signal, kill_process};

/// Whatever takes longer hangs.
const HANGS: Duration = Duration::from_secs(60);

/// One way of being silent, and what keeps it so.
struct Silence {
    what: &'static str,
    /// What the program is asked to get.
    urls: Vec<String>,
    /// The proxy, where that is the silent one.
    proxy: Option<SocketAddr>,
    /// The only name server that the program is to know.
    name_server: Option<Ipv4Addr>,
    /// How to know that the program has reached the silence.
    arrived: Arrived,
    _keeps: Box<dyn std::any::Any + Send>,
}

enum Arrived {
    /// Something is received here.
    At(Receiver<()>),
    /// It has printed a line; what happens then can't be seen from outside.
    WithItsFirstLine,
    /// The pipe that it prints to is full.
    WhenThePipeIsFull,
}

/// How to end the program.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Timeout,
    CtrlC,
}

/// Runs the program that `command` makes against each silence, and prints how long it
/// took to end. `command` is given the value for `--timeout`.
pub(crate) fn assert_that_it_ends(command: impl Fn(&str) -> Command + Sync) {
    signals_as_usual();
    let timeout = std::env::var("SILENT_TIMEOUT").unwrap_or_else(|_| "300ms".into());
    let (command, timeout) = (&command, timeout.as_str());
    println!("{:44}{:>14}{:>10}", "silent is", format!("--timeout {timeout}"), "Ctrl-C");
    // Each of them waits more than it works.
    let rows: Vec<_> = thread::scope(|threads| {
        let ways = (0..).map_while(way).collect::<Vec<_>>();
        let rows: Vec<_> = ways
            .into_iter()
            .map(|make| {
                threads.spawn(move || {
                    let run =
                        |end| make().map(|silence| (silence.what, end_of(command, timeout, silence, end)));
                    let (by_time, by_ctrl_c) = (run(End::Timeout), run(End::CtrlC));
                    let (what, by_ctrl_c) = by_ctrl_c?;
                    Some((what, by_time.and_then(|(_, took)| took), by_ctrl_c))
                })
            })
            .collect();
        rows.into_iter().map(|row| row.join().unwrap()).collect()
    });
    let seconds =
        |took: Option<Duration>| took.map_or("-".into(), |took| format!("{:.2} s", took.as_secs_f64()));
    let mut tried = 0;
    for (what, by_time, by_ctrl_c) in rows.into_iter().flatten() {
        println!("{what:44}{:>14}{:>10}", seconds(by_time), seconds(by_ctrl_c));
        tried += 1;
    }
    // A silent name server needs port 53 and a mount namespace; the others need nothing.
    assert!(tried >= 11, "{tried}");
}

/// Runs the program until it ends, and returns how long that took from when it was asked
/// to.
fn end_of(
    command: impl Fn(&str) -> Command,
    timeout: &str,
    mut silence: Silence,
    end: End,
) -> Option<Duration> {
    let pipe_is_full = matches!(silence.arrived, Arrived::WhenThePipeIsFull);
    if pipe_is_full && end == End::Timeout {
        // A slow reader is waited for, as it should be.
        return None;
    }
    let program = command(if end == End::CtrlC { "1440m" } else { timeout });
    let mut command = within(&program, silence.name_server);
    command.args(&silence.urls).env_remove("COLUMNS");
    for proxy in ["http_proxy", "https_proxy", "all_proxy", "no_proxy"] {
        command.env_remove(proxy).env_remove(proxy.to_uppercase());
    }
    if let Some(proxy) = silence.proxy {
        command.env("all_proxy", format!("http://{proxy}"));
    }
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    if end == End::Timeout {
        drain(out);
        return Some(ended(child, begun, silence.what));
    }
    match &mut silence.arrived {
        Arrived::At(place) => place.recv_timeout(HANGS).expect(silence.what),
        Arrived::WithItsFirstLine => drop(out.read_line(&mut String::new()).unwrap()),
        Arrived::WhenThePipeIsFull => {
            // Its room is 64 KiB, and a line is shorter than the rest.
            while rustix::io::ioctl_fionread(out.get_ref().as_fd()).unwrap() < 60_000 {
                assert!(begun.elapsed() < HANGS, "{}", silence.what);
                thread::sleep(Duration::from_millis(1));
            }
        }
    }
    if !pipe_is_full {
        drain(out);
    }
    let asked = Instant::now();
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    Some(ended(child, asked, silence.what))
}

/// Reads what comes, so that no pipe is full that isn't meant to be.
fn drain(mut out: impl Read + Send + 'static) {
    thread::spawn(move || io::copy(&mut out, &mut io::sink()));
}

fn ended(mut child: Child, since: Instant, what: &str) -> Duration {
    while child.try_wait().unwrap().is_none() {
        if since.elapsed() > HANGS {
            child.kill().unwrap();
            panic!("{what}: it does not end");
        }
        thread::sleep(Duration::from_millis(1));
    }
    since.elapsed()
}

/// The program where this is the only name server.
fn within(program: &Command, name_server: Option<Ipv4Addr>) -> Command {
    let Some(name_server) = name_server else {
        let mut command = Command::new(program.get_program());
        command.args(program.get_args());
        return command;
    };
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("name-server-{name_server}"));
    fs::write(&file, format!("nameserver {name_server}\n")).unwrap();
    let mut command = Command::new("unshare");
    let script = "mount --bind \"$0\" /etc/resolv.conf && exec \"$@\"";
    command.args(["--map-root-user", "--mount", "sh", "-c", script]).arg(file);
    command.arg(program.get_program()).args(program.get_args());
    command
}

type Make = Box<dyn Fn() -> Option<Silence> + Send>;

/// The way with this number.
fn way(number: usize) -> Option<Make> {
    let ways: [fn() -> Option<Silence>; 12] = [
        || name_server(),
        || connection(),
        || Some(after_accept("the other side of TLS", |at| vec![format!("https://{at}/tls")], None)),
        || Some(after_accept("the proxy", |_| vec!["http://192.0.2.1/x".into()], Some(()))),
        || Some(after_accept("the server, before its answer", |at| vec![format!("http://{at}/head")], None)),
        || {
            Some(drip("the server, in a head without end", |s| {
                s.write_all(b"HTTP/1.1 200 OK\r\nX-Long: ")?;
                slowly(|| s.write_all(b"x"))
            }))
        },
        || {
            Some(drip("the server, with one 103 after another", |s| {
                slowly(|| s.write_all(b"HTTP/1.1 103 Early Hints\r\n\r\n"))
            }))
        },
        || {
            Some(drip("the body of a redirect, without end", |s| {
                s.write_all(b"HTTP/1.1 302 Found\r\nLocation: /\r\nTransfer-Encoding: chunked\r\n\r\n")?;
                slowly(|| s.write_all(b"1\r\nx\r\n"))
            }))
        },
        || {
            Some(drip("the server, in the body", |s| {
                s.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")?;
                slowly(|| Ok(()))
            }))
        },
        || {
            Some(drip("a chunk's size, without end", |s| {
                s.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;")?;
                slowly(|| s.write_all(b"x"))
            }))
        },
        || {
            Some(drip("trailers, without end", |s| {
                s.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n")?;
                slowly(|| s.write_all(b"X-Trailer: x\r\n"))
            }))
        },
        || {
            let urls = (0..5000).map(|n| format!("no-url-{n}")).collect();
            let arrived = Arrived::WhenThePipeIsFull;
            Some(Silence {
                what: "the reader of what we print",
                urls,
                proxy: None,
                name_server: None,
                arrived,
                _keeps: Box::new(()),
            })
        },
    ];
    ways.get(number).map(|&make| Box::new(make) as Make)
}

/// Repeats it until the other side has left.
fn slowly(mut again: impl FnMut() -> io::Result<()>) -> io::Result<()> {
    loop {
        again()?;
        thread::sleep(Duration::from_millis(5));
    }
}

/// `None` where no port 53 and no mount namespace can be had.
fn name_server() -> Option<Silence> {
    // One of its own for each that is asked for: the last one may still be there.
    static NUMBER: AtomicU8 = AtomicU8::new(1);
    let [.., a, b] = std::process::id().to_be_bytes();
    let address = Ipv4Addr::new(127, a, b, NUMBER.fetch_add(1, SeqCst));
    let can =
        Command::new("unshare").args(["--map-root-user", "--mount", "true"]).stderr(Stdio::null()).status();
    if !can.is_ok_and(|can| can.success()) {
        return None;
    }
    let socket = UdpSocket::bind((address, 53)).ok()?;
    let receiver = socket.try_clone().unwrap();
    let (arrived, place) = channel();
    thread::spawn(move || while receiver.recv(&mut [0; 512]).is_ok() && arrived.send(()).is_ok() {});
    Some(Silence {
        what: "the name server",
        urls: vec!["http://silent.example/name".into()],
        proxy: None,
        name_server: Some(address),
        arrived: Arrived::At(place),
        _keeps: Box::new(socket),
    })
}

fn connection() -> Option<Silence> {
    let full = FullPort::fill().unwrap();
    Some(Silence {
        what: "the port, which neither accepts nor refuses",
        urls: vec![format!("http://{}/connection", full.address())],
        proxy: None,
        name_server: None,
        arrived: Arrived::WithItsFirstLine,
        _keeps: Box::new(full),
    })
}

/// It accepts, and no more.
fn after_accept(what: &'static str, urls: fn(SocketAddr) -> Vec<String>, proxy: Option<()>) -> Silence {
    serve(what, urls, proxy, |_, arrived| {
        let _ = arrived.send(());
        slowly(|| Ok(()))
    })
}

/// It reads the request, and answers as `answer` does.
fn drip(what: &'static str, answer: fn(&mut TcpStream) -> io::Result<()>) -> Silence {
    serve(
        what,
        |at| vec![format!("http://{at}/file")],
        None,
        move |stream, arrived| {
            let mut reader = BufReader::new(stream.try_clone()?);
            let mut line = String::new();
            while reader.read_line(&mut line)? > 2 {
                line.clear();
            }
            let _ = arrived.send(());
            answer(stream)
        },
    )
}

fn serve(
    what: &'static str,
    urls: fn(SocketAddr) -> Vec<String>,
    proxy: Option<()>,
    answer: impl Fn(&mut TcpStream, &Sender<()>) -> io::Result<()> + Send + Sync + Clone + 'static,
) -> Silence {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let (arrived, place) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (Ok(mut stream), answer, arrived) = (stream, answer.clone(), arrived.clone()) else {
                continue;
            };
            thread::spawn(move || answer(&mut stream, &arrived));
        }
    });
    Silence {
        what,
        urls: urls(at),
        proxy: proxy.map(|()| at),
        name_server: None,
        arrived: Arrived::At(place),
        _keeps: Box::new(()),
    }
}

/// Lets Ctrl-C have its default effect on the processes that the test starts, even if the
/// test itself was started with the signal ignored, as in the background of a script. A
/// process inherits what its parent ignores, but no handler.
fn signals_as_usual() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let always = Arc::new(AtomicBool::new(true));
        signal_hook::flag::register_conditional_default(signal_hook::consts::SIGINT, always).unwrap();
    });
}
