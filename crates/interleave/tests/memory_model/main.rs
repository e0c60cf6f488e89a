//! The atomics against C++20: a table of litmus tests, each in several mixes of orderings, and random programs.
//!
//! For each program the explorer must find exactly the outcomes that the standard allows in an order of execution (see the docs of
//! [`interleave::sync::atomic`]): nothing may be added to the standard's, and only what no such order explains may be missing.
//!
//! `INTERLEAVE_PROGRAMS=1000 cargo test -p interleave --test memory_model` tries more random programs; `INTERLEAVE_SEED=7` tries
//! others.

#![allow(missing_docs)]

#[macro_use]
extern crate interleave as std; // in this test, std's threads are explored

mod model;
mod program;

use program::{Op, Program};
use std::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed, Release, SeqCst};

/// The orderings of stores and of loads that stand for `a` and `b`.
const MIXES: [(&str, &str); 7] = [
    ("rlx", "rlx"),
    ("rel", "acq"),
    ("sc", "sc"),
    ("rlx", "sc"),
    ("sc", "rlx"),
    ("sc", "acq"),
    ("rel", "sc"),
];

/// In every mix. The names are those of the literature ("A Tutorial Introduction to the ARM and POWER Relaxed Memory Models",
/// Maranget et al. 2012).
const MIXED: [(&str, &str); 18] = [
    ("SB", "Wx1.a Ry.b | Wy1.a Rx.b"),
    ("MP", "Wx1 Wy1.a | Ry.b Rx"),
    ("LB", "Rx.b Wy1.a | Ry.b Wx1.a"),
    ("2+2W", "Wx1.a Wy2.a | Wy1.a Wx2.a"),
    ("IRIW", "Wx1.a | Wy1.a | Rx.b Ry.b | Ry.b Rx.b"),
    ("WRC", "Wx1.a | Rx.b Wy1.a | Ry.b Rx"),
    ("RWC", "Wx1.a | Rx.b Ry.b | Wy1.a Rx.b"),
    ("W+RWC", "Wx1.a Wz1.a | Rz.b Ry.b | Wy1.a Rx.b"),
    ("ISA2", "Wx1 Wy1.a | Ry.b Wz1.a | Rz.b Rx"),
    ("R", "Wx1.a Wy1.a | Wy2.a Rx.b"),
    ("S", "Wx2.a Wy1.a | Ry.b Wx1.a"),
    ("WWC", "Wx2.a | Rx.b Wy1.a | Ry.b Wx1.a"),
    ("3.SB", "Wx1.a Ry.b | Wy1.a Rz.b | Wz1.a Rx.b"),
    ("CoRR", "Wx1.a Wx2.a | Rx.b Rx.b"),
    ("CoRR twice", "Wx1.a | Wx2.a | Rx.b Rx.b | Rx.b Rx.b"),
    ("CoWR", "Wx1.a Rx.b | Wx2.a"),
    ("CoRW", "Rx.b Wx1.a | Wx2.a"),
    ("CoWW", "Wx1.a Wx2.a | Rx Rx"),
];

