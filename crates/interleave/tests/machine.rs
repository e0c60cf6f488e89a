//! A line below the report is for programs, and says the same.

use interleave::sync::{Mutex, mpsc};
use interleave::{Check, FailureKind, check, thread};
use std::collections::BTreeMap;
use std::process::{Command, Output};
use std::sync::Arc;

fn two_threads_that(f: impl Fn(usize) + Send + Sync + 'static) {
    let f = Arc::new(f);
    let other = thread::spawn({
        let f = Arc::clone(&f);
        move || f(1)
    });
    f(0);
    other.join().unwrap();
}

fn lost_update() {
    let visits = Arc::new(Mutex::new(0));
    let theirs = Arc::clone(&visits);
    two_threads_that(move |_| {
        let seen = *theirs.lock().unwrap();
        *theirs.lock().unwrap() = seen + 1;
    });
    assert_eq!(*visits.lock().unwrap(), 2, "an update is lost");
}

fn circle_of_locks() {
    let locks = [Mutex::new(()), Mutex::new(())];
    two_threads_that(move |me| {
        let _first = locks[me].lock().unwrap();
        let _second = locks[1 - me].lock().unwrap();
    });
}

fn kept_sender() {
    let (sender, receiver) = mpsc::channel::<()>();
    receiver.recv().unwrap_err();
    drop(sender);
}

fn endless() {
    loop {
        interleave::hint::spin_loop();
    }
}

fn left_running() {
    let (sender, receiver) = mpsc::channel::<()>();
    thread::spawn(move || receiver.recv());
    thread::yield_now();
    drop(sender);
}

fn exits() {
    interleave::process::exit(0);
}

#[test]
fn a_failure_has_a_kind() {
    let kind = |check: Check, scenario: fn()| check.try_run(scenario).unwrap_err().kind();
    assert_eq!(kind(Check::new(), lost_update), FailureKind::Panic);
    assert_eq!(kind(Check::new(), circle_of_locks), FailureKind::Deadlock);
    assert_eq!(kind(Check::new(), kept_sender), FailureKind::Stuck);
    assert_eq!(kind(Check::new(), endless), FailureKind::Endless);
    assert_eq!(kind(Check::new().must_join(), left_running), FailureKind::Unjoined);
    assert_eq!(kind(Check::new(), exits), FailureKind::Exit);
    assert_eq!(kind(Check::new().replay("not a schedule"), lost_update), FailureKind::Misuse);
}

/// Not claims of their own, but what the tests below run.
mod on_purpose {
    use super::*;

    fn is_wanted() -> bool {
        std::env::var_os("FAIL_ON_PURPOSE").is_some()
    }

    #[test]
    fn passes_then_fails() {
        if is_wanted() {
            check(|| two_threads_that(|_| thread::yield_now()));
            Check::new().runs(1).run(|| two_threads_that(|_| thread::yield_now()));
            check(lost_update);
        }
    }

    #[test]
    fn breaks_its_specification() {
        use interleave::spec::Spec;
        use interleave::sync::atomic::{AtomicU32, Ordering::SeqCst};
        if is_wanted() {
            let says_always_0 = |_: &mut u32, (): &(), _| 0;
            let loads = |counter: &AtomicU32, (): &()| counter.load(SeqCst);
            Spec::new([0, 1], |n| format!("a counter at {n}"), |&n| AtomicU32::new(n), |&n| n)
                .call([()], |()| "loads".into(), loads, says_always_0)
                .check();
        }
    }

    fn fails_beside_others() {
        assert!(!is_wanted(), "a real thread failed");
    }

    interleave::side_by_side! {
        live: [fails_beside_others];
    }

    #[test]
    fn exits_for_real() {
        if is_wanted() {
            interleave::live::process::exit(0);
        }
    }

