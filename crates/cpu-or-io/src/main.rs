//! Measures jobs that compute and jobs that wait at 1, 2, 4, … threads, and with CPython beside it.

use std::io::{self, Write};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use cpu_or_io::verdict::{SpeedUp, speed_up, verdict};
use cpu_or_io::{Run, compute, measure, mixed, python, request, rounds_for};
use lab_server::{LabServer, parse_duration};
use timeline::columns;
use ureq::Agent;

fn main() -> ExitCode {
    let number = |name: &'static str, default, help| {
        let parser = value_parser!(u32).range(1..=256);
        Arg::new(name).long(name).value_name("N").value_parser(parser).default_value(default).help(help)
    };
    let command = Command::new("cpu-or-io")
        .about("The same threads over waiting and over computing; CPython beside it")
        .arg(number("jobs", "8", "How many jobs of each kind"))
        .arg(number("threads", "8", "The largest number of threads to try"))
        .arg(
            Arg::new("time")
                .long("time")
                .value_parser(parse_duration)
                .default_value("15ms")
                .help("How long one job takes by itself"),
        )
        .arg(
            Arg::new("mixed")
                .long("mixed")
                .action(ArgAction::SetTrue)
                .help("Threads that wait, alone and beside one that computes"),
        )
        .arg(Arg::new("no-python").long("no-python").action(ArgAction::SetTrue).help("Measures Rust only"));
    let matches = timeline::matches(command);
    let result = if matches.get_flag("mixed") { run_mixed(&matches) } else { run(&matches) };
    timeline::exit_code("cpu-or-io", result)
}

/// The interpreters that are tried; `python3.14t` is what a free-threaded build is called that is
/// installed beside the other.
const PYTHONS: [&str; 4] = ["python3", "python3.15t", "python3.14t", "python3.13t"];

fn run(matches: &ArgMatches) -> io::Result<()> {
    let mut out = timeline::stdout();
    let number = |name| matches.get_one::<u32>(name).map_or(1, |&number| number as usize);
    let (jobs, most) = (number("jobs"), number("threads"));
    let time: Duration = matches.get_one("time").copied().unwrap_or_default();
    let threads: Vec<usize> =
        std::iter::successors(Some(1), |n| Some(n * 2)).take_while(|&n| n <= most).collect();
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let server = LabServer::builder().latency(time).start()?;
    let url = server.url("/job?size=100");
    let plural = if cores == 1 { "" } else { "s" };
    writeln!(out, "cpu-or-io: {jobs} jobs of {time:?} that compute, {jobs} that wait; {cores} core{plural}")?;
    if is_narrow() {
        writeln!(out, "{:<19}{:^20} {:^20}", "", "computing", "waiting for a socket")?;
        let heads = format!("{:>11}{:>9}", "took", "speed-up");
        writeln!(out, "{:<12}threads{heads} {heads}", "")?;
    } else {
        writeln!(out, "{:<22}{:^35}   {:^35}", "", "computing", "waiting for a socket")?;
        let heads = format!("{:>11}{:>9}{:>15}", "took", "speed-up", "gave/stopped");
        writeln!(out, "{:<15}threads{heads}   {heads}", "")?;
    }

    let rounds = rounds_for(time);
    let agent = Agent::config_builder().proxy(None).max_idle_connections_per_host(most).build().new_agent();
    let ask = move |url: &str| request(&agent, url);
    let (mut cpu, mut io) = (Vec::new(), Vec::new());
    for &threads in &threads {
        cpu.push(measure(threads, jobs, move || {
            compute(rounds);
        }));
        let (ask, url) = (ask.clone(), url.clone());
        io.push(measure(threads, jobs, move || ask(&url)));
    }
    print(&mut out, "Rust", &cpu, &io)?;
    let mut speed_ups = vec![SpeedUp { computing: speed_up(&cpu), waiting: speed_up(&io), gil: false }];
    let mut said =
        format!("Rust: computing {:.1} x, waiting {:.1} x", speed_ups[0].computing, speed_ups[0].waiting);
    if !matches.get_flag("no-python") {
        let mut missing = Vec::new();
        for command in PYTHONS {
            match python::measure(command, jobs, time, &url, &threads) {
                Ok(python) => {
                    let (version, kind) = version_and_kind(&python.version);
                    print(&mut out, &format!("CPython {version}"), &python.cpu, &python.io)?;
                    let (computing, waiting) = (speed_up(&python.cpu), speed_up(&python.io));
                    said += &format!("; CPython {kind}: {computing:.1} x, {waiting:.1} x");
                    speed_ups.push(SpeedUp { computing, waiting, gil: kind == WITH_THE_GIL });
                }
                Err(why) => missing.push(why),
            }
        }
        print_skipped(&mut out, &missing)?;
    }
    writeln!(out, "{said}.")?;
    let most = threads.last().copied().unwrap_or(1);
    writeln!(out, "{}", verdict(most, jobs, cores, &speed_ups))
}

