//! `cargo workshop`: the commands, and what they print.

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::fmt::Write as _;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use workshop::check::{self, Limits};
use workshop::doctor::{self, Health};
use workshop::exercises::{Exercise, Workshop};
use workshop::progress::{Progress, State};
use workshop::reset::{self, Reset};
use workshop::verdict::Verdict;
use workshop::verify::{self, Settings};
use workshop::watch::Saved;
use workshop::{Result, Trouble, can_draw, count, cut, hints, process, width};

fn command() -> Command {
    let number = |required: bool, help: &'static str| {
        Arg::new("exercise").value_name("N").required(required).help(help)
    };
    let which = "The exercise: 1, 01, ex01, ex01-bank or bank";
    let next =
        "The exercise: 1, 01, ex01, ex01-bank or bank [default: the one whose folder this is, or the next]";
    let seconds = |id: &'static str, help: &'static str| {
        Arg::new(id)
            .long(id)
            .value_name("SECONDS")
            .value_parser(value_parser!(u64).range(1..=3600))
            .help(help)
    };
    Command::new("cargo workshop")
        .bin_name("cargo workshop")
        .about("The way through the exercises. Without a command: where you are, and what to do next")
        .arg(
            Arg::new("root")
                .long("root")
                .value_name("FOLDER")
                .global(true)
                .value_parser(value_parser!(PathBuf))
                .help("The workshop's folder [default: the one around the current folder]"),
        )
        .subcommand(Command::new("list").about("Every exercise, and how far you are"))
        .subcommand(
            Command::new("check")
                .about("Check an exercise: the verdict first, then the table")
                .arg(number(false, next))
                .arg(seconds("limit", "End a check that takes longer [default: 20]")),
        )
        .subcommand(
            Command::new("watch")
                .about("Check an exercise whenever you save it; Ctrl-C ends it")
                .arg(seconds("limit", "End a check that takes longer [default: 20]")),
        )
        .subcommand(Command::new("hint").about("The next hint to an exercise").arg(number(false, next)).arg(
            Arg::new("again").long("again").action(ArgAction::SetTrue).help("Those you have seen already"),
        ))
        .subcommand(
            Command::new("diff").about("Your file against the solution").arg(number(true, which)).arg(
                Arg::new("peek")
                    .long("peek")
                    .action(ArgAction::SetTrue)
                    .help("Although it is not solved yet"),
            ),
        )
        .subcommand(
            Command::new("reset")
                .about("Begin an exercise again; your version is kept beside it")
                .arg(number(true, which)),
        )
        .subcommand(Command::new("progress").about("How far you are").arg(
            Arg::new("line").long("line").action(ArgAction::SetTrue).help("In one line, to paste somewhere"),
        ))
        .subcommand(Command::new("doctor").about("Whether this machine has what the workshop needs"))
        .subcommand(
            Command::new("verify")
                .about("Prove that every check rejects what is wrong and accepts what is right")
                .arg(number(false, "Only these exercises").action(ArgAction::Append).num_args(0..))
                .arg(Arg::new("each").long("each").action(ArgAction::SetTrue).help("Tell every verdict"))
                .arg(seconds("limit", "End a check that takes longer [default: 120]"))
                .arg(
                    Arg::new("fewest")
                        .long("fewest")
                        .value_name("WRONG,RIGHT")
                        .value_parser(pair)
                        .help("How many fixes an exercise needs [default: 6,4]"),
                )
                .arg(
                    Arg::new("times")
                        .long("times")
                        .value_name("N")
                        .value_parser(value_parser!(u32).range(1..))
                        .help("Run each check N times; it must be right every time [default: 1]"),
                ),
        )
}

fn pair(text: &str) -> std::result::Result<(usize, usize), String> {
    let parse = |part: &str| part.trim().parse().ok();
    let pair = text.split_once(',').and_then(|(wrong, right)| Some((parse(wrong)?, parse(right)?)));
    pair.ok_or_else(|| "two numbers are wanted, such as 6,4".to_string())
}

