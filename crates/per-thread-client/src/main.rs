//! Counts, on the server, the connections that each way to own a client opens.

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Instant;

use clap::{Arg, Command, value_parser};
use lab_server::Stats;
use per_thread_client::{a_new_one_every_time, count, one_for_all, one_for_each_thread};
use timeline::columns;

fn main() -> ExitCode {
    let number = |name: &'static str, default, help| {
        let parser = value_parser!(u32).range(1..=256);
        Arg::new(name).long(name).value_name("N").value_parser(parser).default_value(default).help(help)
    };
    let command = Command::new("per-thread-client")
        .about("One HTTP client for all threads against one for each, counted on the server")
        .arg(number("threads", "8", "How many threads make requests"))
        .arg(number("rounds", "25", "How many requests each makes"));
    let matches = timeline::matches(command);
    let number = |name| matches.get_one::<u32>(name).map_or(1, |&number| number as usize);
    timeline::exit_code("per-thread-client", run(number("threads"), number("rounds")))
}

fn run(threads: usize, rounds: usize) -> io::Result<()> {
    let mut out = timeline::stdout();
    // Without room beside a name, its figures go below it.
    let (names, below) = if columns() < 81 { (0, "\n") } else { (36, "") };
    writeln!(
        out,
        "per-thread-client: {threads} threads, {rounds} requests each, all threads at once in each round"
    )?;
    writeln!(out, "{:<names$}{:>12}{:>14}{:>10}{:>9}", "", "requests", "connections", "reused", "took")?;
    let mut row = |name: &str, measure: &dyn Fn() -> io::Result<Stats>| -> io::Result<usize> {
        let begun = Instant::now();
        let Stats { requests, connections, .. } = measure()?;
        let reused = 100 * requests.saturating_sub(connections) / requests.max(1);
        let took = begun.elapsed().as_millis();
        writeln!(out, "{name:<names$}{below}{requests:>12}{connections:>14}{reused:>8} %{took:>6} ms")?;
        Ok(connections)
    };
    row("a new client every time", &|| count(threads, rounds, |url| a_new_one_every_time(url, 1)))?;
    let told =
        row("one for all, keeps 3 (the default)", &|| count(threads, rounds, |url| one_for_all(url, 3)))?;
    row("one for all, keeps one per thread", &|| count(threads, rounds, |url| one_for_all(url, threads)))?;
    let own = row("one for each thread", &|| count(threads, rounds, |url| one_for_each_thread(url, 1)))?;
    if told <= own {
        let point =
            "Sharing is safe; but its cost shows with more threads and rounds: try --threads 8 --rounds 25.";
        return writeln!(out, "{point}");
    }
    writeln!(
        out,
        "Sharing is safe; but told of too few threads, a shared client opened {told} connections, not {own}."
    )
}
