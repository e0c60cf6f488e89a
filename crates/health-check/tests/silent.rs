//! Whoever is silent, `--timeout` and Ctrl-C end the program.
#![cfg(target_os = "linux")]

#[path = "../../lab-server/tests/silent/mod.rs"]
mod silent;

use std::process::Command;

#[test]
fn whoever_is_silent_it_ends() {
    silent::assert_that_it_ends(|timeout| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_health-check"));
        command.args(["--timeout", timeout]);
        command
    });
}
