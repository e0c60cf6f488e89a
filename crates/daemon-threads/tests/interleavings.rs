//! The page's claims, over every interleaving.

#[macro_use]
extern crate interleave as std; // in this file, and in the page that it takes in, std's threads are explored

#[path = "../src/lib.rs"]
mod page;
#[path = "../src/shared_file.rs"]
mod shared_file;

use interleave::Check;
use page::{detached, joined, scoped, signalled_then_joined};
use shared_file::SharedFile;

fn is_whole(file: &SharedFile) -> bool {
    let text = file.text();
    text.lines().filter(|line| line.ends_with("second half")).count() == 3 && text.ends_with("\nclosed\n")
}

#[test]
fn a_detached_thread_outlives_main() {
    let failed = Check::new().must_join().try_run(|| detached(SharedFile::default(), |_| ()));
    assert!(failed.is_err());
}

#[test]
fn when_main_returns_a_detached_thread_may_have_written_anything() {
    for written in [0, 1, 6, 7] {
        let failed = Check::new().try_run(move || {
            let file = SharedFile::default();
            detached(file.clone(), |_| ());
            let halves = file.text().matches(&[',', '\n']).count();
            assert_ne!(halves, written, "found");
        });
        assert!(failed.unwrap_err().headline().contains("found"), "{written} writes");
    }
}

#[test]
fn joined_or_scoped_it_has_written_everything_and_closed() {
    for way in [|file: SharedFile| joined(file, |_| ()), |file: SharedFile| scoped(file, |_| ())] {
        let passed = Check::new().must_join().run(move || {
            let file = SharedFile::default();
            way(file.clone());
            assert!(is_whole(&file));
        });
        assert!(passed.is_complete(), "{passed}");
    }
}

#[test]
fn told_to_stop_and_joined_it_ends_its_line_and_closes() {
    Check::new().must_join().runs(5000).run(|| {
        let file = SharedFile::default();
        signalled_then_joined(file.clone(), |_| (), || ());
        let text = file.text();
        assert!(text.starts_with("line 1") && text.ends_with(" second half\nclosed\n"), "{text}");
    });
}
