//! The steps of a run as a table: a column for each thread, and one for what they share.

use super::story::{Release, Story, is_old};
use super::words::Words;
use super::{Paint, cut, list, pad, wrap};
use crate::engine::{Aside, Happening, Loc, ObjectId, Tid, Verb, Woken};
use crate::io::PRINT;
use crate::panic::PANIC;
use crate::source::{self, file_name, tidy};
use crate::sync::atomic::LOAD;
use crate::sync::condvar::{LET_GO_AND_WAIT, NOTIFY_ALL, NOTIFY_ONE, WAKE_UP};
use crate::sync::lock::UNLOCK;
use std::fmt::Write;

/// Of an endless run, this many lines are enough.
const LINES_OF_ENDLESS: usize = 16;
/// Up to this many rows that come again and again are told once.
const LONGEST_REFRAIN: usize = 8;
/// A column narrower than this can't hold a line of code.
const NARROWEST_COLUMN: usize = 26;
/// Where there is one column for what all threads do, it is at least this wide.
const NARROWEST_TEXT: usize = 44;
/// A shared value longer than this has no column.
const WIDEST_VALUE: usize = 9;
/// The first and the last events of a long run.
const FIRST_EVENTS: usize = 500;
const LAST_EVENTS: usize = 1_500;
/// The weight of a step that the reason names.
const CITED: u8 = 4;
/// How far the further lines of a wrapped one are indented.
const HANGING: usize = 5;

/// What a table shows.
#[derive(Default)]
pub(super) struct Wanted<'a> {
    /// At most this many lines below the head; `None` for all.
    pub(super) lines: Option<usize>,
    /// The run doesn't end.
    pub(super) endless: bool,
    /// The events that the reason is about.
    pub(super) events: &'a [usize],
    /// The threads whose last row says what they wait for.
    pub(super) stuck: &'a [Tid],
}

/// A row: an event, or several in a row that are the same, or what happens between two.
struct Row {
    /// Its step; 0 if it's none.
    number: usize,
    event: Option<usize>,
    who: Tid,
    loc: Option<Loc>,
    effect: String,
    times: usize,
    /// No other thread was there: it gets the whole width.
    alone: bool,
    /// It's the check's own.
    is_plumbing: bool,
    /// The higher, the more it has to do with the failure.
    weight: u8,
    /// The shared values after it.
    values: Vec<String>,
}

impl Row {
    fn says_the_same_as(&self, other: &Row) -> bool {
        (self.who, self.loc, &self.effect, self.number == 0)
            == (other.who, other.loc, &other.effect, other.number == 0)
    }
}

/// What the lines of a table come from.
enum Item {
    Row(Row),
    /// This many steps are told in a few words.
    Note(String, usize),
}

/// A column for a shared value.
struct Shared {
    /// Which of a row's values it is.
    value: usize,
    name: String,
    width: usize,
}

/// A value that several threads use: of which object, what it is at first, and how long it gets.
struct Value {
    object: ObjectId,
    first: String,
    width: usize,
    users: Vec<Tid>,
    changes: usize,
}

/// Where on the page things go.
struct Layout {
    /// The threads that have a column; none when there are too many for columns.
    columns: Vec<Tid>,
    /// How wide each is, or, where there are none, what a thread does.
    column: usize,
    /// The width of the names, where there are no columns.
    name: usize,
    width: usize,
    shared: Vec<Shared>,
}

/// What a table is made of.
struct Table<'a> {
    story: &'a Story<'a>,
    layout: Layout,
    /// Source lines are broken, and not cut.
    whole_lines: bool,
    paint: Paint,
}

