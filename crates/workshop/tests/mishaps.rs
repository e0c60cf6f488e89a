//! What a learner's file can be, apart from right or wrong: each has a verdict, and nothing else happens.

mod common;

use common::{Tree, still_running};
use std::sync::{LazyLock, Mutex, PoisonError};
use workshop::cargo;

const FILE: &str = "exercises/ex01-bank/src/lib.rs";

/// The verdict on `file`, in one line.
fn verdict_with(file: &[u8], words: &[&str]) -> String {
    whole_verdict(file, words).split("\n\n").next().unwrap_or_default().replace('\n', " ")
}

/// The verdict on `file`; it is the one file of a workshop that is built once.
fn whole_verdict(file: &[u8], words: &[&str]) -> String {
    static TREE: LazyLock<Mutex<Tree>> = LazyLock::new(|| Mutex::new(Tree::bank("mishaps")));
    let tree = TREE.lock().unwrap_or_else(PoisonError::into_inner);
    std::fs::write(tree.root.join(FILE), file).unwrap();
    let out = tree.workshop(&[&["check", "1"], words].concat()).output().unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    // The first check builds the explorer, and says so.
    let said = String::from_utf8(out.stderr).unwrap();
    let said: String = said.lines().filter(|line| !cargo::is_work(line)).collect();
    assert_eq!((out.status.code(), &*said), (Some(1), ""), "{text}{said}");
    assert!(std::fs::read(tree.root.join(FILE)).unwrap() == file, "the file was changed");
    let running = still_running(&tree);
    assert!(running.is_empty(), "still running: {running:?}");
    assert!(text.lines().count() < 160, "{text}");
    let first = text.split("\n\n").next().unwrap();
    let last = text.trim_end().rsplit("\n\n").next().unwrap();
    let next = "Edit exercises/ex01-bank/src/lib.rs. Stuck? `cargo workshop hint 1`";
    let is_short = text.matches("\n\n").count() == 1;
    let again = if is_short { next.to_string() } else { format!("{first}\n{next}") };
    assert_eq!(last, again, "{text}");
    eprintln!("{text}");
    text
}

fn verdict(file: &str) -> String {
    verdict_with(file.as_bytes(), &[])
}

fn shipped() -> String {
    std::fs::read_to_string(common::repository().join("solutions/ex01-bank/shipped.rs")).unwrap()
}

/// The file as shipped, with `line` first thing in `withdraw`.
fn withdraw_begins_with(line: &str) -> String {
    let head = "pub fn withdraw(&self, amount: i64) -> bool {\n";
    let file = shipped().replace(head, &format!("{head}        {line}\n"));
    assert!(file.contains(line));
    file
}

#[test]
fn as_shipped() {
    let line = verdict(&shipped());
    assert!(line.starts_with("ex01-bank: not yet: both customers were paid 700"), "{line}");
}

#[test]
fn a_print_for_debugging_comes_behind_the_sentence() {
    for line in ["dbg!(amount);", r#"println!("paying {amount}");"#] {
        let line = verdict(&withdraw_begins_with(line));
        assert!(line.starts_with("ex01-bank: not yet: both customers were paid 700"), "{line}");
    }
}

#[test]
fn a_loop_that_sleeps() {
    let pause = "loop { std::thread::sleep(std::time::Duration::from_millis(1)) }";
    let line = verdict(&withdraw_begins_with(pause));
    assert!(line.starts_with("ex01-bank: runs forever: ") && !line.contains("nobody"), "{line}");
}

#[test]
fn an_inner_attribute() {
    let line = verdict(&format!("//! A bank.\n#![forbid(unsafe_code)]\n{}", shipped()));
    assert!(line.starts_with("ex01-bank: not yet: both customers were paid"), "{line}");
}

#[test]
fn a_path_from_the_root_of_the_crate() {
    let module = "mod teller {\n    pub fn first(account: &crate::Account) -> i64 {\n        crate::peek(account)\n    }\n}\n\
                  pub(crate) fn peek(account: &Account) -> i64 {\n    account.balance()\n}\n\
                  pub use teller::first;\n";
    let line = verdict(&(shipped() + module));
    assert!(line.starts_with("ex01-bank: not yet: both customers were paid"), "{line}");
}

#[test]
fn what_std_has_deprecated() {
    let line = verdict(&withdraw_begins_with("#[allow(deprecated)] std::thread::sleep_ms(0);"));
    assert!(line.starts_with("ex01-bank: not yet: "), "{line}");
    let line = verdict(&withdraw_begins_with("std::thread::sleep_ms(0);"));
    assert!(line.starts_with("ex01-bank: not yet: "), "{line}");
}

