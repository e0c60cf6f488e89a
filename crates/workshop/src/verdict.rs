//! What a run of a check says about the file that it checked.

use crate::cargo::Diagnostic;
use crate::machine::Line;
use crate::process::{End, Ran};
use std::fmt::Write;

/// What became of a file under its check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// In a word.
    pub kind: Kind,
    /// In a sentence, of what went wrong; empty when nothing did.
    pub why: String,
    /// The table, or what the compiler says; empty when there is nothing more to say.
    pub report: String,
}

/// A verdict in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Every test of the check passes.
    Solved,
    /// A test fails.
    NotYet,
    /// There is nothing to run.
    DoesNotCompile,
    /// It was stopped, or the check has shown that it never ends.
    RunsForever,
    /// The file ends the program that checks it.
    EndsTheProcess,
    /// A stack overflow, an abort and the like.
    Crashes,
    /// The check was not run, or has no test.
    NotChecked,
}

impl Kind {
    /// As it stands in the first line of a verdict.
    pub fn words(self) -> &'static str {
        match self {
            Kind::Solved => "solved",
            Kind::NotYet => "not yet",
            Kind::DoesNotCompile => "does not compile",
            Kind::RunsForever => "runs forever",
            Kind::EndsTheProcess => "ends the process",
            Kind::Crashes => "crashes",
            Kind::NotChecked => "not checked",
        }
    }
}

impl Verdict {
    /// With nothing more to say than this.
    pub fn new(kind: Kind, why: impl Into<String>) -> Self {
        Verdict { kind, why: why.into(), report: String::new() }
    }

    /// Of the compiler's errors. `check` is how the check's own file is called there.
    pub fn of_errors(errors: &[Diagnostic], check: &str) -> Self {
        if let Some(refused) = errors.iter().find_map(refusal) {
            return Verdict::new(Kind::NotYet, refused);
        }
        let why = match errors.first() {
            Some(error) if error.is_in(check) && error.is_about_a_name_or_type() => {
                let message = &error.message;
                format!("src/lib.rs no longer has something that the check uses: {message}")
            }
            Some(error) if error.is_in(check) => {
                format!("tests/check.rs was changed; to restore it, use `git checkout`: {}", error.message)
            }
            Some(Diagnostic { message, place: Some((_, line)), .. }) if errors[0].reason().is_some() => {
                let reason = errors[0].reason().unwrap_or_default();
                format!("{message} in a check: {reason} (lib.rs, line {line})")
            }
            Some(Diagnostic { message, place: Some((file, line)), .. }) => {
                let file = file.rsplit(['/', '\\']).next().unwrap_or(file);
                format!("{message} ({file}, line {line})")
            }
            Some(error) => error.message.clone(),
            None => "the compiler doesn't say why".to_string(),
        };
        // Further errors often come from the first.
        let first = errors.first().map_or("", |error| error.rendered.trim_end());
        let mut report = format!("{}\n\n", first_lines(first));
        if errors.len() > 1 {
            let _ = writeln!(report, "… and {}", crate::count(errors.len() - 1, "more error"));
        }
        Verdict { kind: Kind::DoesNotCompile, why, report: report.trim_end().to_string() }
    }

