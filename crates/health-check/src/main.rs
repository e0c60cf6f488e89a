//! Asks endpoints for their health and prints each as it answers.

use std::io::{self, Write, stdout};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use executor::Executor;
use health_check::{Report, check_all, client};
use lab_server::{LabServer, RefusingPort, parse_duration, parse_timeout, printable};
use serde_json::json;
use timeline::columns;

fn main() -> ExitCode {
    let command = Command::new("health-check")
        .about("Endpoints and their health, printed as they answer")
        .arg(Arg::new("url").action(ArgAction::Append).help("What to ask [default: a local zoo of troubles]"))
        .arg(
            Arg::new("workers")
                .long("workers")
                .value_name("N")
                .value_parser(value_parser!(u32).range(1..=1000))
                .default_value("32")
                .help("How many to ask at once"),
        )
        .arg(
            Arg::new("timeout")
                .long("timeout")
                .value_parser(parse_timeout)
                .help("How long each may take [default: 5s; 1s for the local zoo]"),
        )
        .arg(Arg::new("json").long("json").action(ArgAction::SetTrue).help("One JSON object a line"))
        .arg(
            Arg::new("watch")
                .long("watch")
                .value_parser(parse_pause)
                .num_args(0..=1)
                .default_missing_value("5s")
                .help("Ask again and again, with this pause between [5s], until Ctrl-C"),
        )
        .arg(
            Arg::new("rounds")
                .long("rounds")
                .value_parser(value_parser!(u32).range(1..))
                .requires("watch")
                .help("Watch for so many rounds, not until Ctrl-C"),
        );
    let matches = timeline::matches(command);
    match run(&matches) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => timeline::exit_code("health-check", Err(error)),
    }
}

/// The pause after `--watch`, which may be left out: what follows is then taken for it.
fn parse_pause(text: &str) -> Result<Duration, String> {
    if text.contains("://") {
        return Err(format!("'{text}' is no length of time: put URLs before --watch"));
    }
    parse_duration(text)
}

fn run(matches: &ArgMatches) -> io::Result<bool> {
    let (json, workers) =
        (matches.get_flag("json"), matches.get_one("workers").map_or(32, |&n: &u32| n as usize));
    // A line of JSON stays one line, however narrow the terminal is.
    let mut out: Box<dyn Write> = if json { Box::new(stdout()) } else { Box::new(timeline::stdout()) };
    let mut urls: Vec<String> = matches.get_many("url").into_iter().flatten().cloned().collect();
    let mut zoo = None;
    if urls.is_empty() {
        urls = zoo.insert(Zoo::open()?).urls();
    }
    let usual = Duration::from_secs(if zoo.is_some() { 1 } else { 5 });
    let timeout = matches.get_one("timeout").copied().unwrap_or(usual);
    if !json {
        let number = urls.len();
        let plural = if number == 1 { "" } else { "s" };
        writeln!(out, "health-check: {number} endpoint{plural}, {workers} at a time, {timeout:?} each")?;
    }
    let pool = Executor::builder(workers).thread_name("check").build()?;
    let client = client(timeout, workers, zoo.is_some());
    let watch: Option<Duration> = matches.get_one("watch").copied();
    let rounds = match (watch, matches.get_one::<u32>("rounds")) {
        (None, _) => 1,
        (Some(_), rounds) => rounds.copied().unwrap_or(u32::MAX),
    };
    let mut all_well = true;
    for round in 1..=rounds {
        if round > 1 {
            thread::sleep(watch.unwrap_or_default());
        }
        let (mut ok, mut told) = (0, Ok(()));
        check_all(&pool, &client, &urls, |report| {
            ok += usize::from(report.health.is_ok());
            if told.is_ok() {
                told = tell(&mut out, &report, json, round);
            }
        });
        told?;
        all_well = ok == urls.len();
        if !json {
            let round = if watch.is_some() { format!("Round {round}: ") } else { String::new() };
            let point = if zoo.is_some() { "; nobody waited for the silent one" } else { "" };
            writeln!(out, "{round}{ok} of {} are well{point}.", urls.len())?;
        }
    }
    // The zoo is there to be ill: seeing it so is a success.
    Ok(all_well || zoo.is_some())
}

fn tell(out: &mut impl Write, report: &Report, json: bool, round: u32) -> io::Result<()> {
    let took = report.took.as_millis();
    if json {
        let (url, health) = (&report.url, &report.health);
        let line = json!({
            "url": url, "ok": health.is_ok(), "health": health.word(), "detail": health.to_string(), "ms": took, "round": round,
        });
        return writeln!(out, "{line}");
    }
    let word = format!("{:<12}{took:>5} ms  ", report.health.word());
    let (url, health) = (printable(&report.url), printable(&report.health.to_string()));
    if columns() < 100 {
        writeln!(out, "{}", clip(&format!("{word}{health}")))?;
        return writeln!(out, "{}", clip(&format!("    {url}")));
    }
    writeln!(out, "{}", clip(&format!("{word}{url}  {health}")))
}

/// As much as fits in one line; `--json` has the whole text.
fn clip(line: &str) -> String {
    match line.char_indices().nth(columns() - 3) {
        Some((end, _)) if line.chars().count() > columns() => format!("{}...", &line[..end]),
        _ => line.into(),
    }
}

/// One endpoint for every way to fail, on this machine.
struct Zoo {
    plain: LabServer,
    self_signed: LabServer,
    refusing: RefusingPort,
}

impl Zoo {
    fn open() -> io::Result<Zoo> {
        Ok(Zoo {
            plain: LabServer::start()?,
            self_signed: LabServer::builder().self_signed().start()?,
            refusing: RefusingPort::reserve()?,
        })
    }

    fn urls(&self) -> Vec<String> {
        let paths = [
            "/silent?fault=hang",
            "/slow?size=1000&rate=100",
            "/late?latency=300ms",
            "/well",
            "/busy?status=503",
            "/reset?fault=reset",
            "/closed?fault=close",
            "/cut?fault=truncate",
            "/garbage?fault=garbage",
        ];
        let mut urls: Vec<String> = paths.iter().map(|path| self.plain.url(path)).collect();
        urls.push(format!("http://{}/refused", self.refusing.address()));
        urls.push(self.self_signed.url("/certificate"));
        urls
    }
}