/// `--mixed`: what one thread that computes costs the threads that wait.
fn run_mixed(matches: &ArgMatches) -> io::Result<()> {
    const WAITS: usize = 50;
    const WAIT: Duration = Duration::from_millis(1);
    let mut out = timeline::stdout();
    let threads = matches.get_one::<u32>("threads").map_or(1, |&number| number as usize);
    let plural = if threads == 1 { "" } else { "s" };
    writeln!(out, "cpu-or-io: {threads} thread{plural} with {WAITS} waits of {WAIT:?} each")?;
    writeln!(out, "{:<15}{:>11}   beside one thread that computes", "", "alone")?;
    let mut row = |who: &str, alone: Duration, beside: Duration| {
        let (alone, beside) = (alone.as_secs_f64() * 1e3, beside.as_secs_f64() * 1e3);
        let ratio = beside / alone.max(1e-9);
        writeln!(out, "{who:<15}{alone:>8.0} ms{beside:>11.0} ms{ratio:>7.1} x").map(|()| ratio)
    };
    let (alone, beside) = (mixed(threads, WAITS, WAIT, 0), mixed(threads, WAITS, WAIT, 1));
    let rust = row("Rust", alone, beside)?;
    let (mut slowest, mut missing) = (0.0_f64, Vec::new());
    if !matches.get_flag("no-python") {
        for command in PYTHONS {
            match python::mixed(command, threads, WAITS, WAIT) {
                Ok(python) => {
                    let (version, kind) = version_and_kind(&python.version);
                    let ratio = row(&format!("CPython {version}"), python.alone, python.beside)?;
                    slowest = slowest.max(if kind == WITH_THE_GIL { ratio } else { 0.0 });
                }
                Err(why) => missing.push(why),
            }
        }
    }
    print_skipped(&mut out, &missing)?;
    if slowest > 2.0 * rust {
        writeln!(out, "With the GIL, a thread whose wait is over has to wait again: for the GIL.")
    } else if slowest > 0.0 {
        writeln!(out, "These figures do not show it. Is the machine busy? Try again when it is quiet.")
    } else {
        writeln!(out, "There is no CPython with a GIL to compare with.")
    }
}

const WITH_THE_GIL: &str = "with the GIL";

/// `3.13.0` and `with the GIL`.
fn version_and_kind(version: &str) -> (&str, &str) {
    version.split_once(' ').unwrap_or((version, ""))
}

fn print_skipped(out: &mut impl Write, missing: &[String]) -> io::Result<()> {
    if missing.is_empty() { Ok(()) } else { writeln!(out, "skipped: {}", missing.join("; ")) }
}

/// Whether there is no room for the switches.
fn is_narrow() -> bool {
    columns() < 95
}

fn print(out: &mut impl Write, who: &str, cpu: &[Run], io: &[Run]) -> io::Result<()> {
    for (index, (c, i)) in cpu.iter().zip(io).enumerate() {
        let cell = |run: &Run, alone: &Run| {
            let ratio = alone.took.as_secs_f64() / run.took.as_secs_f64().max(1e-9);
            let speed = format!("{:>8.0} ms{ratio:>7.1} x", run.took.as_secs_f64() * 1e3);
            if is_narrow() {
                return speed;
            }
            let count = |count: Option<u64>| count.map_or_else(|| "-".into(), |count| count.to_string());
            let switches = format!("{}/{}", count(run.gave_way), count(run.was_stopped));
            format!("{speed}{switches:>15}")
        };
        let who = if index == 0 { who } else { "" };
        let (threads, gap) = if is_narrow() { (4, 1) } else { (7, 3) };
        writeln!(out, "{who:<15}{:>threads$}{}{:gap$}{}", c.threads, cell(c, &cpu[0]), "", cell(i, &io[0]))?;
    }
    Ok(())
}
