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
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use executor::Executor;
use lab_server::{LabServer, parse_timeout};
use responsive_download::{Control, End, News, Wish, download};
use ureq::Agent;

use crate::screen::{Screen, has_room_for};

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
                    .help("How long a connection may bring nothing"),
            );
    let matches = timeline::matches(command);
    match run(&matches) {
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

fn run(matches: &ArgMatches) -> io::Result<ExitCode> {
    let mut urls: Vec<String> = matches.get_many("url").into_iter().flatten().cloned().collect();
    let (events, inbox) = channel();
    let on_ctrl_c = events.clone();
    // Before there is anything to clean up. If nobody listens any more, all of it is done already.
    ctrlc::set_handler(move || drop(on_ctrl_c.send(Event::Interrupt))).map_err(io::Error::other)?;

    // Goes away when it is dropped, so on every way out of here.
    let mut ours = None;
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
            folder = Some(ours.insert(made).path().to_owned());
        }
    }
    let folder = folder.unwrap_or_else(|| PathBuf::from("."));
    let explain = |why| io::Error::other(format!("cannot use {}: {why}", folder.display()));
    fs::create_dir_all(&folder).map_err(explain)?;
    let plural = if urls.len() == 1 { "" } else { "s" };
    let place = match &ours {
        Some(_) => format!("{}, removed afterwards", std::env::temp_dir().display()),
        None => folder.display().to_string(),
    };
    writeln!(timeline::stdout(), "responsive-download: {} file{plural} to {place}", urls.len())?;
    writeln!(timeline::stdout(), "{ORDERS}")?;

    read_orders(events.clone());
    let names = names(&urls);
    let controls: Vec<Arc<Control>> = urls.iter().map(|_| Arc::default()).collect();
    let workers = matches.get_one::<u32>("workers").map_or(1, |&workers| workers as usize);
    let client = client(matches.get_one("timeout").copied().unwrap_or_default(), workers, lab.is_some());
    let pool = Executor::new(workers);
    for (number, url) in urls.into_iter().enumerate() {
        let (client, control, events) = (client.clone(), Arc::clone(&controls[number]), events.clone());
        let path = folder.join(&names[number]);
        drop(pool.submit(move || {
            let tell = |news| {
                let _ = events.send(Event::News(number, news));
            };
            let end = download(&client, &url, &path, &control, tell);
            let _ = events.send(Event::Ended(number, end));
        }));
    }

    let mut screen = Screen::new(&names, bars);
    let ended = listen(&inbox, &mut screen, &controls);
    if ended.as_ref().is_ok_and(|ended| ended.at_once) {
        drop(ours);
        exit(130);
    }
    // Also when the screen is gone (`| head -1`): without this, the pool would wait for the downloads.
    controls.iter().for_each(|control| control.set(Wish::Cancel));
    drop(pool);
    if let Some(ours) = ours {
        ours.close()?;
    }
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

/// How many downloads ended in which way.
#[derive(Default)]
struct Ended {
    done: u32,
    was_there: u32,
    cancelled: u32,
    failed: u32,
    interrupted: bool,
    /// Interrupted again: nothing is waited for.
    at_once: bool,
}

/// Takes events, one at a time, until every download has ended.
fn listen(inbox: &Receiver<Event>, screen: &mut Screen, controls: &[Arc<Control>]) -> io::Result<Ended> {
    let mut running = controls.len();
    let mut ended = Ended::default();
    while running > 0 {
        match inbox.recv().expect("the caller holds a sender") {
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
            Event::Interrupt if ended.interrupted => {
                ended.at_once = true;
                return Ok(ended);
            }
            Event::Interrupt => {
                ended.interrupted = true;
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
        Some(other) => return Err(format!("no such order: {other}")),
    };
    match words.next() {
        None => return Err(format!("'{}' does not say which one", word.unwrap_or_default())),
        Some("all" | "a") => controls.iter().for_each(|control| control.set(wish)),
        Some(number) => {
            let index = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
            let control = index.and_then(|index| controls.get(index));
            control.ok_or_else(|| format!("no such download: {number}"))?.set(wish);
        }
    }
    Ok(())
}

/// A file name for each URL: its last segment where that is a plain name, numbered where two are the same.
fn names(urls: &[String]) -> Vec<String> {
    let mut taken = HashSet::new();
    let name = |(number, url): (usize, &String)| {
        let path = url.split(['?', '#']).next().unwrap_or_default();
        let path = path.split_once("://").map_or(path, |(_, rest)| rest);
        let segment = path.split_once('/').and_then(|(_, path)| path.rsplit('/').next()).unwrap_or_default();
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let usable = !segment.is_empty() && !segment.starts_with('.') && segment.chars().all(plain);
        let mut name = if usable { segment.to_owned() } else { format!("download-{}", number + 1) };
        while !taken.insert(name.clone()) {
            name = format!("{}-{name}", number + 1);
        }
        name
    };
    urls.iter().enumerate().map(name).collect()
}

fn client(silence: Duration, workers: usize, local: bool) -> Agent {
    let mut config = Agent::config_builder()
        .http_status_as_error(false)
        .timeout_connect(Some(silence))
        .timeout_recv_response(Some(silence))
        .timeout_per_read(Some(silence))
        .max_idle_connections_per_host(workers);
    if local {
        config = config.proxy(None);
    }
    config.build().new_agent()
}
