//! A run, told to people: the headline, the reason in words, the table of its steps, how likely it is, and how to see it again.

pub(crate) mod page;
pub(crate) mod reason;
pub(crate) mod replay;
pub(crate) mod story;
mod table;
pub(crate) mod words;

use crate::check::Effort;
use crate::engine::{Event, Failure, Loc, ObjectId, Op, Panicked, Tid, Verb, Woken, World};
use crate::search::Kind;
use crate::source::{self, tidy};
use crate::sync::condvar::NOTIFY_ONE;
use std::fmt::Write;
use std::io::IsTerminal;
use std::panic::Location;
use story::Story;
use table::Wanted;
use words::{Step, Words};

/// A report has at most this many lines, with all that is printed around it, and its table at most this many.
const LINES: usize = 40;
const LINES_OF_TABLE: usize = 24;
/// A table has at least this many, however much there is to say before it.
const LEAST_LINES: usize = 6;
/// What is printed besides the headline, the reason, the rows of the table and how likely the run is: the head of the
/// table, blank lines, how to see the run again and what to do next.
const LINES_AROUND: usize = 13;
/// What comes before the headline where it's printed: the place of the check, or the name of the exercise.
const BEFORE_THE_HEADLINE: usize = 24;
/// The reason has at most this many.
const LINES_OF_REASON: usize = 10;
/// A table that stands alone may be longer.
const LINES_ALONE: usize = 48;
/// More interruptions than this say little about how likely a run is.
const FEW: u32 = 5;
/// A schedule longer than this isn't printed.
const LONGEST_SCHEDULE: usize = 60;

pub(crate) fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// "file:line" of a place in the source.
pub(crate) fn place(loc: impl Into<Loc>) -> String {
    let loc = loc.into();
    format!("{}:{}", tidy(loc.file()), loc.line())
}

/// A thread that panicked, which no other thread has noticed yet.
fn panicked_before(w: &World) -> Option<(Tid, Panicked)> {
    let unseen =
        |(tid, t): (Tid, &crate::engine::Thread)| Some((tid, t.panicked.clone().filter(|_| !t.joined)?));
    w.threads.iter().enumerate().find_map(unseen)
}

/// The lines of the loop that a thread does not leave: file and number.
fn round_and_round(w: &World, tid: Tid) -> Vec<(&'static str, u32)> {
    let own = || w.log.iter().rev().filter(|e| e.who == tid).filter_map(|e| e.loc);
    let next = w.threads[tid].left_before.map(|(op, _)| op.loc);
    // From where it was before the last time it was where it is now.
    let turn = next.and_then(|next| own().enumerate().filter(|(_, loc)| *loc == next).nth(1));
    let length = turn.map_or(2_000, |(at, _)| at + 1);
    own().take(length).chain(next).map(|loc| (loc.file(), loc.line())).collect()
}

/// The threads that never end.
fn busy(w: &World) -> Vec<Tid> {
    let alive = || (0..w.threads.len()).filter(|&t| !w.threads[t].finished);
    let mut busy: Vec<usize> = alive().filter(|&t| w.threads[t].stuck().is_none()).collect();
    if busy.is_empty() {
        // All wait at this moment; a thread that loops sleeps or waits each time.
        let recent: Vec<usize> = w.log.iter().rev().take(2_000).map(|e| e.who).collect();
        busy = alive().filter(|t| recent.contains(t)).collect();
    }
    busy
}

