//! Sends many clients through few connections, and shows that permits in use never pass the limit.

#[macro_use]
extern crate interleave as std; // outside of an exploration, it is as the real one

#[path = "lib.rs"]
#[allow(dead_code)] // What this exploration does not use.
mod explored; // the page once more, with threads whose every interleaving can be tried

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use interleave::real::sync::Mutex;
use interleave::real::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use interleave::real::thread;
use interleave::real::time::Duration;
use semaphore::{Semaphore, all_at_once};
use std::io::{self, Write};
use std::process::ExitCode;
use timeline::{Asked, Count, Recorder};

fn main() -> ExitCode {
    let number = |name: &'static str, most, default: &'static str, help: &'static str| {
        let parser = value_parser!(u32).range(1..=most);
        Arg::new(name).long(name).value_name("N").value_parser(parser).default_value(default).help(help)
    };
    let command = Command::new("semaphore")
        .about("Eight clients, three connections: a semaphore made of a Mutex and a Condvar")
        .arg(number("clients", 100, "8", "How many clients come"))
        .arg(number("permits", 100, "3", "How many may be inside at a time"))
        .arg(
            Arg::new("explore")
                .long("explore")
                .action(ArgAction::SetTrue)
                .help("Count, over every interleaving, how many clients are inside at most"),
        );
    let args = timeline::matches(timeline::args(command));
    let mut out = timeline::stdout();
    timeline::exit_code(
        "semaphore",
        if args.get_flag("explore") { explore(&mut out) } else { run(&args, &mut out) },
    )
}

fn run(args: &ArgMatches, out: &mut impl Write) -> io::Result<()> {
    let number = |name| args.get_one::<u32>(name).copied().unwrap_or(1) as usize;
    let (clients, permits) = (number("clients"), number("permits"));
    let asked = Asked::by(args);
    writeln!(out, "{clients} clients, {permits} connections: a permit for each one in use\n")?;

    let recorder = Recorder::new(format!("Semaphore of {permits}, {clients} clients"));
    recorder.counter("permits in use", Count::holding());
    recorder.counter("waiting", Count::waiting());
    let lanes: Vec<_> =
        (1..=clients).map(|n| Mutex::new(Some(recorder.lane(format!("client {n}"))))).collect();
    let (semaphore, refused) = (Semaphore::new(permits), AtomicUsize::new(0));
    all_at_once(clients, |number| {
        let lane = lanes[number - 1].lock().unwrap().take().expect("each client comes once");
        let permit = lane.hold("a connection", || match semaphore.try_acquire() {
            Some(permit) => permit,
            None => {
                refused.fetch_add(1, SeqCst);
                semaphore.acquire()
            }
        });
        // The conversation. Nothing depends on its length.
        thread::sleep(Duration::from_millis(40));
        drop(permit);
    });

    let recording = recorder.recording();
    writeln!(out, "  clients served            {clients:>4}")?;
    writeln!(out, "  had to wait               {:>4}", refused.into_inner())?;
    writeln!(out, "  permits in use at most    {:>4}  of {permits}", recording.most(&Count::holding()))?;
    writeln!(out, "  permits free at the end   {:>4}\n", semaphore.free())?;
    if asked.recorder("").is_on() {
        asked.write(&recorder, out)?;
        writeln!(out)?;
    }
    writeln!(
        out,
        "Next: --timeline draws who waited, --explore proves the limit, --permits 1 makes it a lock."
    )?;
    writeln!(
        out,
        "A semaphore limits how many are inside, not who; a guard gives the permit back on every way out."
    )
}

/// How many are inside at most, over every interleaving of three clients and two permits.
fn explore(out: &mut impl Write) -> io::Result<()> {
    let outcomes = interleave::outcomes(|| {
        // Real atomics: to count is no step of the scenario.
        let (semaphore, inside, most) =
            (explored::Semaphore::new(2), AtomicUsize::new(0), AtomicUsize::new(0));
        explored::all_at_once(3, |_| {
            let permit = semaphore.acquire();
            most.fetch_max(inside.fetch_add(1, SeqCst) + 1, SeqCst);
            std::thread::yield_now(); // The conversation, during which others run.
            inside.fetch_sub(1, SeqCst);
            drop(permit);
        });
        format!("{} inside at most", most.into_inner())
    });
    writeln!(out, "Three clients, two permits\n\n{outcomes}\n")?;
    if let Some(row) = outcomes.rows().iter().find(|row| row.table.contains("waits on")) {
        writeln!(out, "An interleaving in which somebody waits:\n\n{}\n", row.table.trim_end())?;
    }
    writeln!(out, "No row says 3: permits in use never pass the limit.")
}