impl Story<'_> {
    pub(super) fn table(&self, wanted: &Wanted<'_>, width: usize) -> String {
        let full = wanted.lines.is_none();
        let values = self.values();
        let rows = self.rows(wanted, &values);
        let main_takes_part = rows.iter().any(|row| row.who == 0 && !row.alone && !row.is_plumbing);
        let takes_part = |&who: &Tid| match who {
            0 => main_takes_part,
            _ => rows.iter().any(|row| row.who == who && !row.is_plumbing),
        };
        let columns: Vec<Tid> = (0..self.w.threads.len()).filter(takes_part).collect();
        let layout = Layout::new(self, &columns, &values, width);
        let mut table = Table { story: self, layout, whole_lines: true, paint: Paint::new() };
        let items = items(self, rows, full);
        let mut out = String::new();
        if items.is_empty() {
            return out;
        }
        if let Some(file) = &self.main_file {
            let _ = writeln!(out, "{file}");
        }
        table.head(&mut out);
        let room = match wanted.lines {
            None => usize::MAX,
            Some(lines) if wanted.endless => lines.min(LINES_OF_ENDLESS),
            Some(lines) => lines,
        };
        let lengths =
            |table: &Table<'_>| -> Vec<usize> { items.iter().map(|item| table.lines(item).len()).collect() };
        let mut long = lengths(&table);
        if long.iter().sum::<usize>() > room {
            table.whole_lines = false;
            long = lengths(&table);
        }
        let kept = match wanted.endless {
            true => the_first(&long, room),
            false => the_weightiest(&items, &long, room),
        };
        let (mut left_out, mut is_first) = (0, true);
        for (item, kept) in items.iter().zip(&kept) {
            if *kept {
                note_left_out(&mut left_out, &mut is_first, &mut out);
                table.lines(item).iter().for_each(|line| out.push_str(line));
                continue;
            }
            left_out += match item {
                Item::Row(row) => usize::from(row.number > 0) * row.times,
                Item::Note(_, steps) => *steps,
            };
        }
        if wanted.endless && left_out > 0 {
            out.push_str("    … │ and so on, forever\n");
        } else {
            note_left_out(&mut left_out, &mut is_first, &mut out);
        }
        out
    }

    fn rows(&self, wanted: &Wanted<'_>, shared: &[Value]) -> Vec<Row> {
        let log = &self.w.log;
        let mut values: Vec<String> = shared.iter().map(|value| value.first.clone()).collect();
        let with_others = self.with_others();
        let (first, last) = match (wanted.lines.is_some(), wanted.endless) {
            (false, _) => (log.len(), 0),
            (true, true) => (FIRST_EVENTS + LAST_EVENTS, log.len()),
            (true, false) => (FIRST_EVENTS, log.len().saturating_sub(LAST_EVENTS)),
        };
        let mut rows: Vec<Row> = vec![];
        for i in (0..=log.len()).filter(|i| *i < first || *i >= last || wanted.events.contains(i)) {
            for aside in self.asides(i, i) {
                let (effect, weight) = match &aside.what {
                    Happening::Waits(verb) => {
                        let never_goes_on = !log[i..].iter().any(|e| e.who == aside.who);
                        let weight = if never_goes_on && wanted.stuck.contains(&aside.who) { 3 } else { 2 };
                        (self.waits_for(aside.who, aside.object, verb, i), weight)
                    }
                    Happening::Unlocks { since, .. } => match &self.releases.get(*since) {
                        Some(Some(release)) if release.has_row && self.is_own_row(i, release) => {
                            set(shared, &mut values, release.object, release.value.as_deref());
                            (self.unlocks(*since, release), 1)
                        }
                        _ => continue,
                    },
                    _ => continue,
                };
                let is_wait = matches!(aside.what, Happening::Waits(_));
                let loc = aside.loc.filter(|_| is_wait);
                let is_plumbing =
                    loc.is_some_and(|loc| self.is_of_the_check(loc)) && !wanted.stuck.contains(&aside.who);
                rows.push(Row {
                    number: 0,
                    event: None,
                    who: aside.who,
                    loc,
                    effect,
                    times: 1,
                    alone: aside.who == 0 && !with_others.contains(&i),
                    is_plumbing,
                    weight,
                    values: values.clone(),
                });
            }
            let Some(event) = log.get(i).filter(|_| self.numbers[i] > 0) else { continue };
            let value = match &self.releases[i] {
                Some(release) if !release.has_row => release.value.as_deref(),
                _ => None,
            };
            let known = self.access(i);
            let object = known.as_ref().map_or(event.object, |a| a.object);
            let is_held = self.releases[i].as_ref().is_some_and(|release| release.has_row);
            let now = known.as_ref().filter(|_| event.verb != &LOAD);
            let value = value.or_else(|| now.map(|a| a.new.filter(|_| !is_held).unwrap_or(a.old)));
            set(shared, &mut values, object, value);
            let is_about = wanted.events.contains(&i);
            let is_odd = event.woken != Woken::Ready || event.verb == &PANIC || is_old(event);
            let is_notice =
                event.preempts || rows.is_empty() || [&NOTIFY_ONE, &NOTIFY_ALL].contains(&event.verb);
            let row = Row {
                number: self.numbers[i],
                event: Some(i),
                who: event.who,
                // Where a lock was acquired is not where it's released.
                loc: event.loc.filter(|_| event.verb != &UNLOCK),
                effect: self.effect(i),
                times: 1,
                alone: event.who == 0 && !with_others.contains(&i),
                is_plumbing: event.loc.is_some_and(|loc| self.is_of_the_check(loc)) && !is_about,
                weight: match (is_about, is_odd) {
                    (true, _) => CITED,
                    (false, true) => 3,
                    (false, false) => 1 + u8::from(is_notice),
                },
                values: values.clone(),
            };
            // The reason names a step by its number, so that it needs a row of its own.
            let is_cited = |last: &&mut Row| row.weight == CITED || last.weight == CITED;
            match rows.last_mut().filter(|last| last.says_the_same_as(&row) && !is_cited(last)) {
                Some(last) => {
                    last.times += 1;
                    last.values = row.values;
                }
                None => rows.push(row),
            }
        }
        for &who in wanted.stuck {
            let Some(op) = self.w.threads[who].stuck() else { continue };
            let has_row = rows
                .iter()
                .rfind(|row| row.who == who)
                .is_some_and(|row| row.number == 0 && row.loc.is_some());
            // A thread that waits for a notification has its row where it began to.
            if has_row || op.verb == &WAKE_UP || op.verb.is_quiet {
                continue;
            }
            let effect = self.waits_for(who, op.object, op.verb, log.len());
            let (loc, values) = (Some(op.loc), values.clone());
            let alone = who == 0 && with_others.end + 1 < log.len();
            let (number, event, times, is_plumbing, weight) = (0, None, 1, false, 3);
            rows.push(Row { number, event, who, loc, effect, times, alone, is_plumbing, weight, values });
        }
        rows
    }

    /// A release that is a step has its row there.
    fn is_own_row(&self, i: usize, release: &Release) -> bool {
        release.at == i
    }

    fn waits_for(&self, who: Tid, object: ObjectId, verb: &'static Verb, i: usize) -> String {
        let name = self.names.of(object);
        let holders = self.holders(object, i);
        if holders.is_empty() {
            return self.names.wish_of(verb, object);
        }
        let names = holders.iter().map(|h| if h.0 == who { "itself".into() } else { self.name(h.0) });
        format!("waits for {name}, held by {}", list(names))
    }

    pub(crate) fn unlocks(&self, since: usize, release: &Release) -> String {
        let name = self.names.of(release.object);
        match self.access(since).and_then(|a| a.new) {
            Some(new) => format!("unlocks {name}, now {new}"),
            None => format!("unlocks {name}"),
        }
    }

    /// The same, where the release is a step of its own: the number is that of its event.
    pub(crate) fn unlocks_at(&self, i: usize) -> String {
        let object = self.w.log[i].object;
        let ends_here = |r: &Option<Release>| r.as_ref().is_some_and(|r| r.at == i + 1 && r.object == object);
        let since = self.releases.iter().position(ends_here);
        match since.and_then(|since| Some((since, self.releases[since].as_ref()?))) {
            Some((since, release)) => self.unlocks(since, release),
            None => self.plain_effect(i),
        }
    }

    /// What a step does, for the row below its line.
    pub(super) fn effect(&self, i: usize) -> String {
        (Words::of(self.w.log[i].verb).in_report)(self, i)
    }

    /// The same, as far as the step alone tells.
    pub(crate) fn plain_effect(&self, i: usize) -> String {
        self.names.effect(&self.w.log[i]).unwrap_or_default()
    }

    /// What a step does that acquires a lock, and what the thread does with its value; `locks` is the word for it.
    pub(crate) fn acquires(&self, i: usize, locks: &str) -> String {
        match self.woken_for(i) {
            Some(by) => format!("is woken by {by}; {}", self.acquires_at_once(i, locks)),
            None => self.acquires_at_once(i, locks),
        }
    }

    /// The thread that has released the lock for which the thread of this event waited; `None` if that
    /// has not waited.
    fn woken_for(&self, i: usize) -> Option<String> {
        let (log, who, object) = (&self.w.log, self.w.log[i].who, self.w.log[i].object);
        if self.w.log[i].verb == &WAKE_UP {
            return None;
        }
        let since = log[..i].iter().rposition(|e| e.who == who).map_or(0, |at| at + 1);
        let asides = self.asides(since, i);
        asides
            .iter()
            .find(|a| a.who == who && matches!(a.what, Happening::Waits(_)) && a.object == object)?;
        let unlocks = |a: &&Aside| matches!(a.what, Happening::Unlocks { .. }) && a.object == object;
        asides.iter().filter(|a| a.who != who).rfind(unlocks).map(|a| self.name(a.who))
    }

    fn acquires_at_once(&self, i: usize, locks: &str) -> String {
        let e = &self.w.log[i];
        let object = self.releases[i].as_ref().map_or(e.object, |release| release.object);
        let name = self.names.of(object);
        let old = e.before.as_deref().map(|old| format!(": {old}")).unwrap_or_default();
        let Some(release) = self.releases[i].as_ref().filter(|r| !r.has_row) else {
            return format!("{locks} {name}{old}");
        };
        match (self.access(i), release.is_later) {
            (None, true) => format!("{locks} {name}{old}"),
            // The value can't be shown.
            (None, false) if old.is_empty() && release.written => format!("changes {name}"),
            (None, false) if old.is_empty() => format!("reads {name}"),
            (None, false) => format!("{locks} and unlocks {name}{old}"),
            (Some(access), true) => {
                let ends_with_a_wait = self.w.log[release.at - 1].verb == &LET_GO_AND_WAIT;
                match access.new.filter(|_| !ends_with_a_wait) {
                    Some(new) => format!("{locks} {name}{old}, writes {new}"),
                    None => format!("{locks} {name}{old}"),
                }
            }
            (Some(access), false) => match access.new {
                Some(new) => format!("writes {name}: {}", self.over(i, access.old, new)),
                None => format!("reads {name}{old}"),
            },
        }
    }

    /// "300, was 1000"; or whose 300 is written over by the same.
    pub(crate) fn over(&self, i: usize, old: &str, new: &str) -> String {
        if old != new {
            return format!("{new}, was {old}");
        }
        let me = self.w.log[i].who;
        let object = self.access(i).map(|a| a.object);
        let earlier = i.saturating_sub(LAST_EVENTS)..i;
        let writer = earlier
            .rev()
            .filter_map(|j| self.access(j))
            .find(|a| Some(a.object) == object && a.new.is_some());
        match writer.filter(|a| a.who != me) {
            Some(a) => format!("{new}, over the {old} of {}", self.name(a.who)),
            None => format!("{new}, was {old}"),
        }
    }

    /// The values that several threads use and one changes, if they are short enough for a column.
    fn values(&self) -> Vec<Value> {
        let mut found: Vec<Value> = vec![];
        for a in self.accesses() {
            let width = a.old.chars().count().max(a.new.unwrap_or_default().chars().count());
            let at = found.iter().position(|value| value.object == a.object).unwrap_or(found.len());
            if at == found.len() {
                let (object, first) = (a.object, a.old.to_string());
                found.push(Value { object, first, width: 0, users: vec![], changes: 0 });
            }
            let value = &mut found[at];
            value.width = value.width.max(width);
            value.changes += usize::from(a.changes());
            if !value.users.contains(&a.who) {
                value.users.push(a.who);
            }
        }
        found.retain(|value| value.users.len() > 1 && value.changes > 0 && value.width <= WIDEST_VALUE);
        // What the check has made for itself, and has no name for, says nothing to a learner.
        found.retain(|value| {
            let born = self.w.objects[value.object as usize].born;
            !(self.is_of_the_check(born) && self.names.of(value.object).starts_with("the "))
        });
        found
    }
}

