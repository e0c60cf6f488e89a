//! Bugs that public projects had and fixed, each as a small program of our own.
//!
//! Each file holds one bug: the program around it, a module `wrong`, a module `right`, and a
//! scenario that both are put through. The two modules differ in a line or two, as most of the
//! real fixes did. None of these programs copies a project's code. Each keeps the steps that
//! went wrong and leaves out the rest.
//!
//! All of them compile without `unsafe`. Where the real bug corrupted memory, the program here
//! counts instead, for example how often a block is freed. Rust stops the corruption in safe
//! code. It doesn't stop a wrong order of steps.

mod bb8_122;
mod cpython_121368;
mod cpython_75964;
mod crossbeam_1187;
mod fern_19;
mod rayon_201;
mod rust_54174;
mod spin_148;
mod threadpool_89;
mod tokio_3660;

/// A bug that a public project had, and a small program that has it too.
#[derive(Clone, Copy, Debug)]
pub struct Bug {
    /// The project and the number of its issue, such as `tokio-3660`.
    pub id: &'static str,
    /// What went wrong, in a few words.
    pub title: &'static str,
    /// The year of the fix.
    pub year: u32,
    /// Where the project discussed the bug.
    pub link: &'static str,
    /// What the bug was in that project, and what it cost.
    pub was: &'static str,
    /// What to guess before the answer is shown.
    pub question: &'static str,
    /// The answer.
    pub answer: &'static str,
    /// What to remember for other programs.
    pub lesson: &'static str,
    /// The text of the file that holds the program.
    pub source: &'static str,
    /// The scenario with the bug.
    pub wrong: fn(),
    /// The scenario with the fix.
    pub right: fn(),
}

/// Every bug, from the simplest to the one that needs memory orderings.
pub const BUGS: [Bug; 10] = [
    fern_19::BUG,
    rayon_201::BUG,
    bb8_122::BUG,
    cpython_75964::BUG,
    threadpool_89::BUG,
    tokio_3660::BUG,
    spin_148::BUG,
    crossbeam_1187::BUG,
    rust_54174::BUG,
    cpython_121368::BUG,
];

const RIGHT: &str = "mod right {\n";
const END: &str = "\n}\n";

impl Bug {
    /// Returns the program with the bug: all of the file but its `right`, its documentation, and
    /// the story.
    pub fn wrong_program(&self) -> String {
        let (before, fix, after) = self.parts();
        let (_, before) = before.split_once("\n\n").expect("a file begins with its documentation");
        let before = before.strip_prefix("use super::Bug;\n").unwrap_or(before);
        debug_assert!(!fix.is_empty());
        format!("{}\n\n{}\n", before.trim_end(), after.trim())
    }

    /// Returns the fix: the module `right`.
    pub fn fix(&self) -> &'static str {
        self.parts().1
    }

    /// Returns the number of lines of [`Bug::wrong_program`], without the empty ones.
    pub fn lines(&self) -> usize {
        self.wrong_program().lines().filter(|line| !line.is_empty()).count()
    }

    /// What stands before `right`, `right` itself, and what follows up to the story.
    fn parts(&self) -> (&'static str, &'static str, &'static str) {
        let (program, _) = self.source.split_once("\npub const BUG").expect("a file ends with its story");
        let start = program.find(RIGHT).expect("a file has a module `right`");
        let length = program[start..].find(END).expect("a module ends") + END.len();
        let (fix, after) = program[start..].split_at(length);
        (&program[..start], fix, after)
    }
}
