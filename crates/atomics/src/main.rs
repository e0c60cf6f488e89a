//! Counts, claims and publishes on real threads, by luck, and in every interleaving.

#[macro_use]
extern crate interleave as std; // outside of an exploration, it is as the real one

#[path = "lib.rs"]
#[allow(dead_code)] // What this exploration does not use.
mod explored; // the page once more, with threads whose every interleaving can be tried

use atomics::{
    Orderings, RELAXED, RELEASE_ACQUIRE, claim, fetch_add, load_then_store, publish, raise_and_look,
};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use interleave::real::sync::atomic::{AtomicU32, Ordering::SeqCst};
use interleave::real::sync::{Barrier, Mutex};
use interleave::real::thread;
use interleave::real::time::Duration;
use interleave::{Check, Failed, Passed};
use std::io::{self, Write};
use std::process::ExitCode;
use timeline::{Asked, Count, Recorder};

const THREADS: u32 = 2;
const TICKETS: u32 = 8;

fn main() -> ExitCode {
    let command = Command::new("atomics")
        .about("Counting, claiming and publishing without a lock, and the ordering that each one needs")
        .arg(
            Arg::new("tries")
                .long("tries")
                .value_name("N")
                .value_parser(value_parser!(u32).range(1..=1_000_000))
                .default_value("500")
                .help("How often to publish and to raise flags by luck"),
        )
        .arg(
            Arg::new("explore")
                .long("explore")
                .action(ArgAction::SetTrue)
                .help("Try every interleaving, and every value that a load may return"),
        );
    let args = timeline::matches(timeline::args(command));
    let mut out = timeline::stdout();
    timeline::exit_code(
        "atomics",
        if args.get_flag("explore") { explore(&mut out) } else { run(&args, &mut out) },
    )
}

fn run(args: &ArgMatches, out: &mut impl Write) -> io::Result<()> {
    let tries = args.get_one::<u32>("tries").copied().unwrap_or(500);
    let asked = Asked::by(args);
    writeln!(
        out,
        "{THREADS} threads count to 200000, claim {TICKETS} tickets, and publish {tries} times, by luck\n"
    )?;
    let by_luck = 200_000 - count(|visits| load_then_store(visits, || ()));
    writeln!(out, "  counting    load_then_store   {by_luck:>7} lost")?;
    writeln!(
        out,
        "              both load first   {:>7} lost of 2: one store overwrites the other",
        2 - both_load_first()
    )?;
    writeln!(out, "              fetch_add         {:>7} lost", 200_000 - count(fetch_add))?;
    let recorder = asked.recorder("compare_exchange: each ticket is claimed once");
    recorder.counter("working", Count::working());
    let twice = claim_all(&recorder);
    writeln!(out, "  claiming    compare_exchange  {twice:>7} claimed twice")?;
    let stale = |how| (0..tries).filter(|_| publish(how) == Some(0)).count();
    let missed = |how| (0..tries).filter(|_| raise_and_look(how) == [false, false]).count();
    writeln!(out, "  publishing  Relaxed           {:>7} saw the flag without the answer", stale(RELAXED))?;
    writeln!(out, "              Release/Acquire   {:>7}", stale(RELEASE_ACQUIRE))?;
    writeln!(
        out,
        "  two flags   Release/Acquire   {:>7} times neither saw the other",
        missed(RELEASE_ACQUIRE)
    )?;
    writeln!(out, "              SeqCst            {:>7}\n", missed((SeqCst, SeqCst)))?;
    if asked.recorder("").is_on() {
        asked.write(&recorder, out)?;
        writeln!(out)?;
    }
    writeln!(
        out,
        "A zero by luck proves nothing: this machine ({}) may hide what another one shows.",
        std::env::consts::ARCH
    )?;
    writeln!(
        out,
        "Next: --explore shows what may happen anywhere; cargo test -p ex02-counter is your turn."
    )?;
    writeln!(
        out,
        "Relaxed counts, Release/Acquire publishes, SeqCst lets two flags agree; in doubt, take a Mutex."
    )
}