/// What went wrong: one plain sentence first, details in further lines. `stuck_means` says what it means that threads wait forever.
pub(crate) fn headline(w: &World, failure: &Failure, stuck_means: Option<&str>) -> String {
    match failure {
        Failure::Panic { who, panicked } => {
            let (who, panicked) = cause(w, *who, panicked);
            let message = panicked.message.replace('\n', "\n    ");
            let at = panicked.place.map(|(file, line)| format!("{}:{line}", tidy(&file)));
            let at = at.map(|at| format!("\n    at {at}")).unwrap_or_default();
            match who {
                0 => format!("{message}{at}"),
                who => format!("{} panics: {message}{at}", w.name(who)),
            }
        }
        Failure::Deadlock { cycle: true, stuck } => match &stuck[..] {
            [alone] => format!("deadlock: {0} is waiting for a lock that {0} already holds", w.name(*alone)),
            many => format!("deadlock: {} wait for each other", list(many.iter().map(|&t| w.name(t)))),
        },
        Failure::Deadlock { stuck, .. } => {
            let cause = panicked_before(w);
            let mut others: Vec<Tid> = stuck.iter().copied().filter(|&t| !waits_for_threads(w, t)).collect();
            if others.is_empty() {
                others.clone_from(stuck);
            }
            let wait = format!("{} forever", waits(others.iter().map(|&t| w.name(t))));
            match cause {
                Some((who, panicked)) => {
                    let panic = headline(w, &Failure::Panic { who, panicked }, None);
                    format!("{panic}\n    after that, {wait}")
                }
                None => match stuck_means {
                    Some(meaning) => format!("{wait}: {meaning}"),
                    None => wait,
                },
            }
        }
        Failure::Endless => {
            let busy = busy(w);
            let names: Vec<String> = busy.iter().map(|&t| w.name(t)).collect();
            let mut text = match names.len() {
                0 | 1 => format!("{} never ends", list(names.into_iter())),
                _ => format!("{} never end", list(names.into_iter())),
            };
            if let Some((who, panicked)) = panicked_before(w) {
                let panic = headline(w, &Failure::Panic { who, panicked }, None);
                text = format!("{panic}\n    after that, {text}");
            }
            text
        }
        Failure::Busy { who, sleeps } => {
            let how = if *sleeps { "sleeps for a while in between" } else { "keeps a processor busy" };
            let who = w.name(*who);
            format!(
                "{who} looks again and again, and {how}: a thread that waits has to sleep until it is woken"
            )
        }
        Failure::TooLong => format!(
            "the run had not ended after {} steps: it never ends, or it is too long to explore (try smaller numbers)",
            crate::engine::TOO_LONG
        ),
        Failure::Unjoined(left) => {
            let are = if left.len() == 1 { "is" } else { "are" };
            format!("{} {are} still running at the end", list(left.iter().map(|&t| w.name(t))))
        }
        Failure::Exit { who, call, loc } => {
            format!("{} ends the whole process: {call} at {}", w.name(*who), place(*loc))
        }
        Failure::Misuse(why) => why.clone(),
        Failure::WatchReleases | Failure::Loop(..) => unreachable!("the search starts again instead"),
    }
}

/// A join has panicked because the other thread did.
fn is_passed_on(message: &str) -> bool {
    message.ends_with("Any { .. }") || message == "a scoped thread panicked"
}

/// The panic that others only pass on: a join that unwraps a panic is not the cause, nor is a lock that a panic has poisoned.
fn cause(w: &World, who: Tid, panicked: &Panicked) -> (Tid, Panicked) {
    let passed_on = |message: &str| is_passed_on(message) || message.contains("PoisonError");
    if !passed_on(&panicked.message) {
        return (who, panicked.clone());
    }
    let first = w.threads.iter().enumerate().find_map(|(tid, t)| {
        let first = t.panicked.clone().filter(|p| tid != who && !passed_on(&p.message))?;
        Some((tid, first))
    });
    first.unwrap_or_else(|| (who, panicked.clone()))
}

fn waits_for_threads(w: &World, tid: Tid) -> bool {
    w.threads[tid].stuck().is_some_and(|op| op.verb.is_quiet)
}

