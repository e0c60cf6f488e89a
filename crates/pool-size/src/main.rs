//! Sweeps the number of workers over a service and says where more of them stop helping.

use std::fs;
use std::io::{self, Write};
use std::net::{IpAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use cpu_or_io::{compute, rounds_for};
use lab_server::{LabServer, check_url, parse_duration};
use pool_size::{Step, knee, little, sizes, svg, try_out};
use timeline::columns;
use ureq::Agent;
use ureq::http::Uri;

fn main() -> ExitCode {
    let time = |name, default, help| {
        Arg::new(name).long(name).value_parser(parse_duration).default_value(default).help(help)
    };
    let number = |name: &'static str, default, range, help| {
        let parser = value_parser!(u32).range(range);
        Arg::new(name).long(name).value_name("N").value_parser(parser).default_value(default).help(help)
    };
    let command = Command::new("pool-size")
        .about("How many workers a service needs, found by trying")
        .arg(number(
            "limit",
            "16",
            0..=1000,
            "How many requests the local service works on at once; 0: any number",
        ))
        .arg(time("latency", "20ms", "How long the local service works on each"))
        .arg(time("cpu", "0ms", "How long each worker computes between two requests"))
        .arg(number("most", "64", 1..=512, "The largest number of workers to try"))
        .arg(time("step", "200ms", "How long to try each number"))
        .arg(
            Arg::new("url").long("url").value_name("URL").help("Your own service, in place of the local one"),
        )
        .arg(
            Arg::new("i-own-this-host")
                .long("i-own-this-host")
                .action(ArgAction::SetTrue)
                .requires("url")
                .help("Says that you may load the URL's host; needed unless it is this machine"),
        )
        .arg(
            Arg::new("svg")
                .long("svg")
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .help("Writes the picture"),
        );
    let matches = timeline::matches(command);
    timeline::exit_code("pool-size", run(&matches))
}

fn run(matches: &ArgMatches) -> io::Result<()> {
    let mut out = timeline::stdout();
    let number = |name| matches.get_one::<u32>(name).map_or(0, |&number| number as usize);
    let time = |name| matches.get_one::<Duration>(name).copied().unwrap_or_default();
    let (limit, latency, cpu) = (number("limit"), time("latency"), time("cpu"));
    let mut lab = None;
    let (url, what) = match matches.get_one::<String>("url") {
        Some(url) => {
            check_url(url).map_err(|why| io::Error::other(format!("will not load {url}: {why}")))?;
            if !matches.get_flag("i-own-this-host") {
                on_this_machine(url)?;
            }
            (url.clone(), url.clone())
        }
        None => {
            let mut server = LabServer::builder().latency(latency);
            let mut what = format!("a service of {latency:?}");
            if limit > 0 {
                server = server.limit(limit);
                what += &format!(", at most {limit} at once");
            }
            (lab.insert(server.start()?).url("/"), what)
        }
    };
    let computing =
        if cpu.is_zero() { String::new() } else { format!(", and {cpu:?} of computing for each answer") };
    writeln!(out, "pool-size: {what}{computing}")?;
    let most = number("most");
    let client = client(most, lab.is_some());
    // So many rounds and not so much time: a thread whose core is taken away computes nothing meanwhile.
    let rounds = if cpu.is_zero() { 0 } else { rounds_for(cpu) };
    let request = move || {
        compute(rounds);
        client.get(&url).call().is_ok_and(|mut answer| answer.body_mut().read_to_vec().is_ok())
    };
    let steps: Vec<Step> =
        sizes(most).into_iter().map(|workers| try_out(workers, time("step"), request.clone())).collect();
    let none = steps.iter().all(|step| step.rate == 0.0);
    let file = matches.get_one::<PathBuf>("svg").filter(|_| !none);
    // Before anything is printed: whoever reads that may leave (`| head -1`).
    if let Some(path) = file {
        let explain = |why| io::Error::other(format!("cannot write {}: {why}", path.display()));
        fs::write(path, svg::picture(&format!("Workers for {what}{computing}"), &steps)).map_err(explain)?;
    }
    print_chart(&mut out, &steps)?;
    if none {
        return Err(io::Error::other(format!("no request succeeded: does {what} answer?")));
    }
    if let Some(path) = file {
        writeln!(out, "wrote {}: open it in a browser", path.display())?;
    }
    let knee = knee(&steps).expect("one worker was tried at least");
    writeln!(
        out,
        "Little's law: {:.0} answers/s x {:.1} ms alone = {:.1} requests being served.",
        steps.iter().map(|step| step.rate).fold(0.0, f64::max),
        steps[0].median.as_secs_f64() * 1e3,
        little(&steps)
    )?;
    if steps.last().is_some_and(|last| last.workers == knee.workers) {
        return writeln!(out, "No knee up to --most {most}: try more workers.");
    }
    let plural = if knee.workers == 1 { "" } else { "s" };
    writeln!(
        out,
        "The knee is at {} worker{plural}: more of them bring no more answers, only longer waits.",
        knee.workers
    )
}

/// A row for each step: its figures, and a bar each for the rate and for the median latency.
fn print_chart(out: &mut impl Write, steps: &[Step]) -> io::Result<()> {
    // What the figures leave for two bars.
    let width = (columns().saturating_sub(51) / 2).clamp(1, 20);
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
    let highest = |value: fn(&Step) -> f64| steps.iter().map(value).fold(f64::MIN_POSITIVE, f64::max);
    let bar =
        |value: f64, highest: f64| "#".repeat((width as f64 * value / highest).round().max(1.0) as usize);
    let (rates, medians) = (highest(|step| step.rate), highest(|step| step.median.as_secs_f64()));
    writeln!(
        out,
        "{:>7}{:>12} {:width$}{:>12} {:width$}{:>10}{:>8}",
        "workers", "answers/s", "", "median", "", "95 in 100", "failed"
    )?;
    for step in steps {
        writeln!(
            out,
            "{:>7}{:>12.0} {:<width$}{:>9.1} ms {:<width$}{:>7.1} ms{:>8}",
            step.workers,
            step.rate,
            bar(step.rate, rates),
            milliseconds(step.median),
            bar(step.median.as_secs_f64(), medians),
            milliseconds(step.p95),
            step.failed
        )?;
    }
    Ok(())
}

/// An error unless every address of the URL's host is this machine's own.
fn on_this_machine(url: &str) -> io::Result<()> {
    let refuse = |why: &str| Err(io::Error::other(format!("will not load {url}: {why}")));
    let Ok(uri) = url.parse::<Uri>() else { return refuse("it is no URL") };
    let Some(host) = uri.host() else { return refuse("it names no host") };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let addresses: Vec<IpAddr> = match (bare, uri.port_u16().unwrap_or(80)).to_socket_addrs() {
        Ok(addresses) => addresses.map(|address| address.ip()).collect(),
        Err(why) => return refuse(&why.to_string()),
    };
    if addresses.iter().all(IpAddr::is_loopback) {
        return Ok(());
    }
    refuse("the host is not this machine; say --i-own-this-host if you may load it")
}

fn client(workers: usize, local: bool) -> Agent {
    let mut config = Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(30)))
        .max_redirects(0)
        .max_idle_connections(workers)
        .max_idle_connections_per_host(workers);
    if local {
        config = config.proxy(None);
    }
    config.build().new_agent()
}
