//! A program with every state that it can be in, in the words of the page.

use crate::programs::{Program, Source};
use interleave::{Ending, Next, State, state_graph};
use std::collections::{BTreeSet, HashMap};

/// A program, and every state it can be in.
pub struct Play {
    /// What is played.
    pub program: &'static Program,
    /// The names of the threads that take part; the first is thread 1.
    pub threads: Vec<String>,
    /// The names of the locks, atomics and the like.
    pub objects: Vec<String>,
    /// The source that they run.
    pub blocks: Vec<Block>,
    /// The states; number 0 is the start.
    pub positions: Vec<Position>,
}

/// Lines of source that belong together.
pub struct Block {
    /// From the workspace.
    pub file: &'static str,
    /// The number of the first line.
    pub first: usize,
    /// The lines.
    pub lines: Vec<&'static str>,
}

/// A moment in which the scheduler has to choose.
pub struct Position {
    /// Where each thread is.
    pub threads: Vec<Thread>,
    /// What each object is like; `None` when nobody has come near it yet.
    pub objects: Vec<Option<Object>>,
    /// What can come next.
    pub steps: Vec<Step>,
    /// How it has ended, if it has.
    pub end: Option<End>,
    /// In how many ways a run can go on from here, without spurious wakeups.
    pub ways: Ways,
    /// The same, with the spurious wakeups that are left.
    pub ways_with_wakeups: Ways,
}

/// In how many ways a run can end well, and how not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ways {
    /// Ends that are as they should be.
    pub good: u64,
    /// Those that are not.
    pub bad: u64,
}

/// Where a thread is.
#[derive(Debug)]
pub struct Thread {
    /// How many steps it has taken.
    pub steps: usize,
    /// The line it stands before; `None` when it has ended.
    pub at: Option<Place>,
    /// What it has to wait for, if it has to.
    pub waits: Option<String>,
}

/// A line of source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which block.
    pub block: usize,
    /// The number of the line in its file.
    pub line: usize,
}

/// What an object is like.
#[derive(Debug)]
pub struct Object {
    /// Its value, if it has one.
    pub value: Option<String>,
    /// Who holds it: 1 is thread 1.
    pub holders: Vec<usize>,
}

/// A step that can be taken.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    /// Who takes it: 1 is thread 1.
    pub thread: usize,
    /// The thread is woken although nobody has notified it.
    pub is_spurious: bool,
    /// Its part of the schedule string.
    pub schedule: String,
    /// What it does.
    pub effect: String,
    /// What it has read and written.
    pub touches: Vec<Touch>,
    /// Where it leads.
    pub to: usize,
}

/// A value that a step has read or written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Touch {
    /// The number of the object.
    pub object: usize,
    /// Whether it was written.
    pub is_write: bool,
    /// The value that was read, or the one that was written.
    pub value: String,
}

/// How a run ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// Of which kind.
    pub kind: Kind,
    /// In words.
    pub words: String,
}

/// The kinds of ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// As it should be.
    Good,
    /// The result is wrong.
    Wrong,
    /// Somebody waits for ever.
    Stuck,
}