    #[test]
    fn overflows() {
        #[expect(unconditional_recursion, reason = "that is what overflows")]
        fn deep(n: u64) -> u64 {
            std::hint::black_box(deep(std::hint::black_box(n + 1)) + 1)
        }
        if is_wanted() {
            check(|| assert_ne!(deep(0), 0));
        }
    }

    #[test]
    fn stalls() {
        if is_wanted() {
            check(std::thread::park);
        }
    }

    #[test]
    fn panics_twice() {
        struct Panics;
        impl Drop for Panics {
            fn drop(&mut self) {
                panic!("the second");
            }
        }
        if is_wanted() {
            check(|| {
                let _panics = Panics;
                panic!("the first");
            });
        }
    }
}

/// What a test of `on_purpose` prints, on both streams.
fn run(test: &str, envs: &[(&str, &str)]) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "--show-output", &format!("on_purpose::{test}")]);
    command.env("FAIL_ON_PURPOSE", "1").env_remove("INTERLEAVE_REPLAY").env("RUST_TEST_THREADS", "2");
    command.envs(envs.iter().copied());
    let Output { stdout, stderr, .. } = command.output().unwrap();
    String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr)
}

/// The lines for programs, each as its pairs.
fn lines(told: &str) -> Vec<BTreeMap<&str, &str>> {
    let lines = told.lines().filter(|line| line.starts_with("interleave: verdict="));
    lines
        .map(|line| {
            let words = line.split(' ').skip(1);
            words.map(|word| word.split_once('=').unwrap_or_else(|| panic!("{line}"))).collect()
        })
        .collect()
}

#[test]
fn each_check_of_a_test_ends_with_a_line() {
    let told = run("passes_then_fails", &[]);
    let [first, second, third] = &lines(&told)[..] else { panic!("{told}") };
    let here = |needle: &str| {
        let at = include_str!("machine.rs").lines().position(|line| line.trim() == needle).unwrap();
        (at + 1).to_string()
    };
    for line in [first, second, third] {
        assert_eq!(line["test"], "on_purpose::passes_then_fails", "{told}");
    }
    assert_eq!((first["verdict"], first["complete"]), ("passes", "yes"), "{told}");
    assert_eq!((second["verdict"], second["complete"]), ("passes", "no"), "{told}");
    assert!(second["runs"].parse::<usize>().is_ok_and(|runs| runs > 0), "{told}");
    assert_eq!((third["verdict"], third["kind"]), ("fails", "panic"), "{told}");
    assert_eq!(third["line"], here("check(lost_update);"), "{told}");
    assert!(!first.contains_key("kind") && !first.contains_key("schedule"), "{told}");

    // Below the line, the verdict is repeated for people; and the schedule does the same run again.
    let after = told.rsplit_once("interleave: verdict=fails").unwrap().1;
    let below = after.lines().skip(1).find(|line| !line.starts_with("Step by step: "));
    assert!(below.is_some_and(|line| line.starts_with("Not yet: ")), "{told}");
    let replay = format!("{}@{}", third["schedule"], third["line"]);
    let again = run("passes_then_fails", &[("INTERLEAVE_REPLAY", &replay)]);
    assert_eq!(lines(&again)[2], *third, "{again}");
}

#[test]
fn other_checks_and_what_ends_the_process_say_so_in_a_line_too() {
    let kinds = [
        ("breaks_its_specification", "panic"),
        ("live::fails_beside_others", "panic"),
        ("exits_for_real", "exit"),
        ("stalls", "stalled"),
        ("panics_twice", "double-panic"),
        ("overflows", "overflow"),
    ];
    for (test, kind) in kinds.into_iter().filter(|(test, _)| cfg!(unix) || *test != "overflows") {
        let told = run(test, &[("INTERLEAVE_PATIENCE", "1")]);
        let [line] = &lines(&told)[..] else { panic!("{told}") };
        assert_eq!((line["verdict"], line["kind"]), ("fails", kind), "{told}");
    }
}