fn set(shared: &[Value], values: &mut [String], object: ObjectId, new: Option<&str>) {
    if let (Some(at), Some(new)) = (shared.iter().position(|value| value.object == object), new) {
        values[at] = new.into();
    }
}

/// Folds what comes again and again, and, unless everything is wanted, the check's own rows.
fn items(story: &Story<'_>, rows: Vec<Row>, full: bool) -> Vec<Item> {
    let mut items = vec![];
    let mut rows = std::collections::VecDeque::from(rows);
    while let Some(row) = rows.front() {
        if row.is_plumbing && !full {
            let mut steps = 0;
            let file = row.loc.map(|loc| file_name(loc.file())).unwrap_or_default();
            while let Some(row) = rows.pop_front_if(|row| row.is_plumbing) {
                steps += usize::from(row.number > 0) * row.times;
            }
            if steps > 0 {
                items.push(Item::Note(format!("{} of {file}", super::count(steps, "step")), steps));
            }
            continue;
        }
        let (length, times) = refrain(rows.make_contiguous()).unwrap_or((1, 1));
        items.extend(rows.drain(..length).map(Item::Row));
        if times > 1 {
            rows.drain(..length * (times - 1));
            let goes_on =
                rows.len() < length && matches!(story.w.failure(), Some(crate::engine::Failure::Endless));
            let how_often =
                if goes_on { "again and again, forever".into() } else { format!("{times} times in all") };
            items.push(Item::Note(format!("these {length} steps {how_often}"), 0));
            if goes_on {
                break;
            }
        }
    }
    items
}

