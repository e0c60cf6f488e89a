//! What cannot be told from within ends the process, with an explanation and status 101. Each test starts this same
//! binary once more, with the name of the misdeed in an environment variable.

#[macro_use]
extern crate interleave as std;

use interleave::real::process::{Command, Output};
use std::hint::black_box;
use std::sync::Mutex;
use std::thread;

#[global_allocator]
static MEMORY: interleave::exercise::Bounded = interleave::exercise::Bounded;

const MISDEED: &str = "INTERLEAVE_MISDEED";

#[test]
fn misdeed() {
    let Ok(misdeed) = std::env::var(MISDEED) else { return };
    interleave::check(move || {
        let counter = Mutex::new(0);
        *counter.lock().unwrap() += 1;
        match misdeed.as_str() {
            "loop" => loop {
                black_box(1);
            },
            "memory" => {
                let mut room = Vec::<u64>::new();
                loop {
                    room.reserve_exact(2 * room.capacity() + 1);
                    black_box(&room);
                }
            }
            "overflow" => drop(thread::spawn(|| black_box(deeper(0))).join()),
            "overflow of a named one" => {
                let counter = std::sync::Arc::new(Mutex::new(0));
                let digs = move || {
                    *counter.lock().unwrap() += 1;
                    black_box(deeper(0))
                };
                let digger = thread::Builder::new().name("digger".into()).stack_size(300 << 10);
                drop(digger.spawn(digs).unwrap().join());
            }
            "overflow of main" => {
                black_box(deeper(0));
            }
            "double panic" => drop(thread::spawn(|| {
                let _bomb = Bomb;
                panic!("the first");
            })),
            "exit of a live check" => interleave::live::process::exit(0),
            "abort" => std::process::abort(),
            other => unreachable!("{other}"),
        }
    });
}

#[expect(unconditional_recursion, reason = "that is the misdeed")]
fn deeper(n: u64) -> u64 {
    deeper(n + 1) + black_box(n)
}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("the second");
    }
}

fn commit(misdeed: &str) -> (Output, String) {
    let this = std::env::current_exe().unwrap();
    let output = Command::new(this)
        .args(["--exact", "misdeed"])
        .env(MISDEED, misdeed)
        .env("INTERLEAVE_PATIENCE", "1")
        .output()
        .unwrap();
    let said =
        String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(101), "{misdeed}: {:?}\n{said}", output.status);
    (output, said)
}

#[test]
fn a_loop_without_a_step_is_ended_and_its_last_step_named() {
    let (_, said) = commit("loop");
    assert!(said.contains("a thread has run for 1 second without a step"), "{said}");
    assert!(said.contains("kills.rs:22: *counter.lock().unwrap() += 1;"), "{said}");
}

#[test]
fn an_allocation_without_end_is_named() {
    let (_, said) = commit("memory");
    assert!(said.contains("the program takes more than 1 GiB of memory"), "{said}");
}

#[cfg(unix)]
#[test]
fn a_stack_that_overflows_is_named() {
    let (_, said) = commit("overflow");
    let expected = "interleave: thread 1 overflows its stack (2 MiB): is there a recursion that never ends?";
    assert!(said.contains(expected), "{said}");
    assert!(said.contains("It was started at crates/interleave/tests/kills.rs:"), "{said}");
    assert!(said.contains("The test is misdeed."), "{said}");
    let (_, said) = commit("overflow of main");
    assert!(said.contains("interleave: main overflows its stack (2 MiB):"), "{said}");
    assert!(said.contains("Its last step was crates/interleave/tests/kills.rs:"), "{said}");
    let (_, said) = commit("overflow of a named one");
    assert!(said.contains("interleave: digger overflows its stack (300 KiB):"), "{said}");
    assert!(said.contains("Its last step was crates/interleave/tests/kills.rs:"), "{said}");
}

#[test]
fn a_panic_while_panicking_is_named() {
    let (_, said) = commit("double panic");
    assert!(said.contains("interleave: thread 1 panics: the first\n    at "), "{said}");
    assert!(said.contains("Then a destructor panicked while its thread was unwinding"), "{said}");
    assert!(said.contains("panics: the second"), "{said}");
}

#[test]
fn an_abort_is_an_ordinary_report() {
    let (_, said) = commit("abort");
    assert!(said.contains("main ends the whole process: std::process::abort()"), "{said}");
}

#[test]
fn an_exit_of_a_check_with_real_threads_is_no_success() {
    let (_, said) = commit("exit of a live check");
    assert!(said.contains("std::process::exit(0) at ") && said.contains("kills.rs:"), "{said}");
    assert!(said.contains("ends the whole process, and the check with it"), "{said}");
}
