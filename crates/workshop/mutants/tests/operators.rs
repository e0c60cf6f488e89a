//! What each operator makes of a small file.

use mutants::mutants::mutants;
use std::collections::BTreeMap;

/// The mutants of this file, by their names.
fn of(text: &str) -> BTreeMap<String, String> {
    let all = mutants(text).unwrap();
    let count = all.len();
    let by_name: BTreeMap<_, _> = all.into_iter().map(|one| (one.name, one.text)).collect();
    assert_eq!(by_name.len(), count, "two mutants have the same name");
    for (name, mutant) in &by_name {
        assert!(mutant != text, "{name} changes nothing");
        assert!(syn::parse_file(mutant).is_ok(), "{name} is not Rust:\n{mutant}");
    }
    by_name
}

/// The changed line of this mutant of a function body.
fn changed(body: &str, name: &str) -> String {
    let text = format!("fn f() {{\n{body}\n}}\n");
    let all = of(&text);
    let mutant =
        all.get(&format!("f: {name}")).unwrap_or_else(|| panic!("no `{name}` among {:#?}", all.keys()));
    let inside = mutant.strip_prefix("fn f() {\n").and_then(|text| text.strip_suffix("\n}\n"));
    inside.expect("the change is in the body").to_string()
}

#[test]
fn a_critical_section_is_split() {
    let body = "let mut g = m.lock().unwrap();\n*g += 1;\nuse_it(&g);";
    assert_eq!(
        changed(body, "split the critical section of `g` before `use_it(&g);`"),
        "let mut g = m.lock().unwrap();\n*g += 1; drop(g); let mut g = m.lock().unwrap();\nuse_it(&g);"
    );
}

#[test]
fn a_critical_section_ends_early() {
    let body = "let mut g = m.lock().unwrap();\n*g += 1;\nc.notify_one();";
    assert_eq!(
        changed(body, "end the critical section of `g` before `c.notify_one();`"),
        "let mut g = m.lock().unwrap();\n*g += 1; drop(g);\nc.notify_one();"
    );
}

#[test]
fn a_critical_section_is_extended() {
    assert_eq!(
        changed(
            "*m.lock().unwrap() += 1;\nc.notify_one();",
            "extend the critical section of `*m.lock().unwrap() += 1;`"
        ),
        "let mut held = m.lock().unwrap(); *held += 1;\nc.notify_one();"
    );
}

#[test]
fn each_use_of_a_guard_takes_the_lock() {
    let body = "let mut g = m.lock().unwrap();\nif *g > 0 {\n    *g -= 1;\n}";
    assert_eq!(
        changed(body, "acquire `m.lock().unwrap()` for each use of `g`"),
        "\nif *m.lock().unwrap() > 0 {\n    *m.lock().unwrap() -= 1;\n}"
    );
}

#[test]
fn a_guard_that_a_wait_gives_back_is_the_same_lock() {
    let body = "let g = m.lock().unwrap();\nlet mut g = c.wait_while(g, |g| *g == 0).unwrap();\n*g -= 1;\nuse_it(&g);";
    assert_eq!(
        changed(body, "split the critical section of `g` before `use_it(&g);`"),
        "let g = m.lock().unwrap();\nlet mut g = c.wait_while(g, |g| *g == 0).unwrap();\n\
         *g -= 1; drop(g); let mut g = m.lock().unwrap();\nuse_it(&g);"
    );
}

#[test]
fn two_locks_are_swapped() {
    let body = "let a = first.lock().unwrap();\nlet b = second.lock().unwrap();\nuse_them(a, b);";
    assert_eq!(
        changed(body, "swap the locks `first` and `second`"),
        "let a = second.lock().unwrap();\nlet b = first.lock().unwrap();\nuse_them(a, b);"
    );
}

#[test]
fn a_wait_is_left_out_or_looks_once() {
    let body = "let g = c.wait_while(g, |g| *g == 0).unwrap();";
    let whole = "`c.wait_while(g, |g| *g == 0)`";
    assert_eq!(
        changed(body, &format!("wait at most once in {whole}")),
        "let g = { let mut once = true; c.wait_while(g, |g| std::mem::take(&mut once) && (*g == 0)) }.unwrap();"
    );
    assert_eq!(
        changed(body, &format!("don't wait in {whole}")),
        "let g = Ok::<_, std::sync::PoisonError<()>>(g).unwrap();"
    );
    assert_eq!(
        changed(
            "while *g == 0 {\n    g = c.wait(g).unwrap();\n}",
            "`while` becomes `if` in `while *g == 0 { g = c.wait(g).unwrap(); }`"
        ),
        "if *g == 0 {\n    g = c.wait(g).unwrap();\n}"
    );
}