    /// Of a run of the check's program. `check` is the text of the check: the first test in it that fails is the one
    /// to begin with.
    pub fn of_run(ran: &Ran, check: &str) -> Self {
        let result = ran.stdout.lines().rfind(|line| line.starts_with("test result: "));
        match (ran.end, result) {
            (End::Code(0), Some(result)) if result.starts_with("test result: ok. ") => match passed(result) {
                0 => Verdict::new(Kind::NotChecked, "the check ran no test: was tests/check.rs changed?"),
                _ => Verdict::new(Kind::Solved, ""),
            },
            (End::Code(_), Some(result)) if result.starts_with("test result: FAILED") => {
                match failures(ran, check).into_iter().next() {
                    Some(first) => first.verdict,
                    None => Verdict::new(Kind::NotYet, "a test fails and doesn't say why"),
                }
            }
            (End::OutOfTime, _) => {
                let limit = ran.took.as_secs();
                let stopped = format!("the check was stopped after {limit} seconds");
                let failed = ran
                    .stdout
                    .lines()
                    .filter(|line| line.starts_with("test ") && line.ends_with(" ... FAILED"));
                let (kind, why) = match failed.count() {
                    0 => (Kind::RunsForever, stopped),
                    n => (Kind::NotYet, format!("{} failed, then {stopped}", crate::count(n, "test"))),
                };
                let report = format!(
                    "{}\n\nIf this machine is busy, give the check more time: `--limit 120`.",
                    tail(ran)
                );
                Verdict { kind, why, report: report.trim_start().to_string() }
            }
            (end, _) => ended(end, ran),
        }
    }

    /// Whether the check accepts the file.
    pub fn is_solved(&self) -> bool {
        self.kind == Kind::Solved
    }

    /// In one line: `not yet: both customers were paid 700`.
    pub fn line(&self) -> String {
        if self.why.is_empty() {
            self.kind.words().to_string()
        } else {
            format!("{}: {}", self.kind.words(), self.why)
        }
    }
}

/// The sentence with which a check refuses a file before anything of it runs.
///
/// `unsafe` in the library is found by a lint before the check is compiled.
fn refusal(error: &Diagnostic) -> Option<String> {
    if let Some(sentence) = refused(&error.message) {
        return Some(sentence.to_string());
    }
    let allowed = error.code == "E0453" && error.message.contains("(unsafe_code)");
    let (_, line) = error.place.as_ref().filter(|_| allowed || error.code == "unsafe_code")?;
    Some(format!(
        "src/lib.rs, line {line}: `unsafe` is not allowed in an exercise, because a check can't see what unsafe code does"
    ))
}

/// The sentence in what the compiler says of a panic in `interleave::exercise!`.
pub(crate) fn refused(message: &str) -> Option<&str> {
    let (_, sentence) = message.split_once("evaluation panicked: ")?;
    sentence.starts_with("src/lib.rs, line ").then_some(sentence)
}

/// At most this many lines of a compiler's error are shown.
const ERROR_LINES: usize = 30;

fn first_lines(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().take(ERROR_LINES).collect();
    if text.lines().count() > ERROR_LINES {
        lines.push("…");
    }
    lines.join("\n")
}

/// The 3 of "test result: ok. 3 passed; 0 failed".
fn passed(result: &str) -> usize {
    let before = result.split(" passed;").next().unwrap_or_default();
    before.rsplit(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0)
}

/// A test of a check that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The test's name.
    pub test: String,
    /// What the test alone says about the file.
    pub verdict: Verdict,
}

/// The tests that failed, in the order of the check's text.
pub fn failures(ran: &Ran, check: &str) -> Vec<Failure> {
    let mut tests = sections(&ran.stdout);
    let place = |name: &str| {
        let name = name.rsplit("::").next().unwrap_or(name);
        check.find(&format!("fn {name}(")).unwrap_or(usize::MAX)
    };
    tests.sort_by_key(|(name, _)| place(name));
    let failure = |(test, text): (String, String)| Failure { test, verdict: of_section(&text) };
    tests.into_iter().map(failure).collect()
}

/// What one failing test printed.
fn of_section(text: &str) -> Verdict {
    let mut since_last_line = vec![];
    let mut found = None;
    for line in text.lines() {
        match Line::read(line) {
            None => since_last_line.push(line),
            Some(Line::Fails { kind, line }) => {
                found = Some((kind_of(kind), line));
                break;
            }
            // What came before it is about a check that passed; only what the file printed there is of interest.
            Some(Line::Passes { .. }) => {}
        }
    }
    let (kind, line) = found.unwrap_or((Kind::NotYet, None));
    let lines: Vec<&str> = since_last_line.into_iter().filter(|line| !is_noise(line)).collect();
    let (why, report) = sentence(&lines, line);
    Verdict { kind, why, report }
}

