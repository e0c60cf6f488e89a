//! Downloads in the background and takes orders in the foreground.
//!
//! One thread owns the screen and decides; all others send it events: a thread for each download, one that reads the
//! keyboard, one that waits for Ctrl-C. So no lock guards the output, and no event waits for another's work.

mod screen;

use std::collections::HashSet;
use std::fs;
use std::io::{self, BufRead, Write, stdin};
use std::path::PathBuf;
use std::process::{ExitCode, exit};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use executor::Executor;
use lab_server::{LabServer, parse_timeout, printable};
use responsive_download::{Control, End, LONGEST_NAME, News, Settings, Wish, download};

use tempfile::TempDir;

use crate::screen::{Screen, has_room_for};

/// How long after Ctrl-C the downloads may take to end.
const GRACE: Duration = Duration::from_millis(600);

const ORDERS: &str = "orders: pause N, resume N, cancel N (or all), quit; Ctrl-C cancels all";

fn main() -> ExitCode {
    let command =
        Command::new("responsive-download")
            .about("Downloads in the background, orders in the foreground")
            .after_help(ORDERS)
            .arg(
                Arg::new("url")
                    .action(ArgAction::Append)
                    .help("What to download [default: three files of a local server]"),
            )
            .arg(Arg::new("dir").long("dir").value_parser(value_parser!(PathBuf)).help(
                "Where to [default: this folder; one that is removed afterwards, for the local server's]",
            ))
            .arg(
                Arg::new("workers")
                    .long("workers")
                    .value_name("N")
                    .value_parser(value_parser!(u32).range(1..=64))
                    .default_value("4")
                    .help("How many downloads run at once"),
            )
            .arg(
                Arg::new("timeout")
                    .long("timeout")
                    .value_parser(parse_timeout)
                    .default_value("5s")
                    .help("How long a server may send nothing"),
            );
    let matches = timeline::matches(command);
    let ours = Ours::default();
    let ended = run(&matches, &ours);
    let removed = ours.lock().unwrap().take().map_or(Ok(()), TempDir::close);
    match ended.and_then(|code| removed.map(|()| code)) {
        Ok(code) => code,
        Err(error) => timeline::exit_code("responsive-download", Err(error)),
    }
}

/// What reaches the one thread that owns the screen.
enum Event {
    News(usize, News),
    Ended(usize, io::Result<End>),
    Order(String),
    NoMoreOrders,
    Interrupt,
}

/// The folder for the demo's own files, which is removed on every way out.
type Ours = Arc<Mutex<Option<TempDir>>>;

