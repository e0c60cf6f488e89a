//! Readers that overlap, a writer that does not, an upgrade that never ends, and who goes first on this machine.

#[macro_use]
extern crate interleave as std; // outside of an exploration, it is as the real one

#[path = "lib.rs"]
mod explored; // the page once more, with threads whose every interleaving can be tried

use clap::{Arg, ArgAction, ArgMatches, Command};
use interleave::{Check, Ending, outcomes, real};
use real::sync::atomic::{AtomicU32, Ordering::SeqCst};
use real::sync::{Barrier, RwLock};
use real::thread;
use real::time::{Duration, Instant};
use rwlock::{Cache, look_again, upgrade_in_place};
use std::io::{self, Write};
use std::process::ExitCode;
use timeline::{Asked, Count, Lane, Recorder, State};

/// How long a reader reads. Nothing depends on it but the length of the drawing.
const READING: Duration = Duration::from_millis(20);

/// Far longer than a fetch takes. A reader that waits for itself is recognised long before.
const PATIENCE: Duration = Duration::from_secs(3);

fn main() -> ExitCode {
    let command = Command::new("rwlock")
        .about("Many readers or one writer: what overlaps, what gets stuck, and who goes first")
        .arg(
            Arg::new("explore")
                .long("explore")
                .action(ArgAction::SetTrue)
                .help("Try every interleaving of two who find the cache empty"),
        );
    let args = timeline::matches(timeline::args(command));
    let mut out = timeline::stdout();
    timeline::exit_code(
        "rwlock",
        if args.get_flag("explore") { explore(&mut out) } else { run(&args, &mut out) },
    )
}

fn run(args: &ArgMatches, out: &mut impl Write) -> io::Result<()> {
    let asked = Asked::by(args);
    writeln!(out, "A cached exchange rate behind a RwLock: three readers, one writer\n")?;
    let recorder = Recorder::new("RwLock: readers overlap, the writer is alone");
    recorder.counter("inside", Count::holding());
    let all_read_at_once = readers_and_a_writer(&recorder);
    writeln!(out, "  three readers were inside at the same moment: {all_read_at_once}")?;
    writeln!(out, "  upgrade_in_place   {}", upgrade())?;
    let fetched = AtomicU32::new(0);
    let fetch = || 100 + fetched.fetch_add(1, SeqCst);
    let cache = Cache::new(None);
    let rates = [(); 2].map(|()| look_again(&cache, &fetch, &Lane::off()));
    writeln!(
        out,
        "  look_again         got {} and {}, fetched once: {}",
        rates[0],
        rates[1],
        fetched.into_inner() == 1
    )?;
    writeln!(out, "  a writer waits, and another reader comes: {}", who_goes_first())?;
    let ways = outcomes(|| explored::let_in_before_the_writer(3));
    let most = ways.rows().iter().filter_map(|row| returned(&row.ending)).max().unwrap_or(0);
    writeln!(out, "  a writer waits, and three come: up to {most} may go first, std allows it\n")?;
    if asked.recorder("").is_on() {
        asked.write(&recorder, out)?;
        writeln!(out)?;
    }
    writeln!(out, "Who goes first is up to the system: std promises nothing, and a writer may starve.")?;
    writeln!(out, "Next: --timeline draws it; cargo bench -p rwlock compares it with a Mutex;")?;
    writeln!(out, "      cargo test -p ex06-cache is your turn.")?;
    writeln!(out, "Take a RwLock where reading takes long and writing is rare; a Mutex everywhere else.")
}

/// Three readers who meet inside, and a writer; whether the readers were inside together.
fn readers_and_a_writer(recorder: &Recorder) -> bool {
    let (rate, all_inside, met) = (RwLock::new(100), Barrier::new(3), AtomicU32::new(0));
    thread::scope(|s| {
        for number in 1..=3 {
            let (lane, rate, all_inside, met) =
                (recorder.lane(format!("reader {number}")), &rate, &all_inside, &met);
            s.spawn(move || {
                let seen = lane.read("rate", || rate.read().unwrap());
                all_inside.wait(); // With a Mutex, they would wait here for ever.
                met.fetch_add(1, SeqCst);
                thread::sleep(READING);
                drop(seen);
            });
        }
        let lane = recorder.lane("writer");
        while met.load(SeqCst) < 3 {
            thread::sleep(Duration::from_millis(1));
        }
        let mut rate = lane.write("rate", || rate.write().unwrap());
        *rate += 1;
        thread::sleep(READING);
    });
    met.into_inner() == 3
}

