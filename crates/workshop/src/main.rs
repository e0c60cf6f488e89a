//! `cargo workshop`: the commands, and what they print.

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::fmt::Write as _;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};
use workshop::check::{self, Checked, Limits};
use workshop::doctor::{self, Health};
use workshop::exercises::{Exercise, Workshop};
use workshop::process::{self, Listener};
use workshop::progress::{Progress, State};
use workshop::reset::{self, Reset};
use workshop::told::Told;
use workshop::verify::{self, Settings};
use workshop::watch::Saved;
use workshop::{
    Result, Trouble, can_draw, cargo, count, cut, filled, has_colors, hints, play, prose_width, width,
};

fn command() -> Command {
    let number = |required: bool, help: &'static str| {
        Arg::new("exercise").value_name("N").required(required).help(help)
    };
    let which = "Exercise, such as 1, ex01 or bank";
    let next = "Exercise, such as 1, ex01 or bank [default: this folder's, or the next]";
    let flag =
        |id: &'static str, help: &'static str| Arg::new(id).long(id).action(ArgAction::SetTrue).help(help);
    let seconds = |id: &'static str, help: &'static str| {
        Arg::new(id)
            .long(id)
            .value_name("SECONDS")
            .value_parser(value_parser!(u64).range(1..=3600))
            .help(help)
    };
    Command::new("cargo workshop")
        .bin_name("cargo workshop")
        .about(
            "Guides you through the exercises. Without a command, it shows where you are\n\
             and what to do next.",
        )
        .after_help(FOR_INSTRUCTORS)
        .arg(
            Arg::new("root")
                .long("root")
                .value_name("FOLDER")
                .global(true)
                .value_parser(value_parser!(PathBuf))
                .help("The workshop's folder [default: found from here]"),
        )
        .subcommand(Command::new("list").about("List the exercises and your progress"))
        .subcommand(
            Command::new("check")
                .about("Check an exercise")
                .arg(number(false, next))
                .arg(flag("all", "Show every test that fails, not only the first"))
                .arg(seconds("limit", "Stop a check that takes longer [default: 20]")),
        )
        .subcommand(
            Command::new("watch")
                .about("Check an exercise whenever you save it, until Ctrl-C")
                .arg(seconds("limit", "Stop a check that takes longer [default: 20]")),
        )
        .subcommand(
            Command::new("hint")
                .about("Show the next hint for an exercise")
                .arg(number(false, next))
                .arg(flag("again", "Show the hints that you've already seen")),
        )
        .subcommand(
            Command::new("play")
                .about("Step through the last failing run in a browser")
                .arg(number(false, "Exercise, such as 1, ex01 or bank [default: the last that failed]")),
        )
        .subcommand(
            Command::new("diff")
                .about("Compare your file with the solution")
                .arg(number(true, which))
                .arg(flag("peek", "Show the solution of an exercise that isn't solved")),
        )
        .subcommand(
            Command::new("reset")
                .about("Start an exercise again; your version is kept")
                .arg(number(true, which)),
        )
        .subcommand(
            Command::new("progress")
                .about("Show your progress")
                .arg(flag("line", "In one line to paste somewhere, with its legend")),
        )
        .subcommand(
            Command::new("doctor")
                .about("Check that this machine has all that is needed")
                .arg(flag("line", "In one line to send to your instructor")),
        )
        .subcommand(
            Command::new("verify")
                .about("Prove that the checks accept right fixes and reject wrong ones")
                .arg(number(false, "Only these exercises").action(ArgAction::Append).num_args(0..))
                .arg(flag("each", "Show every verdict"))
                .arg(seconds("limit", "Stop a check that takes longer [default: 120]"))
                .arg(
                    Arg::new("fewest")
                        .long("fewest")
                        .value_name("WRONG,RIGHT")
                        .value_parser(pair)
                        .help("How many fixes each exercise needs [default: 6,4]"),
                )
                .arg(
                    Arg::new("times")
                        .long("times")
                        .value_name("N")
                        .value_parser(value_parser!(u32).range(1..))
                        .help("Run each check N times [default: 1]"),
                ),
        )
}