/// Prints all that there is to say of a check that has failed: the report, and last what went wrong and what to do next.
pub(crate) fn print_failure(
    check: &'static Location<'static>,
    headline: &str,
    report: &str,
    schedule: &str,
    page: Option<&page::Page>,
    machine: &dyn Fn(&str),
) {
    let is_replay = std::env::var_os("INTERLEAVE_REPLAY").is_some();
    // A run that was asked for is there already.
    let is_stored = is_replay || replay::store(schedule, check.line());
    let (first, rest) = report.split_once('\n').unwrap_or((report, ""));
    let first = format!("{}: {first}", place(check));
    eprintln!("\n{}\n{rest}", Paint::of_terminal().bold(&filled(&first, width())));
    if let Some(hint) = replay::hint(schedule, check.line(), is_stored).filter(|_| !is_replay) {
        eprintln!("{hint}");
    }
    eprintln!();
    let is_long = schedule.len() > LONGEST_SCHEDULE && is_stored && !is_replay;
    machine(if is_long { "last" } else { schedule });
    // A path is not broken.
    match page.and_then(|page| page.store(check, headline)) {
        Some(page) => eprintln!("Step by step: {}", tidy(&page.to_string_lossy())),
        // What an earlier failure has left is not about this one.
        None => replay::forget_page(),
    }
    let (first, command) = (headline.lines().next().unwrap_or_default(), replay::command());
    let verdict = filled(&format!("Not yet: {first}"), width());
    let next = filled(&format!("Next: change the code, then run `{command}` again."), width());
    eprintln!("{}\n", Paint::of_terminal().bold(&format!("{verdict}\n{next}")));
}

/// How likely the failure is.
pub(crate) struct Odds {
    pub(crate) effort: Effort,
    /// What the failing run cost.
    pub(crate) cost: u32,
    /// How many of all interleavings end like this, if that was counted.
    pub(crate) share: Option<(usize, usize)>,
}

/// The whole report, for a check that prints this many lines besides.
pub(crate) fn report(
    w: &World,
    failure: &Failure,
    headline: &str,
    odds: Option<&Odds>,
    besides: usize,
) -> String {
    let width = width();
    let (first, details) = headline.split_once('\n').unwrap_or((headline, ""));
    let mut out = first.to_string();
    let mut more = Lines { width, lines: vec![] };
    details.lines().for_each(|line| more.add_indented(line));
    more.lines.iter().for_each(|line| out += &format!("\n{line}"));
    if matches!(failure, Failure::Misuse(_)) {
        return out;
    }
    out.push_str("\n\n");
    let story = Story::new(w);
    let reason = story.reason(failure);
    let mut why = Lines { width, lines: vec![] };
    why.of_reason(&reason);
    if !is_full() && why.lines.len() > LINES_OF_REASON {
        why.lines.truncate(LINES_OF_REASON);
        why.lines.push("    …".into());
    }
    why.lines.iter().for_each(|line| out += &format!("{line}\n"));
    if !why.lines.is_empty() {
        out.push('\n');
    }
    let stuck = match failure {
        Failure::Deadlock { stuck, .. } => story.stuck_shown(stuck),
        _ => story.blocked(),
    };
    let stuck = [stuck, reason.waiting].concat();
    let mut likely = Lines { width, lines: vec![] };
    odds.iter().for_each(|odds| likely.add(&how_likely(w, odds), 0));
    // A replay shows the same table.
    let likely_lines = if odds.is_some() { likely.lines.len() } else { 2 };
    let twice = 2 * filled(&format!("{:BEFORE_THE_HEADLINE$}{first}", ""), width).lines().count();
    let told = twice + more.lines.len() + why.lines.len() + likely_lines + besides;
    let left = LINES.saturating_sub(told + LINES_AROUND);
    let lines = (!is_full()).then_some(left.clamp(LEAST_LINES, LINES_OF_TABLE));
    let endless = matches!(failure, Failure::Endless);
    out.push_str(&story.table(&Wanted { lines, endless, events: &reason.events, stuck: &stuck }, width));
    if odds.is_some() {
        let gap = if out.ends_with("\n\n") { "" } else { "\n" };
        let _ = write!(out, "{gap}{}", likely.lines.join("\n"));
    }
    out
}

