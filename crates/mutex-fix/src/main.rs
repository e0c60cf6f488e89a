//! Shows what cures the race condition, and what only looks as if it did.

#[macro_use]
extern crate interleave as std; // outside of an exploration, it is as the real one

#[path = "lib.rs"]
mod explored; // the page once more, with threads whose every interleaving can be tried

use clap::{Arg, ArgAction, Command};
use interleave::{Ending, Outcomes, outcomes, real};
use std::fmt::Write as _;
use std::io::Write;
use std::process::ExitCode;

fn command() -> Command {
    Command::new("mutex-fix")
        .about("The account of the race condition, with two cures that fail and two that work")
        .arg(
            Arg::new("explore")
                .long("explore")
                .action(ArgAction::SetTrue)
                .help("List every outcome of all versions over every interleaving"),
        )
}

fn main() -> ExitCode {
    let args = timeline::matches(command());
    let text = if args.get_flag("explore") { explore() } else { show() };
    match timeline::stdout().write_all(text.as_bytes()) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
            eprintln!("mutex-fix: cannot write to standard output: {e}");
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}

/// With real threads. Customer 1 dawdles between the question and the act until customer 2 has gone home, unless
/// customer 2 cannot come in: then there is no way to do it wrong.
fn show() -> String {
    use mutex_fix::{compare_and_exchange, load_then_fetch_sub, one_critical_section, two_short_locks};
    use real::sync::Mutex;
    use real::sync::atomic::AtomicI64;

    let mut text = String::from(
        "An account of 1000. Customer 1 asks for 700, and before anything is done, customer 2 comes.\n\n",
    );
    let mut line = |version: &str, paid: i64, balance: i64, why: &str| {
        let verdict = if paid + balance == 1000 && balance >= 0 { "right" } else { "WRONG" };
        let _ = writeln!(text, "  {version:<22}paid out {paid:>4}, balance {balance:>5}  {verdict}: {why}");
    };
    let (account, second) = (Mutex::new(1000), |a: &Mutex<i64>| two_short_locks(a, 700, || ()));
    let paid = interrupted(&account, |a, meanwhile| two_short_locks(a, 700, meanwhile), second);
    line("two_short_locks", paid, *account.lock().unwrap(), "both heard \"1000\"");

    let (account, second) = (AtomicI64::new(1000), |a: &AtomicI64| load_then_fetch_sub(a, 700, || ()));
    let paid = interrupted(&account, |a, meanwhile| load_then_fetch_sub(a, 700, meanwhile), second);
    line("load_then_fetch_sub", paid, account.into_inner(), "both heard \"1000\"");

    let (account, mut was_locked) = (Mutex::new(1000), false);
    let try_the_door = || real::thread::scope(|s| s.spawn(|| account.try_lock().is_err()).join().unwrap());
    let first = one_critical_section(&account, 700, || was_locked = try_the_door());
    let second = one_critical_section(&account, 700, || ());
    let paid = 700 * (i64::from(first) + i64::from(second));
    let why = if was_locked { "customer 2 found it locked" } else { "customer 2 came in between" };
    line("one_critical_section", paid, *account.lock().unwrap(), why);

    let (account, second) = (AtomicI64::new(1000), |a: &AtomicI64| compare_and_exchange(a, 700, || ()));
    let paid = interrupted(&account, |a, meanwhile| compare_and_exchange(a, 700, meanwhile), second);
    line("compare_and_exchange", paid, account.into_inner(), "customer 1 saw the change");

    text.push_str(
        "\nNext: --explore proves it over every interleaving; cargo test -p ex01-bank is your turn.\n\
         What must not be torn apart needs one lock from the question to the act.\n",
    );
    text
}

/// What is paid out when the second customer comes and goes between the question and the act of the first.
fn interrupted<A: Sync>(
    account: &A,
    first: impl FnOnce(&A, &mut dyn FnMut()) -> bool,
    second: impl Fn(&A) -> bool + Sync,
) -> i64 {
    let mut paid_second = false;
    let paid_first = first(account, &mut || {
        paid_second = real::thread::scope(|bank| bank.spawn(|| second(account)).join().unwrap());
    });
    700 * (i64::from(paid_first) + i64::from(paid_second))
}

/// Every outcome of all versions, over every interleaving.
fn explore() -> String {
    use explored::{
        compare_and_exchange, load_then_fetch_sub, one_critical_section, two_customers, two_short_locks,
    };
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicI64, Ordering::SeqCst};

    let mutex = |withdraw: fn(&Mutex<i64>, i64) -> bool| {
        outcomes(move || {
            let account = Mutex::new(1000);
            let paid = two_customers(&account, withdraw);
            (paid, account.into_inner().unwrap())
        })
    };
    let atomic = |withdraw: fn(&AtomicI64, i64) -> bool| {
        outcomes(move || {
            let account = AtomicI64::new(1000);
            let paid = two_customers(&account, withdraw);
            (paid, account.load(SeqCst))
        })
    };
    let mut text =
        String::from("Every interleaving of two customers who withdraw 700 from an account of 1000\n");
    tell(&mut text, "two_short_locks", &mutex(|a, amount| two_short_locks(a, amount, || ())));
    tell(&mut text, "load_then_fetch_sub", &atomic(|a, amount| load_then_fetch_sub(a, amount, || ())));
    tell(&mut text, "one_critical_section", &mutex(|a, amount| one_critical_section(a, amount, || ())));
    tell(&mut text, "compare_and_exchange", &atomic(|a, amount| compare_and_exchange(a, amount, || ())));
    text.push_str("\nA version is right when it has one outcome: nothing depends on who comes first.\n");
    text
}

fn tell(text: &mut String, version: &str, outcomes: &Outcomes<(i64, i64)>) {
    let _ = writeln!(text, "\n{version}\n\n  interleavings  paid out  balance");
    let mut example = None;
    for row in outcomes.rows() {
        let Ending::Returned((paid, balance)) = row.ending else {
            unreachable!("nobody panics or waits for ever here")
        };
        let verdict = if paid + balance == 1000 && balance >= 0 { "right" } else { "WRONG" };
        let _ = writeln!(text, "  {:>13}  {paid:>8}  {balance:>7}  {verdict}", row.count);
        if verdict == "WRONG" {
            example.get_or_insert(&row.table);
        }
    }
    if let Some(table) = example {
        let _ = writeln!(text, "\nOne of the wrong ones:\n\n{}", table.trim_end());
    }
}
