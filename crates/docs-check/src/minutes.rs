//! Every chapter says how long it takes, and every timetable adds up.

use crate::markdown::{Page, Row};
use crate::{Finding, Repository};

/// The minutes of a chapter are among its first lines.
const FIRST_LINES: usize = 8;

/// Chapters without minutes; timetables that disagree with the chapters, or with their own total.
#[must_use]
pub fn check(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    for page in &repository.pages {
        if is_chapter(&page.path) && minutes_of(page).is_none() {
            let what =
                format!("this chapter does not say in its first {FIRST_LINES} lines how long it takes");
            findings.push(Finding::new(&page.path, 1, what, "write, say, `15 minutes` below the title"));
        }
        if page.path.starts_with("docs/instructor/") {
            let mut timetables =
                page.tables.iter().filter_map(|table| Some((minutes_column(table)?, table))).peekable();
            if timetables.peek().is_none() && page.path.contains("timetable") {
                let what = "this page is called a timetable, and no table here has a column `Minutes`";
                findings.push(Finding::new(&page.path, 1, what, "head the column that holds them `Minutes`"));
            }
            for (column, table) in timetables {
                timetable(repository, page, table, column, &mut findings);
            }
        }
    }
    findings
}

fn timetable(
    repository: &Repository,
    page: &Page,
    table: &[Row],
    column: usize,
    findings: &mut Vec<Finding>,
) {
    let mut sum = 0;
    let mut total = None;
    let mut clock: Option<(u32, u32)> = None;
    let mend = "correct the minutes here, or at the top of the chapter";
    for row in table.iter().filter(|row| !row.is_head) {
        let cell = row.cells.get(column).map_or("", String::as_str);
        let Some(minutes) = first_number(cell) else {
            let what = format!("this row has no minutes: «{}»", row.cells.join(" | "));
            findings.push(Finding::new(&page.path, row.line, what, "give the row its minutes"));
            clock = None;
            continue;
        };
        if row.cells.iter().any(|cell| cell.trim().to_lowercase().starts_with("total")) {
            total = Some((row.line, minutes));
            continue;
        }
        sum += minutes;
        let chapters = row.links.iter().filter_map(|link| linked(repository, page, link));
        let stated: Vec<u32> = chapters.filter(|it| is_chapter(&it.path)).filter_map(minutes_of).collect();
        let chapters: u32 = stated.iter().sum();
        if !stated.is_empty() && chapters != minutes {
            let what = format!("this row plans {minutes} minutes; the chapter it links to says {chapters}");
            findings.push(Finding::new(&page.path, row.line, what, mend));
        }
        let start = row.cells.iter().find_map(|cell| time_of_day(cell));
        if let (Some(start), Some((before, lasted))) = (start, clock)
            && before + lasted != start
        {
            let what = format!(
                "the row before ends at {}, this one starts at {}",
                time(before + lasted),
                time(start)
            );
            findings.push(Finding::new(&page.path, row.line, what, "correct the time of day"));
        }
        clock = start.map(|start| (start, minutes));
    }
    match total {
        None => {
            let what = format!("this timetable states no total; its rows add up to {sum} minutes");
            findings.push(Finding::new(&page.path, table[0].line, what, "add a last row `Total`"));
        }
        Some((line, stated)) if stated != sum => {
            let what = format!("the total says {stated} minutes; the rows add up to {sum}");
            findings.push(Finding::new(&page.path, line, what, mend));
        }
        Some(_) => {}
    }
}

fn is_chapter(path: &str) -> bool {
    let name = path.strip_prefix("docs/").unwrap_or_default().as_bytes();
    matches!(name, [tens, ones, b'-', ..] if tens.is_ascii_digit() && ones.is_ascii_digit())
}

/// The number before the first `minutes` in the first lines.
fn minutes_of(page: &Page) -> Option<u32> {
    let first_lines: Vec<&str> = page.text.lines().take(FIRST_LINES).collect();
    let text = first_lines.join(" ");
    text.match_indices(" minute").find_map(|(at, _)| {
        let before = &text[..at];
        let number = before.rsplit(|c: char| !c.is_ascii_digit()).next()?;
        number.parse().ok()
    })
}

fn minutes_column(table: &[Row]) -> Option<usize> {
    let heads = table.iter().find(|row| row.is_head)?.cells.iter();
    heads
        .map(|head| head.trim().to_lowercase())
        .position(|head| matches!(head.as_str(), "minutes" | "min" | "min."))
}

fn linked<'a>(repository: &'a Repository, page: &Page, link: &str) -> Option<&'a Page> {
    let path = link.split('#').next()?;
    let from = page.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = from.split('/').collect();
    for part in path.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." => {}
            name => parts.push(name),
        }
    }
    repository.page(&parts.join("/"))
}

fn first_number(cell: &str) -> Option<u32> {
    cell.split(|c: char| !c.is_ascii_digit()).find(|digits| !digits.is_empty())?.parse().ok()
}

/// `9:05` or `09:05–09:20`, as minutes since midnight.
fn time_of_day(cell: &str) -> Option<u32> {
    let start = cell.trim().split(|c: char| !c.is_ascii_digit() && c != ':').next()?;
    let (hours, minutes) = start.split_once(':')?;
    Some(hours.parse::<u32>().ok()? * 60 + minutes.parse::<u32>().ok()?)
}

fn time(minutes: u32) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}
