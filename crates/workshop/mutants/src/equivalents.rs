//! The list of mutants that behave as the file they were made from.
//!
//! A name in a line of its own, as `cargo mutate` prints it, and below it, indented, why
//! no check can tell the mutant from the original. Lines that begin with `#` are
//! comments.

use std::collections::BTreeMap;

/// The name of the file beside a solution.
pub const FILE: &str = "equivalent-mutants.txt";

/// Why each mutant is equivalent, by its name.
pub type Equivalents = BTreeMap<String, String>;

/// Reads the list.
///
/// # Errors
/// When a name has no reason, or is there twice.
pub fn parse(text: &str) -> Result<Equivalents, String> {
    let mut list = Equivalents::new();
    let mut last: Option<String> = None;
    for line in text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        if let Some(reason) = line.strip_prefix("    ") {
            let name =
                last.as_ref().ok_or_else(|| format!("a reason without a mutant: {}", reason.trim()))?;
            let reasons = list.entry(name.clone()).or_default();
            *reasons = format!("{reasons} {}", reason.trim()).trim().to_string();
        } else if list.insert(line.trim().to_string(), String::new()).is_some() {
            return Err(format!("listed twice: {line}"));
        } else {
            last = Some(line.trim().to_string());
        }
    }
    match list.iter().find(|(_, reason)| reason.is_empty()) {
        Some((name, _)) => Err(format!("no reason is given for: {name}")),
        None => Ok(list),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_reason_stands_below_its_mutant() {
        let list = parse(
            "# why\nsolution: f: delete `a`\n    It does\n    nothing.\n\nsolution: g: swap\n    No.\n",
        )
        .unwrap();
        assert_eq!(list["solution: f: delete `a`"], "It does nothing.");
        assert_eq!(list.len(), 2);
    }

    #[test]
    fn what_is_not_a_list_is_refused() {
        assert_eq!(parse("a\nb\n    r\n").unwrap_err(), "no reason is given for: a");
        assert_eq!(parse("    r\n").unwrap_err(), "a reason without a mutant: r");
        assert_eq!(parse("a\n    r\na\n    r\n").unwrap_err(), "listed twice: a");
    }
}
