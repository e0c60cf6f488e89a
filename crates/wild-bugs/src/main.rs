//! Lists the bugs, tells one of them, and proves each program wrong and right.

#[macro_use]
extern crate interleave as std; // outside of an exploration, it is as the real one

#[path = "lib.rs"]
mod explored; // the page once more, with threads whose every interleaving can be tried

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, Command};
use explored::{BUGS, Bug};
use interleave::Check;
use interleave::real::time::Instant;
use std::io::{self, Write};
use std::process::ExitCode;

/// The most columns of a story.
const COLUMNS: usize = 78;

fn main() -> ExitCode {
    let command = Command::new("wild-bugs")
        .about("Ten bugs that public projects had and fixed, each as a small program")
        .arg(
            Arg::new("bug")
                .value_name("BUG")
                .value_parser(PossibleValuesParser::new(BUGS.map(|bug| bug.id)))
                .hide_possible_values(true)
                .help("Tell this one, such as tokio-3660"),
        )
        .arg(
            Arg::new("explore")
                .long("explore")
                .action(ArgAction::SetTrue)
                .help("Try every interleaving of the wrong and of the right program"),
        );
    let args = timeline::matches(command);
    let asked = args.get_one::<String>("bug");
    let bug = asked.and_then(|id| BUGS.iter().find(|bug| bug.id == id));
    let mut out = timeline::stdout();
    let result = match (bug, args.get_flag("explore")) {
        (None, false) => list(&mut out),
        (Some(bug), false) => tell(bug, &mut out),
        (None, true) => explore(&BUGS, &mut out),
        (Some(bug), true) => explore(&[*bug], &mut out),
    };
    timeline::exit_code("wild-bugs", result)
}

fn list(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "Ten bugs that public projects had and fixed, each as a small program\n")?;
    for bug in BUGS {
        writeln!(out, "  {:<14}  {}  {:>2} lines  {}", bug.id, bug.year, bug.lines(), bug.title)?;
    }
    writeln!(out, "\nNext: cargo run -p wild-bugs -- fern-19 tells the first one;")?;
    writeln!(out, "      --explore proves all of them, wrong and right.")?;
    writeln!(out, "Experts wrote these, and their tests passed, because a test tries one interleaving.")
}

fn tell(bug: &Bug, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}: {} (fixed in {})\n{}\n", bug.id, bug.title, bug.year, bug.link)?;
    paragraph(bug.was, out)?;
    writeln!(out, "A program with this bug\n\n{}", indented(&bug.wrong_program()))?;
    writeln!(out, "Predict")?;
    paragraph(bug.question, out)?;
    match Check::new().try_run(bug.wrong) {
        Ok(passed) => return Err(not_as_promised(bug, "wrong", &passed.to_string())),
        Err(failed) => writeln!(out, "What the explorer says\n\n{failed}\n")?,
    }
    writeln!(out, "Answer")?;
    paragraph(bug.answer, out)?;
    writeln!(out, "The fix\n\n{}", indented(bug.fix()))?;
    writeln!(out, "Lesson")?;
    paragraph(bug.lesson, out)?;
    writeln!(out, "Next: cargo run -p wild-bugs -- {} --explore proves the fix.", bug.id)
}

/// Proves that the wrong program of each bug fails and that the right one doesn't, and says how
/// long that takes. Of a single bug, the report is shown, too.
fn explore(bugs: &[Bug], out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "Every interleaving of each program, wrong and right\n")?;
    let mut reports = vec![];
    for bug in bugs {
        let (wrong, found) = timed(|| Check::new().try_run(bug.wrong));
        let (right, proved) = timed(|| Check::new().try_run(bug.right));
        let failed = match wrong {
            Ok(passed) => return Err(not_as_promised(bug, "wrong", &passed.to_string())),
            Err(failed) => failed,
        };
        let passed = right.map_err(|failed| not_as_promised(bug, "right", &failed.to_string()))?;
        let run = failed.runs();
        writeln!(out, "  {:<14}  wrong: found in run {run}, {found:.1} ms", bug.id)?;
        writeln!(out, "  {:<14}  right: {passed}, {proved:.1} ms", "")?;
        reports.push(failed);
    }
    if let [report] = &reports[..] {
        writeln!(out, "\n{report}")?;
    }
    writeln!(out, "\nOne failing run is enough to prove a program wrong. To prove it right takes all runs.")
}

/// What `work` returns, and how many milliseconds it takes.
fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed().as_secs_f64() * 1000.0)
}

fn not_as_promised(bug: &Bug, which: &str, verdict: &str) -> io::Error {
    io::Error::other(format!("the {which} program of {} is not {which}: {verdict}", bug.id))
}

/// Writes `text` in lines of at most [`COLUMNS`], and an empty line.
fn paragraph(text: &str, out: &mut impl Write) -> io::Result<()> {
    let columns = COLUMNS.min(timeline::columns());
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > columns {
            writeln!(out, "{line}")?;
            line.clear();
        }
        line.push_str(if line.is_empty() { "" } else { " " });
        line.push_str(word);
    }
    writeln!(out, "{line}\n")
}

fn indented(code: &str) -> String {
    let indent = |line: &str| if line.is_empty() { "\n".to_owned() } else { format!("  {line}\n") };
    code.lines().map(indent).collect()
}