impl Play {
    /// Runs the program in every interleaving.
    ///
    /// # Panics
    /// When a thread comes to a line that the page does not show: the program's table is wrong then.
    pub fn of(program: &'static Program) -> Play {
        let graph = state_graph(program.wakeups, program.run);
        assert!(graph.complete, "{}: too many states to draw", program.id);
        let blocks = program.source.iter().flat_map(blocks).collect::<Vec<_>>();
        let names = NamesOf { program };
        let place = |next: &Next| {
            let line = next.line as usize;
            let shown = |b: &Block| b.file == next.file && (b.first..b.first + b.lines.len()).contains(&line);
            let block = blocks.iter().position(shown);
            let block = block.unwrap_or_else(|| panic!("{}: {}:{line} is not shown", program.id, next.file));
            Place { block, line }
        };
        let position = |state: &State| Position {
            threads: state.threads[1..]
                .iter()
                .map(|thread| Thread {
                    steps: thread.steps,
                    at: thread.next.as_ref().map(place),
                    waits: thread.next.as_ref().filter(|n| !n.is_ready).map(|n| names.tidy(&n.wish)),
                })
                .collect(),
            objects: state
                .objects
                .iter()
                .map(|object| {
                    let at = object.as_ref()?;
                    let value = at.value.as_deref().map(last_notification);
                    Some(Object { value, holders: at.holders.clone() })
                })
                .collect(),
            steps: state
                .moves
                .iter()
                .map(|m| Step {
                    thread: m.thread,
                    is_spurious: m.is_fault,
                    schedule: m.schedule.clone(),
                    effect: names.tidy(&m.effect),
                    touches: vec![],
                    to: m.to,
                })
                .collect(),
            end: state.ending.as_ref().map(|ending| End::of(ending, &graph.threads)),
            ways: Ways::default(),
            ways_with_wakeups: Ways::default(),
        };
        let mut positions: Vec<Position> = graph.states.iter().map(position).collect();
        let objects: Vec<String> = graph.objects.iter().map(|name| names.tidy(name)).collect();
        show_the_latest_values(&mut positions);
        tell_reads_from_writes(&mut positions, &objects, &blocks);
        tell_at_the_right_time(&mut positions, &objects);
        tell_who_is_notified(&mut positions, &graph.threads[1..]);
        note_touches(&mut positions, &objects);
        let threads = graph.threads[1..].to_vec();
        let positions = merge_what_cannot_be_told_apart(positions);
        let mut play = Play { program, threads, objects, blocks, positions };
        play.count();
        play
    }

    /// The state that a schedule leads to, and the states on the way, the start first.
    ///
    /// # Errors
    /// When it does not fit: how far it does, in words.
    pub fn follow(&self, schedule: &str) -> Result<Vec<usize>, String> {
        let (mut path, mut rest) = (vec![0], schedule);
        while !rest.is_empty() {
            let here = &self.positions[path[path.len() - 1]];
            // The longest that fits: `1!` before `1`.
            let fits = here.steps.iter().filter(|step| rest.starts_with(&step.schedule));
            let Some(step) = fits.max_by_key(|step| step.schedule.len()) else {
                let taken = &schedule[..schedule.len() - rest.len()];
                let so_far = if taken.is_empty() { "at the start".into() } else { format!("after {taken}") };
                return Err(format!(
                    "the schedule {schedule} does not fit: nobody can take step \"{rest}\" {so_far}"
                ));
            };
            rest = &rest[step.schedule.len()..];
            path.push(step.to);
        }
        Ok(path)
    }

    /// The schedule of the shortest way from a state to an end that is not as it should be.
    pub fn shortest_to_a_bad_end(&self, from: usize) -> Option<String> {
        let mut seen = BTreeSet::from([from]);
        let mut level = vec![(from, String::new())];
        while !level.is_empty() {
            let mut next = vec![];
            for (number, schedule) in level {
                let here = &self.positions[number];
                if here.end.as_ref().is_some_and(|end| end.kind != Kind::Good) {
                    return Some(schedule);
                }
                // Without spurious wakeups where that will do.
                for step in &here.steps {
                    if seen.insert(step.to) {
                        next.push((step.to, format!("{schedule}{}", step.schedule)));
                    }
                }
            }
            level = next;
        }
        None
    }

    /// Counts the ways from every state. States are not in order, but no way leads back.
    fn count(&mut self) {
        fn ways(positions: &[Position], number: usize, spurious: bool, known: &mut [Option<Ways>]) -> Ways {
            if let Some(ways) = known[number] {
                return ways;
            }
            let here = &positions[number];
            let counted = match &here.end {
                Some(end) if end.kind == Kind::Good => Ways { good: 1, bad: 0 },
                Some(_) => Ways { good: 0, bad: 1 },
                None => {
                    let steps = here.steps.iter().filter(|step| spurious || !step.is_spurious);
                    steps.fold(Ways::default(), |sum, step| {
                        let more = ways(positions, step.to, spurious, known);
                        Ways { good: sum.good + more.good, bad: sum.bad + more.bad }
                    })
                }
            };
            known[number] = Some(counted);
            counted
        }
        for spurious in [false, true] {
            let mut known = vec![None; self.positions.len()];
            for number in 0..self.positions.len() {
                let counted = ways(&self.positions, number, spurious, &mut known);
                let here = &mut self.positions[number];
                *(if spurious { &mut here.ways_with_wakeups } else { &mut here.ways }) = counted;
            }
        }
    }
}

