//! A run, told to people.

use crate::check::Effort;
use crate::engine::{Event, Failure, Loc, ObjectId, Op, Panicked, Tid, Verb, Woken, World};
use crate::source::{self, file_name, tidy};
use std::fmt::Write;
use std::io::IsTerminal;

/// Rows of a table; what is more is folded.
const ROWS: usize = 60;
/// Of those, so many before the fold.
const ROWS_BEFORE_FOLD: usize = 15;
/// Of a run that never ends, so many rows tell enough.
const ROWS_OF_ENDLESS: usize = 16;
/// Up to so many rows that come again and again are folded into one verse.
const LONGEST_REFRAIN: usize = 8;
/// Of the interruptions, so many are told in a sentence each.
const SENTENCES: usize = 4;
/// A column narrower than this cannot hold a line of code.
const NARROWEST_COLUMN: usize = 26;

pub(crate) fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// «file:line» of a place in the source.
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

/// A line of the headline: where the thread goes around.
fn loop_of(w: &World, tid: Tid) -> String {
    let lines = round_and_round(w, tid);
    let (Some(first), Some(last)) = (lines.iter().min(), lines.iter().max()) else { return String::new() };
    let at = match first.1 == last.1 {
        true => format!("line {}", first.1),
        false => format!("lines {} to {}", first.1, last.1),
    };
    format!("\n    {} goes around and around in {at} of {}", w.name(tid), tidy(first.0))
}

/// What went wrong: one plain sentence first, details in further lines. `stuck_means` is what it means that threads wait for ever.
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
            [alone] => format!("deadlock: {} waits for a lock that it holds itself", w.name(*alone)),
            many => format!("deadlock: {} wait for each other", list(many.iter().map(|&t| w.name(t)))),
        },
        Failure::Deadlock { stuck, .. } => {
            let cause = panicked_before(w);
            let mut others: Vec<Tid> = stuck.iter().copied().filter(|&t| !waits_for_threads(w, t)).collect();
            if others.is_empty() {
                others.clone_from(stuck);
            }
            let wait = format!("{} for ever", waits(others.iter().map(|&t| w.name(t))));
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
            let alive = || (0..w.threads.len()).filter(|&t| !w.threads[t].finished);
            let mut busy: Vec<usize> = alive().filter(|&t| w.threads[t].stuck().is_none()).collect();
            if busy.is_empty() {
                // All wait at this moment; who goes round and round sleeps or waits on each way.
                let recent: Vec<usize> = w.log.iter().rev().take(2_000).map(|e| e.who).collect();
                busy = alive().filter(|t| recent.contains(t)).collect();
            }
            let names: Vec<String> = busy.iter().map(|&t| w.name(t)).collect();
            let mut text = match names.len() {
                0 | 1 => format!("{} never comes to an end", list(names.into_iter())),
                _ => format!("{} never come to an end", list(names.into_iter())),
            };
            if let Some((who, panicked)) = panicked_before(w) {
                let panic = headline(w, &Failure::Panic { who, panicked }, None);
                text = format!("{panic}\n    after that, {text}");
            }
            busy.into_iter().for_each(|tid| text += &loop_of(w, tid));
            text
        }
        Failure::Busy(who) => format!(
            "{} looks again and again, and keeps a processor busy: a thread that waits has to sleep until it is woken{}",
            w.name(*who),
            loop_of(w, *who)
        ),
        Failure::TooLong => format!(
            "after {} steps no end is in sight: it never ends, or it is too long to be explored (try smaller numbers)",
            crate::engine::TOO_LONG
        ),
        Failure::Unjoined(left) => {
            let are = if left.len() == 1 { "is" } else { "are" };
            let mut text = format!(
                "{} {are} still running when everything is over",
                list(left.iter().map(|&t| w.name(t)))
            );
            for (&tid, born) in left.iter().filter_map(|t| Some((t, w.threads[*t].born?))) {
                let _ = write!(
                    text,
                    "\n    nobody has joined {}, started at {}: {}",
                    w.name(tid),
                    place(born),
                    source::text(born)
                );
            }
            text
        }
        Failure::Exit { who, call, loc } => {
            format!("{} ends the whole process: {call} at {}", w.name(*who), place(*loc))
        }
        Failure::Misuse(why) => why.clone(),
        Failure::WatchReleases | Failure::Loop(..) => unreachable!("the search starts again instead"),
    }
}

