//! Finds an item of a Rust file by name, without parsing more of the language than braces, strings and keywords.
//!
//! A real parser (`syn`) would be exact and would cost every learner's first `cargo test` several seconds. What is
//! needed here is where an item starts and ends, and that is decided by brackets once strings and comments are blanked.

/// One item of a file, as byte offsets.
#[derive(Debug, Clone)]
struct Item {
    keyword: String,
    name: String,
    /// For an `impl`: the trait, if any, without generics.
    of_trait: String,
    bare_start: usize,
    end: usize,
    /// Between the braces, where items may be nested.
    body: Option<(usize, usize)>,
}

/// The texts that a page may show for `wanted`: the item with all comments and attributes above it, with only the
/// attributes, and bare. Each is without markers of anchored regions and without leading indentation.
///
/// # Errors
/// One sentence when nothing, or more than one thing, goes by that name.
pub fn find(source: &str, wanted: &str) -> Result<Vec<String>, String> {
    if let Some(region) = region(source, wanted)? {
        return Ok(vec![shown(&region)]);
    }
    if let Some((first, last)) = line_range(wanted) {
        let count = source.lines().count();
        if first == 0 || first > last || last > count {
            return Err(format!("it has {count} lines"));
        }
        return Ok(vec![shown(
            &source.lines().skip(first - 1).take(last + 1 - first).collect::<Vec<_>>().join("\n"),
        )]);
    }
    let masked = masked(source);
    let items = items(&masked, 0, masked.len());
    let path: Vec<&str> = wanted.split("::").collect();
    let mut found = named(&masked, &items, &path);
    if found.is_empty() {
        found = nested(&masked, &items, &path);
    }
    match found.as_slice() {
        [] => Err(format!("it has no item or region of that name, only: {}", names(&masked, &items))),
        [one] => Ok(variants(source, one)),
        many => {
            let line = |item: &Item| (source[..item.bare_start].matches('\n').count() + 1).to_string();
            let lines: Vec<String> = many.iter().map(line).collect();
            Err(format!(
                "it has {} of that name, on lines {}: put `fn `, `struct `, `impl ` or a path before the name",
                many.len(),
                lines.join(", ")
            ))
        }
    }
}

