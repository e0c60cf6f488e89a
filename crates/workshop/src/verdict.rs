//! What a run of a check says about the file that it checked.

use crate::cargo::Diagnostic;
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
    /// It was ended, or it is shown that it never comes to an end.
    RunsForEver,
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
            Kind::RunsForEver => "runs for ever",
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
                format!("the check uses something that src/lib.rs no longer has as it was: {message}")
            }
            Some(error) if error.is_in(check) => {
                format!("tests/check.rs has been changed: restore it (git checkout does): {}", error.message)
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
            None => "the compiler does not say why".to_string(),
        };
        let mut report = String::new();
        let mut shown = 0;
        for error in errors {
            if shown > 0 && report.lines().count() + error.rendered.lines().count() > ERROR_LINES {
                break;
            }
            shown += 1;
            let _ = writeln!(report, "{}\n", first_lines(error.rendered.trim_end()));
        }
        if shown < errors.len() {
            let _ = writeln!(
                report,
                "… and {}",
                crate::count(errors.len() - shown, "error more").replace("mores", "more")
            );
        }
        Verdict { kind: Kind::DoesNotCompile, why, report: report.trim_end().to_string() }
    }

    /// Of a run of the check's program. `check` is the text of the check: its tests are told in the order in which
    /// they stand there, since the first one is the one to begin with.
    pub fn of_run(ran: &Ran, check: &str) -> Self {
        let result = ran.stdout.lines().rfind(|line| line.starts_with("test result: "));
        match (ran.end, result) {
            (End::Code(0), Some(result)) if result.starts_with("test result: ok. ") => match passed(result) {
                0 => Verdict::new(Kind::NotChecked, "the check ran no test: is tests/check.rs as it was?"),
                _ => Verdict::new(Kind::Solved, ""),
            },
            (End::Code(_), Some(result)) if result.starts_with("test result: FAILED") => {
                failed(&ran.stdout, check)
            }
            (End::OutOfTime, _) => {
                let limit = ran.took.as_secs();
                let ended = format!("the check did not come to an end and was ended after {limit} seconds");
                let failed = ran
                    .stdout
                    .lines()
                    .filter(|line| line.starts_with("test ") && line.ends_with(" ... FAILED"));
                let (kind, why) = match failed.count() {
                    0 => (Kind::RunsForEver, ended),
                    n => (Kind::NotYet, format!("{} failed, then {ended}", crate::count(n, "test"))),
                };
                let report =
                    format!("{}\n\nIf this machine is very busy, `--limit 120` waits longer.", tail(ran));
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

/// So many lines of the compiler's errors are shown.
const ERROR_LINES: usize = 60;

fn first_lines(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().take(ERROR_LINES).collect();
    if text.lines().count() > ERROR_LINES {
        lines.push("…");
    }
    lines.join("\n")
}

/// The 3 of «test result: ok. 3 passed; 0 failed».
fn passed(result: &str) -> usize {
    let before = result.split(" passed;").next().unwrap_or_default();
    before.rsplit(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0)
}

/// The tests that fail, the one first that stands first in the check.
fn failed(stdout: &str, check: &str) -> Verdict {
    let mut tests = sections(stdout);
    let place = |name: &str| {
        let name = name.rsplit("::").next().unwrap_or(name);
        check.find(&format!("fn {name}(")).unwrap_or(usize::MAX)
    };
    tests.sort_by_key(|(name, _)| place(name));
    let Some((_, text)) = tests.first() else {
        return Verdict::new(Kind::NotYet, "a test fails without a word");
    };
    let (why, rest) = sentence(text);
    let kind = if why.contains(" ends the whole process") {
        Kind::EndsTheProcess
    } else if why.contains(" never come") && why.contains(" to an end") {
        Kind::RunsForEver
    } else {
        Kind::NotYet
    };
    let mut report = rest;
    if tests.len() > 1 {
        let words = |name: &str| name.replace("::", ": ").replace('_', " ");
        let mut others: Vec<String> = tests[1..].iter().take(OTHERS).map(|(name, _)| words(name)).collect();
        if let Some(more) = tests.len().checked_sub(OTHERS + 1).filter(|more| *more > 0) {
            others.push(format!("and {more} more"));
        }
        let _ = write!(report, "\n\nNot yet either: {}.", others.join("; "));
    }
    Verdict { kind, why, report: report.trim_start_matches('\n').to_string() }
}

/// This many of the tests that fail as well are named.
const OTHERS: usize = 8;

/// What each failing test printed, by its name.
fn sections(stdout: &str) -> Vec<(String, String)> {
    let mut tests: Vec<(String, String)> = vec![];
    let mut inside = false;
    for line in stdout.lines() {
        if let Some(name) = line.strip_prefix("---- ").and_then(|rest| rest.strip_suffix(" stdout ----")) {
            tests.push((name.to_string(), String::new()));
            inside = true;
        } else if line == "failures:" {
            inside = false;
        } else if let Some((_, text)) = tests.last_mut().filter(|_| inside && !is_noise(line)) {
            let _ = writeln!(text, "{line}");
        }
    }
    tests
}

fn is_noise(line: &str) -> bool {
    let of_harness =
        line.strip_prefix("running ").is_some_and(|rest| rest.ends_with(" test") || rest.ends_with(" tests"));
    of_harness || line.starts_with("note: run with `RUST_BACKTRACE") || line.starts_with("interleave: ")
}

/// The sentence that a failure begins with, and what comes after it. What was printed before it stands at the end.
fn sentence(text: &str) -> (String, String) {
    let text = text.trim();
    let lines: Vec<&str> = text.lines().collect();
    let begins = lines.iter().position(|line| panic_place(line).is_some() || without_place(line).is_some());
    let (printed, lines) = lines.split_at(begins.unwrap_or(0));
    let (first, rest) = lines.split_first().map_or(("", &[][..]), |(first, rest)| (*first, rest));
    let (why, mut report) = match (panic_place(first), rest.split_first()) {
        (Some(place), Some((message, rest))) => (
            *message,
            format!("    at {}\n{}", place.trim_end_matches(':'), rest.join("\n")).trim_end().to_string(),
        ),
        _ => (without_place(first).unwrap_or(first), rest.join("\n").trim_matches('\n').to_string()),
    };
    if !printed.is_empty() {
        let shown = &printed[..printed.len().min(TAIL)];
        let more = if shown.len() < printed.len() { "\n    …" } else { "" };
        let _ = write!(report, "\n\nBefore that it printed:\n    {}{more}", shown.join("\n    "));
    }
    (why.to_string(), report.trim_matches('\n').to_string())
}

/// The place in `thread 'main' panicked at src/lib.rs:5:9:`, behind which the message stands in a line of its own.
fn panic_place(line: &str) -> Option<&str> {
    Some(line.strip_prefix("thread '")?.split_once(" panicked at ")?.1)
}

/// `tests/check.rs:34: nobody was paid` says `nobody was paid`.
fn without_place(line: &str) -> Option<&str> {
    let (place, rest) = line.split_once(": ")?;
    let (_, number) = place.rsplit_once(".rs:")?;
    (!place.contains(' ') && number.parse::<u32>().is_ok()).then_some(rest)
}

/// Of a program that ended before its tests did.
fn ended(end: End, ran: &Ran) -> Verdict {
    let said = ran.stderr.lines().find_map(|line| line.strip_prefix("interleave: "));
    let told = ran.stderr.contains("overflowed its stack") || ran.stderr.contains("overflows its stack");
    let told = told || end == End::Code(0xC000_00FD_u32.cast_signed());
    // SIGSEGV, SIGBUS, and what Windows calls it.
    let fault = [End::Signal(11), End::Signal(10), End::Signal(7), End::Code(0xC000_0005_u32.cast_signed())];
    let (kind, why) = if told {
        let last = ran.stderr.lines().find_map(|line| line.strip_prefix("Its last step was "));
        let near = last.map(|place| format!(" near {place}")).unwrap_or_default();
        (Kind::Crashes, format!("a thread overflows its stack{near}: is there a recursion that never ends?"))
    } else if fault.contains(&end) {
        let why =
            "the process touched memory that isn't its own (a segmentation fault), which safe Rust can't do";
        (Kind::Crashes, why.to_string())
    } else if let Some(said) = said {
        let kind = if said.contains("has run for") {
            Kind::RunsForEver
        } else if said.contains("ends the whole process") {
            Kind::EndsTheProcess
        } else {
            Kind::Crashes
        };
        (kind, said.to_string())
    } else {
        match end {
            End::Signal(signal) => {
                let name = match signal {
                    6 => "the process aborts (SIGABRT)".to_string(),
                    9 => "the process was killed (SIGKILL): was the memory full?".to_string(),
                    other => format!("the process is ended by signal {other}"),
                };
                (Kind::Crashes, name)
            }
            End::Code(code) => {
                let why = format!("the process was over, with exit code {code}, before the check was");
                (Kind::EndsTheProcess, why)
            }
            End::OutOfTime => (Kind::RunsForEver, "it was ended".to_string()),
        }
    };
    Verdict { kind, why, report: tail(ran) }
}

/// The last that the program said, where there is no report.
fn tail(ran: &Ran) -> String {
    let lines: Vec<&str> = [&ran.stdout, &ran.stderr]
        .into_iter()
        .flat_map(|text| text.lines())
        .filter(|line| !is_noise(line))
        .collect();
    let text = lines[lines.len().saturating_sub(TAIL)..].join("\n");
    text.trim().to_string()
}

/// So many lines of it.
const TAIL: usize = 40;

#[cfg(test)]
mod tests {
    use super::{Kind, Verdict};
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
        assert_eq!(kind(End::OutOfTime, ok, ""), Kind::RunsForEver);
    }

    #[test]
    fn the_test_that_stands_first_in_the_check_is_told_first() {
        let stdout = "\
running 2 tests
test a_reader_waits ... FAILED
test z_money_is_kept ... FAILED

failures:

---- a_reader_waits stdout ----

tests/check.rs:9: a reader was let in
the table of a

---- z_money_is_kept stdout ----

thread 'z_money_is_kept' (71) panicked at exercises/ex01/tests/check.rs:5:9:
money was lost
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace


failures:
    a_reader_waits
    z_money_is_kept

test result: FAILED. 0 passed; 2 failed; 0 ignored
";
        let check = "fn z_money_is_kept() {}\nfn a_reader_waits() {}\n";
        let verdict = Verdict::of_run(&ran(End::Code(101), stdout, ""), check);
        assert_eq!((verdict.kind, &*verdict.why), (Kind::NotYet, "money was lost"));
        assert!(verdict.report.ends_with("Not yet either: a reader waits."), "{}", verdict.report);
        assert!(!verdict.report.contains("RUST_BACKTRACE"));

        let verdict = Verdict::of_run(&ran(End::Code(101), stdout, ""), "");
        assert_eq!(verdict.why, "a reader was let in");

        let many: String =
            (10..30).map(|n| format!("---- stage_1::t_{n} stdout ----\nx.rs:1: no\n")).collect();
        let stdout = format!("failures:\n\n{many}\nfailures:\n\ntest result: FAILED. 0 passed; 20 failed\n");
        let verdict = Verdict::of_run(&ran(End::Code(101), &stdout, ""), "");
        assert!(verdict.report.contains("Not yet either: stage 1: t 11; "), "{}", verdict.report);
        assert!(verdict.report.ends_with("stage 1: t 18; and 11 more."), "{}", verdict.report);
    }

    #[test]
    fn what_was_printed_before_the_failure_stands_behind_it() {
        let stdout = "failures:\n\n---- t stdout ----\nhi: there\n[src/lib.rs:3:5] a = 1\n\ntests/check.rs:9: nobody was let in\n\nthe table\n\n\
                      test result: FAILED. 0 passed; 1 failed\n";
        let verdict = Verdict::of_run(&ran(End::Code(101), stdout, ""), "");
        assert_eq!(verdict.why, "nobody was let in");
        let printed = "Before that it printed:\n    hi: there\n    [src/lib.rs:3:5] a = 1";
        assert!(
            verdict.report.starts_with("the table") && verdict.report.contains(printed),
            "{}",
            verdict.report
        );
    }

    #[test]
    fn a_check_that_has_failed_already_does_not_run_for_ever() {
        let stdout = "running 2 tests\ntest it_ends ... FAILED\n";
        let verdict = Verdict::of_run(&ran(End::OutOfTime, stdout, ""), "");
        assert_eq!(verdict.kind, Kind::NotYet);
        assert!(
            verdict.why.starts_with("1 test failed, then the check did not come to an end"),
            "{}",
            verdict.why
        );
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
        let watchdog = "\ninterleave: a thread has run for 10 seconds without a step\n";
        assert_eq!(kind(End::Code(101), "running 1 test\n", watchdog), Kind::RunsForEver);
        let overflow = "\nthread 'main' has overflowed its stack\nfatal runtime error: stack overflow";
        assert_eq!(kind(End::Signal(6), "running 1 test\n", overflow), Kind::Crashes);
        let why = |end, stderr: &str| Verdict::of_run(&ran(end, "running 1 test\n", stderr), "").why;
        assert!(why(End::Signal(6), overflow).contains("overflows its stack"));
        assert!(why(End::Signal(11), "").contains("segmentation fault"));
        let memory = "\ninterleave: the program takes more than 1 GiB of memory, and was ended.\nDoes";
        assert!(why(End::Code(101), memory).contains("1 GiB"));
        let explored = "\ninterleave: a thread overflows its stack (1 MiB)\nIts last step was src/lib.rs:7\nThe test is t.\n";
        let verdict = Verdict::of_run(&ran(End::Code(101), "running 1 test\n", explored), "");
        assert_eq!(
            verdict.why,
            "a thread overflows its stack near src/lib.rs:7: is there a recursion that never ends?"
        );
        let exit = "failures:\n\n---- t stdout ----\n\nc.rs:3: main ends the whole process: std::process::exit(0) at l.rs:1\n\n\
                    test result: FAILED. 0 passed; 1 failed\n";
        assert_eq!(kind(End::Code(101), exit, ""), Kind::EndsTheProcess);
        let endless = exit.replace("main ends the whole process", "main never comes to an end");
        assert_eq!(kind(End::Code(101), &endless, ""), Kind::RunsForEver);
    }
}
