//! `cargo mutate`: how many small changes to the solutions the checks reject.

use clap::{Arg, ArgAction, Command, value_parser};
use mutants::score::{self, Choice};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Duration;
use workshop::exercises::{Exercise, Workshop};
use workshop::verify::Settings;
use workshop::{Result, Trouble};

fn command() -> Command {
    let flag = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
    };
    Command::new("cargo mutate")
        .bin_name("cargo mutate")
        .about("Change each solution in many small ways, and see whether its check rejects the result")
        .arg(Arg::new("exercise").value_name("N").num_args(0..).help("Only these exercises"))
        .arg(flag("right", "Change the right fixes too"))
        .arg(
            Arg::new("sample")
                .long("sample")
                .value_name("K")
                .value_parser(value_parser!(usize))
                .help("At most K mutants of each exercise, always the same ones"),
        )
        .arg(
            Arg::new("limit")
                .long("limit")
                .value_name("SECONDS")
                .value_parser(value_parser!(u64).range(1..=3600))
                .help("End a check that takes longer [default: 120]"),
        )
        .arg(flag("list", "Print the names of the mutants, and check none"))
        .arg(Arg::new("show").long("show").value_name("NAME").help("Print the mutant of this name"))
        .arg(flag("each", "Print every verdict"))
        .arg(
            Arg::new("root")
                .long("root")
                .value_name("FOLDER")
                .value_parser(value_parser!(PathBuf))
                .help("The workshop's folder [default: the one around the current folder]"),
        )
}

fn main() -> ExitCode {
    let args = timeline::matches(command());
    match run(&args) {
        Ok(code) => code,
        Err(trouble) => {
            eprintln!("cargo mutate: {trouble}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &clap::ArgMatches) -> Result<ExitCode> {
    let here = std::env::current_dir().map_err(|why| Trouble::new("the current folder", why))?;
    let workshop = match args.get_one::<PathBuf>("root") {
        Some(root) => Workshop::open(root)?,
        None => Workshop::around(&here)?,
    };
    let names = args.get_many::<String>("exercise").into_iter().flatten();
    let named = names.map(|name| workshop.find(name)).collect::<Result<Vec<_>>>()?;
    let is_chosen = |exercise: &&Exercise| named.is_empty() || named.contains(exercise);
    let chosen: Vec<&Exercise> = workshop.exercises.iter().filter(is_chosen).collect();
    let choice = Choice { right_fixes: args.get_flag("right"), sample: args.get_one("sample").copied() };

    let shown = args.get_one::<String>("show");
    if args.get_flag("list") || shown.is_some() {
        for exercise in &chosen {
            for mutant in score::mutants_of(exercise, choice.right_fixes)? {
                match shown {
                    None => println!("{} {}", exercise.name, mutant.name),
                    Some(name) if *name == mutant.name => print!("{}", mutant.text),
                    Some(_) => {}
                }
            }
        }
        return Ok(ExitCode::SUCCESS);
    }

    let usual = Settings::default();
    let limit = args.get_one("limit").map_or(usual.limit, |&seconds| Duration::from_secs(seconds));
    let settings = Settings { limit, ..usual };
    let last = Mutex::new(0);
    let progress = |done: usize, of: usize| {
        let mut last = last.lock().unwrap();
        if workshop::can_draw() && done * 100 / of.max(1) != *last {
            *last = done * 100 / of.max(1);
            eprint!("\r{done} of {of} ");
        }
    };
    let score = score::score(&workshop, &chosen, choice, &settings, &progress)?;
    if args.get_flag("each") {
        println!("{}", score.each());
    }
    println!("{}\n{}", score.table(), score.deviations());
    Ok(if score.is_complete() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