fn main() -> ExitCode {
    // What runs is in a group of its own, where Ctrl-C does not reach it. 130 is what a shell expects.
    let _ = ctrlc::set_handler(|| process::end_all_and_exit(130));
    let args = timeline::matches(command());
    match run(&args) {
        Ok(code) => code,
        Err(trouble) => {
            eprintln!("cargo workshop: {trouble}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &ArgMatches) -> Result<ExitCode> {
    let workshop = match args.get_one::<PathBuf>("root") {
        Some(root) => {
            let root = std::path::absolute(root).map_err(|why| Trouble::new(root.display(), why))?;
            Workshop::open(&root)?
        }
        None => {
            let here = std::env::current_dir().map_err(|why| Trouble::new("the current folder", why))?;
            Workshop::around(&here)?
        }
    };
    let exercise =
        |args: &ArgMatches| workshop.find(args.get_one::<String>("exercise").map_or("", |name| name));
    // The one that is named, or whose folder this is, or the next.
    let meant = |args: &ArgMatches| match args.contains_id("exercise") {
        true => exercise(args).map(Some),
        false => {
            let here = std::env::current_dir().ok();
            let around = here.as_deref().and_then(|here| workshop.exercise_around(here));
            Ok(around.or_else(|| Progress::of(&workshop).next(&workshop)))
        }
    };
    let seconds = |args: &ArgMatches, usual: Duration| {
        args.get_one::<u64>("limit").map_or(usual, |&seconds| Duration::from_secs(seconds))
    };
    let limits = |args| Limits { run: seconds(args, Limits::default().run), ..Limits::default() };
    match args.subcommand() {
        None => done(&overview(&workshop)),
        Some(("list", _)) => done(&list(&workshop)),
        Some(("check", args)) => match meant(args)? {
            Some(exercise) => check_one(&workshop, exercise, limits(args)),
            None => done(&overview(&workshop)),
        },
        Some(("watch", args)) => watch(&workshop, limits(args)),
        Some(("hint", args)) => match meant(args)? {
            Some(exercise) => done(&hint(&workshop, exercise, args.get_flag("again"))?),
            None => done(&overview(&workshop)),
        },
        Some(("diff", args)) => done(&diff(&workshop, exercise(args)?, args.get_flag("peek"))?),
        Some(("reset", args)) => done(&restore(&workshop, exercise(args)?)?),
        Some(("progress", args)) if args.get_flag("line") => done(&format!("{}\n", line(&workshop))),
        Some(("progress", _)) => done(&list(&workshop)),
        Some(("doctor", _)) => examine(&workshop),
        Some(("verify", args)) => {
            let names = args.get_many::<String>("exercise").into_iter().flatten();
            let named = names.map(|name| workshop.find(name)).collect::<Result<Vec<_>>>()?;
            let is_chosen = |exercise: &&Exercise| named.is_empty() || named.contains(exercise);
            let chosen: Vec<_> = workshop.exercises.iter().filter(is_chosen).collect();
            let usual = Settings::default();
            let settings = Settings {
                limit: seconds(args, usual.limit),
                fewest: args.get_one("fewest").copied().unwrap_or(usual.fewest),
                times: args.get_one("times").copied().unwrap_or(usual.times),
                ..usual
            };
            prove(&workshop, &chosen, &settings, args.get_flag("each"))
        }
        Some((other, _)) => unreachable!("clap knows no command {other}"),
    }
}

/// Prints, and is content when nobody reads it.
fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(why) if why.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
        written => written.map_err(|why| Trouble::new("standard output cannot be written", why)),
    }
}

fn done(text: &str) -> Result<ExitCode> {
    print(text).map(|()| ExitCode::SUCCESS)
}

/// The text in bold where that can be seen.
fn bold(text: &str) -> String {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|set| !set.is_empty())
        || std::env::var_os("TERM").is_some_and(|term| term == "dumb")
        || !std::io::stdout().is_terminal();
    if plain { text.to_string() } else { format!("\x1b[1m{text}\x1b[0m") }
}

