//! Every chapter says how long it takes, as its exercise and the index do, and every timetable adds up.

use crate::chapters;
use crate::markdown::{Page, Row};
use crate::{Finding, Repository};

/// The minutes of a chapter are among its first lines.
const FIRST_LINES: usize = 8;

/// How many minutes may be taught for each minute of slack.
const LEAST_SLACK: u32 = 8;

/// How many minutes may be taught before there is slack again.
const LONGEST_WITHOUT: u32 = 120;

/// How a chapter that has an exercise says how long it takes.
const FORM: &str = "25 minutes: 10 to read and run, 15 for the exercise.";

/// Chapters without minutes, or with minutes that do not add up or differ from those of their exercise or of the index;
/// timetables that disagree with the chapters and exercises that they link to, or with their own total.
#[must_use]
pub fn check(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    for page in &repository.pages {
        if is_chapter(&page.path) && minutes_of(page).is_none() {
            let what =
                format!("this chapter does not say in its first {FIRST_LINES} lines how long it takes");
            findings.push(Finding::new(&page.path, 1, what, "write, say, `15 minutes` below the title"));
        } else if is_chapter(&page.path) {
            chapter(repository, page, &mut findings);
        }
        if page.path == "docs/README.md" {
            index(repository, page, &mut findings);
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

/// The parts of a chapter's minutes add up, and the exercise says the same of itself.
fn chapter(repository: &Repository, page: &Page, findings: &mut Vec<Finding>) {
    let Some(exercise) = chapters::exercise(repository, &page.path) else { return };
    let Some((read, solve)) = parts_of(page) else {
        let what = "this chapter has an exercise, and does not say how long reading and solving take";
        findings.push(Finding::new(&page.path, 1, what, format!("write below the title: {FORM}")));
        return;
    };
    if minutes_of(page) != Some(read + solve) {
        let what =
            format!("{read} and {solve} minutes are {}, not what the chapter says first", read + solve);
        findings.push(Finding::new(&page.path, 1, what, format!("make them add up, as in: {FORM}")));
    }
    let readme = format!("{exercise}/README.md");
    if let Some(stated) = repository.page(&readme).and_then(minutes_of).filter(|stated| *stated != solve) {
        let what = format!("this chapter gives its exercise {solve} minutes; {readme} takes {stated}");
        findings.push(Finding::new(&page.path, 1, what, "say the same in both"));
    }
}

/// The index of the book says of each chapter what the chapter says.
fn index(repository: &Repository, page: &Page, findings: &mut Vec<Finding>) {
    let mut listed = Vec::new();
    for table in &page.tables {
        let Some(column) = minutes_column(table) else { continue };
        let minutes = |row: &Row| row.cells.get(column).and_then(|cell| first_number(cell));
        let rows = table.iter().filter(|row| !row.is_head);
        let (totals, others): (Vec<&Row>, Vec<&Row>) = rows.partition(|row| is_total(row));
        let sum: u32 = others.into_iter().filter_map(minutes).sum();
        for total in totals.into_iter().filter(|total| minutes(total) != Some(sum)) {
            let what = format!("the rows add up to {sum} minutes; the total says otherwise");
            findings.push(Finding::new(&page.path, total.line, what, "correct the total"));
        }
        for row in table.iter().filter(|row| !row.is_head) {
            let chapters = row.links.iter().filter_map(|link| linked(repository, page, link));
            let Some(chapter) = chapters.into_iter().find(|page| is_chapter(&page.path)) else { continue };
            listed.push(&chapter.path);
            let stated = minutes(row);
            if let Some(takes) = minutes_of(chapter).filter(|takes| stated != Some(*takes)) {
                let what =
                    format!("{} says that it takes {takes} minutes; this row says otherwise", chapter.path);
                findings.push(Finding::new(&page.path, row.line, what, "say the same in both"));
            }
        }
    }
    let chapters = repository.pages.iter().map(|page| &page.path);
    let with_exercise = chapters.filter(|path| chapters::exercise(repository, path).is_some());
    for path in with_exercise.filter(|path| !listed.contains(path)) {
        let what = format!("no table here says how many minutes {path} takes");
        findings.push(Finding::new(&page.path, 1, what, "add a row for it, with its minutes"));
    }
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
    let mut pace = Pace::default();
    let mend = "correct the minutes here, or at the top of the chapter";
    for row in table.iter().filter(|row| !row.is_head) {
        let cell = row.cells.get(column).map_or("", String::as_str);
        let Some(minutes) = first_number(cell) else {
            let what = format!("this row has no minutes: «{}»", row.cells.join(" | "));
            findings.push(Finding::new(&page.path, row.line, what, "give the row its minutes"));
            clock = None;
            continue;
        };
        if is_total(row) {
            total = Some((row.line, minutes));
            continue;
        }
        sum += minutes;
        pace.row(page, row, minutes, findings);
        // A link to a chapter is for reading and running it, one to an exercise for solving that.
        let pages = row.links.iter().filter_map(|link| linked(repository, page, link));
        let stated: Vec<u32> = pages.filter_map(planned).collect();
        let wanted: u32 = stated.iter().sum();
        if !stated.is_empty() && wanted != minutes {
            let what = format!("this row plans {minutes} minutes; what it links to takes {wanted}");
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
    if pace.slack * LEAST_SLACK < pace.taught {
        let what = format!("{} minutes are taught, with {} minutes of slack", pace.taught, pace.slack);
        let mend =
            format!("leave one minute for every {LEAST_SLACK} that are taught, in rows called `Slack`");
        findings.push(Finding::new(&page.path, table[0].line, what, mend));
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

/// What a timetable leaves for everything that takes longer, and where learners who fell behind come in again.
#[derive(Default)]
struct Pace {
    taught: u32,
    slack: u32,
    /// Minutes taught since there was slack.
    without: u32,
    /// The number of the last exercise so far.
    exercise: Option<u32>,
    follows_a_break: bool,
}

impl Pace {
    fn row(&mut self, page: &Page, row: &Row, minutes: u32, findings: &mut Vec<Finding>) {
        let begins =
            |words: &[&str]| row.cells.iter().any(|cell| words.iter().any(|word| cell.starts_with(word)));
        if begins(&["Break", "Lunch"]) {
            self.follows_a_break = true;
            return;
        }
        if begins(&["Slack"]) {
            self.slack += minutes;
            self.without = 0;
        } else {
            self.taught += minutes;
            let before = self.without;
            self.without += minutes;
            if before <= LONGEST_WITHOUT && self.without > LONGEST_WITHOUT {
                let what = format!("more than {LONGEST_WITHOUT} minutes are taught here without slack");
                findings.push(Finding::new(&page.path, row.line, what, "put a row `Slack` before this one"));
            }
        }
        if std::mem::take(&mut self.follows_a_break)
            && let Some(exercise) = self.exercise
        {
            let command = format!("cargo workshop diff {exercise} --peek");
            if !row.cells.iter().any(|cell| cell.contains("Rejoin here") && cell.contains(&command)) {
                let what = "learners who fell behind join again after a break, and this row doesn't say how";
                let mend = format!("write in it: **Rejoin here:** `{command}`");
                findings.push(Finding::new(&page.path, row.line, what, mend));
            }
        }
        let number = |link: &String| link.split_once("exercises/ex")?.1.get(..2)?.parse().ok();
        self.exercise = row.links.iter().filter_map(number).next_back().or(self.exercise);
    }
}

fn is_total(row: &Row) -> bool {
    row.cells.iter().any(|cell| cell.trim().to_lowercase().starts_with("total"))
}

fn is_chapter(path: &str) -> bool {
    chapters::number(path).is_some()
}

/// What a row of a timetable has to plan for a page that it links to.
fn planned(page: &Page) -> Option<u32> {
    let is_exercise = page.path.starts_with("exercises/") && page.path.ends_with("/README.md");
    if is_chapter(&page.path) {
        parts_of(page).map(|(read, _)| read).or_else(|| minutes_of(page))
    } else if is_exercise {
        minutes_of(page)
    } else {
        None
    }
}

/// Minutes to read and run, and minutes for the exercise, in a line such as [`FORM`].
fn parts_of(page: &Page) -> Option<(u32, u32)> {
    let first_lines = page.text.lines().take(FIRST_LINES);
    let parts =
        first_lines.filter_map(|line| line.split_once(" minutes: ")).map(|(_, parts)| parts).next()?;
    let (read, rest) = parts.split_once(" to read and run, ")?;
    let (solve, _) = rest.split_once(" for the exercise")?;
    Some((read.parse().ok()?, solve.parse().ok()?))
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