const FOR_INSTRUCTORS: &str = "\
For instructors:
  cargo workshop diff N --peek    Show a solution without solving the exercise
  cargo workshop doctor --line    Print the state of a machine as one line
  cargo workshop progress --line  Print progress as one line, to paste in a chat
  cargo workshop verify N         Prove that a check can be trusted";

fn pair(text: &str) -> std::result::Result<(usize, usize), String> {
    let parse = |part: &str| part.trim().parse().ok();
    let pair = text.split_once(',').and_then(|(wrong, right)| Some((parse(wrong)?, parse(right)?)));
    pair.ok_or_else(|| "expected two numbers, such as 6,4".to_string())
}

fn main() -> ExitCode {
    // What runs is in a group of its own, which Ctrl-C doesn't reach. 130 is what a shell expects.
    let _ = ctrlc::set_handler(|| process::end_all_and_exit(130));
    let args = timeline::matches(command());
    match run(&args) {
        Ok(code) => code,
        Err(trouble) => {
            complain(&trouble);
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
            Some(exercise) => check_one(&workshop, exercise, limits(args), args.get_flag("all")),
            None => done(&overview(&workshop)),
        },
        Some(("watch", args)) => watch(&workshop, limits(args)),
        Some(("hint", args)) => match meant(args)? {
            Some(exercise) => done(&hint(&workshop, exercise, args.get_flag("again"))?),
            None => done(&overview(&workshop)),
        },
        Some(("play", args)) => {
            let named = args.contains_id("exercise").then(|| exercise(args)).transpose()?;
            show_page(&workshop, named)
        }
        Some(("diff", args)) => done(&diff(&workshop, exercise(args)?, args.get_flag("peek"))?),
        Some(("reset", args)) => done(&restore(&workshop, exercise(args)?)?),
        Some(("progress", args)) if args.get_flag("line") => done(&line(&workshop)),
        Some(("progress", _)) => done(&list(&workshop)),
        Some(("doctor", args)) => examine(&workshop, args.get_flag("line")),
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

/// Prints; a reader that has gone away is no error.
fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(why) if why.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
        written => written.map_err(|why| Trouble::new("can't write to standard output", why)),
    }
}

fn done(text: &str) -> Result<ExitCode> {
    print(text).map(|()| ExitCode::SUCCESS)
}

fn complain(trouble: &Trouble) {
    eprintln!("{}", filled(&format!("cargo workshop: {trouble}"), prose_width()));
}

/// The text in bold, on a terminal.
fn bold(text: &str) -> String {
    if has_colors() { format!("\x1b[1m{text}\x1b[0m") } else { text.to_string() }
}

/// Where you are, and what to do next.
fn overview(workshop: &Workshop) -> String {
    let progress = Progress::of(workshop);
    let (solved, all) = (progress.solved(workshop), workshop.exercises.len());
    let Some(next) = progress.next(workshop) else {
        let solved = bold(&format!("You've solved all {all} exercises."));
        return format!(
            "{solved}\n\n  cargo workshop list      list the exercises\n  cargo workshop diff N    compare yours with the solution\n"
        );
    };
    let (name, short) = (&next.name, next.short());
    let chapter = next.chapter().map_or(String::new(), |page| format!("first    {page}\n  "));
    let state = match progress.state(next) {
        State::AsShipped => String::new(),
        state => format!(" ({})", state.words()),
    };
    let headline = format!("You've solved {solved} of {all} exercises. Next: {name}{state}");
    format!(
        "{}\n{}\n\n  {chapter}\
         read     exercises/{name}/README.md\n  \
         edit     exercises/{name}/src/lib.rs\n  \
         check    cargo workshop check\n  \
         stuck?   cargo workshop hint {short}\n\n\
         {}\n",
        bold(&filled(&headline, prose_width())),
        cut(&next.topic(), prose_width()),
        filled(
            "`cargo workshop watch` checks whenever you save; `--help` lists all commands.",
            prose_width()
        )
    )
}