/// How likely the failure is, in the words of the report; nothing of a run that was asked for.
pub(crate) fn likely(w: &World, odds: Option<&Odds>) -> String {
    odds.map(|odds| how_likely(w, odds)).unwrap_or_default()
}

/// How little it takes. It never claims more than was tried.
fn how_likely(w: &World, odds: &Odds) -> String {
    let of = |kind: fn(&Kind) -> bool| w.trail.iter().filter(move |c| c.cost > 0 && kind(&c.kind)).count();
    let woken = |why: Woken| w.log.iter().filter(|e| e.woken == why).count();
    let interruptions = of(|kind| *kind == Kind::Turn);
    let faults = of(|kind| *kind == Kind::Fault);
    let spurious = woken(Woken::Spuriously).min(faults);
    let old = w.log.iter().filter(|e| story::is_old(e)).count();
    let others = of(|kind| matches!(kind, Kind::Data(_))).saturating_sub(old);
    let parts = [
        (interruptions, "interruption"),
        (spurious, "spurious wakeup"),
        (faults - spurious, "early timeout"),
        (old, "old value"),
        (others, "unlucky choice"),
    ];
    let parts: Vec<String> = parts.iter().filter(|p| p.0 > 0).map(|&(n, what)| counted(n, what)).collect();
    let parts = match interruptions + faults + old + others {
        n if n as u32 == odds.cost => parts,
        // The run became long, and its end was drawn by lot.
        _ => vec![counted(odds.cost as usize, "interruption")],
    };
    let are = if parts.len() == 1 && odds.cost == 1 { "is" } else { "are" };
    let mut text = match odds.cost {
        0 => without_an_interruption(w),
        1..=FEW => {
            let parts = list(parts.into_iter());
            let mut letters = parts.chars();
            let first: String = letters.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
            format!("{first}{} {are} enough.", letters.as_str())
        }
        n => format!("This run has {n} interruptions; fewer may be enough."),
    };
    if odds.cost == 1 && odds.effort.is_least {
        text += " Without it, no run fails.";
    }
    match odds.share {
        Some((1, 1)) => return "There is only one interleaving, and it ends like this.".into(),
        Some((like_this, all)) if like_this == all => {
            return format!("All {all} possible interleavings end like this.");
        }
        // Fewer than all may look like a contradiction otherwise.
        Some((n, all)) if odds.cost == 0 => {
            let do_so = if n == 1 { "does" } else { "do" };
            _ = write!(
                text,
                " Among all {all} interleavings, those with interruptions included, {n} {do_so}."
            );
        }
        Some((1, all)) => _ = write!(text, " 1 of the {all} possible interleavings ends like this."),
        Some((n, all)) => _ = write!(text, " {n} of the {all} possible interleavings end like this."),
        None => {}
    }
    text
}

/// What to conclude if each thread runs until it waits or ends, and the run fails all the same.
fn without_an_interruption(w: &World) -> String {
    let story = Story::new(w);
    let leaves_one = |(i, e): (usize, &Event)| {
        e.verb == &NOTIFY_ONE && !story.woken_by(i).is_empty() && !story.waiters(e.object, i + 1).is_empty()
    };
    match w.log.iter().enumerate().any(leaves_one) {
        true => {
            "It takes no interruption: runs on an idle machine end like this if notify_one wakes the thread \
                 that has waited longest."
                .into()
        }
        false => "It takes no interruption: runs on an idle machine end like this.".into(),
    }
}

/// "one interruption", "two interruptions"
fn counted(n: usize, what: &str) -> String {
    const WORDS: [&str; 6] = ["no", "one", "two", "three", "four", "five"];
    let s = if n == 1 { "" } else { "s" };
    match WORDS.get(n) {
        Some(word) => format!("{word} {what}{s}"),
        None => format!("{n} {what}{s}"),
    }
}

