//! Fetches the URLs you name, in a pool, and prints status and size of each in order.

use std::fs;
use std::io::{self, IsTerminal, Read, Write, stderr, stdin};
use std::mem;
use std::process::{ExitCode, exit};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use executor::Executor;
use fetch_urls::{Fetched, Patience, fetch};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use lab_server::{LabServer, parse_duration, parse_timeout, printable};
use timeline::listing;
use ureq::Agent;

fn main() -> ExitCode {
    let time = |name, default, help| Arg::new(name).long(name).default_value(default).help(help);
    let number = |name: &'static str, default, help| {
        let parser = value_parser!(u32).range(1..=1000);
        Arg::new(name).long(name).value_name("N").value_parser(parser).default_value(default).help(help)
    };
    let command = Command::new("fetch-urls")
        .about("Fetches URLs in a pool; status and size of each, in order")
        .arg(
            Arg::new("url")
                .action(ArgAction::Append)
                .help("What to fetch; '-' reads stdin [default: a local server's pages]"),
        )
        .arg(
            Arg::new("file")
                .long("file")
                .value_name("FILE")
                .help("Reads URLs from FILE, one a line; # begins a comment"),
        )
        .arg(number("workers", "8", "How many to fetch at once"))
        .arg(number("attempts", "3", "How often to try each"))
        .arg(time("timeout", "5s", "How long one attempt may take").value_parser(parse_timeout))
        .arg(
            time("back-off", "100ms", "How long the first retry waits; each later one waits twice as long")
                .value_parser(parse_duration),
        );
    let matches = timeline::matches(command);
    match run(&matches) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => timeline::exit_code("fetch-urls", Err(error)),
    }
}

/// How long the last lines may take to be printed after Ctrl-C.
const GRACE: Duration = Duration::from_millis(800);

/// What has been fetched, by its place, and how many of the first places are printed.
struct Report {
    fetched: Vec<Option<Fetched>>,
    printed: usize,
}

impl Report {
    /// Takes the line that is next in order, if it has come in.
    fn next_line(&mut self) -> Option<String> {
        let line = self.fetched.get(self.printed)?.as_ref()?.to_string();
        self.printed += 1;
        Some(line)
    }
}

/// The output, and what will be printed there. They have a lock each. A thread that
/// prints may block for as long as the pipe it prints to is full, and it must not hold a
/// lock then that a worker needs to hand in a result. Where both are needed, the output
/// is locked first.
struct Printer {
    out: Mutex<Box<dyn Write + Send>>,
    report: Mutex<Report>,
}

impl Printer {
    /// Prints what is next in order, as far as it has come in.
    fn print_ready(&self) -> io::Result<()> {
        let mut out = self.out.lock().unwrap();
        loop {
            let Some(line) = self.report.lock().unwrap().next_line() else { return Ok(()) };
            writeln!(out, "{line}")?;
        }
    }

    /// Prints everything that has come in, also out of order, after the line that is
    /// being printed now.
    fn print_all(&self) -> io::Result<()> {
        let mut out = self.out.lock().unwrap();
        let report = self.report.lock().unwrap();
        for fetched in report.fetched[report.printed..].iter().flatten() {
            writeln!(out, "{fetched}")?;
        }
        let there = report.fetched.iter().flatten().count();
        writeln!(out, "Interrupted: {there} of {} answers had come.", report.fetched.len())?;
        // Never released: this is the last line.
        mem::forget(out);
        Ok(())
    }
}

/// Returns what Ctrl-C does. It prints what has come in and ends the program, even if the
/// other end of the pipe never reads it. A second Ctrl-C ends the program at once.
fn on_ctrl_c(printer: Arc<Printer>) -> impl FnMut() + Send {
    let mut again = false;
    move || {
        if again {
            exit(130);
        }
        again = true;
        // The thread that prints may wait forever for a lock that `main` holds while it
        // writes to a full pipe. This one doesn't wait for it any longer than that.
        let printer = Arc::clone(&printer);
        thread::spawn(move || {
            let (done, printed) = channel();
            thread::spawn(move || done.send(printer.print_all()));
            let _ = printed.recv_timeout(GRACE);
            exit(130);
        });
    }
}

