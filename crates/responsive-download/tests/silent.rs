//! Whatever the other side keeps silent about, `--timeout` and Ctrl-C end the program.
#![cfg(target_os = "linux")]

#[path = "../../lab-server/tests/silent/mod.rs"]
mod silent;

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

#[test]
fn it_ends_whatever_is_silent() {
    let folder = tempfile::tempdir().unwrap();
    // Each into a folder of its own: they have the same name.
    let number = AtomicU32::new(0);
    silent::assert_that_it_ends(|timeout| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_responsive-download"));
        command.args(["--timeout", timeout, "--dir"]);
        command.arg(folder.path().join(number.fetch_add(1, SeqCst).to_string()));
        command
    });
}