/// The verdict for the word after `kind=`.
fn kind_of(word: &str) -> Kind {
    match word {
        "exit" => Kind::EndsTheProcess,
        "endless" | "stalled" => Kind::RunsForever,
        "overflow" | "double-panic" | "panic-hook" | "memory" => Kind::Crashes,
        _ => Kind::NotYet,
    }
}

/// What each failing test printed, by its name.
fn sections(stdout: &str) -> Vec<(String, String)> {
    let mut tests: Vec<(String, String)> = vec![];
    let (mut failures, mut inside) = (false, false);
    for line in stdout.lines() {
        if line == "failures:" {
            // It comes twice: above what the tests printed, and above the list of their names.
            (failures, inside) = (true, false);
        } else if let Some(name) =
            line.strip_prefix("---- ").and_then(|rest| rest.strip_suffix(" stdout ----")).filter(|_| failures)
        {
            tests.push((name.to_string(), String::new()));
            inside = true;
        } else if let Some((_, text)) = tests.last_mut().filter(|_| inside) {
            let _ = writeln!(text, "{line}");
        }
    }
    tests
}

fn is_noise(line: &str) -> bool {
    let of_harness =
        line.strip_prefix("running ").is_some_and(|rest| rest.ends_with(" test") || rest.ends_with(" tests"));
    of_harness || line.starts_with("note: run with `RUST_BACKTRACE") || Line::read(line).is_some()
}

/// The sentence that a failure begins with, and what comes after it; what was printed before it comes last. A report
/// begins with the place of its check: `number` is the line, if the explorer told it.
fn sentence(lines: &[&str], number: Option<&str>) -> (String, String) {
    let message = |line: &str| without_place(line, number).map(str::to_string);
    let is_begin = |line: &&str| message(line).is_some() || panic_place(line).is_some();
    let begins = lines.iter().position(is_begin);
    let (printed, lines) = lines.split_at(begins.unwrap_or(0));
    let lines: Vec<&str> = lines.iter().copied().skip_while(|line| line.is_empty()).collect();
    let (first, rest) = lines.split_first().map_or(("", &[][..]), |(first, rest)| (*first, rest));
    let (why, mut report) = match (message(first), panic_place(first), rest.split_first()) {
        (None, Some(place), Some((message, rest))) => (
            (*message).to_string(),
            format!("    at {}\n{}", place.trim_end_matches(':'), rest.join("\n")).trim_end().to_string(),
        ),
        (Some(message), ..) => {
            // A report's first sentence may be broken at blanks; what is told besides is indented.
            let is_more = |line: &&str| !line.is_empty() && !line.starts_with(' ');
            let more = rest.iter().take_while(|line| is_more(line)).count();
            let why = [&[message.as_str()], &rest[..more]].concat().join(" ");
            (why, rest[more..].join("\n").trim_matches('\n').to_string())
        }
        (None, ..) => (first.to_string(), rest.join("\n").trim_matches('\n').to_string()),
    };
    let printed = printed.join("\n");
    if !printed.trim().is_empty() {
        let printed: Vec<&str> = printed.trim_matches('\n').lines().collect();
        let shown = &printed[..printed.len().min(TAIL)];
        let more = if shown.len() < printed.len() { "\n    …" } else { "" };
        let _ = write!(report, "\n\nPrinted before that:\n    {}{more}", shown.join("\n    "));
    }
    (why, report.trim_matches('\n').to_string())
}

/// The place in `thread 'main' panicked at src/lib.rs:5:9:`, which has the message in the next line.
fn panic_place(line: &str) -> Option<&str> {
    Some(line.strip_prefix("thread '")?.split_once(" panicked at ")?.1)
}

/// `no customer was paid`, for `tests/check.rs:34: no customer was paid` and the number 34, or without a number.
fn without_place<'a>(line: &'a str, number: Option<&str>) -> Option<&'a str> {
    let (file, rest) = line.split_once(".rs:")?;
    let (found, message) = rest.split_once(": ")?;
    let is_it = number.map_or_else(|| found.parse::<u32>().is_ok(), |number| found == number);
    (is_it && (number.is_some() || !file.contains(' '))).then_some(message)
}