/// Both threads together count to 200,000, and start at the same moment. Returns how far the counter came.
fn count(visit: fn(&AtomicU32)) -> u32 {
    let (visits, start) = (AtomicU32::new(0), Barrier::new(THREADS as usize));
    thread::scope(|s| {
        for _ in 0..THREADS {
            s.spawn(|| {
                start.wait();
                (0..200_000 / THREADS).for_each(|_| visit(&visits));
            });
        }
    });
    visits.into_inner()
}

/// Two threads count one visit each, and a barrier makes both load before either stores. Returns the counter.
fn both_load_first() -> u32 {
    let (visits, both_have_loaded) = (AtomicU32::new(0), Barrier::new(2));
    thread::scope(|s| {
        for _ in 0..2 {
            s.spawn(|| {
                load_then_store(&visits, || {
                    both_have_loaded.wait();
                });
            });
        }
    });
    visits.into_inner()
}

/// Two threads claim all tickets; how many were claimed twice.
fn claim_all(recorder: &Recorder) -> usize {
    let (next, claimed) = (AtomicU32::new(0), Mutex::new(Vec::new()));
    thread::scope(|s| {
        for number in 1..=THREADS {
            let (lane, next, claimed) = (recorder.lane(format!("thread {number}")), &next, &claimed);
            s.spawn(move || {
                while let Some(ticket) = claim(next, TICKETS) {
                    claimed.lock().unwrap().push(ticket);
                    // The work that the ticket stands for: some take longer. Nothing depends on it.
                    let work = || thread::sleep(Duration::from_millis(u64::from(2 + ticket % 3 * 3)));
                    lane.work(
                        (char::from_digit(ticket, 10).unwrap_or('?'), format!("ticket {ticket}")),
                        work,
                    );
                }
            });
        }
    });
    let mut claimed = claimed.into_inner().unwrap();
    let all = claimed.len();
    claimed.sort_unstable();
    claimed.dedup();
    assert_eq!(claimed.len(), TICKETS as usize, "every ticket is claimed");
    all - claimed.len()
}

/// Every interleaving of each, and every value that its loads may return.
fn explore(out: &mut impl Write) -> io::Result<()> {
    use std::sync::atomic::AtomicU32;
    let counting = |visit: fn(&AtomicU32)| {
        Check::new().try_run(move || {
            let visits = AtomicU32::new(0);
            std::thread::scope(|s| {
                s.spawn(|| visit(&visits));
                s.spawn(|| visit(&visits));
            });
            assert_eq!(visits.into_inner(), 2, "a visit is lost");
        })
    };
    let publishing = |how: Orderings| {
        Check::new()
            .try_run(move || assert_ne!(explored::publish(how), Some(0), "the flag came without the answer"))
    };
    let flags = |how: Orderings| {
        Check::new().try_run(move || {
            assert_ne!(explored::raise_and_look(how), [false, false], "neither saw the other");
        })
    };
    let tried = [
        ("counting, load_then_store", counting(|visits| explored::load_then_store(visits, || ()))),
        ("counting, fetch_add Relaxed", counting(explored::fetch_add)),
        ("publishing, Relaxed", publishing(RELAXED)),
        ("publishing, Release/Acquire", publishing(RELEASE_ACQUIRE)),
        ("two flags, Release/Acquire", flags(RELEASE_ACQUIRE)),
        ("two flags, SeqCst", flags((SeqCst, SeqCst))),
    ];
    writeln!(out, "Every interleaving of two threads, and every value that a load may return\n")?;
    for (name, tried) in &tried {
        writeln!(out, "  {name:<29}{}", verdict(tried))?;
    }
    if let Some(failed) = tried.into_iter().filter_map(|(_, tried)| tried.err()).nth(1) {
        writeln!(out, "\n{failed}")?;
    }
    writeln!(
        out,
        "\nNot shown, because not explored: a load that returns what is stored only later, as Relaxed allows."
    )
}

fn verdict(tried: &Result<Passed, Failed>) -> String {
    match tried {
        Ok(passed) => format!("right in {passed}"),
        Err(failed) => {
            let headline = failed.headline().lines().next().unwrap_or_default();
            format!("WRONG: {}", headline.rsplit("failed: ").next().unwrap_or_default())
        }
    }
}
