//! What a learner sees in a terminal of 80 columns and 24 rows, through a real pseudo-terminal.
#![cfg(target_os = "linux")]

mod common;

use common::{Tree, answer};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use std::fs::{self, File};
use std::io::Read;
use std::num::NonZero;
use std::process::Child;

const ROWS: u16 = 24;
const COLUMNS: u16 = 80;

/// A program on a terminal, and all that it has written.
struct Terminal {
    child: Child,
    screen: File,
    written: Vec<u8>,
}

impl Terminal {
    fn start(tree: &Tree, words: &[&str], envs: &[(&str, &str)]) -> Self {
        let screen = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&screen).unwrap();
        unlockpt(&screen).unwrap();
        let size = Winsize { ws_row: ROWS, ws_col: COLUMNS, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&screen, size).unwrap();
        let name = ptsname(&screen, Vec::new()).unwrap().into_string().unwrap();
        let ours = || fs::OpenOptions::new().read(true).write(true).open(&name).unwrap();
        let mut command = tree.std_command(words);
        command.env_remove("COLUMNS").env_remove("NO_COLOR").env("TERM", "xterm").envs(envs.iter().copied());
        // The command, and with it our handles of the terminal, ends here: the last one is the child's.
        let child = command.stdin(ours()).stdout(ours()).stderr(ours()).spawn().unwrap();
        Terminal { child, screen: screen.into(), written: vec![] }
    }

    /// Reads on; `false` when the program has left the terminal.
    fn read(&mut self) -> bool {
        let mut piece = [0; 4096];
        match self.screen.read(&mut piece) {
            Ok(n @ 1..) => {
                self.written.extend_from_slice(&piece[..n]);
                true
            }
            _ => false,
        }
    }

    /// Reads until `text` has been written this many times.
    fn until(&mut self, text: &str, times: usize) {
        while String::from_utf8_lossy(&self.written).matches(text).count() < times {
            assert!(self.read(), "{}", String::from_utf8_lossy(&self.written));
        }
    }

    fn until_its_end(mut self) -> String {
        while self.read() {}
        self.child.wait().unwrap();
        String::from_utf8(self.written).unwrap()
    }
}

/// The rows that can be seen after this was written.
fn rows(written: &[u8]) -> Vec<String> {
    let mut parser = vt100::Parser::new(NonZero::new(ROWS).unwrap(), NonZero::new(COLUMNS).unwrap(), 0);
    parser.process(written);
    let rows: Vec<String> = parser.screen().rows(0, COLUMNS).map(|row| row.trim_end().to_string()).collect();
    let used = rows.iter().rposition(|row| !row.is_empty()).map_or(0, |last| last + 1);
    rows[..used].to_vec()
}

const VERDICT: [&str; 3] = [
    "ex01-bank: not yet: both customers were paid 700: 1400 came out of an account",
    "that held 1000",
    "Edit exercises/ex01-bank/src/lib.rs. Stuck? `cargo workshop hint 1`",
];

#[test]
fn the_verdict_is_on_the_screen_after_a_check_and_after_three_saves() {
    let tree = Tree::bank("terminal");
    let written = Terminal::start(&tree, &["check", "1"], &[]).until_its_end();
    assert!(written.lines().count() > usize::from(ROWS), "the report scrolls:\n{written}");
    assert_eq!(rows(written.as_bytes())[usize::from(ROWS) - 4..], VERDICT, "{written}");

    let file = "exercises/ex01-bank/src/lib.rs";
    let mut terminal = Terminal::start(&tree, &["watch"], &[]);
    for saves in 0..=3 {
        terminal.until("Stuck? `cargo workshop hint 1`", saves + 1);
        let rows = rows(&terminal.written);
        let last = rows.len() - 3;
        assert_eq!(rows[last..], VERDICT, "after {saves} saves: {rows:#?}");
        tree.write(file, &(tree.read(file) + "// Saved.\n"));
    }
    let pid = nix::unistd::Pid::from_raw(terminal.child.id().try_into().unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).unwrap();
    terminal.until_its_end();
}

/// Whether a text sets colors or type, such as bold.
fn is_styled(text: &str) -> bool {
    let sequences = text.split("\x1b[").skip(1);
    sequences
        .filter_map(|rest| rest.find(|c: char| c.is_ascii_alphabetic()).map(|at| &rest[at..]))
        .any(|rest| rest.starts_with('m'))
}

#[test]
fn a_terminal_that_wants_no_style_gets_none() {
    let tree = Tree::tiny("style");
    let check = |envs: &[(&str, &str)]| Terminal::start(&tree, &["check", "1"], envs).until_its_end();
    let verdict = "ex01-tiny: not yet: the answer is 41, and not 42";
    let (plain, styled) = (format!("{verdict}\r\n"), format!("\x1b[1m{verdict}\x1b[0m\r\n"));
    let written = check(&[]);
    assert!(is_styled(&written) && written.contains(&styled), "{written:?}");
    let written = check(&[("NO_COLOR", "1")]);
    assert!(!is_styled(&written) && written.contains(&plain), "{written:?}");
    let written = check(&[("TERM", "dumb")]);
    assert!(!written.contains('\x1b') && written.contains(&plain), "{written:?}");
}

#[test]
fn columns_win_over_the_terminal() {
    let tree = Tree::tiny("columns");
    let message = "and not 42, ".repeat(20);
    tree.write("exercises/ex01-tiny/tests/check.rs", &common::CHECK.replace("and not 42", &message));
    tree.write("exercises/ex01-tiny/src/lib.rs", &answer("Wrong.", "40"));
    let widest = |envs: &[(&str, &str)]| {
        let written = Terminal::start(&tree, &["check", "1"], envs).until_its_end();
        rows(written.as_bytes()).iter().map(|row| row.chars().count()).max().unwrap()
    };
    assert!((61..=80).contains(&widest(&[])));
    assert!((41..=60).contains(&widest(&[("COLUMNS", "60")])));
}