impl End {
    fn of(ending: &Ending<String>, threads: &[String]) -> End {
        let quoted = |text: &str, kind, variant: &str| {
            let words = text.strip_prefix(variant)?.strip_prefix("(\"")?.strip_suffix("\")")?;
            Some(End { kind, words: words.replace("\\'", "'") })
        };
        match ending {
            Ending::Returned(text) => quoted(text, Kind::Good, "Ok")
                .or_else(|| quoted(text, Kind::Wrong, "Err"))
                .unwrap_or_else(|| panic!("a scene returns Ok or Err, not {text}")),
            Ending::Failed(how) => {
                let first = how.lines().next().unwrap_or_default();
                let is_stuck = first.starts_with("deadlock") || first.ends_with("forever");
                let kind = if is_stuck { Kind::Stuck } else { Kind::Wrong };
                let mut words = first.to_string();
                if first.ends_with(" wait for each other") {
                    // Who closed the circle is no matter: the same circle, the same words.
                    let in_it =
                        threads.iter().filter(|name| first.contains(name.as_str())).map(String::as_str);
                    words =
                        format!("deadlock: {} wait for each other", in_it.collect::<Vec<_>>().join(" and "));
                }
                words[..1].make_ascii_uppercase();
                End { kind, words: words + "." }
            }
        }
    }
}

impl Kind {
    /// A sign that needs no colour, and a word that needs no sign.
    pub fn label(self) -> (&'static str, &'static str) {
        match self {
            Kind::Good => ("✓", "right"),
            Kind::Wrong => ("✗", "WRONG"),
            Kind::Stuck => ("■", "STUCK"),
        }
    }
}

/// What an object's value says about the last load or exchange isn't the value: a load that returned an old value left the
/// latest one as it was.
fn show_the_latest_values(positions: &mut [Position]) {
    let mut in_order: Vec<usize> = (0..positions.len()).collect();
    in_order.sort_by_key(|&number| steps_taken(&positions[number]));
    for from in in_order {
        for step in 0..positions[from].steps.len() {
            let to = positions[from].steps[step].to;
            for object in 0..positions[to].objects.len() {
                let latest = positions[from].objects[object].as_ref().and_then(|o| o.value.clone());
                let Some(value) = positions[to].objects[object].as_mut().and_then(|o| o.value.as_mut())
                else {
                    continue;
                };
                if value.contains(", an old value") {
                    *value = latest.expect("an old value has a later one");
                } else if let Some((now, _)) = value.split_once(", not what it expected") {
                    *value = now.to_string();
                }
            }
        }
    }
}

fn steps_taken(position: &Position) -> usize {
    position.threads.iter().map(|thread| thread.steps).sum()
}

/// Where a lock is taken for one line only, the line says whether it reads or writes.
fn tell_reads_from_writes(positions: &mut [Position], names: &[String], blocks: &[Block]) {
    for from in 0..positions.len() {
        for number in 0..positions[from].steps.len() {
            let Step { thread, to, ref effect, .. } = positions[from].steps[number];
            let Some(at) = &positions[from].threads[thread - 1].at else { continue };
            let line = blocks[at.block].lines[at.line - blocks[at.block].first];
            let locked = names.iter().position(|name| effect.starts_with(&format!("locks {name}: ")));
            let Some(object) = locked else { continue };
            if positions[to].objects[object].as_ref().is_some_and(|o| o.holders.contains(&thread)) {
                continue;
            }
            let change = &effect["locks ".len()..];
            let told = match change.split_once(": ") {
                _ if change.contains(" → ") => format!("writes {change}"),
                Some((name, value)) if assigns(line) => format!("writes {name}: {value} → {value}"),
                _ => format!("reads {change}"),
            };
            positions[from].steps[number].effect = told;
        }
    }
}

