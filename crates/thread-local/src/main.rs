//! Four threads write to one database file: each with a connection of its own, all with one, and with a pool of two.

#[macro_use]
extern crate interleave as std; // outside of an exploration, it is as the real one

#[path = "pool.rs"]
mod explored; // the pool once more, with threads whose every interleaving can be tried

use clap::{Arg, ArgAction, ArgMatches, Command};
use interleave::Check;
use interleave::real::collections::BTreeSet;
use interleave::real::path::Path;
use interleave::real::sync::mpsc;
use interleave::real::thread;
use interleave::real::time::Duration;
use std::cell::Cell;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use thread_local::pool::Pool;
use thread_local::{Connection, Shared, mine, opened_and_closed};
use timeline::{Asked, Count, Lane, Recorder};

const THREADS: usize = 4;
const NOTES: usize = 3;

fn main() -> ExitCode {
    let command = Command::new("thread-local")
        .about("A database connection for each thread, one for all, and a few in a pool")
        .arg(
            Arg::new("explore")
                .long("explore")
                .action(ArgAction::SetTrue)
                .help("Try every interleaving of the pool, and of threads that count for themselves"),
        );
    let args = timeline::matches(timeline::args(command));
    let mut out = timeline::stdout();
    timeline::exit_code(
        "thread-local",
        if args.get_flag("explore") { explore(&mut out) } else { run(&args, &mut out) },
    )
}

fn run(args: &ArgMatches, out: &mut impl Write) -> io::Result<()> {
    let asked = Asked::by(args);
    writeln!(
        out,
        "{THREADS} threads write {NOTES} rows each to one SQLite file: who uses which connection\n"
    )?;
    let folder = tempfile::tempdir().map_err(|why| failed("cannot make a folder for the database", &why))?;
    let file = folder.path().join("visits.db");
    let open = || Connection::open(&file).map_err(|why| failed("cannot open the database", &why));

    let recorder = asked.recorder("A connection each, one for all, a pool of two");
    recorder.counter("holding", Count::holding());
    writeln!(out, "  {:<20}{:>7}{:>8}   connections that thread 1 | 2 | 3 | 4 met", "", "opened", "closed")?;
    let way = Way::begin("thread_local!");
    let own = all_note(&recorder, "own", |lane, name| {
        mine(&file, |connection| lane.work(('o', "own connection"), || note(connection, name)))
    })?;
    way.end(&numbers(&own), out)?;
    let (way, shared) = (Way::begin("Mutex<Connection>"), Shared::new(open()?));
    let met = all_note(&recorder, "one", |lane, name| {
        note(&lane.hold("connection", || shared.lock().unwrap()), name)
    })?;
    drop(shared);
    way.end(&numbers(&met), out)?;
    let (way, pool) = (Way::begin("a pool of two"), Pool::new(vec![open()?, open()?]));
    all_note(&recorder, "pool", |lane, name| note(&lane.hold("connection", || pool.lend()), name))?;
    drop(pool);
    way.end("either: whichever was idle", out)?;

    let (way, (opened, closed)) = (Way::begin(""), never_ends(&file)?);
    let (name, opened, closed) = ("a detached thread", opened - way.opened, closed - way.closed);
    writeln!(out, "  {name:<20}{opened:>7}{closed:>8}   its thread still runs when main returns")?;
    writeln!(out)?;
    if asked.recorder("").is_on() {
        asked.write(&recorder, out)?;
        writeln!(out)?;
    }
    writeln!(
        out,
        "No thread-local connection has crossed threads; all were closed when their threads were joined."
    )?;
    writeln!(
        out,
        "Next: --timeline draws who waits for a connection; cargo test -p ex11-thread-id is your turn."
    )?;
    writeln!(
        out,
        "Thread-local: nobody waits, and as many values as threads. A pool: few values, and waiting."
    )
}

/// One way of getting at a connection, and what was opened and closed before.
struct Way {
    name: &'static str,
    opened: u32,
    closed: u32,
}

impl Way {
    fn begin(name: &'static str) -> Way {
        let (opened, closed) = opened_and_closed();
        Way { name, opened, closed }
    }