/// Of a program that ended before its tests did.
fn ended(end: End, ran: &Ran) -> Verdict {
    let lines = || ran.stderr.lines();
    let fails = lines().find_map(|line| match Line::read(line) {
        Some(Line::Fails { kind, .. }) => Some(kind_of(kind)),
        _ => None,
    });
    // The explorer's own sentence.
    let said = lines().filter(|line| Line::read(line).is_none());
    let said = said.filter_map(|line| line.strip_prefix("interleave: ")).next();
    // Outside the explorer, it's std that says so, before it aborts, or Windows.
    let overflow =
        ran.stderr.contains("has overflowed its stack") || end == End::Code(0xC000_00FD_u32.cast_signed());
    // SIGSEGV, SIGBUS, and Windows' name for it.
    let faults = [End::Signal(11), End::Signal(10), End::Signal(7), End::Code(0xC000_0005_u32.cast_signed())];
    let (kind, why) = match (fails, said, end) {
        (Some(kind), Some(said), _) => (kind, said.to_string()),
        _ if overflow => {
            (Kind::Crashes, "a thread overflows its stack: is there a recursion that never ends?".to_string())
        }
        _ if faults.contains(&end) => {
            let why = "the process touched memory that isn't its own (a segmentation fault), which safe Rust can't do";
            (Kind::Crashes, why.to_string())
        }
        (.., End::Signal(6)) => (Kind::Crashes, "the process aborted (SIGABRT)".to_string()),
        (.., End::Signal(9)) => {
            (Kind::Crashes, "the process was killed (SIGKILL): was there enough memory?".to_string())
        }
        (.., End::Signal(other)) => (Kind::Crashes, format!("signal {other} ended the process")),
        (.., End::Code(code)) => {
            let why = format!("the process exited with code {code} before the check was done");
            (Kind::EndsTheProcess, why)
        }
        (.., End::OutOfTime) => (Kind::RunsForever, "the check was stopped".to_string()),
    };
    Verdict { kind, why, report: tail(ran) }
}

/// The last lines of the output, where there is no report.
fn tail(ran: &Ran) -> String {
    let lines: Vec<&str> = [&ran.stdout, &ran.stderr]
        .into_iter()
        .flat_map(|text| text.lines())
        .filter(|line| !is_noise(line))
        .collect();
    let text = lines[lines.len().saturating_sub(TAIL)..].join("\n");
    text.trim().to_string()
}

/// At most this many lines of the output are shown.
const TAIL: usize = 40;

#[cfg(test)]
mod tests {
    use super::{Kind, Verdict, failures};
    use crate::cargo::Diagnostic;
    use crate::process::{End, Ran};
    use std::time::Duration;

    fn ran(end: End, stdout: &str, stderr: &str) -> Ran {
        Ran { end, stdout: stdout.into(), stderr: stderr.into(), took: Duration::from_secs(20) }
    }

    fn kind(end: End, stdout: &str, stderr: &str) -> Kind {
        Verdict::of_run(&ran(end, stdout, stderr), "").kind
    }

    #[test]
    fn a_check_passes_only_if_it_says_so_of_at_least_one_test() {
        let ok = "running 2 tests\n\ntest result: ok. 2 passed; 0 failed; 0 ignored\n";
        assert_eq!(kind(End::Code(0), ok, ""), Kind::Solved);
        assert_eq!(kind(End::Code(0), &ok.replace("2 passed", "0 passed"), ""), Kind::NotChecked);
        assert_eq!(kind(End::Code(0), "running 2 tests\n", ""), Kind::EndsTheProcess);
        assert_eq!(kind(End::Code(7), ok, ""), Kind::EndsTheProcess);
        assert_eq!(kind(End::Signal(6), ok, ""), Kind::Crashes);
        assert_eq!(kind(End::OutOfTime, ok, ""), Kind::RunsForever);
    }

