//! Fetches ten URLs three ways, or handles thousands of files two ways, and says what it took.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use executor::Executor;
use lab_server::{LabServer, parse_duration};
use overlap_io::{Sizes, a_pool, a_thread_each, client, files, one_by_one};
use timeline::{Asked, Count, Recorder};
use ureq::Agent;

fn main() -> ExitCode {
    let number = |name: &'static str, default: &'static str, help: &'static str| {
        let parser = value_parser!(u32).range(1..=5000);
        Arg::new(name).long(name).value_name("N").value_parser(parser).default_value(default).help(help)
    };
    let command =
        Command::new("overlap-io")
            .about("Ten waits one by one, with a thread each, and with a pool")
            .arg(number("requests", "10", "How many requests to send"))
            .arg(number("workers", "10", "How many workers the pool has"))
            .arg(
                Arg::new("latency")
                    .long("latency")
                    .value_parser(parse_duration)
                    .default_value("100ms")
                    .help("How long the server takes to answer"),
            )
            .arg(
                Arg::new("files")
                    .long("files")
                    .action(ArgAction::SetTrue)
                    .conflicts_with_all(["requests", "latency", "timeline", "svg", "trace"])
                    .help("Files in place of requests"),
            )
            .arg(number("count", "2000", "How many files").requires("files"))
            .arg(Arg::new("dir").long("dir").value_parser(value_parser!(PathBuf)).requires("files").help(
                "Where the files go for the time of the run [default: the folder for temporary files]",
            ));
    let matches = timeline::matches(timeline::args(command));
    let result = if matches.get_flag("files") { on_files(&matches) } else { on_sockets(&matches) };
    if files::INTERRUPTED.load(Ordering::Relaxed) {
        // Nobody is left to tell if stderr is gone.
        let _ = writeln!(io::stderr(), "overlap-io: interrupted; the files are removed");
        return ExitCode::from(130);
    }
    timeline::exit_code("overlap-io", result)
}

fn count(matches: &ArgMatches, name: &str) -> usize {
    matches.get_one::<u32>(name).map_or(1, |&number| number as usize)
}

type Way = fn(usize, &Agent, &[String], &Recorder) -> Sizes;

fn on_sockets(matches: &ArgMatches) -> io::Result<()> {
    let mut out = timeline::stdout();
    let (requests, workers) = (count(matches, "requests"), count(matches, "workers"));
    let latency: Duration = matches.get_one("latency").copied().unwrap_or_default();
    let mut asked = Asked::by(matches);
    let server = LabServer::builder().latency(latency).start()?;
    let urls: Vec<String> = (0..requests).map(|n| server.url(&format!("/page?n={n}"))).collect();
    writeln!(out, "overlap-io: {requests} requests to {}, answered after {latency:?} each", server.url("/"))?;

    let recorder = Recorder::new(format!("{requests} waits, one after another and overlapped"));
    recorder.counter("waiting", Count::waiting());
    let ways: [(&str, Way, bool); 3] = [
        ("one by one", |_, client, urls, recorder| one_by_one(client, urls, recorder), true),
        // Its rows look like the pool's; --timeline draws them too.
        ("a thread each", |_, client, urls, recorder| a_thread_each(client, urls, recorder), asked.timeline),
        ("a pool", a_pool, true),
    ];
    let mut took = Vec::new();
    for (name, way, drawn) in ways {
        let recorder = if drawn { recorder.clone() } else { Recorder::off() };
        // A client of its own for each way, so that none profits from another's open connections.
        let client = client(requests);
        let begun = Instant::now();
        let sizes = way(workers, &client, &urls, &recorder).map_err(io::Error::other)?;
        assert_eq!(sizes.len(), requests);
        took.push((name, begun.elapsed()));
    }
    asked.timeline = true;
    asked.write(&recorder, &mut out)?;
    let sequential = took[0].1.as_secs_f64();
    for (name, took) in &took {
        let ratio = sequential / took.as_secs_f64();
        writeln!(out, "{name:<15}{:>8.0} ms{ratio:>8.1} x", took.as_secs_f64() * 1e3)?;
    }
    if latency.is_zero() {
        return writeln!(
            out,
            "The server answered at once: there was no wait to overlap. Try --latency 100ms."
        );
    }
    let pool = took[2].1.as_secs_f64();
    writeln!(
        out,
        "Waits overlap: {requests} of them in a pool of {workers} took {:.0} ms, {:.1} times as long as one.",
        pool * 1e3,
        pool / latency.as_secs_f64()
    )
}

