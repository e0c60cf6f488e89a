//! A cache entry that is read without a lock, and checked with a version that can be old.

use super::Bug;
use std::sync::Arc;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicUsize, fence};
use std::thread;

/// The version is odd while a thread writes.
#[derive(Default)]
struct Entry {
    version: AtomicUsize,
    class: AtomicUsize,
    method: AtomicUsize,
}

mod wrong {
    use super::{AcqRel, Acquire, Entry, Relaxed, Release};

    pub fn write(entry: &Entry, id: usize) {
        entry.version.fetch_add(1, AcqRel);
        entry.class.store(id, Relaxed);
        entry.method.store(id, Relaxed);
        entry.version.fetch_add(1, Release);
    }

    pub fn read(entry: &Entry) -> Option<(usize, usize)> {
        let before = entry.version.load(Acquire);
        let class = entry.class.load(Relaxed);
        let method = entry.method.load(Relaxed);
        let after = entry.version.load(Acquire);
        let is_whole = before == after && before.is_multiple_of(2);
        is_whole.then_some((class, method))
    }
}

mod right {
    use super::{AcqRel, Acquire, Entry, Relaxed, Release, fence};

    pub fn write(entry: &Entry, id: usize) {
        entry.version.fetch_add(1, AcqRel);
        fence(Release);
        entry.class.store(id, Relaxed);
        entry.method.store(id, Relaxed);
        entry.version.fetch_add(1, Release);
    }

    pub fn read(entry: &Entry) -> Option<(usize, usize)> {
        let before = entry.version.load(Acquire);
        let class = entry.class.load(Relaxed);
        let method = entry.method.load(Relaxed);
        fence(Acquire);
        let after = entry.version.load(Relaxed);
        let is_whole = before == after && before.is_multiple_of(2);
        is_whole.then_some((class, method))
    }
}

type Write = fn(&Entry, usize);
type Read = fn(&Entry) -> Option<(usize, usize)>;

fn scenario(write: Write, read: Read) {
    let entry = Arc::new(Entry::default());
    let writer = thread::spawn({
        let entry = entry.clone();
        move || write(&entry, 1)
    });
    if let Some((class, method)) = read(&entry) {
        assert_eq!(class, method, "a method of another class");
    }
    writer.join().unwrap();
}

pub const BUG: Bug = Bug {
    id: "cpython-121368",
    title: "a method of another class",
    year: 2024,
    link: "https://github.com/python/cpython/issues/121368",
    was: "Python without its global lock looks methods up in a cache that is read without any \
          lock. A version number, read before and after, is to show that no thread wrote in \
          between. On a Mac with an ARM processor, the tests of PyWavelets failed now and then \
          with a TypeError: a method of one class was called with an object of another. Two \
          fences were missing. On x86 processors it hardly ever shows.",
    question: "The version is even, and the same before and after. Are the two values of one \
               write?",
    answer: "Not without fences. The second load of the version may still return the old number, \
             although a value that was written later has been read. `Acquire` on that load keeps \
             what comes after it in order, not what comes before it.",
    lesson: "A lock that you don't take has to be replaced by an argument about memory \
             orderings. Use a `Mutex`. If you measure that you can't, use a crate that has been \
             proved.",
    source: include_str!("cpython_121368.rs"),
    wrong: || scenario(wrong::write, wrong::read),
    right: || scenario(right::write, right::read),
};
