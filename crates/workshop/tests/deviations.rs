//! A verification that finds nothing is worth something only if it finds what is there.

mod common;

use common::{Tree, answer};
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

/// Verifies the tree, expects this to be said of it, and exactly so many deviations; no file is touched.
fn deviates(tree: &Tree, exercises: &[&str], deviations: &str, expected: &[&str]) {
    let mine = tree.read("exercises/ex01-tiny/src/lib.rs");
    let verify = tree.workshop(&[&["verify", "--fewest", "2,2"], exercises].concat()).assert().code(1);
    let out = String::from_utf8(verify.get_output().stdout.clone()).unwrap();
    for part in expected {
        assert!(out.contains(part), "{part:?} is not in\n{out}");
    }
    assert!(out.ends_with(&format!(": {deviations} from what is expected\n")), "{out}");
    assert_eq!(tree.read("exercises/ex01-tiny/src/lib.rs"), mine);
}

#[test]
fn all_is_as_it_must_be_whatever_the_learner_has_done() {
    let tree = Tree::tiny("verify-fine");
    for mine in ["this is not Rust", &answer("solved", "42")] {
        tree.write("exercises/ex01-tiny/src/lib.rs", mine);
        tree.workshop(&["verify", "--fewest", "2,2"]).assert().success().stdout(
            contains("ex01-tiny   fails       passes               2/2             2/2\n")
                .and(contains("ex02-small  fails       passes               2/2             2/2\n"))
                .and(contains("2 exercises, 12 verdicts"))
                .and(contains("all as expected")),
        );
        assert_eq!(tree.read("exercises/ex01-tiny/src/lib.rs"), mine);
    }
    tree.workshop(&["verify", "2", "--fewest", "2,2", "--each"]).assert().success().stdout(
        contains("ex02-small wrong/one_more: not yet: the answer is 43, and not 42\n    One too many.\n")
            .and(contains("1 exercise, 6 verdicts"))
            .and(contains("ex01").not()),
    );
}

#[test]
fn an_exercise_that_passes_as_shipped() {
    let tree = Tree::tiny("verify-shipped");
    tree.write("solutions/ex01-tiny/shipped.rs", &answer("TODO", "42"));
    let told = ["ex01-tiny  passes ", "ex01-tiny shipped: is accepted as shipped: there is nothing to solve"];
    deviates(&tree, &["1"], "1 deviation", &told);
}

#[test]
fn a_wrong_fix_that_is_accepted() {
    let tree = Tree::tiny("verify-wrong");
    tree.write("solutions/ex01-tiny/fixes/wrong/lucky.rs", &answer("Guessed.", "42"));
    deviates(
        &tree,
        &["1"],
        "1 deviation",
        &["2/3", "ex01-tiny wrong/lucky: is accepted, and is wrong", "Guessed."],
    );
}

#[test]
fn a_wrong_fix_that_ends_the_check_with_success() {
    let tree = Tree::tiny("verify-exit");
    tree.write("solutions/ex01-tiny/fixes/wrong/exits.rs", &answer("Leaves.", "std::process::exit(0)"));
    tree.workshop(&["verify", "1", "--fewest", "2,2", "--each"]).assert().success().stdout(contains(
        "wrong/exits: ends the process: the process exited with code 0 before the check was done",
    ));
}

#[test]
fn a_wrong_fix_that_is_accepted_now_and_then() {
    let tree = Tree::tiny("verify-times");
    // Right in every run but the first, which leaves its mark.
    let now_and_then = "let mark = concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/mark\");
    let me = std::process::id().to_string();
    let first = std::fs::read_to_string(mark).ok();
    if first.is_none() { std::fs::write(mark, &me).unwrap() }
    if first.is_none_or(|first| first == me) { 43 } else { 42 }";
    tree.write("solutions/ex01-tiny/fixes/wrong/lucky.rs", &answer("By luck.", now_and_then));
    let told = "ex01-tiny wrong/lucky: is accepted, and is wrong, in run 2 of 3";
    deviates(&tree, &["1", "--times", "3"], "1 deviation", &[told, "7 verdicts, 3 times each"]);
    tree.workshop(&["verify", "2", "--fewest", "2,2", "--times", "3"])
        .assert()
        .success()
        .stdout(contains("6 verdicts, 3 times each"));
}