/// `text` as a page shows it: no markers, no common indentation, no blank lines at either end.
#[must_use]
pub fn shown(text: &str) -> String {
    let is_marker = |line: &str| line.contains("ANCHOR: ") || line.contains("ANCHOR_END: ");
    let lines: Vec<&str> = text.lines().filter(|line| !is_marker(line)).map(str::trim_end).collect();
    let indents =
        lines.iter().filter(|line| !line.is_empty()).map(|line| line.len() - line.trim_start().len());
    let indent = indents.min().unwrap_or(0);
    let lines: Vec<&str> = lines.iter().map(|line| line.get(indent..).unwrap_or_default()).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

fn region(source: &str, name: &str) -> Result<Option<String>, String> {
    let marks = |line: &str, marker: &str| {
        line.split_once(marker).is_some_and(|(_, rest)| rest.split_whitespace().next() == Some(name))
    };
    let lines: Vec<&str> = source.lines().collect();
    let starts: Vec<usize> = (0..lines.len()).filter(|&at| marks(lines[at], "ANCHOR: ")).collect();
    match starts.as_slice() {
        [] => Ok(None),
        [start] => match lines[start + 1..].iter().position(|line| marks(line, "ANCHOR_END: ")) {
            Some(length) => Ok(Some(lines[start + 1..start + 1 + length].join("\n"))),
            None => Err(format!("its `ANCHOR: {name}` has no `ANCHOR_END: {name}` below it")),
        },
        _ => Err(format!("it has more than one `ANCHOR: {name}`")),
    }
}

/// `L3-L9` or `L3`.
fn line_range(wanted: &str) -> Option<(usize, usize)> {
    let number = |part: &str| part.strip_prefix('L')?.parse::<usize>().ok();
    let (first, last) = wanted.split_once('-').unwrap_or((wanted, wanted));
    Some((number(first)?, number(last)?))
}

fn variants(source: &str, item: &Item) -> Vec<String> {
    let line_start = |at: usize| source[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let bare = line_start(item.bare_start);
    let (mut with_attributes, mut full) = (bare, bare);
    // Upwards over attributes (one line each, or closing with `]`) and comments, to the first other line.
    let mut only_attributes = true;
    while full > 0 {
        let above = line_start(full - 1);
        let line = source[above..full].trim();
        let is_comment = line.starts_with("//") && !line.starts_with("//!");
        if !is_comment && !line.starts_with("#[") {
            break;
        }
        only_attributes &= !is_comment;
        full = above;
        if only_attributes {
            with_attributes = full;
        }
    }
    let mut variants: Vec<String> =
        [full, with_attributes, bare].map(|start| shown(&source[start..item.end])).into();
    variants.dedup();
    variants
}

fn named(masked: &str, items: &[Item], path: &[&str]) -> Vec<Item> {
    let [name, inner @ ..] = path else { return Vec::new() };
    let matching = items.iter().filter(|item| goes_by(item, name, inner.is_empty()));
    if inner.is_empty() {
        return matching.cloned().collect();
    }
    let bodies = matching.filter_map(|item| item.body);
    bodies.flat_map(|(start, end)| named(masked, &self::items(masked, start, end), inner)).collect()
}

/// Looks inside every body, for names that are not at the top.
fn nested(masked: &str, items: &[Item], path: &[&str]) -> Vec<Item> {
    let bodies = items.iter().filter(|item| matches!(item.keyword.as_str(), "mod" | "impl" | "trait"));
    let bodies = bodies.filter_map(|item| item.body);
    bodies
        .flat_map(|(start, end)| {
            let inner = self::items(masked, start, end);
            let found = named(masked, &inner, path);
            if found.is_empty() { nested(masked, &inner, path) } else { found }
        })
        .collect()
}

fn goes_by(item: &Item, name: &str, is_last: bool) -> bool {
    if let Some(header) = name.strip_prefix("impl ") {
        let (of_trait, of_type) = header.split_once(" for ").unwrap_or(("", header));
        return item.keyword == "impl" && item.name == of_type.trim() && item.of_trait == of_trait.trim();
    }
    if let Some((keyword, name)) = name.split_once(' ') {
        return item.keyword == keyword && item.name == name.trim();
    }
    // `Account::new` looks into every impl of Account; `Account` alone is the type.
    item.name == name && if is_last { item.keyword != "impl" } else { item.body.is_some() }
}

fn names(masked: &str, items: &[Item]) -> String {
    let mut names = Vec::new();
    for item in items.iter().filter(|item| item.keyword != "use" && !item.name.is_empty()) {
        match (item.keyword.as_str(), item.body) {
            ("impl", Some((start, end))) => {
                let methods = self::items(masked, start, end);
                let methods = methods.iter().filter(|method| method.keyword == "fn");
                names.extend(methods.map(|method| format!("{}::{}", item.name, method.name)));
            }
            _ => names.push(item.name.clone()),
        }
    }
    names.join(", ")
}

/// `source` with comments, strings and characters blanked, byte for byte; line ends stay.
fn masked(source: &str) -> String {
    let bytes = source.as_bytes();
    let mut masked = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let end = literal_end(source, at);
        match end {
            Some(end) => {
                masked.extend(bytes[at..end].iter().map(|&byte| if byte == b'\n' { b'\n' } else { b' ' }));
                at = end;
            }
            None => {
                masked.push(if bytes[at].is_ascii() { bytes[at] } else { b'x' });
                at += 1;
            }
        }
    }
    String::from_utf8(masked).expect("only ASCII is pushed")
}

/// Where the comment, string or character that starts at `at` ends; `None` if none starts there.
fn literal_end(source: &str, at: usize) -> Option<usize> {
    let bytes = source.as_bytes();
    let rest = source.get(at..)?;
    let after =
        |found: Option<usize>, length: usize| found.map_or(source.len(), |offset| at + offset + length);
    if rest.starts_with("//") {
        return Some(after(rest.find('\n'), 0));
    }
    if rest.starts_with("/*") {
        let (mut depth, mut offset) = (0, 0);
        while offset < rest.len() {
            match &rest.as_bytes()[offset..] {
                [b'/', b'*', ..] => (depth, offset) = (depth + 1, offset + 2),
                [b'*', b'/', ..] => (depth, offset) = (depth - 1, offset + 2),
                _ => offset += 1,
            }
            if depth == 0 {
                break;
            }
        }
        return Some(at + offset);
    }
    let follows_a_name = at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_');
    let raw = rest.strip_prefix("br").or(rest.strip_prefix("cr")).or(rest.strip_prefix('r'));
    if let Some(raw) = raw.filter(|_| !follows_a_name) {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if raw[hashes..].starts_with('"') {
            let close = format!("\"{}", "#".repeat(hashes));
            let open = rest.len() - raw.len() + hashes + 1;
            return Some(after(rest[open..].find(&close).map(|offset| open + offset), close.len()));
        }
    }
    if rest.starts_with('"') {
        let mut escaped = false;
        let close = rest.char_indices().skip(1).find(|&(_, c)| {
            let closes = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            closes
        });
        return Some(after(close.map(|(offset, _)| offset), 1));
    }
    if let Some(inner) = rest.strip_prefix('\'') {
        // 'x' and '\n' are characters; 'x without a closing quote is a lifetime.
        let mut chars = inner.char_indices();
        let first = chars.next()?.1;
        if first == '\\' {
            chars.next();
            return Some(after(chars.find(|&(_, c)| c == '\'').map(|(offset, _)| offset + 1), 1));
        }
        return chars.next().filter(|&(_, c)| c == '\'').map(|(offset, _)| at + 1 + offset + 1);
    }
    None
}

/// The items between two offsets, not those inside their bodies.
fn items(masked: &str, start: usize, end: usize) -> Vec<Item> {
    let bytes = masked.as_bytes();
    let mut at = start;
    let mut items = Vec::new();
    loop {
        at = skip_space(bytes, at, end);
        if at >= end {
            return items;
        }
        if bytes[at] == b'#' {
            at = bytes[at..end]
                .iter()
                .position(|&byte| byte == b'[')
                .map_or(end, |open| closing(bytes, at + open, end));
            continue;
        }
        match item_at(masked, at, end) {
            Some(item) => {
                at = item.end;
                items.push(item);
            }
            // Not an item (an enum's variant, an expression): go on behind it, over any bracket as a whole.
            None if matches!(bytes[at], b'{' | b'(' | b'[') => at = closing(bytes, at, end),
            None => at += word(masked, at, end).len().max(1),
        }
    }
}

fn item_at(masked: &str, start: usize, end: usize) -> Option<Item> {
    let bytes = masked.as_bytes();
    let mut at = start;
    loop {
        let keyword = word(masked, at, end);
        let after = skip_space(bytes, at + keyword.len(), end);
        let next = word(masked, after, end);
        match keyword {
            "pub" if bytes.get(after) == Some(&b'(') => {
                at = skip_space(bytes, closing(bytes, after, end), end);
            }
            "pub" | "async" | "unsafe" | "default" => at = after,
            "const" | "extern" if matches!(next, "fn" | "unsafe" | "async" | "extern" | "impl" | "trait") => {
                at = after;
            }
            "const" | "static" | "type" | "use" => {
                let name =
                    if next == "mut" { word(masked, skip_space(bytes, after + 3, end), end) } else { next };
                return Some(item(keyword, name, start, until(bytes, after, end, false).0, None));
            }
            "fn" | "struct" | "enum" | "union" | "trait" | "mod" if !next.is_empty() => {
                let (end, body) = until(bytes, after, end, true);
                return Some(item(keyword, next, start, end, body));
            }
            "impl" => {
                let (end, body) = until(bytes, after, end, true);
                let (of_trait, of_type) = impl_header(&masked[after..body?.0 - 1]);
                return Some(Item { of_trait, ..item(keyword, &of_type, start, end, body) });
            }
            "macro_rules" => {
                let name_at = skip_space(bytes, after + 1, end);
                let name = word(masked, name_at, end);
                return Some(item(keyword, name, start, until(bytes, name_at, end, true).0, None));
            }
            "extern" => return Some(item(keyword, "", start, until(bytes, after, end, true).0, None)),
            _ => return None,
        }
    }
}

fn item(keyword: &str, name: &str, bare_start: usize, end: usize, body: Option<(usize, usize)>) -> Item {
    Item {
        keyword: keyword.to_owned(),
        name: name.to_owned(),
        of_trait: String::new(),
        bare_start,
        end,
        body,
    }
}

/// The offset behind the item, and its body: up to `;`, or up to the end of the first braces if those end it.
fn until(bytes: &[u8], start: usize, end: usize, braces_end_it: bool) -> (usize, Option<(usize, usize)>) {
    let mut at = start;
    while at < end {
        match bytes[at] {
            b';' => return (at + 1, None),
            b'{' if braces_end_it => {
                let close = closing(bytes, at, end);
                return (close, Some((at + 1, close - 1)));
            }
            b'{' | b'(' | b'[' => at = closing(bytes, at, end),
            _ => at += 1,
        }
    }
    (end, None)
}

/// The offset behind the bracket that closes the one at `open`.
fn closing(bytes: &[u8], open: usize, end: usize) -> usize {
    let mut depth = 0_usize;
    for (offset, byte) in bytes[open..end].iter().enumerate() {
        match byte {
            b'{' | b'(' | b'[' => depth += 1,
            b'}' | b')' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return open + offset + 1;
        }
    }
    end
}

fn skip_space(bytes: &[u8], start: usize, end: usize) -> usize {
    (start..end).find(|&at| !bytes[at].is_ascii_whitespace()).unwrap_or(end)
}

fn word(masked: &str, start: usize, end: usize) -> &str {
    let rest = &masked[start..end];
    let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
    &rest[..length]
}

/// The trait, if any, and the type of an `impl`, without generics, paths and bounds.
fn impl_header(header: &str) -> (String, String) {
    let mut plain = String::new();
    let mut depth = 0_usize;
    let mut previous = ' ';
    for c in header.chars() {
        match c {
            '<' => depth += 1,
            '>' if previous != '-' => depth = depth.saturating_sub(1),
            _ if depth == 0 => plain.push(c),
            _ => {}
        }
        previous = c;
    }
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let plain = plain.split(" where ").next().unwrap_or_default();
    let name = |text: &str| {
        let text = text.split_whitespace().next_back().unwrap_or_default();
        text.rsplit("::").next().unwrap_or_default().trim_start_matches('&').to_owned()
    };
    match plain.split_once(" for ") {
        Some((of_trait, of_type)) => (name(of_trait), name(of_type)),
        None => (String::new(), name(plain)),
    }
}

#[cfg(test)]
mod tests {
    use super::find;

    const SOURCE: &str = r##"//! A page.
use std::sync::{Mutex, MutexGuard};

#[cfg(doc)]
mod elsewhere;

/// What a customer has: a `{` here confuses nobody.
#[derive(Debug)]
pub struct Account {
    balance: Mutex<i64>, // }
}

pub(crate) struct Pair(u8, [u8; 2]);

const BRACES: &str = "}} \" {{";
const RAW: &str = r#"} " { "#;
const TABLE: [char; 3] = ['{', '\'', '"'];

impl Account {
    /// Opens it.
    #[must_use]
    pub fn new(balance: i64) -> Self {
        // A comment with a quote: don't stop.
        Self { balance: Mutex::new(balance) }
    }

    fn guard<'a>(&'a self) -> MutexGuard<'a, i64> {
        // ANCHOR: take
        let guard = self.balance.lock();
        guard.unwrap()
        // ANCHOR_END: take
    }
}