/// As they stand.
const SINGLE: [(&str, &str); 65] = [
    ("SB, fences", "Wx1 F.sc Ry | Wy1 F.sc Rx"),
    ("SB, one fence", "Wx1 F.sc Ry | Wy1 Rx"),
    ("SB, a fence and accesses", "Wx1 F.sc Ry | Wy1.sc Rx.sc"),
    ("SB, a fence and acquire-release accesses", "Wx1 F.sc Ry | Wy1.rel Rx.acq"),
    ("SB, a fence and a read-modify-write", "Wx1 F.sc Ry | Ay1.sc Rx.sc"),
    ("SB, a fence and a fence behind an acquire", "Wx1.sc Ry.sc | Wy1 Wz1.rel | Rz.acq F.sc Rx"),
    ("SB, a store and a fence", "Wx1.sc F.sc Ry | Wy1.sc Rx.sc"),
    ("SB, acquire-release fences", "Wx1 F.ar Ry | Wy1 F.ar Rx"),
    ("SB, read-modify-writes acquire and release", "Ax1.ar Ry.acq | Ay1.ar Rx.acq"),
    ("SB, read-modify-writes", "Ax1.sc Ry.sc | Ay1.sc Rx.sc"),
    ("SB, read-modify-writes as loads", "Wx1 Ay0.ar | Wy1 Ax0.ar"),
    ("SB, exchanges that fail", "Wx1.sc Cy7-8.sc-sc | Wy1.sc Cx7-8.sc-sc"),
    ("SB, exchanges that fail relaxed", "Wx1.sc Cy7-8.sc-rlx | Wy1.sc Cx7-8.sc-rlx"),
    ("SB, release stores and SeqCst loads", "Wx1.rel Ry.sc | Wy1.rel Rx.sc"),
    ("SB, SeqCst stores and acquire loads", "Wx1.sc Ry.acq | Wy1.sc Rx.acq"),
    ("3.SB, fences", "Wx1 F.sc Ry | Wy1 F.sc Rz | Wz1 F.sc Rx"),
    ("IRIW, fences", "Wx1 | Wy1 | Rx F.sc Ry | Ry F.sc Rx"),
    ("IRIW, acquire fences", "Wx1 | Wy1 | Rx F.acq Ry | Ry F.acq Rx"),
    ("IRIW, SeqCst stores and fences", "Wx1.sc | Wy1.sc | Rx.acq F.sc Ry | Ry.acq F.sc Rx"),
    ("IRIW, loads and one fence", "Wx1 | Wy1 | Rx.sc Ry.sc | Ry F.sc Rx"),
    ("IRIW, SeqCst stores and acquire loads", "Wx1.sc | Wy1.sc | Rx.acq Ry.sc | Ry.acq Rx.sc"),
    ("RWC, fences", "Wx1 | Rx F.sc Ry | Wy1 F.sc Rx"),
    ("RWC, acquire and a fence", "Wx1.rel | Rx.acq Ry | Wy1 F.sc Rx"),
    ("RWC, a load and a fence", "Wx1 | Rx.sc Ry.sc | Wy1 F.sc Rx"),
    ("W+RWC, release, acquire and a fence", "Wx1 Wz1.rel | Rz.acq Ry | Wy1 F.sc Rx"),
    ("W+RWC, release and fences", "Wx1 Wz1.rel | Rz.acq F.sc Ry | Wy1 F.sc Rx"),
    ("W+RWC, SeqCst and release", "Wx1.sc Wz1.rel | Rz.acq Ry.sc | Wy1.sc Rx.sc"),
    ("W+RWC, fences in all three", "Wx1 F.sc Wz1 | Rz F.sc Ry | Wy1 F.sc Rx"),
    ("Z6.U", "Wx1.sc Wy1.rel | Ay1.sc Ry | Wy3.sc Rx.sc"),
    ("Z6", "Wx1 Wy1.rel | Wy2.sc Wz1.sc | Rz.sc F.sc Rx"),
    ("R, fences", "Wx1 F.sc Wy1 | Wy2 F.sc Rx"),
    ("R, a fence and accesses", "Wx1.sc Wy1.sc | Wy2 F.sc Rx"),
    ("S, fences", "Wx2 F.sc Wy1 | Ry F.sc Wx1"),
    ("2+2W, fences", "Wx1 F.sc Wy2 | Wy1 F.sc Wx2"),
    ("MP, fences", "Wx1 F.rel Wy1 | Ry F.acq Rx"),
    ("MP, a release fence", "Wx1 F.rel Wy1 | Ry.acq Rx"),
    ("MP, an acquire fence", "Wx1 Wy1.rel | Ry F.acq Rx"),
    ("MP, a release fence alone", "Wx1 F.rel Wy1 | Ry Rx"),
    ("MP, two acquire fences", "Wx1 F.acq Wy1 | Ry F.acq Rx"),
    ("MP, two release fences", "Wx1 F.rel Wy1 | Ry F.rel Rx"),
    ("MP, a fence that comes too late", "Wx1 Wy1 F.rel | Ry F.acq Rx"),
    ("MP, a SeqCst fence as an acquire fence", "Wx1 Wy1.rel | Ry F.sc Rx"),
    ("MP, SeqCst fences", "Wx1 F.sc Wy1 | Ry F.sc Rx"),
    ("MP, a SeqCst store before a release fence", "Wx1.sc F.rel Wy1 | Ry.sc Rx.sc"),
    ("MP, through a read-modify-write", "Wx1 Wy1.rel | Ay1 | Ry.acq Rx"),
    ("MP, through two", "Wx1 Wy1.rel | Ay1 | Ay1 | Ry.acq Rx"),
    ("MP, past a store of the same thread", "Wx1 Wy1.rel Wy2 | Ry.acq Rx"),
    ("MP, past a store of another thread", "Wx1 Wy1.rel | Ry Wy2 | Ry.acq Rx"),
    ("MP, with read-modify-writes", "Wx1 Ay1.rel | Ay1.acq Rx"),
    ("MP, from a fence through a read-modify-write", "Wx1 F.rel Wy1 | Ay1 | Ry F.acq Rx"),
    ("MP, an exchange that fails relaxed", "Wx1 Wy1.rel | Cy0-5.acq-rlx Rx"),
    ("MP, an exchange that fails and acquires", "Wx1 Wy1.rel | Cy0-5.rlx-acq Rx"),
    ("MP, exchanges that succeed", "Wx1 Cy0-1.rel-rlx | Cy1-2.acq-rlx Rx"),
    ("MP, through an exchange", "Wx1 Wy1.rel | Cy1-2 | Ry.acq Rx"),
    ("MP of three", "Wx1 Wy1 Wz1 | Rz Rx Ry Rx"),
    ("MP of three, acquire", "Wx1 Wy1 Wz1 | Rz.acq Rx.acq Ry.acq Rx.acq"),
    ("exchanges that fail on an old value", "Wy1 Wy2 | Cy0-5 Cy0-6"),
    ("collected twice", "Wx1 Wy1 | Rx Ry Rx Ry"),
    ("CoRR after MP", "Wz1 Wx1 Wy1 | Ry Rx Rx"),
    ("two additions", "Ax1 | Ax1 | Rx Rx"),
    ("a chain of fences", "Wx1 F.sc | F.sc Rx | Rx F.sc Rx"),
    // In these, steps don't commute although they touch no common atomic, or only load from it.
    ("a fence before a SeqCst store", "Wx1.sc Wy1 | F.sc Ry Rx"),
    ("a fence before a SeqCst load", "Wx1 | Rx.sc Wy1 | F.sc Ry Rx"),
    ("two SeqCst loads of a relaxed store", "Rx.sc | Wx1 Wy1 | Ry Rx.sc"),
    ("fences order and nothing else", "Wx1 F.sc Rz | Wz1 F.sc Ry | Wy1 Rx"),
];