/// Where you are, and what to do next.
fn overview(workshop: &Workshop) -> String {
    let progress = Progress::of(workshop);
    let (solved, all) = (progress.solved(workshop), workshop.exercises.len());
    let Some(next) = progress.next(workshop) else {
        let solved = bold(&format!("All {all} exercises are solved."));
        return format!(
            "{solved}\n\n  cargo workshop list        every exercise\n  cargo workshop diff N      yours and the solution\n"
        );
    };
    let (name, short) = (&next.name, next.short());
    let chapter = next.chapter().map_or(String::new(), |page| format!("before   {page}\n  "));
    let state = match progress.state(next) {
        State::AsShipped => String::new(),
        state => format!(" ({})", state.words()),
    };
    let headline = cut(&format!("{solved} of {all} exercises are solved. Next: {name}{state}"), width());
    format!(
        "{}\n{}\n\n  {chapter}\
         read     exercises/{name}/README.md\n  \
         change   exercises/{name}/src/lib.rs\n  \
         check    cargo workshop check\n  \
         stuck?   cargo workshop hint {short}\n\n\
         `cargo workshop watch` checks whenever you save; `cargo workshop --help` tells the rest.\n",
        bold(&headline),
        cut(&next.about(), width())
    )
}

fn list(workshop: &Workshop) -> String {
    let progress = Progress::of(workshop);
    let wide = workshop.exercises.iter().map(|e| e.name.chars().count()).max().unwrap_or(0).max(8);
    let mut text = format!("{:wide$}  {:28}  about\n", "exercise", "state");
    for exercise in &workshop.exercises {
        let state = progress.state(exercise).words();
        let row = format!("{:wide$}  {state:28}  {}", exercise.name, exercise.about());
        let _ = writeln!(text, "{}", cut(row.trim_end(), width()));
    }
    let (solved, all) = (progress.solved(workshop), workshop.exercises.len());
    let next = progress.next(workshop).map_or(String::new(), |e| format!("; next: {}", e.name));
    let _ = writeln!(text, "\n{solved} of {all} solved{next}");
    text
}

/// `threads workshop: 3/15 [###............] next: ex04-transfer`
fn line(workshop: &Workshop) -> String {
    let progress = Progress::of(workshop);
    let marks = workshop.exercises.iter().map(|e| match progress.state(e) {
        State::Solved => '#',
        State::AsShipped => '.',
        _ => '+',
    });
    let marks: String = marks.collect();
    let next = progress.next(workshop).map_or("all solved".to_string(), |e| format!("next: {}", e.name));
    let (solved, all) = (progress.solved(workshop), workshop.exercises.len());
    format!("threads workshop: {solved}/{all} [{marks}] {next}")
}