fn run(matches: &ArgMatches, ours: &Ours) -> io::Result<ExitCode> {
    let mut urls: Vec<String> = matches.get_many("url").into_iter().flatten().cloned().collect();
    let (events, inbox) = channel();
    // Before there is anything to clean up.
    ctrlc::set_handler(on_ctrl_c(events.clone(), Arc::clone(ours))).map_err(io::Error::other)?;
    let mut lab = None;
    let mut folder = matches.get_one::<PathBuf>("dir").cloned();
    let bars = has_room_for(urls.len().max(3));
    if urls.is_empty() {
        let server = lab.insert(LabServer::start()?);
        // Where somebody can type, the third file takes twenty seconds: time for some orders.
        let rate = if bars { 25_000 } else { 400_000 };
        let file = |(n, size): (u32, u32)| server.url(&format!("/file-{n}.bin?size={size}&rate={rate}"));
        urls = [(1, 100_000), (2, 300_000), (3, 500_000)].map(file).to_vec();
        if folder.is_none() {
            let made = tempfile::Builder::new().prefix("responsive-download-").tempdir()?;
            folder = Some(made.path().to_owned());
            *ours.lock().unwrap() = Some(made);
        }
    }
    let folder = folder.unwrap_or_else(|| PathBuf::from("."));
    let explain = |why| io::Error::other(format!("cannot use {}: {why}", folder.display()));
    fs::create_dir_all(&folder).map_err(explain)?;
    let plural = if urls.len() == 1 { "" } else { "s" };
    let place = if ours.lock().unwrap().is_some() {
        format!("{}, removed afterwards", std::env::temp_dir().display())
    } else {
        folder.display().to_string()
    };
    writeln!(timeline::stdout(), "responsive-download: {} file{plural} to {place}", urls.len())?;
    writeln!(timeline::stdout(), "{ORDERS}")?;

    read_orders(events.clone());
    let names = names(&urls);
    let controls: Vec<Arc<Control>> = urls.iter().map(|_| Arc::default()).collect();
    let workers = matches.get_one::<u32>("workers").map_or(1, |&workers| workers as usize);
    let settings = Settings {
        silence: matches.get_one("timeout").copied().unwrap_or_default(),
        // The server on this machine is not behind the proxy that the environment may
        // name.
        proxy: lab.is_none(),
        ..Settings::default()
    };
    let pool = Executor::new(workers);
    for (number, url) in urls.into_iter().enumerate() {
        let (settings, control, events) = (settings.clone(), Arc::clone(&controls[number]), events.clone());
        let path = folder.join(&names[number]);
        drop(pool.submit(move || {
            let tell = |news| {
                let _ = events.send(Event::News(number, news));
            };
            let end = download(&settings, &url, &path, &control, tell);
            let _ = events.send(Event::Ended(number, end));
        }));
    }

    let mut screen = Screen::new(&names, bars);
    let ended = listen(&inbox, &mut screen, &controls);
    if ended.as_ref().is_ok_and(|ended| ended.late > 0) {
        give_up(ours);
    }
    // Also when the screen is gone (`| head -1`): without this, the pool would wait for the downloads.
    controls.iter().for_each(|control| control.set(Wish::Cancel));
    drop(pool);
    let Ended { done, was_there, cancelled, failed, interrupted, .. } = ended?;
    let was_there = if was_there > 0 { format!("{was_there} there before, ") } else { String::new() };
    writeln!(
        timeline::stdout(),
        "{was_there}{done} done, {cancelled} cancelled, {failed} failed; no file is half there under its name."
    )?;
    Ok(match (interrupted, failed) {
        (true, _) => ExitCode::from(130),
        (false, 0) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

/// Returns what Ctrl-C does: the first one cancels all, and a second one ends the
/// program.
fn on_ctrl_c(events: Sender<Event>, ours: Ours) -> impl FnMut() + Send {
    let mut again = false;
    move || {
        if again {
            give_up(&ours);
        }
        again = true;
        // The main thread may be blocked in printing to a full pipe.
        let ours = Arc::clone(&ours);
        thread::spawn(move || {
            thread::sleep(GRACE + Duration::from_millis(200));
            give_up(&ours);
        });
        let _ = events.send(Event::Interrupt);
    }
}

/// Ends the program without waiting for anything. The downloads that still run are left
/// as a kill would leave them.
fn give_up(ours: &Ours) -> ! {
    if let Ok(mut ours) = ours.try_lock() {
        drop(ours.take());
    }
    exit(130);
}

/// How many downloads ended in which way.
#[derive(Default)]
struct Ended {
    done: u32,
    was_there: u32,
    cancelled: u32,
    failed: u32,
    interrupted: bool,
    /// Still running some time after Ctrl-C: not even the disk answers.
    late: usize,
}

/// Takes events, one at a time, until every download has ended.
fn listen(inbox: &Receiver<Event>, screen: &mut Screen, controls: &[Arc<Control>]) -> io::Result<Ended> {
    let mut running = controls.len();
    let mut ended = Ended::default();
    let mut deadline: Option<Instant> = None;
    while running > 0 {
        let event = match deadline {
            None => inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(deadline) => {
                inbox.recv_timeout(Instant::saturating_duration_since(&deadline, Instant::now()))
            }
        };
        let event = match event {
            Ok(event) => event,
            Err(RecvTimeoutError::Timeout) => {
                screen.say(&format!("{running} didn't stop in time; what they have is in NAME.part"))?;
                ended.late = running;
                return Ok(ended);
            }
            Err(RecvTimeoutError::Disconnected) => unreachable!("the caller holds a sender"),
        };
        match event {
            Event::News(number, news) => screen.news(number, news)?,
            Event::Ended(number, end) => {
                running -= 1;
                match &end {
                    Ok(End::Done { .. }) => ended.done += 1,
                    Ok(End::WasThere) => ended.was_there += 1,
                    Ok(End::Cancelled) => ended.cancelled += 1,
                    Err(_) => ended.failed += 1,
                }
                screen.ended(number, &end)?;
            }
            Event::Order(order) => {
                screen.entered();
                if let Err(problem) = obey(&order, controls) {
                    screen.say(&format!("{problem}; {ORDERS}"))?;
                }
            }
            Event::NoMoreOrders => {
                if controls.iter().any(|control| control.wish() == Wish::Pause) {
                    // Nobody could resume them any more, and the program would wait for ever.
                    screen.say("end of the orders: what is paused goes on")?;
                    controls.iter().for_each(|control| control.set(Wish::Run));
                }
            }
            Event::Interrupt => {
                ended.interrupted = true;
                deadline = Some(Instant::now() + GRACE);
                screen.say("Ctrl-C: cancelling all; once more ends at once")?;
                controls.iter().for_each(|control| control.set(Wish::Cancel));
            }
        }
    }
    Ok(ended)
}

/// Reads the keyboard in a thread of its own. Nobody joins it: it may sit in a read for ever, and dies with the process.
fn read_orders(events: Sender<Event>) {
    thread::spawn(move || {
        for line in stdin().lock().lines().map_while(Result::ok) {
            if events.send(Event::Order(line)).is_err() {
                return;
            }
        }
        let _ = events.send(Event::NoMoreOrders);
    });
}

/// Carries out `pause 2`, `cancel all` or `quit`; the error says what is wrong with the order.
fn obey(order: &str, controls: &[Arc<Control>]) -> Result<(), String> {
    let mut words = order.split_whitespace();
    let word = words.next();
    let wish = match word {
        None => return Ok(()),
        Some("p" | "pause") => Wish::Pause,
        Some("r" | "resume") => Wish::Run,
        Some("c" | "cancel") => Wish::Cancel,
        Some("q" | "quit") => {
            controls.iter().for_each(|control| control.set(Wish::Cancel));
            return Ok(());
        }
        Some(other) => return Err(format!("no such order: {}", printable(other))),
    };
    match words.next() {
        None => return Err(format!("'{}' does not say which one", word.unwrap_or_default())),
        Some("all" | "a") => controls.iter().for_each(|control| control.set(wish)),
        Some(number) => {
            let index = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
            let control = index.and_then(|index| controls.get(index));
            control.ok_or_else(|| format!("no such download: {}", printable(number)))?.set(wish);
        }
    }
    Ok(())
}

/// A file name for each URL: its last segment where that is a plain name, numbered where
/// two are the same. A name that ends like the part of another file, or leaves no room
/// for `.part-tag`, is not used.
fn names(urls: &[String]) -> Vec<String> {
    let mut taken = HashSet::new();
    let name = |(number, url): (usize, &String)| {
        let path = url.split(['?', '#']).next().unwrap_or_default();
        let path = path.split_once("://").map_or(path, |(_, rest)| rest);
        let segment = path.split_once('/').and_then(|(_, path)| path.rsplit('/').next()).unwrap_or_default();
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let a_part = [".part", ".part-tag"].iter().any(|end| segment.ends_with(end));
        let usable = !segment.is_empty()
            && !segment.starts_with('.')
            && segment.chars().all(plain)
            && !a_part
            && segment.len() <= LONGEST_NAME;
        let mut name = if usable { segment.to_owned() } else { format!("download-{}", number + 1) };
        while !taken.insert(name.clone()) {
            name = format!("{}-{name}", number + 1);
        }
        name
    };
    urls.iter().enumerate().map(name).collect()
}