    const TWO_FAIL: &str = "\
running 3 tests
test a_reader_waits ... FAILED
test it_is_fast ... ok
test z_money_is_kept ... FAILED

successes:

---- it_is_fast stdout ----
interleave: verdict=passes complete=yes runs=2 test=it_is_fast line=2


successes:
    it_is_fast

failures:

---- a_reader_waits stdout ----

interleave: verdict=passes complete=yes runs=2 test=a_reader_waits line=7
tests/check.rs:7: this is no report

tests/check.rs:9: a reader was let in
    while a writer was in
the table of a
tests/check.rs:9: in the table

interleave: verdict=fails kind=exit test=a_reader_waits line=9 schedule=121

---- z_money_is_kept stdout ----

thread 'z_money_is_kept' (71) panicked at exercises/ex01/tests/check.rs:5:9:
money was lost
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace


failures:
    a_reader_waits
    z_money_is_kept

test result: FAILED. 1 passed; 2 failed; 0 ignored
";

    #[test]
    fn the_first_test_of_the_check_that_fails_gives_the_verdict() {
        let check = "fn z_money_is_kept() {}\nfn it_is_fast() {}\nfn a_reader_waits() {}\n";
        let ran = ran(End::Code(101), TWO_FAIL, "");
        let verdict = Verdict::of_run(&ran, check);
        assert_eq!((verdict.kind, &*verdict.why), (Kind::NotYet, "money was lost"));
        assert!(!verdict.report.contains("RUST_BACKTRACE"));
        let all = failures(&ran, check);
        assert_eq!(
            all.iter().map(|one| &*one.test).collect::<Vec<_>>(),
            ["z_money_is_kept", "a_reader_waits"]
        );
        assert_eq!(all[0].verdict, verdict);
        assert_eq!(Verdict::of_run(&ran, "").why, "a reader was let in");
    }

    #[test]
    fn the_line_for_programs_says_which_kind_and_where_the_report_begins() {
        let verdict = Verdict::of_run(&ran(End::Code(101), TWO_FAIL, ""), "");
        assert_eq!((verdict.kind, &*verdict.why), (Kind::EndsTheProcess, "a reader was let in"));
        let report = "    while a writer was in\nthe table of a\ntests/check.rs:9: in the table\n\n\
                      Printed before that:\n    tests/check.rs:7: this is no report";
        assert_eq!(verdict.report, report);
        for (word, kind) in [
            ("panic", Kind::NotYet),
            ("deadlock", Kind::NotYet),
            ("stuck", Kind::NotYet),
            ("unjoined", Kind::NotYet),
            ("misuse", Kind::NotYet),
            ("endless", Kind::RunsForever),
            ("one-day", Kind::NotYet),
        ] {
            let told = TWO_FAIL.replace("kind=exit", &format!("kind={word}"));
            assert_eq!(Verdict::of_run(&ran(End::Code(101), &told, ""), "").kind, kind, "{word}");
        }
    }

    #[test]
    fn a_check_without_the_explorer_names_its_place_too() {
        let told = "failures:\n\n---- t stdout ----\n\ntests/check.rs:532: a client heard nothing\n    twice\n\nfailures:\n    t\n\n\
                    test result: FAILED. 0 passed; 1 failed\n";
        let verdict = Verdict::of_run(&ran(End::Code(101), told, ""), "");
        assert_eq!((&*verdict.why, &*verdict.report), ("a client heard nothing", "    twice"));
    }

    #[test]
    fn what_a_sentence_says_is_not_the_verdict() {
        let told = TWO_FAIL
            .replace("kind=exit", "kind=panic")
            .replace("a reader was let in", "customer 1 never comes to an end and ends the whole process");
        assert_eq!(Verdict::of_run(&ran(End::Code(101), &told, ""), "").kind, Kind::NotYet);
    }

