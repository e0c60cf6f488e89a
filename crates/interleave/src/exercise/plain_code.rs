//! Refuses, at compile time, an exercise that steps outside of what its check can see.
//!
//! A check takes in the learner's file and gives it another `std`. Code that names the real `std` another way, calls
//! into C, or behaves differently under test would be judged by something it doesn't do.
//! [`must_be_plain`] looks at the words of the file, not at its comments and strings, and stops the
//! compiler with a sentence. Nothing of the file has run by then, so nothing in it can end the
//! check first.

/// Returns if `source`, an exercise's file, is plain code.
///
/// # Panics
/// When it isn't, with a sentence that names the line.
pub const fn must_be_plain(source: &str) {
    let text = source.as_bytes();
    let mut at = 0;
    while at < text.len() {
        let end = end_of_token(text, at);
        if let Some(why) = refused(text, at, end) {
            refuse(line(text, at), why);
        }
        at = end;
    }
}

/// Why the word from `at` to `end` is refused, if it is.
const fn refused(text: &[u8], at: usize, end: usize) -> Option<&'static str> {
    let next = next_token(text, end);
    if is(text, at, end, b"unsafe") {
        Some("`unsafe` is not allowed in an exercise, because a check can't see what unsafe code does")
    } else if is(text, at, end, b"extern") {
        Some("`extern` is not allowed in an exercise, because a check can't see what other crates and C do")
    } else if is(text, at, end, b"include") && is_macro(text, next) {
        Some("`include!` is not allowed in an exercise, because a check takes in this one file only")
    } else if is(text, at, end, b"mod") && starts(text, next_token(text, end_of_token(text, next)), b';') {
        Some("a module in a file of its own is not allowed, because a check takes in this one file only")
    } else if (is(text, at, end, b"env")
        || is(text, at, end, b"option_env")
        || is(text, at, end, b"module_path"))
        && is_macro(text, next)
    {
        Some(
            "`env!` and `module_path!` are not allowed, because they make code behave differently in a check",
        )
    } else if (is(text, at, end, b"cfg") || is(text, at, end, b"cfg_attr")) && asks_for_test(text, end) {
        Some("code must not depend on `test`, because a check would then judge other code than you run")
    } else {
        None
    }
}

/// Whether the condition behind a `cfg` names `test`, and isn't the one of a module with tests.
const fn asks_for_test(text: &[u8], behind: usize) -> bool {
    let mut at = next_token(text, behind);
    if starts(text, at, b'!') {
        at = next_token(text, end_of_token(text, at));
    }
    let (mut depth, mut words, mut found) = (0, 0, false);
    while at < text.len() {
        let end = end_of_token(text, at);
        if starts(text, at, b'(') {
            depth += 1;
        } else if starts(text, at, b')') {
            depth -= 1;
        } else {
            words += 1;
            found = found || is(text, at, end, b"test");
        }
        at = next_token(text, end);
        if depth <= 0 {
            break;
        }
    }
    let module = next_token(text, end_of_token(text, at));
    let is_module = starts(text, at, b']') && is(text, module, end_of_token(text, module), b"mod");
    found && !(words == 1 && is_module)
}

/// Whether a `!` and a bracket follow: `!=` is another thing.
const fn is_macro(text: &[u8], at: usize) -> bool {
    let bracket = next_token(text, at + 1);
    starts(text, at, b'!')
        && (starts(text, bracket, b'(') || starts(text, bracket, b'[') || starts(text, bracket, b'{'))
}

const fn starts(text: &[u8], at: usize, byte: u8) -> bool {
    at < text.len() && text[at] == byte
}

const fn is(text: &[u8], at: usize, end: usize, word: &[u8]) -> bool {
    if end - at != word.len() {
        return false;
    }
    let mut n = 0;
    while n < word.len() {
        if text[at + n] != word[n] {
            return false;
        }
        n += 1;
    }
    true
}

/// Where the next token begins that is neither blank nor a comment.
const fn next_token(text: &[u8], mut at: usize) -> usize {
    while at < text.len() && (text[at].is_ascii_whitespace() || is_comment(text, at)) {
        at = end_of_token(text, at);
    }
    at
}

const fn is_comment(text: &[u8], at: usize) -> bool {
    starts(text, at, b'/') && (starts(text, at + 1, b'/') || starts(text, at + 1, b'*'))
}

