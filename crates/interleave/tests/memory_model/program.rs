//! Straight-line programs over a few atomics, and how the explorer runs them.

use interleave::{__outcomes, Ending};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering, Ordering::*, fence};
use std::thread;

/// What is read, thread by thread, and then what is left in each atomic.
pub type Outcome = Vec<i64>;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Op {
    Load(usize, Ordering),
    Store(usize, i64, Ordering),
    Add(usize, i64, Ordering),
    /// Expected, new, and the orderings of success and failure.
    Exchange(usize, i64, i64, Ordering, Ordering),
    Fence(Ordering),
}

use Op::*;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Program(pub Vec<Vec<Op>>);

impl Program {
    /// Reads the notation of the tables: threads are separated by `|`. `Wx1.rel` stores 1 in x, `Ry.acq` loads y, `Ax2.ar` adds 2,
    /// `Cx0-5.acq-rlx` exchanges 0 for 5, `F.sc` is a fence. Without an ordering it is relaxed; `a` and `b` stand for two orderings.
    pub fn parse(text: &str, a: &str, b: &str) -> Self {
        let ordering = |name: &str| match if name == "a" {
            a
        } else if name == "b" {
            b
        } else {
            name
        } {
            "rlx" => Relaxed,
            "acq" => Acquire,
            "rel" => Release,
            "ar" => AcqRel,
            "sc" => SeqCst,
            other => panic!("{other} is not an ordering"),
        };
        let op = |text: &str| {
            let (what, orderings) = text.split_once('.').unwrap_or((text, "rlx"));
            let atomic = || (what.as_bytes()[1] - b'x') as usize;
            let number = |text: &str| text.parse::<i64>().unwrap();
            match what.as_bytes()[0] {
                b'R' => Load(atomic(), ordering(orderings)),
                b'W' => Store(atomic(), number(&what[2..]), ordering(orderings)),
                b'A' => Add(atomic(), number(&what[2..]), ordering(orderings)),
                b'C' => {
                    let (old, new) = what[2..].split_once('-').unwrap();
                    let (success, failure) = orderings.split_once('-').unwrap_or(("rlx", "rlx"));
                    Exchange(atomic(), number(old), number(new), ordering(success), ordering(failure))
                }
                b'F' => Fence(ordering(orderings)),
                _ => panic!("{text} is not an operation"),
            }
        };
        Program(text.split('|').map(|thread| thread.split_whitespace().map(op).collect()).collect())
    }

    pub fn atomics(&self) -> usize {
        let atomic = |op: &Op| match *op {
            Load(x, _) | Store(x, ..) | Add(x, ..) | Exchange(x, ..) => x + 1,
            Fence(_) => 0,
        };
        self.0.iter().flatten().map(atomic).max().unwrap_or(0)
    }

    /// Every outcome that the explorer finds.
    pub fn explored(&self, reduce: bool) -> BTreeSet<Outcome> {
        let program = self.clone();
        let outcomes = __outcomes(move || program.run(), reduce, 0);
        assert!(outcomes.is_complete(), "too large: {self}");
        let outcome = |row: &interleave::Outcome<Outcome>| match &row.ending {
            Ending::Returned(outcome) => outcome.clone(),
            Ending::Failed(how) => panic!("{how} in {self}"),
        };
        outcomes.rows().iter().map(outcome).collect()
    }

    fn run(&self) -> Outcome {
        let atomics: Arc<Vec<AtomicI64>> = Arc::new((0..self.atomics()).map(|_| AtomicI64::new(0)).collect());
        let spawn = |ops: &Vec<Op>| {
            let (ops, atomics) = (ops.clone(), atomics.clone());
            thread::spawn(move || {
                ops.iter().enumerate().filter_map(|(at, op)| op.run(at, &atomics)).collect::<Vec<i64>>()
            })
        };
        let threads: Vec<_> = self.0.iter().map(spawn).collect();
        let mut outcome: Outcome = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        outcome.extend(atomics.iter().map(|atomic| atomic.load(SeqCst)));
        outcome
    }
}

impl Op {
    /// Each load of a thread has a place of its own in the source: one that comes to the same place again may be taken for a loop
    /// that waits.
    fn run(self, at: usize, atomics: &[AtomicI64]) -> Option<i64> {
        match self {
            Load(x, order) => Some(match at {
                0 => atomics[x].load(order),
                1 => atomics[x].load(order),
                2 => atomics[x].load(order),
                3 => atomics[x].load(order),
                _ => panic!("a thread of more than four operations"),
            }),
            Store(x, value, order) => {
                atomics[x].store(value, order);
                None
            }
            Add(x, value, order) => Some(atomics[x].fetch_add(value, order)),
            Exchange(x, old, new, success, failure) => {
                let exchanged = match at {
                    0 => atomics[x].compare_exchange(old, new, success, failure),
                    1 => atomics[x].compare_exchange(old, new, success, failure),
                    2 => atomics[x].compare_exchange(old, new, success, failure),
                    3 => atomics[x].compare_exchange(old, new, success, failure),
                    _ => panic!("a thread of more than four operations"),
                };
                Some(exchanged.unwrap_or_else(|found| found))
            }
            Fence(order) => {
                fence(order);
                None
            }
        }
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let threads: Vec<String> = self.0.iter().map(|ops| format!("{ops:?}")).collect();
        f.write_str(&threads.join(" | "))
    }
}