/// The panic that others only pass on: a join that unwraps a panic is not the cause, nor is a lock that a panic has poisoned.
fn cause(w: &World, who: Tid, panicked: &Panicked) -> (Tid, Panicked) {
    let passed_on = |message: &str| {
        message.ends_with("Any { .. }")
            || message.contains("PoisonError")
            || message == "a scoped thread panicked"
    };
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
    w.threads[tid].stuck().is_some_and(|op| op.verb.is_quiet())
}

/// The whole report. `search` is what was tried, and what the failing run cost.
pub(crate) fn report(w: &World, failure: &Failure, headline: &str, search: Option<(Effort, u32)>) -> String {
    let paint = Paint::new();
    let mut out = paint.bold(headline);
    if matches!(failure, Failure::Misuse(_)) {
        return out;
    }
    out.push_str("\n\n");
    let names = Names::new(w);
    if let Failure::Deadlock { stuck, .. } = failure {
        for &tid in stuck {
            let _ = writeln!(out, "  {}", names.stuck(w, tid));
        }
        out.push('\n');
        for note in names.lost_notifications(w, stuck) {
            let _ = writeln!(out, "{note}\n");
        }
    }
    let story = names.story(w);
    if !story.is_empty() {
        let _ = writeln!(out, "{}", paint.yellow(&story));
    }
    out.push_str(&table_of(w, matches!(failure, Failure::Endless)));
    if let Some((effort, cost)) = search {
        let nth = match effort.runs {
            1 => "This is the first interleaving that was tried".to_string(),
            n => format!("This came up among the first {n} interleavings"),
        };
        let least = match cost {
            0 => "; it takes no bad luck: each thread runs on until it waits or ends",
            _ if !effort.is_least => "",
            1 => "; without an interruption none of them fails",
            _ => "; with fewer interruptions none of them fails",
        };
        let _ = write!(out, "\n{nth}{least}.");
    }
    out
}

/// How to do the run of this schedule again: in the check of this line.
pub(crate) fn replay_hint(schedule: &str, line: u32) -> String {
    if schedule.is_empty() {
        return String::new();
    }
    let test = std::env::var("CARGO_PKG_NAME").map(|p| format!(" cargo test -p {p}")).unwrap_or_default();
    format!("\nThe same run again: INTERLEAVE_REPLAY={schedule}@{line}{test}")
}

/// The steps of a run as a table with a column for each thread.
pub(crate) fn table(w: &World) -> String {
    table_of(w, false)
}

/// A row of the table: an event, or several in a row that are the same.
struct Row<'a> {
    /// Which step it is.
    number: usize,
    event: &'a Event,
    times: usize,
    /// Nobody else was there: it gets the whole width.
    alone: bool,
}

impl Row<'_> {
    fn says_the_same_as(&self, event: &Event) -> bool {
        let key = |e: &Event| (e.who, e.loc, e.verb, e.before.clone(), e.after.clone());
        key(self.event) == key(event)
    }
}

/// The rows of a table, without what repeats itself.
fn rows(w: &World) -> Vec<Row<'_>> {
    let with_others = span_with_others(w);
    let mut rows: Vec<Row<'_>> = vec![];
    let mut number = 0;
    for (i, event) in w.log.iter().enumerate() {
        if matches!(event.verb, Verb::Start | Verb::End) || event.verb.is_quiet() {
            continue;
        }
        number += 1;
        let alone = event.who == 0 && !with_others.contains(&i);
        match rows.last_mut().filter(|row| row.says_the_same_as(event)) {
            Some(row) => row.times += 1,
            None => rows.push(Row { number, event, times: 1, alone }),
        }
    }
    rows
}