/// The end of the word, string, comment or single character that begins at `at`.
const fn end_of_token(text: &[u8], at: usize) -> usize {
    if at >= text.len() {
        return text.len();
    }
    if is_comment(text, at) {
        return end_of_comment(text, at);
    }
    if text[at] == b'"' {
        return end_of_string(text, at + 1);
    }
    if text[at] == b'\'' {
        return end_of_quote(text, at);
    }
    if !is_of_word(text[at]) {
        return at + 1;
    }
    let mut end = at;
    while end < text.len() && is_of_word(text[end]) {
        end += 1;
    }
    if is(text, at, end, b"r") || is(text, at, end, b"br") || is(text, at, end, b"cr") {
        return end_of_raw(text, end);
    }
    end
}

const fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

const fn end_of_comment(text: &[u8], at: usize) -> usize {
    let is_line = starts(text, at + 1, b'/');
    let (mut end, mut depth) = (at + 2, 1);
    while end < text.len() {
        if is_line {
            if text[end] == b'\n' {
                return end;
            }
        } else if starts(text, end, b'/') && starts(text, end + 1, b'*') {
            depth += 1;
            end += 1;
        } else if starts(text, end, b'*') && starts(text, end + 1, b'/') {
            depth -= 1;
            end += 1;
            if depth == 0 {
                return end + 1;
            }
        }
        end += 1;
    }
    text.len()
}

const fn end_of_string(text: &[u8], mut at: usize) -> usize {
    while at < text.len() && text[at] != b'"' {
        at += if text[at] == b'\\' { 2 } else { 1 };
    }
    min(at + 1, text.len())
}

/// Behind the `r` of `r"…"`, `r#"…"#` or `r#word`.
const fn end_of_raw(text: &[u8], at: usize) -> usize {
    let mut hashes = 0;
    while starts(text, at + hashes, b'#') {
        hashes += 1;
    }
    let mut end = at + hashes;
    if !starts(text, end, b'"') {
        while hashes == 1 && end < text.len() && is_of_word(text[end]) {
            end += 1;
        }
        return end;
    }
    end += 1;
    while end < text.len() {
        let mut closing = 0;
        while text[end] == b'"' && closing < hashes && starts(text, end + 1 + closing, b'#') {
            closing += 1;
        }
        if text[end] == b'"' && closing == hashes {
            return end + 1 + hashes;
        }
        end += 1;
    }
    text.len()
}

/// A character such as `'x'` or `'\''`, or only the quote of a lifetime.
const fn end_of_quote(text: &[u8], at: usize) -> usize {
    if starts(text, at + 1, b'\\') {
        let mut end = at + 3;
        while end < text.len() && text[end] != b'\'' {
            end += 1;
        }
        return min(end + 1, text.len());
    }
    // One character has up to four bytes.
    let mut width = 1;
    while width < 4 && at + 1 + width < text.len() && text[at + 1 + width] & 0xC0 == 0x80 {
        width += 1;
    }
    if starts(text, at + 1 + width, b'\'') { at + 2 + width } else { at + 1 }
}

const fn min(one: usize, other: usize) -> usize {
    if one < other { one } else { other }
}

const fn line(text: &[u8], at: usize) -> usize {
    let (mut line, mut n) = (1, 0);
    while n < at {
        line += (text[n] == b'\n') as usize;
        n += 1;
    }
    line
}

/// Panics with the line and the sentence. `format!` is not there at compile time.
const fn refuse(line: usize, why: &str) -> ! {
    let mut words = [0; 200];
    let mut length = append(&mut words, 0, b"src/lib.rs, line ");
    let mut power = 1;
    while line / power >= 10 {
        power *= 10;
    }
    while power > 0 {
        words[length] = b'0' + (line / power % 10) as u8;
        length += 1;
        power /= 10;
    }
    length = append(&mut words, length, b": ");
    length = append(&mut words, length, why.as_bytes());
    let (words, _) = words.split_at(length);
    match str::from_utf8(words) {
        Ok(words) => panic!("{}", words),
        Err(_) => panic!("{}", why),
    }
}

const fn append(words: &mut [u8], mut length: usize, more: &[u8]) -> usize {
    let mut n = 0;
    while n < more.len() {
        words[length] = more[n];
        length += 1;
        n += 1;
    }
    length
}
