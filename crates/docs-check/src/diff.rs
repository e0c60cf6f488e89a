//! A short difference between two texts, line by line.

const CONTEXT: usize = 1;
const LONGEST: usize = 24;

/// Lines only in `page` after `-`, lines only in `real` after `+`, with one line of context; 24 lines at most.
pub(crate) fn lines(page: &str, real: &str) -> String {
    let page: Vec<&str> = page.lines().collect();
    let real: Vec<&str> = real.lines().collect();
    let edits = edits(&page, &real);
    let mut shown = Vec::new();
    for (index, (sign, line)) in edits.iter().enumerate() {
        let near = &edits[index.saturating_sub(CONTEXT)..(index + CONTEXT + 1).min(edits.len())];
        if near.iter().any(|(sign, _)| *sign != ' ') {
            shown.push(format!("{sign} {line}").trim_end().to_owned());
        }
    }
    let cut = shown.len().saturating_sub(LONGEST);
    if cut > 0 {
        shown.truncate(LONGEST);
        shown.push(format!("({cut} more lines)"));
    }
    format!("- the page    + what is real\n{}", shown.join("\n"))
}

fn edits<'a>(page: &[&'a str], real: &[&'a str]) -> Vec<(char, &'a str)> {
    // common[i][j] is the length of the longest common subsequence of page[i..] and real[j..].
    let mut common = vec![vec![0_usize; real.len() + 1]; page.len() + 1];
    for i in (0..page.len()).rev() {
        for j in (0..real.len()).rev() {
            common[i][j] = if page[i] == real[j] {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    let (mut i, mut j, mut edits) = (0, 0, Vec::new());
    while i < page.len() || j < real.len() {
        if i < page.len() && j < real.len() && page[i] == real[j] {
            edits.push((' ', page[i]));
            (i, j) = (i + 1, j + 1);
        } else if j == real.len() || (i < page.len() && common[i + 1][j] >= common[i][j + 1]) {
            edits.push(('-', page[i]));
            i += 1;
        } else {
            edits.push(('+', real[j]));
            j += 1;
        }
    }
    edits
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_what_differs_is_shown_with_a_line_around_it() {
        let shown = super::lines("a\nb\nc\nd\ne", "a\nb\nX\nd\ne");
        assert_eq!(shown, "- the page    + what is real\n  b\n- c\n+ X\n  d");
    }
}