/// Tries to upgrade on a thread that nobody has to wait for; how that ended.
fn upgrade() -> String {
    let recorder = Recorder::new("");
    let (lane, begun) = (recorder.lane("reader"), Instant::now());
    let reader = thread::spawn(move || upgrade_in_place(&Cache::new(None), &|| 100, &lane));
    while !reader.is_finished() {
        let recording = recorder.recording();
        let open =
            |state| recording.tracks[0].spans.iter().any(|span| span.end.is_none() && span.state == state);
        if open(State::Reading) && open(State::Waiting) {
            return "DEADLOCK: waits to write until all readers have left, and is one".into();
        }
        if begun.elapsed() > PATIENCE {
            return format!("not finished after {} s", PATIENCE.as_secs());
        }
        thread::sleep(Duration::from_millis(1));
    }
    "PANIC: std noticed that the thread holds the lock".into()
}

/// Whether a reader is let in while a writer waits, as far as this machine shows it.
fn who_goes_first() -> &'static str {
    let rate = RwLock::new(100);
    let reader = rate.read().unwrap();
    thread::scope(|s| {
        s.spawn(|| drop(rate.write()));
        let begun = Instant::now();
        // Until the writer is seen to wait: new readers are turned away from then on, or they never are.
        let turned_away = loop {
            match rate.try_read() {
                Err(_) => break true,
                Ok(_) if begun.elapsed() > Duration::from_millis(500) => break false,
                Ok(_) => thread::sleep(Duration::from_millis(1)),
            }
        };
        drop(reader);
        if turned_away { "it has to wait, here" } else { "it was let in for half a second, here" }
    })
}

fn returned(ending: &Ending<u32>) -> Option<u32> {
    if let Ending::Returned(let_in) = ending { Some(*let_in) } else { None }
}

/// Two who find the cache empty, in every interleaving; then a writer that waits while readers come.
fn explore(out: &mut impl Write) -> io::Result<()> {
    const WAYS: [(&str, explored::Get); 3] = [
        ("upgrade_in_place", explored::upgrade_in_place),
        ("write_without_looking", explored::write_without_looking),
        ("look_again", explored::look_again),
    ];
    writeln!(out, "Every interleaving of two threads that find the cache empty\n")?;
    let mut reports = vec![];
    for (name, get) in WAYS {
        let tried = Check::new().try_run(move || {
            let (cache, fetched) = (explored::Cache::new(None), AtomicU32::new(0));
            let fetch = || fetched.fetch_add(1, SeqCst);
            let get = || get(&cache, &fetch, &Lane::off());
            std::thread::scope(|s| [s.spawn(get), s.spawn(get)].map(|reader| reader.join().unwrap()));
            assert_eq!(fetched.load(SeqCst), 1, "fetched twice");
        });
        match tried {
            Ok(passed) => writeln!(out, "  {name:<23}fetched once in {passed}")?,
            Err(failed) => {
                let headline = failed.headline().lines().next().unwrap_or_default();
                writeln!(out, "  {name:<23}WRONG: {headline}")?;
                reports.push(failed);
            }
        }
    }
    writeln!(
        out,
        "\nEvery interleaving of a writer that waits for a reader, while three more readers come\n"
    )?;
    for row in outcomes(|| explored::let_in_before_the_writer(3)).rows() {
        let let_in = returned(&row.ending).expect("nobody panics or waits for ever here");
        writeln!(out, "  {let_in} of them let in before the writer, in {} interleavings", row.count)?;
    }
    for failed in reports {
        writeln!(out, "\n{failed}")?;
    }
    writeln!(out, "\nBetween letting go of one lock and getting the next, the world may change: look again.")
}