/// Whether the line assigns to what a guard guards: `*count.lock().unwrap() += 1;`.
fn assigns(line: &str) -> bool {
    let target = line.split(['=', '+', '-']).next().unwrap_or_default();
    line.contains('=') && target.trim_start().starts_with('*') && target.contains(".lock()")
}

/// Reads out of a step's words what it has read and written.
fn note_touches(positions: &mut [Position], names: &[String]) {
    for step in positions.iter_mut().flat_map(|position| &mut position.steps) {
        for (object, name) in names.iter().enumerate() {
            let Some((_, told)) = step.effect.split_once(&format!(" {name}: ")) else { continue };
            // A value may have commas of its own.
            let ends = [", then ", ", an old value", ", not what", "; "];
            let end = ends.iter().filter_map(|end| told.find(end)).min().unwrap_or(told.len());
            let told = &told[..end];
            if told.contains("waiting") {
                continue; // of a condition variable: nothing to read
            }
            let (value, is_write) = match told.split_once(" → ") {
                Some((_, new)) => (new, true),
                None => (told, false),
            };
            step.touches.push(Touch { object, is_write, value: value.to_string() });
        }
    }
}

/// What a thread does under a lock is told where it lets go, not where it takes the lock: only then can others see it, and
/// it may never come to that.
fn tell_at_the_right_time(positions: &mut [Position], names: &[String]) {
    for from in 0..positions.len() {
        for number in 0..positions[from].steps.len() {
            let step = &positions[from].steps[number];
            let (thread, to) = (step.thread, step.to);
            let mut effect = step.effect.clone();
            let at = |position: usize, object: usize| positions[position].objects[object].as_ref();
            let holds = |position, object| at(position, object).is_some_and(|o| o.holders.contains(&thread));
            let value = |position, object| at(position, object).and_then(|o| o.value.clone());
            if effect.starts_with("wakes up") {
                if (0..names.len()).any(|object| holds(to, object)) {
                    effect.truncate(effect.find(" → ").unwrap_or(effect.len()));
                }
                effect = effect.replace("; ", " and sees ");
            }
            for (object, name) in names.iter().enumerate() {
                let change = format!("locks {name}: ");
                if let (true, Some(begin)) = (holds(to, object), effect.find(&change)) {
                    let tail = begin + change.len();
                    let end = effect[tail..].find("; ").map_or(effect.len(), |end| tail + end);
                    let before = effect[tail..end].split(" → ").next().unwrap_or_default().to_string();
                    effect.replace_range(tail..end, &before);
                }
                if holds(from, object) && !holds(to, object) && !effect.starts_with("lets go") {
                    effect += &format!(", then lets go of {name}");
                    if let (Some(old), Some(new)) = (value(from, object), value(to, object)) {
                        effect += &if old == new { String::new() } else { format!(": {old} → {new}") };
                    }
                }
            }
            positions[from].steps[number].effect = effect;
        }
    }
}

/// Where a step has a choice of whom to notify, tells whom it takes.
fn tell_who_is_notified(positions: &mut [Position], names: &[String]) {
    for from in 0..positions.len() {
        for number in 0..positions[from].steps.len() {
            let Step { ref schedule, to, .. } = positions[from].steps[number];
            if !schedule.contains('~') {
                continue;
            }
            let sleeps = |position: usize, thread: usize| {
                let waits = positions[position].threads[thread].waits.as_deref();
                waits.is_some_and(|waits| waits.starts_with("waits to be notified"))
            };
            let woken = (0..names.len()).find(|&thread| sleeps(from, thread) && !sleeps(to, thread));
            if let Some(woken) = woken {
                positions[from].steps[number].effect += &format!("; {} is the one", names[woken]);
            }
        }
    }
}

