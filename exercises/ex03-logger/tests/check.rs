// This is the finished check for exercise 3: change src/lib.rs, not this file.
//
// A program logs its last line and ends. The line is still in the queue, and no thread waits for the writer, so the writer
// dies with the program, as a daemon thread does in Python, and the line is lost. So a logger that is dropped has two
// things to do: tell the writer that there will be no more lines, and then join it.
// A thread that waits (for a line, for room or for shutdown) must sleep until it is woken. Checking in a loop keeps a processor
// busy, and a thread that checks now and then, or when a timeout expires, notices too late.
//
// This check runs your code under every interleaving, or under several thousand if there are more than that. It shows
// the shortest interleaving that fails, as a table of your own lines.
// Run it with `cargo test -p ex03-logger`; read docs/03-daemon-threads.md.

#[macro_use]
extern crate interleave as std; // in this file and the modules it includes, std's threads are explored
#[allow(unused_extern_crates)]
extern crate interleave as core;
interleave::exercise!(); // no `unsafe`, no `extern`, at most 1 GiB of memory

#[cfg_attr(not(feature = "solution"), path = "../src/lib.rs")]
#[cfg_attr(feature = "solution", path = "../../../solutions/ex03-logger/src/lib.rs")]
mod logger;
#[allow(unused_imports)]
use logger::*; // so that `crate::` means the same here as in src/lib.rs

use interleave::Check;
use logger::Logger;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::{self, Builder};
use std::time::{Duration, Instant};

/// The clock is virtual: it moves only when every thread waits. So a thread waits this long only if no other thread can continue.
const HOUR: Duration = Duration::from_secs(60 * 60);

/// The lines that have reached the disk.
#[derive(Clone, Default)]
struct Disk(Arc<Mutex<Vec<String>>>);

impl Disk {
    fn logger(&self) -> Logger {
        let disk = self.clone();
        Logger::start(move |line| disk.0.lock().unwrap().push(line))
    }

    fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

/// What it means if a thread waits forever in these tests.
const STUCK: &str =
    "a wakeup is missing, either for a line, or for room in the queue, or when the logger is dropped";

/// A check that requires a waiting thread to sleep until it is woken.
fn check() -> Check {
    Check::new().must_sleep()
}

#[test]
fn no_line_is_lost_at_the_end() {
    check().must_join().stuck_means(STUCK).runs(5_000).run(|| {
        let disk = Disk::default();
        let logger = disk.logger();
        logger.log("ready");
        logger.log("done");
        drop(logger);
        let lines = disk.lines();
        let n = lines.len();
        assert!(n >= 2, "2 lines were logged, but only {n} had been written when drop returned: was the writer not joined, or did it stop early?");
        assert!(n == 2, "2 lines were logged, but {n} were written: {lines:?}");
        assert!(lines == ["ready", "done"], "\"ready\" was logged before \"done\", but the lines were written as {lines:?}");
    });
}

#[test]
fn each_line_is_written_as_it_is() {
    check().must_join().stuck_means(STUCK).runs(1_000).run(|| {
        let disk = Disk::default();
        let logger = disk.logger();
        let logged = [
            "", "  two spaces  ", "same", "same", "two\nlines\n", "", "stop", "ERROR: no paper", "a", "FATAL", "0", "Ünï ✓",
        ];
        logged.iter().for_each(|line| logger.log(line));
        drop(logger);
        let lines = disk.lines();
        assert!(
            lines == logged,
            "the lines {logged:?} were logged, but {lines:?} were written: each call to log must write exactly one line, unchanged"
        );
    });
}

#[test]
fn two_loggers_know_nothing_of_each_other() {
    check().must_join().stuck_means(STUCK).runs(2_000).run(|| {
        let (kitchen, bar) = (Disk::default(), Disk::default());
        let (of_the_kitchen, of_the_bar) = (kitchen.logger(), bar.logger());
        of_the_kitchen.log("soup");
        of_the_bar.log("tea");
        drop(of_the_kitchen);
        of_the_bar.log("coffee");
        drop(of_the_bar);
        let lines = (kitchen.lines(), bar.lines());
        assert!(
            lines.0 == ["soup"] && lines.1 == ["tea", "coffee"],
            "one logger was given \"soup\" and another \"tea\" and \"coffee\", but their disks hold {:?} and {:?}",
            lines.0,
            lines.1
        );
    });
}

#[test]
fn the_sink_of_one_logger_may_wait_for_another() {
    let stuck =
        "the sink of one logger waits for a line of another logger, which must not wait for the first";
    check().must_join().stuck_means(stuck).wakeups(0).runs(500).run(|| {
        let (tell, told) = mpsc::channel();
        let kitchen = Logger::start(move |_line| _ = told.recv());
        let bar = Logger::start(move |_line| _ = tell.send(()));
        kitchen.log("soup");
        bar.log("tea");
        drop((bar, kitchen));
    });
}

#[test]
fn callers_that_wait_for_room_are_all_woken() {
    // If the queue is bounded, the callers fill it while the first line is slow, and then wait for room.
    let check = || check().must_join().stuck_means(STUCK).wakeups(0);
    check().runs(40).run(|| log_while_the_disk_is_slow(&["cook", "waiter", "host"], 100));
    let many = ["cook", "waiter", "host", "baker", "barkeeper", "cleaner", "driver", "owner"];
    check().runs(200).run(move || log_while_the_disk_is_slow(&many, 3));
    // A wakeup that reaches a caller instead of the writer takes a rare order.
    check().runs(5_000).run(move || log_while_the_disk_is_slow(&many[..6], 1));
}

#[test]
fn logging_waits_for_no_line() {
    for slow in 1..=4 {
        let stuck =
            "a line is written only when the next one has been logged: log must not wait for the disk";
        check().must_join().stuck_means(stuck).wakeups(0).runs(300).run(move || {
            let (tell, next_is_logged) = mpsc::channel();
            let mut number = 0;
            let logger = Logger::start(move |_line| {
                number += 1;
                if number == slow {
                    next_is_logged.recv().unwrap();
                }
            });
            for line in 1..=slow + 1 {
                logger.log(&line.to_string());
            }
            tell.send(()).unwrap();
            drop(logger);
        });
    }
}

#[test]
fn a_thousand_lines_are_written_while_the_disk_is_slow() {
    check()
        .must_join()
        .stuck_means(STUCK)
        .wakeups(0)
        .in_turns()
        .run(|| log_while_the_disk_is_slow(&["cook"], 1_100));
}

/// Each caller logs `lines` lines. The first line that reaches the disk is slow.
fn log_while_the_disk_is_slow(callers: &[&str], lines: usize) {
    let disk = Disk::default();
    let (sink, mut first) = (disk.clone(), true);
    let logger = Logger::start(move |line| {
        if std::mem::take(&mut first) {
            thread::sleep(Duration::from_nanos(333_337));
        }
        sink.0.lock().unwrap().push(line);
    });
    thread::scope(|scope| {
        for caller in callers {
            let logger = &logger;
            let log = move || (1..=lines).for_each(|n| logger.log(&format!("{caller} {n}")));
            Builder::new().name((*caller).into()).spawn_scoped(scope, log).unwrap();
        }
    });
    drop(logger);
    let written = disk.lines();
    for caller in callers {
        let found: Vec<&String> =
            written.iter().filter(|line| line.starts_with(&format!("{caller} "))).collect();
        let expected: Vec<String> = (1..=lines).map(|n| format!("{caller} {n}")).collect();
        assert!(
            found.iter().copied().eq(&expected),
            "{} callers logged {lines} lines each, but the {caller}'s lines are either incomplete or out of order: {} were written",
            callers.len(),
            found.len()
        );
    }
}

#[test]
fn a_logger_that_a_panic_drops_writes_its_lines() {
    check().must_join().stuck_means(STUCK).runs(1_000).run(|| {
        let disk = Disk::default();
        let theirs = disk.clone();
        let cook = Builder::new().name("cook".into()).spawn(move || {
            let logger = theirs.logger();
            logger.log("the oven is on fire");
            std::panic::resume_unwind(Box::new("the cook leaves"));
        });
        let _ = cook.unwrap().join();
        let n = disk.lines().len();
        assert!(n == 1, "1 line was logged, and then a panic dropped the logger, but {n} lines were written");
    });
}

#[test]
fn a_caller_goes_on_as_soon_as_there_is_room() {
    const SLOW: Duration = Duration::from_nanos(333_337);
    check().must_join().stuck_means(STUCK).wakeups(0).runs(40).run(|| {
        let (called, returned, is_full) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
        let counts = Arc::new((called, returned, is_full));
        let (seen, mut written) = (Arc::clone(&counts), 0);
        // While the disk is busy, every other thread runs until it has to wait.
        let logger = Arc::new(Logger::start(move |_line| {
            thread::sleep(SLOW);
            let left = seen.1.load(SeqCst).saturating_sub(written);
            let waiting = seen.0.load(SeqCst) - seen.1.load(SeqCst);
            written += 1;
            assert!(
                waiting == 0 || left > 2,
                "a call to log waits for room, although only {left} lines that log has accepted are not on the disk yet: the writer must \
                 wake every caller for which there is room"
            );
        }));
        let caller = |name: &str, lines: usize| {
            let (logger, counts) = (Arc::clone(&logger), Arc::clone(&counts));
            let log = move || {
                for _ in (0..lines).take_while(|_| !counts.2.load(SeqCst)) {
                    counts.0.fetch_add(1, SeqCst);
                    logger.log("a line");
                    counts.1.fetch_add(1, SeqCst);
                }
            };
            Builder::new().name(name.into()).spawn(log).unwrap()
        };
        // The cook logs until the queue is full, if it is bounded. Then two other callers arrive.
        let cook = caller("cook", 300);
        thread::sleep(Duration::from_nanos(1));
        let others = [caller("waiter", 1), caller("host", 1)];
        thread::sleep(Duration::from_nanos(1));
        counts.2.store(true, SeqCst);
        drop(logger);
        cook.join().unwrap();
        others.into_iter().for_each(|other| other.join().unwrap());
    });
}

#[test]
fn the_last_owner_drops_the_logger() {
    check().must_join().stuck_means(STUCK).runs(3_000).run(|| {
        let disk = Disk::default();
        let logger = Arc::new(disk.logger());
        let theirs = Arc::clone(&logger);
        let cook = Builder::new().name("cook".into()).spawn(move || theirs.log("soup")).unwrap();
        logger.log("tea");
        drop(logger);
        cook.join().unwrap();
        let mut lines = disk.lines();
        lines.sort();
        assert!(
            lines == ["soup", "tea"],
            "the cook and main each logged a line and then dropped the logger, but the lines written are {lines:?}"
        );
    });
}

#[test]
fn the_logger_ends_without_any_line() {
    check().must_join().stuck_means(STUCK).runs(5_000).run(|| {
        let disk = Disk::default();
        drop(disk.logger());
        let lines = disk.lines();
        assert!(lines.is_empty(), "nothing was logged, but {lines:?} was written");
    });
}

#[test]
fn the_lines_of_each_caller_keep_their_order() {
    check().must_join().stuck_means(STUCK).runs(5_000).run(|| {
        let disk = Disk::default();
        let logger = disk.logger();
        thread::scope(|scope| {
            let cook = Builder::new().name("cook".into());
            let cooks = || ["cook 1", "cook 2"].iter().for_each(|line| logger.log(line));
            cook.spawn_scoped(scope, cooks).unwrap();
            let waiter = Builder::new().name("waiter".into());
            waiter.spawn_scoped(scope, || logger.log("waiter 1")).unwrap();
        });
        drop(logger);
        let lines = disk.lines();
        let n = lines.len();
        assert!(n == 3, "the cook and the waiter logged 3 lines, but {n} had been written when drop returned: was the writer not joined, did it stop early, or did log discard a line?");
        let of_the_cook: Vec<&String> = lines.iter().filter(|line| line.starts_with("cook")).collect();
        assert!(
            of_the_cook == ["cook 1", "cook 2"],
            "the cook logged \"cook 1\" and then \"cook 2\", but the lines were written as {lines:?}"
        );
    });
}

#[test]
fn log_does_not_wait_for_a_slow_disk() {
    check().stuck_means(STUCK).wakeups(0).runs(5_000).run(|| {
        let (free, disk) = mpsc::channel();
        // Writing a line takes until the disk is free, or an hour. The disk is free once both lines have been logged.
        let logger = Logger::start(move |_line| {
            let _ = disk.recv_timeout(HOUR);
        });
        let start = Instant::now();
        logger.log("ready");
        logger.log("done");
        let waited = start.elapsed();
        let _ = [free.send(()), free.send(())];
        drop(logger);
        assert!(
            waited.is_zero(),
            "log waited while the disk was busy: log must hand the line to the writer and return"
        );
    });
}

#[test]
fn no_line_of_a_burst_is_lost() {
    // A few runs are enough: in the first run, all lines are logged before any is written, unless log waits.
    check().must_join().stuck_means(STUCK).runs(20).run(|| {
        let disk = Disk::default();
        let logger = disk.logger();
        (1..=300).for_each(|n| logger.log(&format!("line {n}")));
        drop(logger);
        let n = disk.lines().len();
        assert!(
            n == 300,
            "300 lines were logged in one go, but {n} had been written when drop returned: was the writer not joined, did it stop early, or did log discard a line?"
        );
    });
}

#[test]
fn lines_are_written_while_the_logger_lives() {
    check().stuck_means(STUCK).wakeups(0).run(|| {
        let (on_disk, written) = mpsc::channel();
        let logger = Logger::start(move |line| on_disk.send(line).unwrap());
        logger.log("ready");
        let line = written.recv_timeout(HOUR).unwrap_or_default();
        assert!(
            line == "ready",
            "\"ready\" was logged an hour ago and the logger still exists, but the line is not on the disk"
        );
    });
}

#[test]
fn whoever_sleeps_is_woken_at_once() {
    // The clock is virtual. It moves only when every thread waits, so it stands still unless a thread waits for the clock.
    // Not a round number, so that no other thread's sleep ends at this moment.
    const LONG: Duration = Duration::from_nanos(333_337);
    check().stuck_means(STUCK).wakeups(0).runs(1_000).run(|| {
        let (on_disk, written) = mpsc::channel();
        let logger = Logger::start(move |_line| {
            let _ = on_disk.send(Instant::now());
        });
        thread::sleep(LONG);
        let logged = Instant::now();
        logger.log("ready");
        // If the line is not written at all, another test reports it.
        let late = written.recv_timeout(HOUR).map_or(Duration::ZERO, |written| written - logged);
        assert!(
            late.is_zero(),
            "a line was logged while the writer was idle, but the line was written {late:?} later: the writer sleeps and checks now \
             and then instead of being woken"
        );
    });
    // Nothing happens for a while, then the logger is dropped: before any line, and after
    // one.
    let idle = |lines: &'static [&str]| {
        move || {
            let disk = Disk::default();
            let logger = disk.logger();
            lines.iter().for_each(|line| logger.log(line));
            thread::sleep(LONG);
            let dropped = Instant::now();
            drop(logger);
            let late = dropped.elapsed();
            assert!(
                late.is_zero(),
                "the logger was dropped while the writer was idle, but drop took {late:?} to return: the writer waits for its \
                 timeout instead of being woken"
            );
        }
    };
    check().must_join().stuck_means(STUCK).wakeups(0).runs(1_000).run(idle(&[]));
    check().must_join().stuck_means(STUCK).wakeups(0).runs(1_000).run(idle(&["ready"]));
    check().stuck_means(STUCK).wakeups(0).runs(1_000).run(|| {
        let start = Instant::now();
        let logger = Logger::start(|_line| thread::sleep(LONG));
        logger.log("ready");
        drop(logger);
        let late = start.elapsed().saturating_sub(LONG);
        assert!(
            late.is_zero(),
            "drop returned {late:?} after the last line was written: a thread sleeps and checks now and then instead of \
             being woken"
        );
    });
    // Many lines, the first of which is slow: meanwhile, a bounded queue may fill up.
    check().stuck_means(STUCK).wakeups(0).runs(40).run(|| {
        let start = Instant::now();
        let mut first = true;
        let logger = Logger::start(move |_line| {
            if std::mem::take(&mut first) {
                thread::sleep(LONG);
            }
        });
        (1..=300).for_each(|n| logger.log(&format!("line {n}")));
        drop(logger);
        let late = start.elapsed().saturating_sub(LONG);
        assert!(
            late.is_zero(),
            "300 lines were logged while the disk was busy, and the logger finished {late:?} after the disk was free: a thread sleeps and \
             checks now and then instead of being woken"
        );
    });
}

#[test]
fn who_waits_sleeps() {
    // The writer waits for a line, and the thread that drops the logger waits for the writer.
    check().must_join().takes_no_time().runs(1_000).run(|| {
        let logger = Logger::start(|_line| ());
        logger.log("ready");
        drop(logger);
    });
    // If the queue is bounded, log waits for room.
    check().must_join().takes_no_time().runs(50).run(|| {
        let (free, disk) = mpsc::channel::<()>();
        let logger = Logger::start(move |_line| disk.recv().unwrap_or_default());
        let cook = thread::spawn(move || {
            (1..=300).for_each(|n| logger.log(&format!("line {n}")));
            drop(logger);
        });
        drop(free);
        cook.join().unwrap();
    });
}