    #[test]
    fn what_was_printed_before_the_failure_comes_last() {
        let stdout = "failures:\n\n---- t stdout ----\nhi: there\n[src/lib.rs:3:5] a = 1\n\ntests/check.rs:9: nobody was let in\n\nthe table\n\n\
                      interleave: verdict=fails kind=panic line=9\n\ntest result: FAILED. 0 passed; 1 failed\n";
        let verdict = Verdict::of_run(&ran(End::Code(101), stdout, ""), "");
        assert_eq!(verdict.why, "nobody was let in");
        let printed = "Printed before that:\n    hi: there\n    [src/lib.rs:3:5] a = 1";
        assert!(
            verdict.report.starts_with("the table") && verdict.report.contains(printed),
            "{}",
            verdict.report
        );
    }

    #[test]
    fn a_check_that_has_failed_already_does_not_run_forever() {
        let stdout = "running 2 tests\ntest it_ends ... FAILED\n";
        let verdict = Verdict::of_run(&ran(End::OutOfTime, stdout, ""), "");
        assert_eq!(verdict.kind, Kind::NotYet);
        assert_eq!(verdict.why, "1 test failed, then the check was stopped after 20 seconds");
    }

    #[test]
    fn a_file_that_steps_out_of_the_check_is_refused_with_a_sentence() {
        let error = |code: &str, message: &str| Diagnostic {
            code: code.into(),
            message: message.into(),
            rendered: String::new(),
            place: Some(("src/lib.rs".into(), 3)),
        };
        for (code, message) in [
            ("E0080", "evaluation panicked: src/lib.rs, line 3: `extern` is not allowed"),
            ("unsafe_code", "usage of an `unsafe` block"),
            ("E0453", "allow(unsafe_code) incompatible with previous forbid"),
        ] {
            let verdict =
                Verdict::of_errors(&[error("E0425", "cannot find x"), error(code, message)], "check.rs");
            assert_eq!(verdict.kind, Kind::NotYet, "{message}");
            assert!(verdict.why.starts_with("src/lib.rs, line 3: `"), "{}", verdict.why);
        }
        let own = Verdict::of_errors(&[error("E0080", "evaluation panicked: at load")], "check.rs");
        assert_eq!(own.kind, Kind::DoesNotCompile);
    }

    #[test]
    fn what_ends_the_program_is_told_apart() {
        let of = |end, stderr: &str| Verdict::of_run(&ran(end, "running 1 test\n", stderr), "");
        for (word, expected) in [
            ("stalled", Kind::RunsForever),
            ("overflow", Kind::Crashes),
            ("memory", Kind::Crashes),
            ("exit", Kind::EndsTheProcess),
        ] {
            let said =
                format!("\ninterleave: in a sentence\nmore\n\ninterleave: verdict=fails kind={word}\n");
            let verdict = of(End::Code(101), &said);
            assert_eq!((verdict.kind, &*verdict.why), (expected, "in a sentence"), "{word}");
        }
        let overflow = "\nthread 'main' has overflowed its stack\nfatal runtime error: stack overflow";
        assert!(of(End::Signal(6), overflow).why.starts_with("a thread overflows its stack"));
        assert!(of(End::Signal(11), "").why.contains("segmentation fault"));
        assert_eq!(of(End::Signal(6), "").why, "the process aborted (SIGABRT)");
    }

    #[test]
    fn errors_that_are_not_shown_are_counted() {
        let error = |rendered: String| Diagnostic {
            code: String::new(),
            message: "wrong".into(),
            rendered,
            place: Some(("src/lib.rs".into(), 3)),
        };
        let errors = [error("a\n".repeat(20)), error("b\n".repeat(50)), error("c".into())];
        let end = |errors: &[Diagnostic]| {
            Verdict::of_errors(errors, "check.rs").report.lines().last().unwrap_or_default().to_string()
        };
        assert_eq!(end(&errors), "… and 2 more errors");
        assert_eq!(end(&errors[..2]), "… and 1 more error");
        assert_eq!(end(&errors[..1]), "a");
    }
}