/// If from here on the same few rows come again and again: how many rows, and how often.
fn refrain(rows: &[Row]) -> Option<(usize, usize)> {
    (2..=LONGEST_REFRAIN).find_map(|length| {
        let verse = rows.get(..length)?;
        let same = |chunk: &&[Row]| {
            chunk.iter().zip(verse).all(|(a, b)| a.times == b.times && a.says_the_same_as(b))
                && chunk.iter().all(|row| row.weight < CITED)
        };
        let times = rows.chunks_exact(length).take_while(same).count();
        (times >= 3).then_some((length, times))
    })
}

/// The items from the start that have room.
fn the_first(lengths: &[usize], room: usize) -> Vec<bool> {
    let mut used = 0;
    let fits = |&length: &usize| {
        used += length;
        used <= room
    };
    lengths.iter().map(fits).collect()
}

/// The items that have most to do with the failure; of others, the last ones.
fn the_weightiest(items: &[Item], lengths: &[usize], room: usize) -> Vec<bool> {
    if lengths.iter().sum::<usize>() <= room {
        return vec![true; items.len()];
    }
    let weight = |item: &Item| if let Item::Row(row) = item { row.weight } else { 0 };
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by_key(|&i| (std::cmp::Reverse(weight(&items[i])), std::cmp::Reverse(i)));
    let mut kept = vec![false; items.len()];
    for i in order.into_iter().take(room) {
        kept[i] = true;
        let gaps = (0..items.len()).filter(|&i| !kept[i] && (i == 0 || kept[i - 1])).count();
        let lines = (0..items.len()).filter(|&i| kept[i]).map(|i| lengths[i]).sum::<usize>();
        if lines + gaps > room && weight(&items[i]) < CITED {
            kept[i] = false;
        }
    }
    kept
}

