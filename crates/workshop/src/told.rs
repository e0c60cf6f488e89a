//! What a learner reads of a file that isn't solved.

use crate::verdict::{Failure, Verdict};
use crate::{count, filled};

/// How an exercise's verdict is told: first the verdict, then the report, and at the end the verdict again,
/// with what to do next, because a report can be longer than the terminal.
pub struct Told<'a> {
    /// The exercise's name.
    pub name: &'a str,
    /// What it's called in a command.
    pub short: &'a str,
    /// Whether the failing run can be stepped through in a browser.
    pub has_page: bool,
    /// How wide prose may be.
    pub width: usize,
    /// What makes a text bold.
    pub bold: &'a dyn Fn(&str) -> String,
}

impl Told<'_> {
    /// The verdict, of which this many other tests that fail have no part.
    pub fn first(&self, verdict: &Verdict, others: usize) -> String {
        let mut parts = self.begin(verdict);
        let mut last = self.play().into_iter().collect::<Vec<_>>();
        if others > 0 {
            let fail = if others == 1 { "fails" } else { "fail" };
            let others = count(others, "other test");
            let all =
                format!("{others} {fail} for now: `cargo workshop check {} --all` shows all.", self.short);
            last.push(filled(&all, self.width));
        }
        parts.extend((!last.is_empty()).then(|| last.join("\n")));
        self.ended(parts, verdict)
    }

    /// The verdicts of all the tests that fail.
    pub fn all(&self, verdict: &Verdict, others: &[Failure]) -> String {
        let mut parts = self.begin(verdict);
        parts.extend(self.play());
        for other in others {
            let headline = format!("Test {}: {}", other.test, other.verdict.line());
            parts.push((self.bold)(&filled(&headline, self.width)));
            parts.extend(self.report(&other.verdict));
        }
        self.ended(parts, verdict)
    }

    fn begin(&self, verdict: &Verdict) -> Vec<String> {
        [self.headline(verdict)].into_iter().chain(self.report(verdict)).collect()
    }

    fn ended(&self, mut parts: Vec<String>, verdict: &Verdict) -> String {
        let again = if parts.len() > 1 { self.headline(verdict) + "\n" } else { String::new() };
        let next =
            format!("Edit exercises/{}/src/lib.rs. Stuck? `cargo workshop hint {}`", self.name, self.short);
        parts.push(again + &filled(&next, self.width));
        parts.join("\n\n") + "\n"
    }

    fn headline(&self, verdict: &Verdict) -> String {
        (self.bold)(&filled(&format!("{}: {}", self.name, verdict.line()), self.width))
    }

    fn report(&self, verdict: &Verdict) -> Option<String> {
        (!verdict.report.is_empty()).then(|| folded(&verdict.report, self.name))
    }

    fn play(&self) -> Option<String> {
        let play = format!("To step through this run in a browser: `cargo workshop play {}`", self.short);
        self.has_page.then(|| filled(&play, self.width))
    }
}

/// Both ends of a report; one of hundreds of lines says no more than they do.
fn folded(report: &str, name: &str) -> String {
    const ENDS: usize = 50;
    let lines: Vec<&str> = report.lines().collect();
    if lines.len() <= 3 * ENDS {
        return report.to_string();
    }
    let (head, tail) = (lines[..ENDS].join("\n"), lines[lines.len() - ENDS..].join("\n"));
    let left_out = count(lines.len() - 2 * ENDS, "line");
    format!("{head}\n… {left_out} left out; to see them, run `cargo test -p {name}` …\n{tail}")
}
