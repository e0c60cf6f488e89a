//! Plays the page in a real browser, where there is one: Debian's chromium, driven by playwright-core over the DevTools
//! protocol, and checked by axe-core. Both come from an npm lock file, so a learner compiles and downloads nothing for this.
//! axe-core exists on npm alone, so node is needed anyway, and a WebDriver client would add some hundred crates.
//!
//! To run it: `apt-get install -y chromium nodejs npm`, then `npm ci` in crates/scheduler/tests/browser, then
//! `PLAY=1 cargo test -p scheduler --test browser`. That takes minutes: run it before you change the page. With PLAY=quick, the
//! campaign is won by keyboard but for the longest proofs, and played on a phone by touch. Without PLAY, it is skipped.

use scheduler::programs::PROGRAMS;
use scheduler::{Play, page};
use std::env;
use std::io::Write;
use std::path::Path;
use std::process::Command;

#[test]
fn every_level_is_won_in_a_browser_by_keyboard_and_by_touch() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    let chromium = env::var("CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".into());
    let missing = if !Path::new(&chromium).is_file() {
        Some(format!("there is no {chromium} (the variable CHROMIUM names another)"))
    } else if !Command::new("node").arg("--version").output().is_ok_and(|node| node.status.success()) {
        Some("there is no node".into())
    } else if !folder.join("node_modules/playwright-core").is_dir() {
        Some("npm ci has not been run in crates/scheduler/tests/browser".into())
    } else {
        None
    };
    // Past the harness, which swallows what a passing test prints.
    let mut told = std::io::stderr();
    let Some(play) = env::var_os("PLAY") else {
        writeln!(told, "SKIPPED: the page is not played in a browser, which takes minutes: set PLAY=1")
            .unwrap();
        return;
    };
    if let Some(missing) = missing {
        assert!(env::var_os("CI").is_none(), "continuous integration plays in a browser, but {missing}");
        writeln!(told, "SKIPPED: the page is not played in a browser: {missing}").unwrap();
        return;
    }
    // In a folder of this name the page links to chapters as they are in the repository.
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let file = scratch.join("docs/scheduler.html");
    let plays: Vec<Play> = PROGRAMS.iter().map(Play::of).collect();
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, page::html(&plays)).unwrap();
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let mut node = Command::new("node");
    if play == "quick" {
        node.env("QUICK", "1");
    }
    node.arg(folder.join("play.mjs")).arg(&file).args(env::var_os("SCREENSHOTS"));
    node.env("CHROMIUM", chromium).env("DOCS", &docs);
    let played = node.output().unwrap();
    let said = String::from_utf8_lossy(&played.stdout);
    assert!(played.status.success(), "{said}{}", String::from_utf8_lossy(&played.stderr));
    writeln!(told, "{}", said.trim_end()).unwrap();
}

#[test]
fn the_modules_of_the_page_pass_their_own_tests() {
    let mut told = std::io::stderr();
    let test = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/rules.test.mjs");
    match Command::new("node").arg("--test").arg(test).output() {
        Ok(node) => assert!(node.status.success(), "{}", String::from_utf8_lossy(&node.stdout)),
        Err(_) => {
            assert!(
                env::var_os("CI").is_none(),
                "continuous integration tests the modules, but there is no node"
            );
            writeln!(told, "SKIPPED: the page's modules are not tested: there is no node").unwrap();
        }
    }
}
