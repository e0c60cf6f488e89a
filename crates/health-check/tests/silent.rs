//! Whatever the other side keeps silent about, `--timeout` and Ctrl-C end the program.
#![cfg(target_os = "linux")]

#[path = "../../lab-server/tests/silent/mod.rs"]
mod silent;

use std::process::Command;

#[test]
fn it_ends_whatever_is_silent() {
    silent::assert_that_it_ends(|timeout| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_health-check"));
        command.args(["--timeout", timeout]);
        command
    });
}