/// The steps of a run as a table with a column for each thread.
pub(crate) fn table(w: &World) -> String {
    let lines = (!is_full()).then_some(LINES_ALONE);
    Story::new(w).table(&Wanted { lines, ..Wanted::default() }, width())
}

/// Every step is wanted.
fn is_full() -> bool {
    std::env::var_os("INTERLEAVE_FULL").is_some_and(|value| !value.is_empty() && value != "0")
}

/// How wide a report may be: 80 columns, or the terminal's width.
pub(crate) fn width() -> usize {
    let columns = || std::env::var("COLUMNS").ok()?.parse().ok();
    let wide: usize = columns().or_else(terminal_width).unwrap_or(80);
    wide.clamp(60, 160)
}

#[cfg(unix)]
fn terminal_width() -> Option<usize> {
    if !std::io::stdout().is_terminal() {
        return None;
    }
    // SAFETY: the call fills the structure, which is plain data, and is told its size by its type.
    let size = unsafe {
        let mut size: libc::winsize = std::mem::zeroed();
        (libc::ioctl(libc::STDOUT_FILENO, libc::TIOCGWINSZ, &raw mut size) == 0).then_some(size)
    };
    size.map(|size| usize::from(size.ws_col)).filter(|&wide| wide > 0)
}

#[cfg(not(unix))]
fn terminal_width() -> Option<usize> {
    None
}

/// What the reports call things.
pub(crate) struct Names(Vec<String>);

impl Names {
    /// Locks and the like are called what the line that makes them calls them, numbered if there are several.
    pub(crate) fn new(w: &World) -> Self {
        let name = |o: &crate::engine::Object| {
            let binding = if o.kind.starts_with("standard") { None } else { source::binding(o.born) };
            binding.unwrap_or_else(|| format!("the {}", o.kind))
        };
        let mut names: Vec<String> = w.objects.iter().map(name).collect();
        let things: Vec<usize> = (0..w.objects.len()).filter(|&i| w.objects[i].is_a_thing()).collect();
        let namesakes = |names: &[String], among: &[usize], i: usize| {
            among.iter().filter(|&&other| names[other] == names[i]).count()
        };
        let numbers: Vec<String> = (0..things.len())
            .map(|at| match namesakes(&names, &things, things[at]) {
                0 | 1 => String::new(),
                _ => format!(" #{}", namesakes(&names, &things[..=at], things[at])),
            })
            .collect();
        things.iter().zip(numbers).for_each(|(&i, number)| names[i].push_str(&number));
        for (tid, t) in w.threads.iter().enumerate() {
            names[t.object as usize] = w.name(tid);
        }
        Names(names)
    }

    pub(crate) fn of(&self, object: ObjectId) -> &str {
        &self.0[object as usize]
    }

    /// What a step does, as far as the step alone tells; `None` if it needs no words.
    pub(crate) fn effect(&self, event: &Event) -> Option<String> {
        (Words::of(event.verb).effect)(&Step { event, name: self.of(event.object) })
    }

    pub(crate) fn wish(&self, op: &Op) -> String {
        self.wish_of(op.verb, op.object)
    }

    fn wish_of(&self, verb: &'static Verb, object: ObjectId) -> String {
        (Words::of(verb).wish)(self.of(object))
    }
}

/// Text that is broken to fit the width.
struct Lines {
    width: usize,
    lines: Vec<String>,
}

impl Lines {
    /// Code may stand at the end, behind a tab: it is cut and not broken.
    fn add(&mut self, text: &str, indent: usize) {
        let hanging = if indent > 0 { 4 } else { 0 };
        let width = self.width - indent;
        let (words, code) = text.split_once('\t').unwrap_or((text, ""));
        let mut lines = wrap(words, width, hanging);
        if !code.is_empty() {
            let last = lines.last_mut().map_or(0, |last| last.chars().count());
            match lines.last_mut().filter(|_| last + 1 + code.chars().count().min(width / 2) <= width) {
                Some(line) => *line = cut(&format!("{line} {code}"), width),
                None => lines.push(cut(&format!("    {code}"), width)),
            }
        }
        self.lines.extend(lines.into_iter().map(|line| " ".repeat(indent) + &line));
    }

