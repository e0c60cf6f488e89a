//! What the command says when it cannot do what it is asked.

#[path = "../../timeline/tests/manners/narrow.rs"]
mod narrow; // what every program promises to a narrow terminal

use std::net::TcpListener;

use assert_cmd::Command;
use predicates::str::{contains, starts_with};

fn server(args: &[&str]) -> assert_cmd::assert::Assert {
    Command::new(env!("CARGO_BIN_EXE_echo-cancellable")).args(args).assert()
}

#[test]
fn a_port_in_use_and_a_bad_address_are_one_clear_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap().to_string();
    for addr in [&addr, "127.0.0.1", "nonsense:port", "127.0.0.1:99999"] {
        let refused = server(&["--addr", addr]).code(1).stdout("");
        let line = format!("echo-cancellable: cannot listen on {addr}: ");
        refused
            .stderr(starts_with(line))
            .stderr(predicates::function::function(|text: &str| text.lines().count() == 1));
    }
}

#[test]
fn a_wrong_flag_ends_with_usage() {
    for wrong in [["--grace", "-1"], ["--grace", "soon"], ["--max-connections", "0"], ["--colour", "red"]] {
        server(&wrong).code(2).stdout("").stderr(contains("--help"));
    }
}

#[test]
fn help_names_every_flag() {
    let help = server(&["--help"]).success();
    ["--addr", "--grace", "--idle", "--max-connections", "--verbose"]
        .into_iter()
        .fold(help, |help, flag| help.stdout(contains(flag)));
}