fn list(workshop: &Workshop) -> String {
    let progress = Progress::of(workshop);
    let wide = workshop.exercises.iter().map(|e| e.name.chars().count()).max().unwrap_or(0).max(8);
    let mut text = format!("{:wide$}  {:20}  topic\n", "exercise", "state");
    for exercise in &workshop.exercises {
        let state = progress.state(exercise).words();
        let row = format!("{:wide$}  {state:20}  {}", exercise.name, exercise.topic());
        let _ = writeln!(text, "{}", cut(row.trim_end(), width()));
    }
    let (solved, all) = (progress.solved(workshop), workshop.exercises.len());
    let next = progress.next(workshop).map_or(String::new(), |e| format!("; next: {}", e.name));
    let _ = writeln!(text, "\n{solved} of {all} solved{next}");
    text
}

/// `threads workshop: 3/15 [###+...........] next: ex04-transfer`, and what the signs mean.
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
    format!("threads workshop: {solved}/{all} [{marks}] {next}\n# solved   + begun   . to do\n")
}

fn check_one(workshop: &Workshop, exercise: &Exercise, limits: Limits, all: bool) -> Result<ExitCode> {
    let (solved, text) = checked(workshop, exercise, limits, all)?;
    print(&text)?;
    Ok(if solved { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Checks, remembers, and returns whether it is solved and what to print.
fn checked(workshop: &Workshop, exercise: &Exercise, limits: Limits, all: bool) -> Result<(bool, String)> {
    let (busy, building) = busy(&format!("Checking {}", exercise.name), Some(exercise));
    let checked = check::check(workshop, exercise, limits, Some(&building));
    busy.finish_and_clear();
    let checked = checked?;
    let mut progress = Progress::of(workshop);
    if let Some(fingerprint) = checked.fingerprint {
        // A verdict that can't be remembered is still a verdict.
        if let Err(trouble) = progress.remember(exercise, fingerprint, checked.verdict.kind) {
            complain(&trouble);
        }
    }
    Ok(if checked.verdict.is_solved() {
        (true, solved(workshop, exercise, &checked, &progress))
    } else {
        (false, not_solved(exercise, &checked, all))
    })
}

/// The verdict, the report, and then again the verdict, with what to do next: a report can be longer than the terminal.
fn not_solved(exercise: &Exercise, checked: &Checked, all: bool) -> String {
    let (name, short) = (&exercise.name, exercise.short());
    let told =
        Told { name, short: &short, has_page: checked.page.is_some(), width: prose_width(), bold: &bold };
    match all {
        true => told.all(&checked.verdict, &checked.others),
        false => told.first(&checked.verdict, checked.others.len()),
    }
}

fn solved(workshop: &Workshop, exercise: &Exercise, checked: &Checked, progress: &Progress) -> String {
    let (name, short) = (&exercise.name, exercise.short());
    let mut text = format!("{}\n", bold(&format!("{name}: {}", checked.verdict.line())));
    if let Some(told) = checked.searches.told() {
        let _ = writeln!(text, "{}", filled(&told, prose_width()));
    }
    let compare = format!("To compare your file with the solution: `cargo workshop diff {short}`");
    let next = match progress.next(workshop) {
        Some(next) => format!("Next: read exercises/{}/README.md.", next.name),
        None => format!("That was the last one. You've solved all {} exercises.", workshop.exercises.len()),
    };
    let _ = writeln!(text, "\n{}\n{}", filled(&compare, prose_width()), filled(&next, prose_width()));
    text
}

/// Opens the page of the last failing run, or says where it is, or why there is none.
fn show_page(workshop: &Workshop, exercise: Option<&Exercise>) -> Result<ExitCode> {
    if let Some(exercise) = exercise.filter(|exercise| !play::has_pages(exercise)) {
        let name = &exercise.name;
        let text = format!("The check of {name} talks to real sockets, so it has no run to step through.");
        return print(&format!("{}\n", filled(&text, prose_width()))).map(|()| ExitCode::FAILURE);
    }
    let Some(page) = play::last_page(workshop, exercise)? else {
        let command = exercise.map_or("check".to_string(), |exercise| format!("check {}", exercise.short()));
        let text = format!("There is no failing run to step through: run `cargo workshop {command}` first.");
        return print(&format!("{}\n", filled(&text, prose_width()))).map(|()| ExitCode::FAILURE);
    };
    let name = &page.exercise.name;
    let shown = page.file.strip_prefix(&workshop.root).unwrap_or(&page.file).display();
    let mut text = match play::open(&page.file) {
        true => format!("Opening the last failing run of {name}:\n{shown}\n"),
        false => {
            format!("To step through the last failing run of {name}, open this page in a browser:\n{shown}\n")
        }
    };
    if page.is_old {
        let again = format!(
            "You've changed {name} since then: `cargo workshop check {}` shows how it does now.",
            page.exercise.short()
        );
        let _ = writeln!(text, "{}", filled(&again, prose_width()));
    }
    done(&text)
}

/// Shows that something is being done, and what cargo does for it; to be finished and cleared. Where nothing can be
/// drawn, it prints what cargo builds, except for the exercise's own package: that is built each time.
fn busy(what: &str, exercise: Option<&Exercise>) -> (ProgressBar, Listener) {
    let bar = ProgressBar::new_spinner().with_message(what.to_string());
    if can_draw() {
        bar.enable_steady_tick(Duration::from_millis(100));
        let (shown, what) = (bar.clone(), what.to_string());
        let tell = move |line: &str| {
            if cargo::is_work(line) {
                // The spinner and a blank come before it.
                shown.set_message(cut(&format!("{what}: {}", line.trim()), width() - 2));
            } else {
                shown.set_message(what.clone());
            }
        };
        (bar, Arc::new(tell))
    } else {
        bar.set_draw_target(ProgressDrawTarget::hidden());
        let own = exercise.map(|exercise| format!("Compiling {} v", exercise.name));
        let tell = move |line: &str| {
            let is_own = own.as_ref().is_some_and(|own| line.trim().starts_with(own));
            if cargo::is_work(line) && !is_own {
                eprintln!("{line}");
            }
        };
        (bar, Arc::new(tell))
    }
}

fn watch(workshop: &Workshop, limits: Limits) -> Result<ExitCode> {
    let mut saved = Saved::watch(workshop)?;
    let clear = if can_draw() && std::io::stdout().is_terminal() { "\x1b[2J\x1b[H" } else { "\n" };
    let watching = "Watching exercises/*/src/lib.rs. Save a file to check it; press Ctrl-C to stop.";
    let watching = filled(watching, prose_width());
    let mut exercise = Progress::of(workshop).next(workshop);
    if exercise.is_none() {
        print(&format!("{watching}\n"))?;
    }
    loop {
        if let Some(exercise) = exercise {
            match checked(workshop, exercise, limits, false) {
                Ok((_, text)) => print(&format!("{clear}{watching}\n\n{text}"))?,
                Err(trouble) => complain(&trouble),
            }
        }
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
        let heading = format!("Hint {} of {all} for {name}: {}", number + 1, hint.title());
        let heading = bold(&filled(&heading, prose_width()));
        let _ = writeln!(text, "{heading}\n\n{}\n", hint.filled(prose_width()));
    }
    if shown.is_empty() && again {
        let first = format!(
            "You haven't seen a hint for {name} yet. For the first, run `cargo workshop hint {short}`."
        );
        let _ = writeln!(text, "{}", filled(&first, prose_width()));
    } else if shown.end == all {
        let last = if shown.is_empty() { "You've seen every hint" } else { "That was the last hint" };
        let _ = writeln!(
            text,
            "{last} for {name}.\nTo see them again: `cargo workshop hint {short} --again`\n\
             To see the solution: `cargo workshop diff {short} --peek`"
        );
    } else {
        let _ = writeln!(text, "For the next one, run the same command again.");
    }
    if !again && !shown.is_empty() {
        // A hint that can't be remembered is still a hint.
        if let Err(trouble) = progress.remember_hint(exercise, shown.end) {
            complain(&trouble);
        }
    }
    Ok(text)
}

fn diff(workshop: &Workshop, exercise: &Exercise, peek: bool) -> Result<String> {
    let (name, short) = (&exercise.name, exercise.short());
    let solved = Progress::of(workshop).state(exercise) == State::Solved;
    if !solved && !peek {
        let why = format!(
            "{name} isn't solved yet; check it with `cargo workshop check {short}`, \
             or see the solution with `cargo workshop diff {short} --peek`"
        );
        return Err(Trouble(why));
    }
    let diff = reset::diff(exercise)?;
    Ok(if diff.is_empty() { format!("Your {name} is the same as the solution.\n") } else { diff })
}

fn restore(workshop: &Workshop, exercise: &Exercise) -> Result<String> {
    let name = &exercise.name;
    let relative = |path: &Path| path.strip_prefix(&workshop.root).unwrap_or(path).display().to_string();
    let file = relative(&exercise.file());
    Ok(match reset::reset(exercise)? {
        Reset::Nothing => format!("{name} is as it came: nothing to do.\n"),
        Reset::Restored => format!("{file} was missing. It's back, as it came.\n"),
        Reset::Kept(kept) => {
            format!("Your version is now {}\n{file} is as it came.\n", relative(&kept))
        }
    })
}

fn examine(workshop: &Workshop, in_one_line: bool) -> Result<ExitCode> {
    let (busy, building) = busy("Examining this machine", None);
    let findings = doctor::examine(workshop, Some(&building));
    busy.finish_and_clear();
    let is_ready = findings.iter().all(|finding| finding.health != Health::Needed);
    if in_one_line {
        print(&format!("{}\n", doctor::line(&findings)))?;
        return Ok(if is_ready { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    let mut text = String::new();
    for finding in &findings {
        let row = |first: &str, second: &str, words: &str| {
            let indent = format!("\n{:19}", "");
            let words = filled(words, prose_width().saturating_sub(19)).replace('\n', &indent);
            format!("{first:8}  {second:7}  {words}\n")
        };
        text.push_str(&row(finding.what, finding.health.words(), &finding.found));
        if !finding.todo.is_empty() {
            text.push_str(&row("", "", &format!("-> {}", finding.todo)));
        }
    }
    let problems = findings.iter().filter(|finding| finding.health == Health::Needed).count();
    let (point, code) = match problems {
        0 => ("Your machine has everything the workshop needs.".to_string(), ExitCode::SUCCESS),
        n => (format!("Before you can begin, solve {}.", count(n, "problem")), ExitCode::FAILURE),
    };
    print(&format!("{text}\n{point}\n"))?;
    Ok(code)
}

fn prove(workshop: &Workshop, exercises: &[&Exercise], settings: &Settings, each: bool) -> Result<ExitCode> {
    let start = Instant::now();
    let bar = ProgressBar::no_length();
    if !can_draw() {
        bar.set_draw_target(ProgressDrawTarget::hidden());
        eprintln!("Building the solutions, then checking their fixes; this can take minutes.");
    }
    let style = ProgressStyle::with_template("{bar:40} {pos} of {len} {msg}").expect("the template is valid");
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
        0 => ("all as expected".to_string(), ExitCode::SUCCESS),
        n => (format!("{} from what is expected", count(n, "deviation")), ExitCode::FAILURE),
    };
    let _ = writeln!(text, "{}, {judged} in {seconds} s: {point}", count(exercises.len(), "exercise"));
    print(&text)?;
    Ok(code)
}