#[test]
fn a_wrong_fix_that_hangs_is_rejected_in_time() {
    let tree = Tree::tiny("verify-hangs");
    let hangs = answer("Never.", "loop { std::thread::park() }");
    tree.write("solutions/ex01-tiny/fixes/wrong/hangs.rs", &hangs);
    tree.workshop(&["verify", "1", "--fewest", "2,2", "--each", "--limit", "15"])
        .assert()
        .success()
        .stdout(contains("wrong/hangs: runs forever: "));
    assert!(common::still_running(&tree).is_empty());
}

#[test]
fn a_right_fix_that_is_rejected() {
    let tree = Tree::tiny("verify-right");
    tree.write("solutions/ex01-tiny/fixes/right/off.rs", &answer("Nearly.", "42 - 1"));
    let told =
        ["2/3", "ex01-tiny right/off: is rejected, and is right", "not yet: the answer is 41, and not 42"];
    deviates(&tree, &["1"], "1 deviation", &told);
}

#[test]
fn a_solution_that_fails_or_does_not_compile() {
    let tree = Tree::tiny("verify-solution");
    tree.write("solutions/ex01-tiny/src/lib.rs", &answer("The solution.", "41"));
    tree.write("solutions/ex02-small/src/lib.rs", &answer("The solution.", "forty_two"));
    let told = [
        "ex01-tiny solution: is rejected, and is right",
        "ex02-small solution: is rejected, and is right",
        "does not compile: cannot find value `forty_two` in this scope (lib.rs, line 3)",
        "ex02-small  fails       fails                2/2             2/2",
    ];
    deviates(&tree, &[], "2 deviations", &told);
}

#[test]
fn a_wrong_fix_that_only_the_compiler_rejects() {
    let tree = Tree::tiny("verify-typo");
    tree.write("solutions/ex01-tiny/fixes/wrong/typo.rs", &answer("Forgets the answer.", "43;"));
    deviates(
        &tree,
        &["1"],
        "1 deviation",
        &["ex01-tiny wrong/typo: is rejected by the compiler, not by the check"],
    );
    tree.write(
        "solutions/ex01-tiny/fixes/wrong/typo.rs",
        &answer("A unit is no answer: does not compile.", "43;"),
    );
    tree.workshop(&["verify", "1", "--fewest", "2,2"]).assert().success();
}

#[test]
fn unsafe_code_is_rejected_as_in_the_workspace() {
    let tree = Tree::tiny("verify-unsafe");
    let with = "unsafe { std::mem::transmute(42_u32) }";
    tree.write("solutions/ex01-tiny/fixes/right/transmute.rs", &answer("By force.", with));
    deviates(
        &tree,
        &["1"],
        "1 deviation",
        &["right/transmute: is rejected, and is right", "does not compile: "],
    );
}

#[test]
fn what_is_missing() {
    let tree = Tree::tiny("verify-missing");
    let remove = |file: &str| std::fs::remove_file(tree.root.join(file)).unwrap();
    remove("solutions/ex01-tiny/shipped.rs");
    remove("solutions/ex01-tiny/fixes/right/in_hex.rs");
    remove("solutions/ex02-small/fixes/wrong/one_more.rs");
    tree.write("solutions/ex02-small/fixes/wrong/panics.rs", "pub fn answer() -> u32 {\n    43\n}\n");
    let told = [
        "ex01-tiny: there is no shipped.rs beside the solution",
        "ex01-tiny: 1 file in fixes/right; at least 2 are wanted",
        "ex02-small: 1 file in fixes/wrong; at least 2 are wanted",
        "ex02-small wrong/panics: its first line is no `//` comment with the reason",
    ];
    deviates(&tree, &[], "4 deviations", &told);
    std::fs::remove_dir_all(tree.root.join("solutions/ex01-tiny")).unwrap();
    deviates(&tree, &["1"], "4 deviations", &["ex01-tiny: there is no solution\n"]);
}

#[test]
fn a_check_without_a_test_accepts_nothing() {
    let tree = Tree::tiny("verify-no-test");
    let check = common::CHECK.replace("#[test]", "#[allow(dead_code)]");
    tree.write("exercises/ex01-tiny/tests/check.rs", &check);
    let out = tree.workshop(&["verify", "1", "--fewest", "2,2"]).assert().code(1);
    let out = String::from_utf8(out.get_output().stdout.clone()).unwrap();
    assert!(out.contains("the check ran no test"), "{out}");
    assert!(out.contains("6 deviations"), "{out}");
}