/// If from here on the same few rows come again and again: how many rows, and how often.
fn refrain(rows: &[Row<'_>]) -> Option<(usize, usize)> {
    let same = |a: &Row<'_>, b: &Row<'_>| a.times == b.times && a.says_the_same_as(b.event);
    (2..=LONGEST_REFRAIN).find_map(|length| {
        let verse = rows.get(..length)?;
        let again = |chunk: &&[Row<'_>]| chunk.iter().zip(verse).all(|(a, b)| same(a, b));
        let times = rows.chunks_exact(length).take_while(again).count();
        (times >= 3).then_some((length, times))
    })
}

/// The file that most rows are of, which then need not name it.
fn main_file(rows: &[Row<'_>]) -> Option<String> {
    let mut uses = Vec::<(String, usize)>::new();
    for loc in rows.iter().filter(|row| !row.alone).filter_map(|row| row.event.loc) {
        let own = tidy(loc.file());
        // A learner looks for their own lines: those of the test are named as such, however many they are.
        let is_test = own.split('/').rev().nth(1) == Some("tests");
        let more = if is_test { 1 } else { 1_000_000 };
        match uses.iter_mut().find(|(file, _)| *file == own) {
            Some((_, n)) => *n += more,
            None => uses.push((own, more)),
        }
    }
    let any = || rows.iter().find_map(|row| row.event.loc).map(|loc| tidy(loc.file()));
    uses.into_iter().max_by_key(|(file, n)| (*n, file.clone())).map(|(file, _)| file).or_else(any)
}

fn table_of(w: &World, endless: bool) -> String {
    let names = Names::new(w);
    let rows = rows(w);
    let main_takes_part = rows.iter().any(|row| row.event.who == 0 && !row.alone);
    let takes_part = |&who: &Tid| match who {
        0 => main_takes_part,
        _ => rows.iter().any(|row| row.event.who == who),
    };
    let columns: Vec<Tid> = (0..w.threads.len()).filter(takes_part).collect();
    let main_file = main_file(&rows);
    let mut out = String::new();
    if let Some(file) = &main_file {
        let _ = writeln!(out, "{file}");
    }
    let layout = Layout::new(w, &columns);
    layout.head(w, &mut out);
    let (most, before_fold) =
        if endless { (ROWS_OF_ENDLESS, ROWS_OF_ENDLESS) } else { (ROWS, ROWS_BEFORE_FOLD) };
    let fold = match rows.len() {
        n if n <= most => n..n,
        n => before_fold..n - (most - before_fold),
    };
    let mut i = 0;
    while i < rows.len() {
        if fold.contains(&i) {
            let left_out = format!("{} steps left out here", fold.len());
            let what = if endless { "and so on, for ever" } else { &left_out };
            let _ = writeln!(out, "    … │ ({what})");
            i = fold.end;
            continue;
        }
        let refrain = refrain(&rows[i..]);
        let shown = refrain.map_or(1, |(length, _)| length);
        for row in &rows[i..i + shown] {
            let mut lines = vec![];
            if let Some(loc) = row.event.loc {
                let here = Some(tidy(loc.file())) == main_file;
                let file = if here { String::new() } else { format!("{}:", file_name(loc.file())) };
                lines.push(format!("{file}{} {}", loc.line(), source::text(loc)));
            }
            if let Some(mut effect) = names.effect(row.event) {
                if row.times > 1 {
                    let _ = write!(effect, " ({} times)", row.times);
                }
                lines.push(effect);
            }
            layout.row(w, row, &lines, &mut out);
        }
        i += shown;
        if let Some((length, times)) = refrain {
            i += length * (times - 1);
            let to_the_end = endless && rows.len() - i < length;
            let times =
                if to_the_end { "again and again, for ever".into() } else { format!("{times} times in all") };
            let _ = writeln!(out, "    … │ (these {length} steps {times})");
            if to_the_end {
                break;
            }
        }
    }
    out
}

/// The events from the first to the last that belong to somebody other than the scenario's own thread.
fn span_with_others(w: &World) -> std::ops::Range<usize> {
    let others = |e: &Event| e.who != 0 || e.verb == Verb::Start || e.verb.is_quiet();
    let first = w.log.iter().position(others).unwrap_or(w.log.len());
    let last = w.log.iter().rposition(others).unwrap_or(0);
    first..last
}

/// How wide a report may be: the terminal's width, or 100 columns.
fn width() -> usize {
    let columns = || std::env::var("COLUMNS").ok()?.parse().ok();
    let wide: usize = columns().or_else(terminal_width).unwrap_or(100);
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

/// Where on the page things go.
struct Layout {
    /// The threads that have a column; none when there are too many for columns.
    columns: Vec<Tid>,
    width: usize,
    column: usize,
    name: usize,
}

impl Layout {
    fn new(w: &World, columns: &[Tid]) -> Self {
        let width = width() - 7;
        let column = (width / columns.len().max(1)).saturating_sub(3);
        let name = columns.iter().map(|&t| w.name(t).chars().count()).max().unwrap_or(4).max(4);
        let columns = if column >= NARROWEST_COLUMN { columns.to_vec() } else { vec![] };
        Layout { columns, width, column, name }
    }

    fn head(&self, w: &World, out: &mut String) {
        if !self.columns.is_empty() {
            let heads: Vec<String> = self.columns.iter().map(|&t| pad(&w.name(t), self.column)).collect();
            let _ = writeln!(out, " step │ {}", heads.join(" │ ").trim_end());
            let _ =
                writeln!(out, "──────┼{}", vec!["─".repeat(self.column + 2); self.columns.len()].join("┼"));
        }
    }

    fn row(&self, w: &World, row: &Row<'_>, lines: &[String], out: &mut String) {
        let in_column = self.columns.iter().position(|&t| t == row.event.who).filter(|_| !row.alone);
        let width = in_column.map_or(self.width.saturating_sub(self.name + 3), |_| self.column);
        let source = lines.first().map(|line| wrap(line, width, HANGING)).unwrap_or_default();
        let effects = lines.iter().skip(1).flat_map(|line| wrap(&format!("   {line}"), width, HANGING));
        for (n, line) in source.into_iter().chain(effects).enumerate() {
            let number = if n == 0 { format!("{:>5}", row.number) } else { "     ".into() };
            if let Some(i) = in_column {
                let mut cells = vec![" ".repeat(self.column); self.columns.len()];
                cells[i] = pad(&line, self.column);
                let _ = writeln!(out, "{number} │ {}", cells.join(" │ ").trim_end());
            } else {
                let name = if n == 0 { w.name(row.event.who) } else { String::new() };
                let _ = writeln!(out, "{number} │ {} │ {line}", pad(&name, self.name));
            }
        }
    }
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

    /// What a step does, for the row below its line.
    pub(crate) fn effect(&self, e: &Event) -> Option<String> {
        let name = self.of(e.object);
        let (before, after) = (e.before.as_deref(), e.after.as_deref());
        let change = match (before, after) {
            (Some(old), Some(new)) if old != new => format!(": {old} → {new}"),
            (Some(old), _) => format!(": {old}"),
            _ => String::new(),
        };
        let why = match e.woken {
            Woken::Spuriously => " without a notification (a spurious wakeup)",
            Woken::TimedOut => " because its time is up",
            Woken::Ready => "",
        };
        Some(match e.verb {
            Verb::Start | Verb::End | Verb::Join | Verb::JoinScope => return None,
            Verb::Lock | Verb::Relock => format!("locks {name}{change}"),
            Verb::ReadLock => format!("read-locks {name}{change}"),
            Verb::WriteLock => format!("write-locks {name}{change}"),
            Verb::TryLock => format!("tries to lock {name}{change}"),
            Verb::TryReadLock => format!("tries to read-lock {name}{change}"),
            Verb::TryWriteLock => format!("tries to write-lock {name}{change}"),
            Verb::Unlock => format!("unlocks {name}"),
            Verb::Downgrade => format!("downgrades its lock on {name}"),
            Verb::LookPoisoned => format!("looks whether {name} is poisoned{change}"),
            Verb::ClearPoison => format!("clears the poison of {name}"),
            Verb::LetGoAndWait => format!("lets go of the lock and waits on {name}"),
            Verb::WakeUp => format!("wakes up{why}{}", change.replace(": ", "; ")),
            Verb::NotifyOne => format!("notifies one on {name}{change}"),
            Verb::NotifyAll => format!("notifies all on {name}{change}"),
            Verb::Arrive => format!("arrives at {name}{change}"),
            Verb::LeaveBarrier => format!("leaves {name}"),
            Verb::Load => format!("loads {name}{change}"),
            Verb::Store => match (before, after) {
                (Some(old), Some(new)) => format!("stores {name}: {old} → {new}"),
                _ => format!("stores {name}"),
            },
            Verb::Rmw(what) => format!("{what} {name}{change}"),
            Verb::Fence => "fences".into(),
            Verb::Send => format!("sends to {name}{change}"),
            Verb::TrySend => format!("tries to send to {name}{change}"),
            Verb::HandOver => format!("has handed over to {name}"),
            Verb::ComeToReceive => format!("comes to receive from {name}"),
            Verb::Receive => format!("receives from {name}{why}{change}"),
            Verb::TryReceive => format!("tries to receive from {name}{change}"),
            Verb::HangUp => format!("hangs up {name}"),
            Verb::Initialise => format!("comes to {name}{change}"),
            Verb::Initialised => format!("has initialised {name}"),
            Verb::Look => format!("looks at {name}{change}"),
            Verb::LookFinished => format!("looks whether {name} is finished{change}"),
            Verb::Yield => "yields".into(),
            Verb::Sleep => "has slept".into(),
            Verb::Park => format!("was parked and goes on{}", why.replace("notification", "token")),
            Verb::Unpark => format!("unparks {name}"),
            // What the explorer itself has to say.
            Verb::Print if e.loc.is_none() => before.unwrap_or_default().into(),
            Verb::Print => {
                format!("prints {}", before.unwrap_or_default().lines().next().unwrap_or_default())
            }
            Verb::Panic => {
                format!("panics: {}", before.unwrap_or_default().lines().next().unwrap_or_default())
            }
        })
    }

    /// What a blocked thread waits for, and who has it.
    fn stuck(&self, w: &World, tid: Tid) -> String {
        let me = w.name(tid);
        let Some(op) = &w.threads[tid].stuck() else { return format!("{me} could go on") };
        let holders = &w.objects[op.object as usize].holders;
        let mut text = format!("{me} {} at {}: {}", self.wish(op), place(op.loc), source::text(op.loc));
        for &(holder, loc) in holders {
            let who = if holder == tid {
                "it holds it itself".into()
            } else {
                format!("{} holds it", w.name(holder))
            };
            let _ = write!(text, "\n      {who} since line {}: {}", loc.line(), source::text(loc));
        }
        text
    }

    pub(crate) fn wish(&self, op: &Op) -> String {
        let name = self.of(op.object);
        match op.verb {
            Verb::Lock | Verb::Relock if name.starts_with("the ") => format!("waits for {name}"),
            Verb::Lock | Verb::Relock => format!("waits for the lock {name}"),
            Verb::ReadLock => format!("waits to read-lock {name}"),
            Verb::WriteLock => format!("waits to write-lock {name}"),
            Verb::WakeUp => format!("waits to be notified on {name}"),
            Verb::Receive => format!("waits for a message from {name}"),
            Verb::Send => format!("waits for room in {name}"),
            Verb::HandOver => format!("waits for somebody to receive from {name}"),
            Verb::Join => format!("waits for {name} to end"),
            Verb::JoinScope => "waits for the threads of its scope to end".into(),
            Verb::LeaveBarrier => format!("waits for the others at {name}"),
            Verb::Initialise => format!("waits for {name} to be initialised"),
            Verb::Park => "is parked".into(),
            Verb::Sleep => "sleeps".into(),
            _ => format!("waits for {name}"),
        }
    }

    /// Notifications that nobody heard, on what somebody now waits for.
    fn lost_notifications(&self, w: &World, stuck: &[Tid]) -> Vec<String> {
        let waits_for =
            |&t: &Tid| w.threads[t].stuck().filter(|op| op.verb == Verb::WakeUp).map(|op| op.object);
        let is_waited_for = |&object: &ObjectId| stuck.iter().any(|t| waits_for(t) == Some(object));
        let last_lost = |object: ObjectId| {
            let notifies =
                |e: &&Event| e.object == object && matches!(e.verb, Verb::NotifyOne | Verb::NotifyAll);
            w.log.iter().rfind(notifies).filter(|e| e.before.as_deref() == Some(crate::sync::NOBODY))
        };
        let tell = |e: &Event| {
            let line = e.loc.map(Loc::line).unwrap_or_default();
            format!(
                "When {} notified {} in line {line}, nobody was waiting: the notification is lost.",
                w.name(e.who),
                self.of(e.object)
            )
        };
        (0..w.objects.len() as ObjectId).filter(is_waited_for).filter_map(last_lost).map(tell).collect()
    }

    /// Who was interrupted where, a sentence for each interruption.
    fn story(&self, w: &World) -> String {
        let steps: Vec<&Event> = w.log.iter().filter(|e| e.loc.is_some() && e.verb != Verb::Start).collect();
        let mut out = String::new();
        let interruptions = || steps.iter().enumerate().filter(|(i, e)| e.preempts && *i > 0);
        let more = interruptions().count().saturating_sub(SENTENCES);
        let rows = rows(w);
        let main_file = main_file(&rows);
        for (i, event) in interruptions().take(SENTENCES) {
            let before = steps[i - 1];
            let back = steps[i..].iter().position(|e| e.who == before.who).map(|n| i + n);
            let between = &steps[i..back.unwrap_or(steps.len())];
            let line = |e: &Event| e.loc.map(Loc::line).unwrap_or_default();
            let is_own = |e: &Event| e.loc.is_some_and(|loc| Some(tidy(loc.file())) == main_file);
            // A line of another file than the table's says so.
            let spot = |e: &Event| match e.loc {
                Some(loc) if !is_own(e) => format!("line {} of {}", loc.line(), file_name(loc.file())),
                _ => format!("line {}", line(e)),
            };
            let all = || between.iter().filter(|e| e.who == event.who);
            let own: Vec<u32> = all().filter(|e| is_own(e)).map(|e| line(e)).collect();
            let ran = match (own.first(), own.last()) {
                (Some(from), Some(to)) if from == to => format!("line {from}"),
                (Some(from), Some(to)) if from < to => format!("lines {from} to {to}"),
                (Some(from), Some(to)) => format!("lines {from} and {to}"),
                _ => all().next().map(|e| spot(e)).unwrap_or_default(),
            };
            let (me, other) = (w.name(before.who), w.name(event.who));
            let when = match back.map(|back| (spot(before), spot(steps[back]))) {
                None => format!("After {} of {me}", spot(before)),
                Some((a, b)) if a == b => format!("Between two steps of {a} of {me}"),
                Some((a, b)) => format!("Between {a} and {b} of {me}"),
            };
            let _ = writeln!(out, "{when}, {other} ran {ran}.");
        }
        if more > 0 {
            let _ = writeln!(out, "And {} more.", count(more, "interruption"));
        }
        out
    }
}

/// «a, b and c»
fn list(names: impl Iterator<Item = String>) -> String {
    let names: Vec<String> = names.collect();
    match names.split_last() {
        None => "nobody".into(),
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

/// How far the further lines of a wrapped one are indented.
const HANGING: usize = 5;

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

/// Colours, on a terminal only.
struct Paint(bool);

impl Paint {
    fn new() -> Self {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
            && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        Paint(wanted && std::io::stdout().is_terminal() && std::io::stderr().is_terminal())
    }

    fn bold(&self, text: &str) -> String {
        self.wrap("1", text)
    }

    fn yellow(&self, text: &str) -> String {
        self.wrap("33", text)
    }

    fn wrap(&self, code: &str, text: &str) -> String {
        if self.0 { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_string() }
    }
}
