//! The page's claims, over every interleaving.

#[macro_use]
extern crate interleave as std; // in this file, and in the page that it takes in, std's threads are explored

#[path = "../src/lib.rs"]
#[allow(dead_code)] // What only the demo shows.
mod page;

use interleave::Check;
use page::BUGS;

/// What the first line of the report says about each bug.
const FOUND: [(&str, &str); 10] = [
    ("fern-19", "deadlock"),
    ("rayon-201", "thread 1 waits forever"),
    ("bb8-122", "waits forever"),
    ("cpython-75964", "jobs finished, and jobs accepted"),
    ("threadpool-89", "thread 2 waits forever"),
    ("tokio-3660", "the permit is lost"),
    ("spin-148", "another thread has made the value"),
    ("crossbeam-1187", "how often the block is freed"),
    ("rust-54174", "main sleeps and misses a result"),
    ("cpython-121368", "a method of another class"),
];

#[test]
fn each_wrong_program_fails_for_the_reason_that_its_story_gives() {
    for bug in BUGS {
        let failed = Check::new().try_run(bug.wrong).expect_err(bug.id);
        let (_, reason) = FOUND.iter().find(|(id, _)| *id == bug.id).expect(bug.id);
        assert!(failed.headline().contains(reason), "{}: {}", bug.id, failed.headline());
        assert!(failed.to_string().contains("crates/wild-bugs/src/"), "{}: {failed}", bug.id);
    }
}

/// The chapter's table says what these tests find; milliseconds aside.
#[test]
fn the_table_of_the_chapter_is_true() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/16-wild-bugs.md");
    let chapter = interleave::real::fs::read_to_string(path).unwrap();
    for bug in BUGS {
        let failed = Check::new().try_run(bug.wrong).expect_err(bug.id);
        let passed = Check::new().try_run(bug.right).expect(bug.id);
        let (id, link, year, lines, run) = (bug.id, bug.link, bug.year, bug.lines(), failed.runs());
        let start = format!("| [{id}]({link}) | {year} | {lines} | run {run}, ");
        let row = chapter.lines().find(|line| line.starts_with(&start));
        let row = row.unwrap_or_else(|| panic!("no row of the chapter begins with: {start}"));
        assert!(row.contains(&format!("| {passed}, ")), "{id}: {passed} is not in: {row}");
    }
}

#[test]
fn each_right_program_passes_in_every_interleaving() {
    for bug in BUGS {
        let passed = Check::new().try_run(bug.right).unwrap_or_else(|failed| panic!("{}: {failed}", bug.id));
        assert!(passed.is_complete(), "{}: {passed}", bug.id);
    }
}
