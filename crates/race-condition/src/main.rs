//! Shows the two race conditions: by luck, by force, and in every interleaving.

#[macro_use]
extern crate interleave as std; // outside of an exploration, it is as the real one

#[path = "lib.rs"]
mod explored; // the page once more, with threads whose every interleaving can be tried

use clap::{Arg, ArgAction, Command, value_parser};
use interleave::{Ending, Outcome, Outcomes};
use race_condition::{Account, Evening, two_customers};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::fmt::Write as _;
use std::io::Write;
use std::process::ExitCode;

/// Its lines are broken by hand after 60 columns: what breaks them in the other demos would be one more crate to build.
fn command() -> Command {
    Command::new("race-condition")
        .about(
            "An account of 1000, two withdrawals of 700 at the same\nmoment: what goes wrong, and how often",
        )
        .arg(
            Arg::new("tries")
                .long("tries")
                .value_name("N")
                .value_parser(value_parser!(u32).range(1..=1_000_000))
                .default_value("1000")
                .help("How often to try"),
        )
        .arg(Arg::new("seed").long("seed").value_name("N").value_parser(value_parser!(u64)).help(
            "Make the random pauses the same\nas in another run; the scheduler\nstays free [default: random]",
        ))
        .arg(
            Arg::new("explore")
                .long("explore")
                .action(ArgAction::SetTrue)
                .help("List every outcome of both over\nevery interleaving"),
        )
        .arg(
            Arg::new("replay")
                .long("replay")
                .value_name("SCHEDULE")
                .conflicts_with_all(["explore", "tries", "seed"])
                .help("Show one interleaving of both\nversions: 1221 is customer 1,\ncustomer 2 twice, customer 1"),
        )
}

fn main() -> ExitCode {
    let args = command().get_matches();
    let text = if let Some(schedule) = args.get_one::<String>("replay") {
        match replay(schedule) {
            Ok(text) => text,
            Err(why) => {
                eprintln!("race-condition: --replay {schedule}: {why}");
                return ExitCode::FAILURE;
            }
        }
    } else if args.get_flag("explore") {
        explore()
    } else {
        let seed = args.get_one("seed").copied().unwrap_or_else(rand::random);
        show(args.get_one::<u32>("tries").copied().unwrap_or(1000), seed)
    };
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
            eprintln!("race-condition: cannot write to standard output: {e}");
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}

/// By luck and by force, with real threads.
fn show(tries: u32, seed: u64) -> String {
    let stale = |account: &Account, amount, pause: &dyn Fn()| account.withdraw_stale(amount, pause);
    let fresh = |account: &Account, amount, pause: &dyn Fn()| account.withdraw_fresh(amount, pause);
    let [stale_lost, fresh_lost] = [by_luck(stale, tries, seed), by_luck(fresh, tries, seed)];
    let [stale, fresh] = [by_force(stale), by_force(fresh)];
    let version = |name: &str, lost: u32, forced: Evening| {
        format!(
            "{name}\n  {:<28}both paid {lost} times\n  {:<28}balance {}, paid out {}\n",
            format!("by luck, in {tries} tries"),
            "both ask, then both act",
            forced.balance,
            forced.paid
        )
    };
    format!(
        "An account of 1000, two customers who withdraw 700 at the\nsame moment (seed {seed})\n\n{}{}\n\
         The balance hides the first one: 300 is what it should be,\nwith 700 paid out.\n\
         Next: --explore lists what can happen at all;\n      cargo run -p mutex-fix cures it.\n\
         A lock around each step does not make the steps one.\n",
        version("withdraw_stale: balance = current - amount", stale_lost, stale),
        version("withdraw_fresh: balance -= amount", fresh_lost, fresh)
    )
}

/// How often both customers were paid although there was money for one: they hurry or dawdle at random.
fn by_luck(withdraw: impl Fn(&Account, i64, &dyn Fn()) -> bool + Sync, tries: u32, seed: u64) -> u32 {
    let mut seeds = StdRng::seed_from_u64(seed);
    let mut lost = 0;
    for _ in 0..tries {
        let seed: u64 = seeds.random();
        let dawdle = || {
            let name = std::thread::current().name().map_or(0, str::len) as u64;
            for _ in 0..StdRng::seed_from_u64(seed ^ name).random_range(0..3) {
                std::thread::yield_now();
            }
        };
        let evening = two_customers(|account, amount| withdraw(account, amount, &dawdle));
        lost += u32::from(evening.paid > 700);
    }
    lost
}

/// The bad order, every time: nobody acts before both have asked.
fn by_force(withdraw: impl Fn(&Account, i64, &dyn Fn()) -> bool + Sync) -> Evening {
    let both_have_asked = std::sync::Barrier::new(2);
    let wait = || {
        both_have_asked.wait();
    };
    two_customers(|account, amount| withdraw(account, amount, &wait))
}

/// Every outcome of both versions, over every interleaving.
fn explore() -> String {
    let stale = interleave::outcomes(|| explored::two_customers(|a, amount| a.withdraw_stale(amount, || ())));
    let fresh = interleave::outcomes(|| explored::two_customers(|a, amount| a.withdraw_fresh(amount, || ())));
    let mut text = String::from("Every interleaving of two who withdraw 700 from 1000\n");
    tell(&mut text, "withdraw_stale: balance = current - amount", &stale);
    tell(&mut text, "withdraw_fresh: balance -= amount", &fresh);
    text.push_str("\nBoth versions are wrong in the same interleavings;\na stale balance hides it, a fresh one shows it.\n");
    text
}

/// One interleaving of both versions.
fn replay(schedule: &str) -> Result<String, String> {
    type Withdraw = fn(&explored::Account, i64) -> bool;
    let versions: [(&str, Withdraw); 2] = [
        ("withdraw_stale: balance = current - amount", |a, amount| a.withdraw_stale(amount, || ())),
        ("withdraw_fresh: balance -= amount", |a, amount| a.withdraw_fresh(amount, || ())),
    ];
    let mut text = format!("The interleaving {schedule} of two who withdraw 700 from 1000\n");
    for (version, withdraw) in versions {
        let outcome = interleave::replay(schedule, move || explored::two_customers(withdraw));
        let Outcome { ending, table, .. } = outcome.map_err(|why| why.to_string())?;
        let Ending::Returned(evening) = ending else { unreachable!("nobody panics or waits here") };
        let explored::Evening { balance, paid } = evening;
        let _ = write!(text, "\n{version}\nbalance {balance}, paid out {paid}\n\n{table}");
    }
    Ok(text)
}

fn tell(text: &mut String, version: &str, outcomes: &Outcomes<explored::Evening>) {
    let _ = writeln!(text, "\n{version}\n\n  interleavings  balance  paid out");
    for row in outcomes.rows() {
        let Ending::Returned(evening) = &row.ending else { unreachable!("nobody panics or waits here") };
        let verdict = if evening.paid == 700 { "right" } else { "WRONG: 1400 from 1000" };
        let _ = writeln!(text, "  {:>13}  {:>7}  {:>8}  {verdict}", row.count, evening.balance, evening.paid);
    }
    for row in outcomes.rows() {
        let Ending::Returned(evening) = &row.ending else { continue };
        let _ = writeln!(
            text,
            "\nHow it comes to balance {}, paid out {}, for example:\n",
            evening.balance, evening.paid
        );
        text.push_str(&row.table);
    }
}