fn run(matches: &ArgMatches) -> io::Result<bool> {
    let number = |name| matches.get_one::<u32>(name).copied().unwrap_or(1);
    let time = |name| matches.get_one::<Duration>(name).copied().unwrap_or_default();
    let (mut urls, mut lab) = (urls(matches)?, None);
    if urls.is_empty() {
        urls = some_pages(lab.insert(LabServer::builder().latency(Duration::from_millis(100)).start()?));
    }
    let workers = number("workers") as usize;
    let patience = Patience {
        attempts: number("attempts"),
        first_wait: time("back-off"),
        longest_wait: Duration::from_secs(30),
    };
    let plural = |number: usize| if number == 1 { "" } else { "s" };
    writeln!(
        listing(),
        "fetch-urls: {} URL{}, {workers} at a time, up to {} attempt{} each",
        urls.len(),
        plural(urls.len()),
        patience.attempts,
        plural(patience.attempts as usize)
    )?;

    let report = Report { fetched: urls.iter().map(|_| None).collect(), printed: 0 };
    let printer = Arc::new(Printer { out: Mutex::new(Box::new(listing())), report: Mutex::new(report) });
    ctrlc::set_handler(on_ctrl_c(Arc::clone(&printer))).map_err(io::Error::other)?;

    let client = client(time("timeout"), workers, lab.is_some());
    let bar = progress_bar(urls.len());
    let pool = Executor::new(workers);
    let (filled, ticking) = (Arc::clone(&printer), bar.clone());
    let fetches = pool.map(urls.into_iter().enumerate(), move |(place, url)| {
        let tell = |wait: Duration| {
            // What is shorter is over before it is read.
            if wait >= Duration::from_secs(1) {
                let line = format!("fetch-urls: waits {wait:?} before it asks {} again", printable(&url));
                // Nobody is left to tell if stderr is gone.
                let _ = ticking.suspend(|| writeln!(stderr(), "{line}"));
            }
        };
        let fetched = fetch(&client, &url, &patience, tell);
        filled.report.lock().unwrap().fetched[place] = Some(fetched);
        ticking.inc(1);
    });
    for done in fetches {
        done.map_err(io::Error::other)?;
        bar.suspend(|| printer.print_ready())?;
    }
    bar.finish_and_clear();
    let report = printer.report.lock().unwrap();
    let failed = report.fetched.iter().flatten().filter(|fetched| !fetched.is_ok()).count();
    let total = report.fetched.len();
    match total - failed {
        0 => writeln!(listing(), "{failed} of {total} failed.")?,
        1 if total == 1 => writeln!(listing(), "1 of 1 succeeded.")?,
        _ if failed == 0 => {
            writeln!(listing(), "In order, although not fetched in order: all {total} succeeded.")?;
        }
        whole => writeln!(listing(), "{failed} of {total} failed; the other {whole} are above, whole.")?,
    }
    Ok(failed == 0)
}

fn urls(matches: &ArgMatches) -> io::Result<Vec<String>> {
    let mut urls = Vec::new();
    let add = |urls: &mut Vec<String>, text: &str| {
        // Some editors put a byte order mark before the first line.
        let lines = text
            .trim_start_matches('\u{feff}')
            .lines()
            .map(|line| line.split('#').next().unwrap_or_default().trim());
        urls.extend(lines.filter(|line| !line.is_empty()).map(String::from));
    };
    if let Some(path) = matches.get_one::<String>("file") {
        let text =
            fs::read_to_string(path).map_err(|why| io::Error::other(format!("cannot read {path}: {why}")))?;
        add(&mut urls, &text);
        if urls.is_empty() {
            return Err(io::Error::other(format!("nothing to fetch: {path} names no URL")));
        }
    }
    for url in matches.get_many::<String>("url").into_iter().flatten() {
        if url == "-" {
            let mut text = String::new();
            stdin()
                .read_to_string(&mut text)
                .map_err(|why| io::Error::other(format!("cannot read stdin: {why}")))?;
            add(&mut urls, &text);
            if urls.is_empty() {
                return Err(io::Error::other("nothing to fetch: stdin names no URL"));
            }
        } else {
            urls.push(url.clone());
        }
    }
    Ok(urls)
}

/// Ten pages of different sizes and latencies; the fourth fails at first.
fn some_pages(server: &LabServer) -> Vec<String> {
    let page = |n: u32| match n {
        4 => server.url("/page/4?fail=1"),
        7 => server.url("/page/7?latency=400ms&size=7000"),
        n => server.url(&format!("/page/{n}?size={}", n * n * 1000)),
    };
    (1..=10).map(page).collect()
}

fn client(timeout: Duration, workers: usize, local: bool) -> Agent {
    let mut config = Agent::config_builder()
        .timeout_global(Some(timeout))
        .http_status_as_error(false)
        .max_idle_connections(workers)
        .max_idle_connections_per_host(workers);
    if local {
        // The server on this machine is not behind the proxy that the environment may name.
        config = config.proxy(None);
    }
    config.build().new_agent()
}

/// A bar on a terminal; nothing in a file or a pipe.
fn progress_bar(urls: usize) -> ProgressBar {
    let plain = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    if plain || !stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos} of {len}").expect("the template is well formed");
    ProgressBar::with_draw_target(Some(urls as u64), ProgressDrawTarget::stderr()).with_style(style)
}