impl<T: Fn() -> u8> Drop for Guard<'_, T>
where
    T: Send,
{
    fn drop(&mut self) {}
}

impl Drop for Account {
    fn drop(&mut self) {
        /* } /* nested */ } */
    }
}

// Why it is so.
pub const fn twice<const N: usize>(x: [u8; N]) -> [u8; N] { x }

mod inner {
    pub fn deep() -> char {
        '}'
    }
    pub fn twice() {}
}

fn r#last() {}
"##;

    fn first(wanted: &str) -> String {
        find(SOURCE, wanted).unwrap_or_else(|why| panic!("{wanted}: {why}")).remove(0)
    }

    #[test]
    fn an_item_ends_where_its_braces_end() {
        assert_eq!(
            first("Account"),
            "/// What a customer has: a `{` here confuses nobody.\n#[derive(Debug)]\npub struct Account {\n    balance: Mutex<i64>, // }\n}"
        );
        assert_eq!(first("Pair"), "pub(crate) struct Pair(u8, [u8; 2]);");
        assert_eq!(first("RAW"), "const RAW: &str = r#\"} \" { \"#;");
        assert_eq!(first("TABLE"), "const TABLE: [char; 3] = ['{', '\\'', '\"'];");
        assert_eq!(first("deep"), "pub fn deep() -> char {\n    '}'\n}");
        assert_eq!(first("elsewhere"), "#[cfg(doc)]\nmod elsewhere;");
        assert_eq!(first("impl Drop for Guard").lines().count(), 6);
        assert_eq!(first("impl Account").lines().count(), 15 - 2);
        assert_eq!(first("inner").lines().count(), 6);
    }

    #[test]
    fn a_method_is_named_with_its_type_and_a_function_with_its_module() {
        assert!(first("Account::new").starts_with("/// Opens it.\n#[must_use]\npub fn new"));
        assert_eq!(first("inner::twice"), "pub fn twice() {}");
        assert!(first("Guard::drop").ends_with("fn drop(&mut self) {}"));
        assert!(first("Account::drop").contains("nested"));
        assert!(
            first("twice").starts_with("// Why it is so.\npub const fn twice"),
            "the top level comes first"
        );
        assert!(first("new").contains("pub fn new"), "a method of a name that is used once needs no type");
    }

    #[test]
    fn comments_and_attributes_may_be_left_out() {
        let variants = find(SOURCE, "Account").unwrap();
        let starts: Vec<&str> = variants.iter().map(|text| text.lines().next().unwrap()).collect();
        assert_eq!(
            starts,
            [
                "/// What a customer has: a `{` here confuses nobody.",
                "#[derive(Debug)]",
                "pub struct Account {"
            ]
        );
        assert_eq!(find(SOURCE, "Pair").unwrap().len(), 1);
    }

    #[test]
    fn regions_and_lines_can_be_shown_and_markers_never_are() {
        assert_eq!(first("take"), "let guard = self.balance.lock();\nguard.unwrap()");
        assert!(!first("Account::guard").contains("ANCHOR"));
        assert_eq!(first("L2"), "use std::sync::{Mutex, MutexGuard};");
        assert_eq!(first("L4-L5"), "#[cfg(doc)]\nmod elsewhere;");
    }

    #[test]
    fn what_is_not_there_or_not_unique_is_said() {
        assert!(find(SOURCE, "withdraw").unwrap_err().contains("Account::new"));
        assert!(find(SOURCE, "drop").unwrap_err().contains("2 of that name, on lines 39, 43:"));
        assert!(find(SOURCE, "L900").unwrap_err().contains("lines"));
        assert!(find("// ANCHOR: a\nx\n", "a").unwrap_err().contains("ANCHOR_END: a"));
    }
}
