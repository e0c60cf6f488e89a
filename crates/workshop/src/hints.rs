//! The hints of an exercise: the `<details>` blocks of its README, one after the other.

use crate::exercises::Exercise;
use crate::{Result, Trouble};
use std::fs;

/// What is folded away in a README.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The line that is always seen.
    pub summary: String,
    /// What is below it.
    pub text: String,
}

/// The hints to an exercise, from the first to the last.
///
/// # Errors
/// When there is no README, or no hint in it.
pub fn hints(exercise: &Exercise) -> Result<Vec<Hint>> {
    let readme = exercise.folder.join("README.md");
    let text = fs::read_to_string(&readme).map_err(|why| Trouble::new(readme.display(), why))?;
    let hints = parse(&text);
    if hints.is_empty() {
        return Err(Trouble::new(readme.display(), "there is no hint in it"));
    }
    Ok(hints)
}

/// The folded parts of a page that call themselves hints; all of them if none does.
pub fn parse(page: &str) -> Vec<Hint> {
    let page = page.replace("\r\n", "\n");
    let blocks = page.split("<details").skip(1).filter_map(|block| {
        let block = block.split_once('>')?.1;
        let block = block.split("</details>").next()?;
        let (summary, text) = block.split_once("</summary>")?;
        let summary = summary.split_once("<summary>")?.1;
        Some(Hint { summary: without_tags(summary), text: text.trim().to_string() })
    });
    let (hints, others): (Vec<Hint>, Vec<Hint>) =
        blocks.partition(|block| block.summary.to_lowercase().contains("hint"));
    if hints.is_empty() { others } else { hints }
}

fn without_tags(text: &str) -> String {
    let pieces = text.split('<').enumerate().map(|(nth, piece)| match nth {
        0 => piece,
        _ => piece.split_once('>').map_or(piece, |(_, after)| after),
    });
    pieces.collect::<String>().trim().to_string()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn hints_are_what_calls_itself_a_hint() {
        let page = "# Bank\n\n<details><summary>What will happen?</summary>\n\nBoth are paid.\n\n</details>\n\n\
                    <details>\n<summary><b>Hint 1</b>: where to look</summary>\n\nAt `withdraw`.\n\n</details>\n\n\
                    <details open>\r\n<summary>Hint 2</summary>\r\n\r\nOne lock,\r\nnot two.\r\n\r\n</details>\n";
        let hints = parse(page);
        let told: Vec<_> = hints.iter().map(|hint| (&*hint.summary, &*hint.text)).collect();
        assert_eq!(told, [("Hint 1: where to look", "At `withdraw`."), ("Hint 2", "One lock,\nnot two.")]);
    }
}
