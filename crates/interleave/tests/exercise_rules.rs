//! What an exercise may not contain, and what only looks like it.

use interleave::exercise::must_be_plain;
use std::panic::catch_unwind;

/// The sentence with which this source is refused, or an empty one.
fn refusal(source: &'static str) -> String {
    let outcome = catch_unwind(|| must_be_plain(source));
    outcome.err().map_or_else(String::new, |why| why.downcast_ref::<String>().unwrap().clone())
}

#[test]
fn ways_out_of_a_check_are_refused_with_a_line() {
    for (source, line, word) in [
        ("extern crate std as real;", 1, "`extern`"),
        ("\n\nunsafe extern \"C\" { safe fn _exit(code: i32) -> !; }", 3, "`unsafe`"),
        ("fn f() {\n    unsafe { COUNT += 1 }\n}", 2, "`unsafe`"),
        ("#[allow(unsafe_code)]\nfn f() { unsafe { g() } }", 2, "`unsafe`"),
        ("macro_rules! m { ($a:tt) => { $a crate std as real; } }\nm!(extern);", 2, "`extern`"),
        ("include!(\"other.rs\");", 1, "`include!`"),
        ("mod other;", 1, "module"),
        ("#[path = \"x.rs\"]\nmod other /* here */ ;", 2, "module"),
        ("fn f() -> bool { cfg!(test) }", 1, "`test`"),
        ("fn f() -> bool { cfg ! ( any(windows, test) ) }", 1, "`test`"),
        ("#[cfg(not(test))]\nfn f() {}", 1, "`test`"),
        ("#[cfg(test)]\nfn f() {}", 1, "`test`"),
        ("#[cfg_attr(test, derive(Debug))]\nmod f {}", 1, "`test`"),
        ("fn f() { module_path!(); }", 1, "`module_path!`"),
        ("const A: Option<&str> = option_env!(\"X\");", 1, "`env!`"),
        // The first of several, behind all kinds of quotes.
        ("const A: char = '\"';\nconst B: char = '\\'';\nextern crate std as s; // \"", 3, "`extern`"),
        ("const A: &str = r#\"\"\"#;\nfn f<'a>() { unsafe {} }", 2, "`unsafe`"),
        ("const A: &str = \"\\\\\";\nfn f() { unsafe {} } // \"", 2, "`unsafe`"),
        ("/* /* */ unsafe */ extern crate std as s;", 1, "`extern`"),
        ("const A: char = 'é';\nunsafe fn f() {}", 2, "`unsafe`"),
    ] {
        let refusal = refusal(source);
        let place = format!("src/lib.rs, line {line}: ");
        assert!(refusal.starts_with(&place) && refusal.contains(word), "{source:?} gives {refusal:?}");
    }
}

#[test]
fn what_only_looks_like_it_is_plain() {
    for source in [
        "",
        "// unsafe extern \"C\"\nfn f() {} /* extern crate /* unsafe */ mod other; */",
        "const A: &str = \"unsafe \\\" extern\"; const B: &str = r##\"a \"# unsafe\"##;",
        "const A: &[u8] = br\"extern\"; const B: u8 = b'\\''; const C: &str = \"unsafe\";",
        "fn unsafely(r#extern: u8, external: u8) -> u8 { r#extern + external }",
        "mod tests { fn f() {} }",
        "#[cfg(test)]\n// mine\nmod tests { #[test] fn f() {} }",
        "fn f<'r>(a: &'r str) -> bool { cfg!(windows) && a.contains('t') }",
        "#[cfg(unix)]\nfn test() {}",
        "use std::env; fn f() { env::args(); let module_path = 1; let _ = module_path != 1; }",
        "#![forbid(unsafe_code)]",
        "fn f() { let r = 1; let _ = r; \"",
        "'",
        "/*",
    ] {
        assert_eq!(refusal(source), "", "{source:?}");
    }
}

#[test]
fn every_cut_of_a_file_is_read_to_its_end() {
    let file = include_str!("exercise_rules.rs");
    for (end, _) in file.char_indices().step_by(7) {
        must_be_plain_or_not(&file[..end]);
    }
    assert!(catch_unwind(|| must_be_plain("unsafe")).is_err());
}

/// It has strings with all of the words, and must come to an end without an index out of bounds.
fn must_be_plain_or_not(source: &str) {
    let outcome = catch_unwind(|| must_be_plain(source));
    if let Err(why) = outcome {
        let why = why.downcast_ref::<String>().map_or("no sentence", String::as_str);
        assert!(why.starts_with("src/lib.rs, line "), "{why}");
    }
}