#[test]
fn a_file_of_the_real_disk() {
    let line = verdict(&withdraw_begins_with(r#"let _ = std::fs::read("/etc/hosts");"#));
    assert!(
        line.starts_with("ex01-bank: does not compile: ") && line.contains("does not explore files"),
        "{line}"
    );
}

#[test]
fn a_guard_that_nobody_keeps() {
    let text = whole_verdict(withdraw_begins_with("self.balance.lock().unwrap();").as_bytes(), &[]);
    assert_eq!(text.matches("warning: unused `").count(), 1, "{text}");
}

#[test]
fn a_syntax_error() {
    let line = verdict(&shipped().replace("if current < amount {", "if current < amount"));
    assert!(line.starts_with("ex01-bank: does not compile: ") && line.contains("(lib.rs, line "), "{line}");
}

#[test]
fn an_empty_file() {
    for file in ["", "\n  \n"] {
        let line = verdict(file);
        assert!(
            line.starts_with("ex01-bank: does not compile: src/lib.rs is empty; to get the original back, run `cargo workshop reset 1`"),
            "{line}"
        );
    }
}

#[test]
fn nothing_but_a_comment() {
    let line = verdict("// later\n");
    assert!(
        line.starts_with(
            "ex01-bank: does not compile: src/lib.rs no longer has something that the check uses: "
        ),
        "{line}"
    );
}

#[test]
fn an_endless_loop() {
    // The explorer sees it after ten seconds; a limit below that is another way to the same verdict.
    let line = verdict_with(withdraw_begins_with("loop {}").as_bytes(), &["--limit", "2"]);
    assert_eq!(line, "ex01-bank: runs forever: the check was stopped after 2 seconds");
    let spins = withdraw_begins_with("loop { std::hint::spin_loop() }");
    let line = verdict_with(spins.as_bytes(), &["--limit", "600"]);
    assert!(line.starts_with("ex01-bank: runs forever: ") && line.contains("never"), "{line}");
}

#[test]
fn an_endless_loop_that_nobody_ends() {
    if std::env::var_os("CI").is_some() {
        let line = verdict(&withdraw_begins_with("loop {}"));
        assert!(
            line.starts_with("ex01-bank: runs forever: a thread has run for 10 seconds without a step"),
            "{line}"
        );
    }
}

#[test]
fn an_exit() {
    for call in ["std::process::exit(0)", "::std::process::exit(0)"] {
        let line = verdict(&withdraw_begins_with(&format!("if amount > 0 {{ {call}; }}")));
        assert!(
            line.starts_with("ex01-bank: ends the process: customer 1 ends the whole process: "),
            "{line}"
        );
    }
}

#[test]
fn an_abort() {
    let line = verdict(&withdraw_begins_with("if amount > 0 { std::process::abort(); }"));
    assert!(line.starts_with("ex01-bank: ends the process: customer 1 ends the whole process: "), "{line}");
}

#[test]
fn a_panic_while_panicking() {
    let drop =
        "struct Twice; impl Drop for Twice { fn drop(&mut self) { panic!() } } let _twice = Twice; panic!();";
    let line = verdict(&withdraw_begins_with(&format!("if amount > 0 {{ {drop} }}")));
    assert!(line.starts_with("ex01-bank: crashes: "), "{line}");
}

#[test]
fn a_panic_that_sounds_like_another_verdict() {
    let sounds = "customer 1 never comes to an end, so it ends the whole process";
    let line = verdict(&withdraw_begins_with(&format!("if amount > 0 {{ panic!({sounds:?}); }}")));
    assert_eq!(line, format!("ex01-bank: not yet: customer 1 panics: {sounds}"));
}

#[test]
fn a_panic_in_a_function() {
    let line = verdict(&withdraw_begins_with("if amount > 0 { panic!(); }"));
    assert_eq!(line, "ex01-bank: not yet: customer 1 panics: explicit panic");
}

#[test]
fn a_panic_at_load() {
    let line = verdict(&format!("{}const _: () = panic!(\"at load\");\n", shipped()));
    assert!(
        line.starts_with("ex01-bank: does not compile: evaluation panicked: at load (lib.rs, line "),
        "{line}"
    );
}

#[test]
fn a_way_out_of_the_sight_of_the_check() {
    let std_under_another_name = shipped().replace("use std::", "extern crate std as real;\nuse real::");
    let never_returns = "unsafe extern \"C\" { safe fn _exit(code: i32) -> !; }";
    for (file, word) in [
        (std_under_another_name, "`extern`"),
        (format!("{}#[allow(unsafe_code)]\nfn f() {{ unsafe {{}} }}\n", shipped()), "`unsafe`"),
        (format!("{}{never_returns}\n", withdraw_begins_with("_exit(0);")), "`unsafe`"),
        (withdraw_begins_with("if cfg!(test) { return amount < 400; }"), "`test`"),
    ] {
        let line = verdict(&file);
        assert!(line.starts_with("ex01-bank: not yet: src/lib.rs, line ") && line.contains(word), "{line}");
    }
}

#[test]
fn memory_without_end() {
    let grow = "let mut all = vec![amount]; while amount > 0 { all.extend_from_within(..); }";
    let line = verdict(&withdraw_begins_with(grow));
    assert_eq!(line, "ex01-bank: crashes: the program takes more than 1 GiB of memory, and was ended.");
}

#[test]
fn an_infinite_recursion() {
    let line = verdict(&withdraw_begins_with("if amount > 0 { return self.withdraw(amount); }"));
    assert_eq!(
        line,
        "ex01-bank: crashes: customer 1 overflows its stack (2 MiB): is there a recursion that never ends?"
    );
}

#[test]
fn ten_megabytes() {
    let line = verdict(&format!("{}{}", shipped(), "// and so on\n".repeat(800_000)));
    assert!(line.starts_with("ex01-bank: not checked: src/lib.rs has 10.4 MB"), "{line}");
}

#[test]
fn a_removed_function() {
    let file = shipped().replace("pub fn balance(&self)", "pub fn rest(&self)");
    let line = verdict(&file);
    assert!(
        line.starts_with(
            "ex01-bank: does not compile: src/lib.rs no longer has something that the check uses: "
        ) && line.contains("`balance`"),
        "{line}"
    );
}

#[test]
fn a_file_that_is_not_text() {
    // Half of a UTF-16 file, as some editors save it.
    let line = verdict_with(&[0xff, 0xfe, b'u', 0, b's', 0], &[]);
    assert!(
        line.starts_with(
            "ex01-bank: not checked: src/lib.rs can't be read (stream did not contain valid UTF-8)"
        ),
        "{line}"
    );
}
