//! Everything this crate draws, from real threads at a real Mutex and a real RwLock.
//!
//! Try `--timeline`, then `--timeline --ascii`, `--svg locks.svg` and `--trace locks.json`.

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::{Mutex, RwLock};
use std::thread;
use std::time::Duration;

use clap::Command;
use timeline::{Asked, Count, Lane, Recorder};

fn main() -> ExitCode {
    let command = Command::new("mutex_and_rwlock").about("One lock at a time, or many readers at once");
    let asked = Asked::by(&timeline::args(command).get_matches());
    timeline::exit_code("mutex_and_rwlock", run(&asked, &mut io::stdout()))
}

fn run(asked: &Asked, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "Two tellers share a Mutex, two readers and a writer share a RwLock.")?;
    let recorder = asked.recorder("A Mutex admits one thread, a RwLock many readers or one writer");
    tellers_and_readers(&recorder);
    asked.write(&recorder, out)?;
    writeln!(out, "Readers overlap; tellers and the writer never do.")
}

fn tellers_and_readers(recorder: &Recorder) {
    recorder.counter("at account", Count::holding().of("account"));
    recorder.counter("at prices", Count::holding().of("prices"));
    let (account, prices) = (Mutex::new(0), RwLock::new(0));
    thread::scope(|s| {
        for teller in 1..=2 {
            let (lane, account) = (recorder.lane(format!("teller {teller}")), &account);
            s.spawn(move || (0..2).for_each(|_| deposit(&lane, account)));
        }
        for reader in 1..=2 {
            let (lane, prices) = (recorder.lane(format!("reader {reader}")), &prices);
            s.spawn(move || (0..2).for_each(|_| look(&lane, prices)));
        }
        let (lane, prices) = (recorder.lane("writer"), &prices);
        s.spawn(move || raise(&lane, prices));
    });
}

fn deposit(lane: &Lane, account: &Mutex<u32>) {
    pause(10);
    let mut account = lane.hold("account", || account.lock().unwrap());
    *account += 100;
    pause(30);
}

fn look(lane: &Lane, prices: &RwLock<u32>) {
    pause(12);
    let price = lane.read("prices", || prices.read().unwrap());
    pause(25 + u64::from(*price));
}

fn raise(lane: &Lane, prices: &RwLock<u32>) {
    pause(20);
    let mut price = lane.write("prices", || prices.write().unwrap());
    *price += 1;
    pause(30);
    lane.mark("raised");
}

/// The work that each thread would do. Not a wait for another thread: nothing depends on its length.
fn pause(milliseconds: u64) {
    thread::sleep(Duration::from_millis(milliseconds));
}