fn on_files(matches: &ArgMatches) -> io::Result<()> {
    let mut out = timeline::stdout();
    let (number, workers) = (count(matches, "count"), count(matches, "workers"));
    let parent = matches.get_one::<PathBuf>("dir").cloned().unwrap_or_else(std::env::temp_dir);
    ctrlc::set_handler(|| files::INTERRUPTED.store(true, Ordering::Relaxed)).map_err(io::Error::other)?;
    let explain = |why: io::Error| io::Error::other(format!("cannot use {}: {why}", parent.display()));
    let folder = tempfile::Builder::new().prefix("overlap-io-").tempdir_in(&parent).map_err(explain)?;
    writeln!(out, "overlap-io: {number} files of {} bytes in {}", files::SIZE, parent.display())?;
    let in_memory = files::in_memory(folder.path());
    if in_memory {
        writeln!(out, "This folder is in memory (tmpfs): no disk will be waited for. Try --dir.")?;
    }
    writeln!(out, "{:<26}{:>12}{:>12}{:>10}", "", "one by one", format!("pool of {workers}"), "ratio")?;
    let all = files::paths(folder.path(), number);
    let some = &all[..number.div_ceil(20)];
    let written = row(&mut out, "write, into memory", workers, &all, files::write)?;
    let synced = row(&mut out, "write and sync (1 in 20)", workers, some, files::write_and_sync)?;
    let cold = if in_memory {
        None // Where the files are is what would have to forget them.
    } else if files::forget(&all)? {
        let forget_and_read = |pool: Option<&Executor>| {
            files::forget(&all)?;
            timed(pool, &all, files::read)
        };
        let pool = Executor::new(workers);
        Some(print_row(&mut out, "read, cold", forget_and_read(None)?, forget_and_read(Some(&pool))?)?)
    } else {
        writeln!(out, "read, cold: not shown, this system cannot be asked to forget a file")?;
        None
    };
    let warm = row(&mut out, "read, warm", workers, &all, files::read)?;
    if in_memory {
        return writeln!(out, "Nothing waited here, so nothing could overlap.");
    }
    writeln!(out, "Cold: the system forgot the files; the disk's own cache may not have.")?;
    let cold = cold.map_or(String::new(), |cold| format!(", read cold {cold:.1} x"));
    writeln!(
        out,
        "Waits overlap, copying does not: sync {synced:.1} x{cold}; in memory: write {written:.1} x, read {warm:.1} x"
    )
}

fn row(
    out: &mut impl Write,
    name: &str,
    workers: usize,
    paths: &[PathBuf],
    act: fn(&Path) -> io::Result<usize>,
) -> io::Result<f64> {
    let pool = Executor::new(workers);
    // Once for nothing, so that neither way is the first to touch the folder.
    files::for_each(None, paths, files::write)?;
    print_row(out, name, timed(None, paths, act)?, timed(Some(&pool), paths, act)?)
}

fn timed(pool: Option<&Executor>, paths: &[PathBuf], act: fn(&Path) -> io::Result<usize>) -> io::Result<f64> {
    let begun = Instant::now();
    let bytes = files::for_each(pool, paths, act)?;
    assert_eq!(bytes, paths.len() * files::SIZE);
    Ok(begun.elapsed().as_secs_f64() * 1e3)
}

fn print_row(out: &mut impl Write, name: &str, alone: f64, pool: f64) -> io::Result<f64> {
    let ratio = alone / pool;
    writeln!(out, "{name:<26}{alone:>9.1} ms{pool:>9.1} ms{ratio:>8.1} x")?;
    Ok(ratio)
}