/// Where outcomes that the standard allows are missing, because no order of execution explains them: a store takes effect before
/// one that was executed earlier, or `SeqCst` operations mixed with others are seen against the order in which they were executed.
const MISSES: [&str; 13] = [
    "2+2W rlx rlx",
    "2+2W rel acq",
    "2+2W rlx sc",
    "2+2W rel sc",
    "S rlx rlx",
    "S rlx sc",
    "S sc rlx",
    "WWC rlx rlx",
    "WWC rlx sc",
    "WWC sc rlx",
    "SB, read-modify-writes as loads",
    "IRIW, SeqCst stores and acquire loads",
    "Z6.U",
];

fn table() -> impl Iterator<Item = (String, Program)> {
    let mixed = MIXED.iter().flat_map(|&(name, text)| {
        MIXES.iter().map(move |&(a, b)| (format!("{name} {a} {b}"), Program::parse(text, a, b)))
    });
    let single = SINGLE.iter().map(|&(name, text)| (name.to_string(), Program::parse(text, "rlx", "rlx")));
    mixed.chain(single)
}

/// Whether something is missing; panics if the explorer is wrong.
fn compare(name: &str, program: &Program) -> bool {
    let allowed = model::allowed(program);
    let found = program.explored(false);
    let added: Vec<_> = found.difference(&allowed.by_the_standard).collect();
    assert!(added.is_empty(), "{name} adds {added:?}: {program}");
    assert_eq!(found, allowed.in_order_of_execution, "{name}: {program}");
    assert_eq!(found, program.explored(true), "{name}, reduced: {program}");
    found != allowed.by_the_standard
}

#[test]
fn every_shape_has_the_outcomes_of_the_standard_in_order_of_execution() {
    let missing: Vec<String> =
        table().filter(|(name, program)| compare(name, program)).map(|(name, _)| name).collect();
    assert_eq!(missing, MISSES);
}

/// README.md and ARCHITECTURE.md say how many litmus tests there are.
#[test]
fn the_pages_count_the_shapes() {
    let told = format!("{} litmus tests", table().count());
    let pages = [
        ("README.md", include_str!("../../../../README.md")),
        ("ARCHITECTURE.md", include_str!("../../../../ARCHITECTURE.md")),
    ];
    for (page, text) in pages {
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(&told), "{page} doesn't say that there are {told}");
    }
}

#[test]
fn random_programs_have_the_outcomes_of_the_standard_in_order_of_execution() {
    let number = |variable, usual: u64| std::env::var(variable).map_or(usual, |text| text.parse().unwrap());
    let mut random = Random(number("INTERLEAVE_SEED", 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    for n in 0..number("INTERLEAVE_PROGRAMS", 150) {
        compare(&format!("random program {n}"), &random.program());
    }
}

/// xorshift64 (Marsaglia 2003, "Xorshift RNGs").
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 32) as usize % n
    }

    fn one_of<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    fn load(&mut self) -> Ordering {
        self.one_of(&[Relaxed, Acquire, SeqCst, SeqCst])
    }

    fn store(&mut self) -> Ordering {
        self.one_of(&[Relaxed, Release, SeqCst, SeqCst])
    }

    fn modify(&mut self) -> Ordering {
        self.one_of(&[Relaxed, Acquire, Release, AcqRel, SeqCst])
    }

    /// Two or three threads with seven operations in all, on two atomics or three.
    fn program(&mut self) -> Program {
        let mut threads = vec![vec![]; 2 + self.below(2)];
        let atomics = 2 + self.below(2);
        for _ in 0..7 {
            let (thread, x, n) = (self.below(threads.len()), self.below(atomics), 1 + self.below(2) as i64);
            let op = match self.below(12) {
                0..4 => Op::Load(x, self.load()),
                4..8 => Op::Store(x, n, self.store()),
                8 => Op::Add(x, n, self.modify()),
                9 => Op::Exchange(x, n - 1, n, self.modify(), self.load()),
                _ => Op::Fence(self.one_of(&[Acquire, Release, SeqCst, SeqCst, SeqCst])),
            };
            if threads[thread].len() < 4 {
                threads[thread].push(op);
            }
        }
        Program(threads)
    }
}
