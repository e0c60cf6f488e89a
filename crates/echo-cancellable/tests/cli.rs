//! What the command says when it cannot do what it is asked.

#[path = "../../timeline/tests/manners/narrow.rs"]
mod narrow; // what every program promises to a narrow terminal

use std::net::TcpListener;

use assert_cmd::Command;
use predicates::str::{contains, ends_with, starts_with};

fn server(args: &[&str]) -> assert_cmd::assert::Assert {
    Command::new(env!("CARGO_BIN_EXE_echo-cancellable")).args(args).assert()
}

#[test]
fn a_port_in_use_and_a_bad_address_are_one_clear_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap().to_string();
    let elsewhere = "; stop the other one, or take another port: --addr 127.0.0.1:8001\n";
    let write_it_so = "; write HOST:PORT, for example 127.0.0.1:8000\n";
    for (addr, next) in [
        (addr.as_str(), elsewhere),
        ("127.0.0.1", write_it_so),
        ("nonsense:port", write_it_so),
        ("127.0.0.1:99999", write_it_so),
    ] {
        let refused = server(&["--addr", addr]).code(1).stdout("");
        let line = format!("echo-cancellable: cannot listen on {addr}: ");
        refused
            .stderr(starts_with(line))
            .stderr(ends_with(next))
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
fn a_time_is_plain_seconds_or_has_its_unit() {
    // The bounds tell the units apart; whoever is let in fails at the address.
    for (time, code) in [
        ("0.049", 2),
        ("0.05", 1),
        ("86400", 1),
        ("86401", 2),
        ("49ms", 2),
        ("50ms", 1),
        ("86400s", 1),
        ("86401s", 2),
        ("1440m", 1),
        ("1441m", 2),
        ("1h", 2),
    ] {
        for flag in ["--grace", "--idle"] {
            server(&["--addr", "nowhere", flag, time]).code(code).stdout("");
        }
    }
}

#[test]
fn help_names_every_flag() {
    let help = server(&["--help"]).success();
    ["--addr", "--grace", "--idle", "--max-connections", "--verbose"]
        .into_iter()
        .fold(help, |help, flag| help.stdout(contains(flag)));
}