/// Moments that look the same and can go on in the same ways are one position: what led there is history.
fn merge_what_cannot_be_told_apart(mut positions: Vec<Position>) -> Vec<Position> {
    // A step leads to where more steps have been taken, so the last ones come first.
    let mut by_depth: Vec<usize> = (0..positions.len()).collect();
    by_depth.sort_by_key(|&number| (std::cmp::Reverse(steps_taken(&positions[number])), number));
    let mut same_as: Vec<usize> = (0..positions.len()).collect();
    let mut first_of = HashMap::new();
    for &number in &by_depth {
        for step in &mut positions[number].steps {
            step.to = same_as[step.to];
        }
        positions[number].steps.sort();
        let Position { threads, objects, steps, end, .. } = &positions[number];
        let look = format!("{threads:?}{objects:?}{steps:?}{end:?}");
        same_as[number] = *first_of.entry(look).or_insert(number);
    }
    // Those that are left, numbered anew; the start stays number 0.
    let kept: Vec<usize> = (0..positions.len()).filter(|&number| same_as[number] == number).collect();
    let new_number = |old: usize| kept.binary_search(&old).expect("a step leads to what is kept");
    let left = positions.into_iter().enumerate();
    let mut positions: Vec<Position> =
        left.filter(|(number, _)| same_as[*number] == *number).map(|(_, position)| position).collect();
    for step in positions.iter_mut().flat_map(|position| &mut position.steps) {
        step.to = new_number(step.to);
    }
    positions
}

struct NamesOf {
    program: &'static Program,
}

impl NamesOf {
    /// The text with the program's own names in it.
    fn tidy(&self, text: &str) -> String {
        let names = self.program.names.iter();
        names.fold(text.to_string(), |text, (from, to)| text.replace(from, to))
    }
}

/// What the value of a condition variable says: what came of the last notification.
fn last_notification(value: &str) -> String {
    match value.strip_suffix(" waiting") {
        Some(who) => format!("last notification: {who} waiting"),
        None if value.starts_with("nobody is waiting") => {
            "last notification: lost, nobody was waiting".into()
        }
        None => value.to_string(),
    }
}

/// The items' lines, with their comments, in the order of the file.
fn blocks(source: &Source) -> Vec<Block> {
    let lines: Vec<&'static str> = source.text.lines().collect();
    let mut blocks: Vec<Block> = source.items.iter().map(|item| block(source.file, &lines, item)).collect();
    blocks.sort_by_key(|block| block.first);
    blocks
}

fn block(file: &'static str, lines: &[&'static str], item: &str) -> Block {
    let opens = |line: &&str| {
        let line = line.trim_start();
        let line = line.strip_prefix("pub ").unwrap_or(line);
        // `impl<W: Write> Drop for Log<W>` is the item `Drop for Log<W>`.
        let line = match line.strip_prefix("impl<") {
            Some(generic) => &format!("impl {}", generic.split_once("> ").map_or("", |(_, rest)| rest)),
            None => line,
        };
        let rest = ["fn ", "struct ", "impl "].iter().find_map(|kind| line.strip_prefix(kind));
        let wanted = item.strip_prefix("impl ").unwrap_or(item);
        rest.is_some_and(|rest| {
            let end = rest.strip_prefix(wanted).unwrap_or("x");
            !end.starts_with(|c: char| c.is_alphanumeric() || c == '_')
                && (line.starts_with("impl ") == (item.starts_with("impl ") || item.contains(' ')))
        })
    };
    // `Buffer::put` is the function of that name after the `impl Buffer`.
    if let Some((owner, function)) = item.split_once("::") {
        let owner = block(file, lines, &format!("impl {owner}"));
        let before = owner.first - 1;
        let mut found = block(file, &lines[before..before + owner.lines.len()], function);
        found.first += before;
        return found;
    }
    let start = lines.iter().position(opens).unwrap_or_else(|| panic!("{file}: there is no {item}"));
    let indent = lines[start].len() - lines[start].trim_start().len();
    let close = format!("{}}}", " ".repeat(indent));
    let length = lines[start..].iter().position(|line| *line == close).expect("an item ends with a brace");
    let is_comment = |line: &&&str| line.trim_start().starts_with("///");
    let comments = lines[..start].iter().rev().take_while(is_comment).count();
    Block { file, first: start - comments + 1, lines: lines[start - comments..=start + length].to_vec() }
}