    fn add_indented(&mut self, text: &str) {
        self.add(text.trim_start(), text.len() - text.trim_start().len());
    }
}

/// More threads than this are not told by their names.
const MOST_NAMES: usize = 8;

/// "a, b and c"
pub(crate) fn list(names: impl Iterator<Item = String>) -> String {
    let mut names: Vec<String> = names.collect();
    if names.len() > MOST_NAMES {
        let others = names.split_off(2).len();
        names.push(format!("{others} others"));
    }
    match names.split_last() {
        None => "no thread".into(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

fn waits(names: impl ExactSizeIterator<Item = String>) -> String {
    let verb = if names.len() == 1 { "waits" } else { "wait" };
    format!("{} {verb}", list(names))
}

fn pad(text: &str, width: usize) -> String {
    let text = cut(text, width);
    let missing = width - text.chars().count();
    text + &" ".repeat(missing)
}

fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_string();
    }
    let mut short: String = text.chars().take(width.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// The text in lines no wider than `width`, unless a word is longer. It's broken at blanks only, so that a program can join
/// the lines again.
pub(crate) fn filled(text: &str, width: usize) -> String {
    let mut filled = String::new();
    let mut column = 0;
    for word in text.split(' ') {
        let needed = word.chars().count();
        let breaks = column > 0 && column + 1 + needed > width;
        let gap = if breaks {
            "\n"
        } else if filled.is_empty() {
            ""
        } else {
            " "
        };
        column = if breaks { needed } else { column + gap.len() + needed };
        filled += gap;
        filled += word;
    }
    filled
}

/// The text in lines no wider than `width`, broken between words where there are any.
fn wrap(text: &str, width: usize, hanging: usize) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut lines = vec![];
    let mut rest = &chars[..];
    while !rest.is_empty() {
        let indent = if lines.is_empty() { 0 } else { hanging };
        let room = width.saturating_sub(indent).max(1);
        let end = match rest.len() <= room {
            true => rest.len(),
            false => {
                let space = rest[..=room].iter().rposition(|c| *c == ' ').filter(|&i| i > room / 2);
                let dot = rest[..room].iter().rposition(|c| *c == '.').filter(|&i| i > room / 2);
                space.or(dot).unwrap_or(room)
            }
        };
        let line: String = rest[..end].iter().collect();
        lines.push(" ".repeat(indent) + line.trim_end());
        rest = &rest[end..];
        while let [' ', tail @ ..] = rest {
            rest = tail;
        }
    }
    lines
}

/// Colors, for a terminal only. They repeat what the text says.
struct Paint(bool);

impl Paint {
    /// For what is printed to a terminal, or to a program that shows it on one and says so.
    fn new() -> Self {
        let asked = std::env::var_os("INTERLEAVE_COLOR").is_some_and(|value| value == "always");
        Paint(asked || Paint::of_terminal().0)
    }

    /// For what is printed to a terminal.
    fn of_terminal() -> Self {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
            && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        Paint(wanted && std::io::stdout().is_terminal() && std::io::stderr().is_terminal())
    }

    fn bold(&self, text: &str) -> String {
        self.wrap("1", text)
    }

    /// The columns are blue, burnt orange and violet in turn, as on the page of a run.
    fn column(&self, number: usize, text: &str) -> String {
        // The nearest of 256 colors to #005f99, #984a00 and #6a3d9a.
        const COLORS: [&str; 3] = ["38;5;24", "38;5;94", "38;5;97"];
        self.wrap(COLORS[number % COLORS.len()], text)
    }

    fn wrap(&self, code: &str, text: &str) -> String {
        if self.0 { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_string() }
    }
}