fn check_one(workshop: &Workshop, exercise: &Exercise, limits: Limits) -> Result<ExitCode> {
    let (verdict, text) = checked(workshop, exercise, limits)?;
    print(&text)?;
    Ok(if verdict.is_solved() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Checks, remembers, and says what to print.
fn checked(workshop: &Workshop, exercise: &Exercise, limits: Limits) -> Result<(Verdict, String)> {
    let busy = spinner(&format!("checking {}", exercise.name));
    let outcome = check::check(workshop, exercise, limits);
    busy.finish_and_clear();
    let (verdict, fingerprint) = outcome?;
    let mut progress = Progress::of(workshop);
    if let Some(fingerprint) = fingerprint {
        // A verdict that cannot be remembered is a verdict all the same.
        if let Err(trouble) = progress.remember(exercise, fingerprint, verdict.kind) {
            eprintln!("cargo workshop: {trouble}");
        }
    }
    let (name, short) = (&exercise.name, exercise.short());
    let mut text = format!("{}\n", bold(&format!("{name}: {}", verdict.line())));
    if !verdict.report.is_empty() {
        let _ = writeln!(text, "\n{}", folded(&verdict.report, name));
    }
    text.push('\n');
    if verdict.is_solved() {
        let next = match progress.next(workshop) {
            Some(next) => format!("Next: {}: read exercises/{}/README.md.", next.name, next.name),
            None => format!("That was the last one: all {} are solved.", workshop.exercises.len()),
        };
        let _ = writeln!(text, "`cargo workshop diff {short}` shows how the solution does it.\n{next}");
    } else {
        let file = format!("exercises/{name}/src/lib.rs");
        let _ = writeln!(text, "Change {file} and check again; `cargo workshop hint {short}` gives a hint.");
    }
    Ok((verdict, text))
}

/// A report of hundreds of lines says no more than its two ends.
fn folded(report: &str, name: &str) -> String {
    const ENDS: usize = 50;
    let lines: Vec<&str> = report.lines().collect();
    if lines.len() <= 3 * ENDS {
        return report.to_string();
    }
    let (head, tail) = (lines[..ENDS].join("\n"), lines[lines.len() - ENDS..].join("\n"));
    let left_out = count(lines.len() - 2 * ENDS, "line");
    format!("{head}\n… {left_out} left out: `cargo test -p {name}` prints them …\n{tail}")
}

fn spinner(what: &str) -> ProgressBar {
    let bar =
        ProgressBar::new_spinner().with_message(format!("{what} (the first time, what it needs is built)"));
    if can_draw() {
        bar.enable_steady_tick(Duration::from_millis(100));
    } else {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    bar
}

fn watch(workshop: &Workshop, limits: Limits) -> Result<ExitCode> {
    let mut saved = Saved::watch(workshop)?;
    let clears = can_draw() && std::io::stdout().is_terminal();
    let mut exercise = Progress::of(workshop).next(workshop);
    loop {
        if let Some(exercise) = exercise {
            match checked(workshop, exercise, limits) {
                Ok((_, text)) => print(&format!("{}{text}", if clears { "\x1b[2J\x1b[H" } else { "" }))?,
                Err(trouble) => eprintln!("cargo workshop: {trouble}"),
            }
        }
        print("Watching exercises/*/src/lib.rs: save one to check it; Ctrl-C ends this.\n\n")?;
        exercise = Some(saved.next(workshop)?);
    }
}

fn hint(workshop: &Workshop, exercise: &Exercise, again: bool) -> Result<String> {
    let hints = hints::hints(exercise)?;
    let mut progress = Progress::of(workshop);
    let (seen, all) = (progress.hints(exercise).min(hints.len()), hints.len());
    let (name, short) = (&exercise.name, exercise.short());
    let shown = if again { 0..seen } else { seen..(seen + 1).min(all) };
    let mut text = String::new();
    for (number, hint) in hints.iter().enumerate().skip(shown.start).take(shown.len()) {
        let heading = bold(&format!("{name}, hint {} of {all}: {}", number + 1, hint.title()));
        let _ = writeln!(text, "{heading}\n\n{}\n", hint.filled(width()));
    }
    if shown.is_empty() && again {
        let _ = writeln!(
            text,
            "You have seen no hint to {name} yet: `cargo workshop hint {short}` gives the first."
        );
    } else if shown.end == all {
        let last = if shown.is_empty() { "You have seen every hint" } else { "That was the last hint" };
        let _ = writeln!(
            text,
            "{last} to {name}: `cargo workshop hint {short} --again` repeats them,\n\
             `cargo workshop diff {short} --peek` shows the solution."
        );
    } else {
        let _ = writeln!(text, "Once more, `cargo workshop hint {short}`, gives the next.");
    }
    if !again && !shown.is_empty() {
        // A hint that cannot be remembered is a hint all the same.
        if let Err(trouble) = progress.remember_hint(exercise, shown.end) {
            eprintln!("cargo workshop: {trouble}");
        }
    }
    Ok(text)
}

fn diff(workshop: &Workshop, exercise: &Exercise, peek: bool) -> Result<String> {
    let (name, short) = (&exercise.name, exercise.short());
    let solved = Progress::of(workshop).state(exercise) == State::Solved;
    if !solved && !peek {
        let why = format!(
            "it is not known to be solved; `cargo workshop check {short}` finds out, \
             `cargo workshop diff {short} --peek` shows the solution all the same"
        );
        return Err(Trouble::new(format!("no diff of {name}"), why));
    }
    let diff = reset::diff(exercise)?;
    Ok(if diff.is_empty() { format!("Your {name} is the solution, letter by letter.\n") } else { diff })
}

fn restore(workshop: &Workshop, exercise: &Exercise) -> Result<String> {
    let name = &exercise.name;
    let relative = |path: &Path| path.strip_prefix(&workshop.root).unwrap_or(path).display().to_string();
    let file = relative(&exercise.file());
    Ok(match reset::reset(exercise)? {
        Reset::Nothing => format!("{name} is as you got it: nothing to do.\n"),
        Reset::Restored => format!("{file} was missing; it is back, as you got it.\n"),
        Reset::Kept(kept) => {
            format!("Your version is kept as {}\n{file} is as you got it.\n", relative(&kept))
        }
    })
}

fn examine(workshop: &Workshop) -> Result<ExitCode> {
    let busy = spinner("looking around");
    let findings = doctor::examine(workshop);
    busy.finish_and_clear();
    let mut text = String::new();
    for finding in &findings {
        let row = format!("{:8}  {:7}  {}", finding.what, finding.health.words(), finding.found);
        // A reason is told whole.
        let row = if finding.todo.is_empty() { cut(&row, width()) } else { row };
        let _ = writeln!(text, "{row}");
        if !finding.todo.is_empty() {
            let _ = writeln!(text, "{:19}-> {}", "", finding.todo);
        }
    }
    let problems = findings.iter().filter(|finding| finding.health == Health::Needed).count();
    let (point, code) = match problems {
        0 => ("Everything that the workshop needs is here.".to_string(), ExitCode::SUCCESS),
        n => (
            format!("{} to be solved before the workshop can begin.", count(n, "problem")),
            ExitCode::FAILURE,
        ),
    };
    print(&format!("{text}\n{point}\n"))?;
    Ok(code)
}

fn prove(workshop: &Workshop, exercises: &[&Exercise], settings: &Settings, each: bool) -> Result<ExitCode> {
    let start = Instant::now();
    let bar = ProgressBar::no_length();
    if !can_draw() {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    let style =
        ProgressStyle::with_template("{bar:40} {pos} of {len} {msg}").expect("the template is a right one");
    bar.set_style(style.progress_chars("##."));
    bar.set_message("building the solutions");
    let verified = verify::verify(workshop, exercises, settings, &|done, of| {
        bar.set_length(of as u64);
        bar.set_position(done as u64);
        if done > 0 {
            bar.set_message("");
        }
    });
    bar.finish_and_clear();
    let verified = verified?;
    let mut text = verified.table();
    text.push('\n');
    if each {
        text.push_str(&verified.each());
        text.push('\n');
    }
    text.push_str(&verified.told());
    let times = if settings.times > 1 { format!(", {} times each", settings.times) } else { String::new() };
    let judged = count(verified.judged.len(), "verdict") + &times;
    let seconds = start.elapsed().as_secs();
    let (point, code) = match verified.deviations() {
        0 => ("all as they must be".to_string(), ExitCode::SUCCESS),
        n => (format!("{} from what must be", count(n, "deviation")), ExitCode::FAILURE),
    };
    let _ = writeln!(text, "{}, {judged} in {seconds} s: {point}", count(exercises.len(), "exercise"));
    print(&text)?;
    Ok(code)
}