/// Only the first note says how to see the steps.
fn note_left_out(steps: &mut usize, is_first: &mut bool, out: &mut String) {
    let steps = std::mem::take(steps);
    if steps > 0 {
        let how = if std::mem::take(is_first) { " (INTERLEAVE_FULL=1 shows them)" } else { "" };
        let _ = writeln!(out, "    … │ {} left out{how}", super::count(steps, "step"));
    }
}

impl Layout {
    fn new(story: &Story<'_>, columns: &[Tid], values: &[Value], width: usize) -> Self {
        let width = width - 6;
        let threads = columns.len().max(1);
        let mut shared = vec![];
        let mut left = width;
        for (number, value) in values.iter().enumerate() {
            let name = story.names.of(value.object).to_string();
            let wide = value.width.max(name.chars().count());
            let column = (left.saturating_sub(wide + 3) / threads).saturating_sub(3);
            if column >= NARROWEST_COLUMN && columns.len() > 1 && wide <= 2 * WIDEST_VALUE {
                left -= wide + 3;
                shared.push(Shared { value: number, name, width: wide });
            }
        }
        let column = (left / threads).saturating_sub(3);
        let name = columns.iter().map(|&t| story.name(t).chars().count()).max().unwrap_or(4).clamp(6, 14);
        let columns = if column >= NARROWEST_COLUMN { columns.to_vec() } else { vec![] };
        if columns.is_empty() {
            // One column for what every thread does: the values come after it if they leave it room.
            shared.clear();
            left = width.saturating_sub(name + 5);
            for (number, value) in values.iter().enumerate().filter(|_| threads > 1) {
                let name = story.names.of(value.object).to_string();
                let wide = value.width.max(name.chars().count());
                if left >= NARROWEST_TEXT + wide + 3 && wide <= 2 * WIDEST_VALUE {
                    left -= wide + 3;
                    shared.push(Shared { value: number, name, width: wide });
                }
            }
            // The rule below the head is one wider than the lines.
            let column = left.saturating_sub(usize::from(!shared.is_empty()));
            return Layout { columns, width, column, name, shared };
        }
        Layout { columns, width, column, name, shared }
    }
}