    fn end(self, met: &str, out: &mut impl Write) -> io::Result<()> {
        let (opened, closed) = opened_and_closed();
        writeln!(out, "  {:<20}{:>7}{:>8}   {met}", self.name, opened - self.opened, closed - self.closed)
    }
}

/// The numbers of the connections that each thread has met.
fn numbers(met: &[BTreeSet<u32>]) -> String {
    let of_one =
        |met: &BTreeSet<u32>| met.iter().map(|number| format!("#{number}")).collect::<Vec<_>>().join(" ");
    met.iter().map(of_one).collect::<Vec<_>>().join(" | ")
}

/// Lets every thread note its rows; which connections each of them met.
fn all_note(
    recorder: &Recorder,
    way: &str,
    note: impl Fn(&Lane, &str) -> rusqlite::Result<u32> + Sync,
) -> io::Result<Vec<BTreeSet<u32>>> {
    thread::scope(|s| {
        let threads: Vec<_> = (1..=THREADS)
            .map(|number| {
                let (name, note) = (format!("{way}, thread {number}"), &note);
                let lane = recorder.lane(&name);
                s.spawn(move || (0..NOTES).map(|_| note(&lane, &name)).collect())
            })
            .collect();
        // Joined one by one: the end of a scope does not wait for the destructors of thread-locals, `join` does.
        let met: Vec<rusqlite::Result<_>> =
            threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        met.into_iter()
            .collect::<rusqlite::Result<_>>()
            .map_err(|why| failed("cannot write to the database", &why))
    })
}

/// One row, and whatever else a program does with its connection; the number of the connection.
fn note(connection: &Connection, thread: &str) -> rusqlite::Result<u32> {
    connection.note(thread)?;
    thread::sleep(Duration::from_millis(2)); // Nothing depends on it but the length of the drawing.
    Ok(connection.number)
}

/// What is opened and closed when a thread with a connection is never joined.
fn never_ends(file: &Path) -> io::Result<(u32, u32)> {
    let (sender, noted) = mpsc::channel();
    let file = file.to_path_buf();
    thread::spawn(move || {
        sender.send(mine(&file, |connection| note(connection, "detached"))).unwrap();
        loop {
            thread::park();
        }
    });
    noted.recv().unwrap().map_err(|why| failed("cannot write to the database", &why))?;
    Ok(opened_and_closed())
}

fn failed(what: &str, why: &dyn std::fmt::Display) -> io::Error {
    io::Error::other(format!("{what}: {why}"))
}

/// The pool and a thread-local count, in every interleaving. SQLite is C: it cannot be explored, and need not be.
fn explore(out: &mut impl Write) -> io::Result<()> {
    thread_local! {
        static COUNT: Cell<u32> = const { Cell::new(0) };
    }
    let lent = Check::new().try_run(|| {
        let pool = explored::Pool::new(vec![AtomicU32::new(0), AtomicU32::new(0)]);
        let borrow = || {
            let item = pool.lend();
            assert_eq!(item.fetch_add(1, SeqCst), 0, "lent to two threads at once");
            item.fetch_sub(1, SeqCst);
        };
        std::thread::scope(|s| (0..3).for_each(|_| drop(s.spawn(borrow))));
    });
    let counted = Check::new().try_run(|| {
        let count_to_two = || {
            COUNT.set(COUNT.get() + 1);
            std::thread::yield_now();
            COUNT.set(COUNT.get() + 1);
            assert_eq!(COUNT.get(), 2, "another thread's count");
        };
        std::thread::scope(|s| (0..3).for_each(|_| drop(s.spawn(count_to_two))));
    });
    writeln!(
        out,
        "Three threads, in every interleaving
"
    )?;
    for (what, tried) in
        [("a pool of two never lends one to two threads", lent), ("a thread_local! never leaks", counted)]
    {
        match tried {
            Ok(passed) => writeln!(out, "  {what:<46}{passed}")?,
            Err(failed) => writeln!(out, "  {what:<46}WRONG\n\n{failed}")?,
        }
    }
    writeln!(out, "\nEach thread sees its own value, and what is lent is lent to one.")
}