#[test]
fn one_operation_becomes_two() {
    assert_eq!(
        changed("n.fetch_add(1, Relaxed);", "a load and a store in place of `n.fetch_add(1, Relaxed)`"),
        "{ let now = n.load(std::sync::atomic::Ordering::SeqCst); \
         n.store(now.wrapping_add(1), std::sync::atomic::Ordering::SeqCst); now };"
    );
}

#[test]
fn orderings_become_weaker() {
    assert_eq!(
        changed("n.load(Acquire);", "`Acquire` becomes `Relaxed`"),
        "n.load(std::sync::atomic::Ordering::Relaxed);"
    );
    assert!(!of("fn f() { n.load(Relaxed); }").keys().any(|name| name.contains("becomes")));
}

#[test]
fn notifications_are_changed_and_deleted() {
    assert_eq!(
        changed("c.notify_all();", "`notify_all` becomes `notify_one` in `c.notify_all()`"),
        "c.notify_one();"
    );
    assert_eq!(changed("c.notify_all();", "delete `c.notify_all();`"), "");
}

#[test]
fn a_lost_notification_hides_behind_a_timeout() {
    let body = "while *g {\n    g = c.wait(g).unwrap();\n}\nc.notify_all();";
    let all = of(&format!("fn f() {{\n{body}\n}}\n"));
    let mutant = &all["waits time out after 100 ms, and delete `c.notify_all()`"];
    assert!(mutant.contains("c.wait_timeout(g, std::time::Duration::from_millis(100))"), "{mutant}");
    assert!(!mutant.contains("notify_all"), "{mutant}");
}

#[test]
fn a_join_becomes_a_nap() {
    assert_eq!(
        changed("let _ = worker.join();", "sleep in place of `let _ = worker.join();`"),
        "std::thread::sleep(std::time::Duration::from_millis(50));"
    );
}

#[test]
fn a_channel_has_a_bound_and_has_none() {
    let unbounded = "use std::sync::mpsc::{self, Sender};\nstruct S(Sender<u32>);\nfn f() { let (s, r) = mpsc::channel(); }\n";
    assert_eq!(
        of(unbounded)["the channel has a bound of 2"],
        "use std::sync::mpsc::{self, SyncSender};\nstruct S(SyncSender<u32>);\nfn f() { let (s, r) = mpsc::sync_channel(2); }\n"
    );
    let bounded = "use std::sync::mpsc::{self, SyncSender};\nstruct S(SyncSender<u32>);\nfn f() { let (s, r) = mpsc::sync_channel(9); }\n";
    assert_eq!(
        of(bounded)["the channel has no bound"],
        "use std::sync::mpsc::{self, Sender};\nstruct S(Sender<u32>);\nfn f() { let (s, r) = mpsc::channel(); }\n"
    );
}

#[test]
fn instances_share_a_field() {
    let text = "struct S { n: Mutex<u32> }\nimpl S { fn new() -> S { S { n: Mutex::new(0) } } }\n";
    assert_eq!(
        of(text)["all instances of `S` share one `n`"],
        "struct S { n: &'static Mutex<u32> }\nimpl S { fn new() -> S { S { n: { static SHARED: \
         std::sync::OnceLock<Mutex<u32>> = std::sync::OnceLock::new(); SHARED.get_or_init(|| Mutex::new(0)) } } } }\n"
    );
}

#[test]
fn constants_conditions_and_statements() {
    assert_eq!(changed("let n = 7u8;", "`7u8` becomes `8`"), "let n = 8u8;");
    assert_eq!(changed("go(true);", "`true` becomes `false`"), "go(false);");
    assert_eq!(changed("if a < b {\n    c();\n}", "negate `a < b`"), "if !(a < b) {\n    c();\n}");
    assert_eq!(changed("if a < b {\n    c();\n}", "`<` becomes `<=` in `a < b`"), "if a <= b {\n    c();\n}");
    assert_eq!(changed("a();\nb();", "swap `a();` and `b();`"), "b();\na();");
    assert_eq!(
        changed("loop {\n    a();\n}", "run the loop once: `loop { a(); }`"),
        "loop {\n    a();\n break; }"
    );
    assert_eq!(
        changed("let _ = catch_unwind(AssertUnwindSafe(job));", "don't catch the panic"),
        "let _ = Ok::<_, Box<dyn std::any::Any + Send>>((AssertUnwindSafe(job))());"
    );
}

#[test]
fn a_destructor_is_deleted_and_tests_are_left_alone() {
    let all = of(
        "struct S;\nimpl Drop for S {\n    fn drop(&mut self) {}\n}\n#[cfg(test)]\nmod tests {\n    fn t() { a(1); }\n}\n",
    );
    assert_eq!(all.keys().collect::<Vec<_>>(), ["delete `impl Drop for S`"]);
}