impl Table<'_> {
    fn head(&self, out: &mut String) {
        let Layout { columns, column, name, shared, .. } = &self.layout;
        if columns.is_empty() {
            let what = if shared.is_empty() { "what it does".len() } else { *column };
            let texts = [pad("thread", *name), pad("what it does", what)].into_iter();
            let texts: Vec<String> = texts.chain(shared.iter().map(|s| pad(&s.name, s.width))).collect();
            let widths = [*name, what].into_iter().chain(shared.iter().map(|s| s.width));
            let rules: Vec<String> = widths.map(|width| "─".repeat(width + 2)).collect();
            let _ = writeln!(out, " step │ {}", texts.join(" │ ").trim_end());
            let _ = writeln!(out, "──────┼{}", rules.join("┼"));
            return;
        }
        let heads = columns.iter().enumerate();
        let heads = heads.map(|(n, &t)| self.paint.column(n, &pad(&self.story.name(t), *column)));
        let shared_heads = shared.iter().map(|s| pad(&s.name, s.width));
        let heads: Vec<String> = heads.chain(shared_heads).collect();
        let widths = columns.iter().map(|_| *column).chain(shared.iter().map(|s| s.width));
        let rules: Vec<String> = widths.map(|width| "─".repeat(width + 2)).collect();
        let _ = writeln!(out, " step │ {}", heads.join(" │ ").trim_end());
        let _ = writeln!(out, "──────┼{}", rules.join("┼"));
    }

    fn lines(&self, item: &Item) -> Vec<String> {
        match item {
            Item::Note(text, _) => vec![format!("    … │ {text}\n")],
            Item::Row(row) => self.row(row),
        }
    }

    fn row(&self, row: &Row) -> Vec<String> {
        let Layout { columns, column, name, width, shared } = &self.layout;
        let in_column = columns.iter().position(|&t| t == row.who).filter(|_| !row.alone);
        let name = if columns.is_empty() { *name } else { self.story.name(row.who).chars().count() };
        let width = match in_column.is_some() || columns.is_empty() {
            true => *column,
            false => width.saturating_sub(name + 5),
        };
        let mut lines = vec![];
        if let Some(loc) = row.loc {
            let here = Some(tidy(loc.file())) == self.story.main_file;
            let file = if here { String::new() } else { format!("{}:", file_name(loc.file())) };
            let text = format!("{file}{} {}", loc.line(), source::text(loc));
            match self.whole_lines {
                true => lines.extend(wrap(&text, width, HANGING)),
                false => lines.push(cut(&text, width)),
            }
        }
        let times = if row.times > 1 { format!(" ({} times)", row.times) } else { String::new() };
        let effect = format!("   {}{times}", row.effect);
        let event = row.event.map(|i| &self.story.w.log[i]);
        // What the learner prints is cut; what the explorer has to say has no line of code.
        let is_text = event.is_some_and(|e| e.verb == &PANIC || e.verb == &PRINT && e.loc.is_some());
        match is_text {
            true => lines.push(cut(&effect, width)),
            false => lines.extend(wrap(&effect, width, HANGING)),
        }
        let mut out = vec![];
        for (n, line) in lines.iter().enumerate() {
            let number = if n == 0 && row.number > 0 { format!("{:>5}", row.number) } else { "     ".into() };
            let text = match in_column {
                Some(i) => {
                    let mut cells = vec![" ".repeat(*column); columns.len()];
                    cells[i] = self.paint.column(i, &pad(line, *column));
                    for s in shared {
                        cells.push(pad(if n == 0 { &row.values[s.value] } else { "" }, s.width));
                    }
                    cells.join(" │ ")
                }
                None => {
                    let who = if n == 0 { self.story.name(row.who) } else { String::new() };
                    let who = pad(&who, name);
                    let number = columns.iter().position(|&t| t == row.who);
                    let number = number.or_else(|| row.who.checked_sub(1).filter(|_| columns.is_empty()));
                    let who = number.map_or(who.clone(), |number| self.paint.column(number, &who));
                    let mut cells = vec![who, line.clone()];
                    if columns.is_empty() && !shared.is_empty() {
                        cells[1] = pad(line, *column);
                        let value =
                            |s: &Shared| if n == 0 { row.values[s.value].clone() } else { String::new() };
                        cells.extend(shared.iter().map(|s| pad(&value(s), s.width)));
                    }
                    cells.join(" │ ")
                }
            };
            out.push(format!("{number} │ {}\n", text.trim_end()));
        }
        out
    }
}
