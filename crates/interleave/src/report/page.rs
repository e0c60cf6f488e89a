//! A failing run as a page that plays it: `target/interleave/PACKAGE/TEST.html`.
//!
//! The page is `page.html`, which the package `scheduler` makes from the modules of its game, with one JSON value in it.
//! The value is a level as that game has them: [`level`] says what is in it. Its states are those of the failing run, or
//! all that the scenario can be in where there are few enough ([`MOST_STATES`]).

use super::replay;
use super::story::{Story, bare, is_shown, is_test};
use crate::engine::memory::OLD;
use crate::engine::{Aside, Failure, Happening, Loc, Op, Settings, Tid, Told as Place, World};
use crate::graph::{Graph, Moment, Told, Touch, run_and_watch};
use crate::outcomes::Ending;
use crate::search::{Every, Kind, Pilot};
use crate::source;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Write;
use std::ops::Range;
use std::panic::Location;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

/// The player, and where its data belongs.
const PLAYER: &str = include_str!("page.html");
const DATA: &str = "/*FAILURE*/";

/// No page has more bytes.
const LARGEST: usize = 200_000;
/// Of a run with more steps, the page has the first and the last ones; of one that never ends, a few.
pub(crate) const MOST_STEPS: usize = 240;
const STEPS_OF_ENDLESS: usize = 60;
/// A thread that goes on alone has no choices between its steps. This many of them are told one by one.
const STEPS_ALONE: usize = 12;
/// A value or a sentence longer than this is cut.
const LONGEST_TEXT: usize = 400;

/// A scenario with more states than this has no map, nor one whose failing run has more events than this, nor one whose states
/// aren't found within this many steps.
const MOST_STATES: usize = 150;
const LONGEST_ON_A_MAP: usize = 60;
const STEPS_FOR_A_MAP: usize = 400;
/// Nor one for which more backtraces have to be looked at.
const PLACES_FOR_A_MAP: usize = 25;

/// A failing run, as the page has it.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    reason: String,
    likely: String,
    level: String,
}

impl Page {
    /// Of a recorded run, which ends in this failure, with what it was like before each choice.
    pub(crate) fn new(
        w: &World,
        moments: &[Moment],
        map: Option<Map>,
        failure: &Failure,
        headline: &str,
        likely: String,
    ) -> Self {
        let story = Story::new(w);
        let reason = story.reason(failure).lines.join("\n").replace('\t', " ");
        let besides = PLAYER.len() + 2 * (reason.len() + likely.len()) + 4 * headline.len() + 2_000;
        let room = LARGEST.saturating_sub(besides);
        let of_map = map.map(|Map { graph, run }| level(graph, run, true));
        let most = if matches!(failure, Failure::Endless) { STEPS_OF_ENDLESS } else { MOST_STEPS };
        let of_run = [most, 60, 15, 3].into_iter().map(|most| {
            let mut graph = Graph::default();
            let mut moments = moments.to_vec();
            if moments.len() > most {
                let last = if matches!(failure, Failure::Endless) { 0 } else { most / 4 };
                moments.drain(most - last..moments.len() - last);
            }
            let ending = ending(Some((failure, headline)));
            let path = add(&mut graph, w, moments, ending, Some(&story));
            level(graph, path.len() - 1, false)
        });
        let level = of_map.into_iter().chain(of_run).find(|level| level.len() <= room);
        Page { reason, likely, level: level.unwrap_or_default() }
    }

    /// Writes the page for the check at this place. Returns where it is.
    pub(crate) fn store(&self, check: &'static Location<'static>, headline: &str) -> Option<PathBuf> {
        let Page { reason, likely, level } = self;
        let (first, details) = headline.split_once('\n').unwrap_or((headline, ""));
        let members = [
            ("check", &super::place(check)),
            ("package", &replay::package().unwrap_or_default()),
            ("test", &replay::test_name().unwrap_or_default()),
            ("headline", &first.to_string()),
            ("details", &details.to_string()),
            ("reason", reason),
            ("likely", likely),
        ];
        let members = members.map(|(name, text)| format!("\"{name}\":{}", json(text)));
        let (before, after) = PLAYER.split_once(DATA)?;
        replay::store_page(&format!("{before}{{{},\n{level}}}{after}", members.join(",\n")))
    }
}

/// Every state of a scenario. The first ones are those of the failing run, which has this many steps.
pub(crate) struct Map {
    graph: Graph,
    run: usize,
}

/// Every state of the scenario, if there are few: `w` is the failing run, and `headline` says how
/// one ends.
pub(crate) fn map(
    w: &World,
    moments: &[Moment],
    failure: &Failure,
    headline: impl Fn(&World, &Failure) -> String,
    settings: Settings,
    scenario: &Arc<dyn Fn()>,
) -> Option<Map> {
    let can_be_mapped = |failure: &Failure| {
        use Failure::{Deadlock, Panic, Unjoined};
        matches!(failure, Panic { .. } | Deadlock { .. } | Unjoined(_))
    };
    if !can_be_mapped(failure) || w.log.len() > LONGEST_ON_A_MAP || states_at_most(w) > 4 * MOST_STATES {
        return None;
    }
    let places = source::remember_places(PLACES_FOR_A_MAP);
    // Spurious wakeups make a map larger, and are of no use in one of a run without any.
    let has_fault = w.trail.iter().any(|choice| choice.kind == Kind::Fault);
    let max_faults = if has_fault { settings.max_faults } else { 0 };
    let settings = Settings { recording: true, max_faults, ..settings };
    // A state says nothing of the older values that weak orderings let a load return. With those, every run is tried.
    'tries: for skips_known in [true, false] {
        let mut graph = Graph::default();
        let ending_of_run = ending(Some((failure, &headline(w, failure))));
        let run = add(&mut graph, w, moments.to_vec(), ending_of_run, Some(&Story::new(w))).len() - 1;
        let (mut every, mut steps, mut visited) = (Every::default(), 0, HashSet::new());
        loop {
            let shared = every.shared();
            let (failure, w, moments) = run_and_watch(settings, Pilot::Every(every), scenario, MOST_STATES);
            steps += w.steps;
            let is_of_another_kind = failure.as_ref().is_some_and(|failure| !can_be_mapped(failure));
            if is_of_another_kind || w.limits().loops || w.log.len() > LONGEST_ON_A_MAP {
                return None;
            }
            let text = failure.as_ref().map(|failure| headline(&w, failure));
            let ending = ending(failure.as_ref().zip(text.as_deref()));
            let path = add(&mut graph, &w, moments, ending, None);
            if skips_known && may_load_old_values(&w) {
                continue 'tries;
            }
            let Pilot::Every(mut back) = w.pilot else { unreachable!("the pilot comes back") };
            let is_large = graph.states.len() > MOST_STATES || steps > STEPS_FOR_A_MAP;
            if back.coasted || is_large || places.is_short() {
                return None;
            }
            let known = path.iter().find(|(state, choices)| *choices > shared && visited.contains(state));
            if let Some((_, choices)) = known.filter(|_| skips_known) {
                back.leave_out_after(*choices);
            }
            visited.extend(path.iter().map(|(state, _)| *state));
            every = back;
            if !every.next_run() {
                return Some(Map { graph, run });
            }
        }
    }
    None
}

/// Whether an atomic is loaded, and somewhere used with an ordering that may let the load return an old value.
fn may_load_old_values(w: &World) -> bool {
    let is_loaded = |object| w.log.iter().any(|e| e.verb == &crate::sync::atomic::LOAD && e.object == object);
    let is_weak = |aside: &Aside| matches!(aside.what, Happening::Ordered(order) if order != SeqCst);
    w.asides().iter().any(|aside| is_weak(aside) && is_loaded(aside.object))
}

/// About how many states there are, if no thread ever has to wait for another.
fn states_at_most(w: &World) -> usize {
    let steps =
        |tid: Tid| w.trail.iter().filter(|choice| choice.who == tid && choice.kind == Kind::Turn).count();
    (1..w.threads.len()).map(|tid| steps(tid) + 1).fold(1, usize::saturating_mul)
}

/// How a run ends: of which kind, and in one line.
fn ending(failed: Option<(&Failure, &str)>) -> Ending<String> {
    let Some((failure, headline)) = failed else { return Ending::Returned(String::new()) };
    let kind = if matches!(failure, Failure::Deadlock { .. }) { "stuck" } else { "wrong" };
    let first = headline.lines().next().unwrap_or_default();
    Ending::Failed(format!("{kind}\n{first}"))
}

/// Adds a run to the graph. Returns the states that it came to, with how many choices came before each. `report` has the
/// numbers of its steps, should they be wanted.
fn add(
    graph: &mut Graph,
    w: &World,
    moments: Vec<Moment>,
    ending: Ending<String>,
    report: Option<&Story<'_>>,
) -> Vec<(usize, usize)> {
    let mut moments = with_steps_alone(w, moments);
    show_the_latest_values(w, &mut moments);
    let ends: Vec<usize> = moments.iter().map(|moment| moment.events).collect();
    let story = Story::step_by_step(w, &ends);
    graph.add(w, &story.names, moments, ending, |who, events| tell(&story, report, who, events))
}

/// The moments and the end of the run, and between two of them one for each step that no choice came before: a panic of a
/// thread that has only joined another one, and the rounds of a loop that a thread takes alone.
fn with_steps_alone(w: &World, moments: Vec<Moment>) -> Vec<Moment> {
    let last = Moment::of(w);
    let mut moments = moments;
    // Of a loop, the end may have been cut off.
    moments.retain(|moment| moment.events <= w.log.len());
    if moments.is_empty() {
        moments.push(Moment { events: 0, choices: 0, ..last.clone() });
    }
    let mut all = vec![];
    for (at, now) in moments.iter().enumerate() {
        let next = moments.get(at + 1).unwrap_or(&last);
        let mover = w.trail.get(now.choices).map(|choice| choice.who);
        let shown: Vec<usize> = (now.events..next.events).filter(|&i| is_shown(&w.log[i])).collect();
        // The first one is what was chosen.
        let is_chosen = |&i: &usize| shown.first() == Some(&i) && Some(w.log[i].who) == mover;
        let alone = shown.iter().copied().take(STEPS_ALONE).filter(|i| !is_chosen(i));
        all.push(now.clone());
        all.extend(alone.map(|i| before_step(w, i, next)));
    }
    all.push(last);
    all
}

/// The moment before a step that no choice came before; `next` is the one after it.
fn before_step(w: &World, i: usize, next: &Moment) -> Moment {
    let e = &w.log[i];
    let place = || w.threads[e.who].panicked.as_ref()?.place.clone();
    let told = || {
        let (file, line) = place()?;
        Some(Loc::caller().told_as(Box::leak(Box::new(Place { file, line }))))
    };
    let earlier = || w.log[..i].iter().rev().filter(|other| other.who == e.who).find_map(|other| other.loc);
    let loc = e.loc.or_else(told).or_else(earlier);
    let op = loc.map(|loc| (Op { verb: e.verb, object: e.object, writes: false, loc }, true));
    let mut moment = Moment { events: i, ..next.clone() };
    moment.next[e.who] = op.or(moment.next[e.who]);
    moment
}

/// What an object's value says of the last step isn't the value: a load that returned an old one left the latest as it was.
fn show_the_latest_values(w: &World, moments: &mut [Moment]) {
    let things: Vec<&str> = w.objects.iter().filter(|o| o.is_a_thing()).map(|o| o.kind).collect();
    let mut latest: Vec<Option<String>> = vec![None; things.len()];
    for moment in moments {
        for ((object, latest), kind) in moment.objects.iter_mut().zip(&mut latest).zip(&things) {
            object.value = match object.value.take() {
                Some(value) if value.ends_with(OLD) => latest.clone(),
                // The cards say which threads sleep.
                Some(value) if *kind == "Condvar" => {
                    value.starts_with("nobody is waiting").then(|| "last notification: lost".to_string())
                }
                value => value.map(|value| cut(bare(&value))),
            };
            latest.clone_from(&object.value);
        }
    }
}

/// What a thread does in these events.
fn tell(story: &Story<'_>, report: Option<&Story<'_>>, who: Tid, events: Range<usize>) -> Told {
    let mut told = Told::default();
    let mut parts = vec![];
    let log = &story.w.log;
    // Of what a thread does again and again alone, the last step that is told stands for all that follow.
    let mut own = events.clone().filter(|&i| log[i].who == who && is_shown(&log[i]));
    let first = own.next();
    let events = events.start..own.next().unwrap_or(events.end);
    if let Some(i) = first {
        let e = &log[i];
        parts.push(story.effect(i));
        told.numbers.extend(report.map(|report| report.numbers[i]).filter(|&number| number > 0));
        let is_held = story.releases[i].as_ref().is_some_and(|release| release.has_row);
        if let Some(access) = story.access(i) {
            let new = access.new.filter(|_| !is_held);
            let (value, is_write) = (new.unwrap_or(access.old), new.is_some());
            told.touches.push(Touch { object: access.object, is_write, value: cut(value) });
        }
        if e.verb == &crate::sync::lock::UNLOCK {
            let own = |r: &&Option<super::story::Release>| r.as_ref().is_some_and(|r| r.at == i + 1);
            told.touches
                .extend(story.releases.iter().position(|r| own(&r)).and_then(|since| left(story, since)));
        }
    }
    for aside in story.asides(events.start + 1, events.end).iter().filter(|aside| aside.who == who) {
        let Happening::Unlocks { since, .. } = aside.what else { continue };
        let release = story.releases.get(since).and_then(Option::as_ref);
        if let Some(release) = release.filter(|release| release.has_row && release.at == aside.at) {
            parts.push(story.unlocks(since, release));
            told.touches.extend(left(story, since));
        }
    }
    parts.retain(|part| !part.is_empty());
    let ends = log[events].iter().any(|e| e.who == who && e.verb == &crate::thread::END);
    if parts.is_empty() {
        parts.push(if ends { "ends" } else { "goes on" }.into());
    }
    told.effect = cut(&parts.join("; "));
    told
}

/// The value that a lock is left with that was acquired with this event.
fn left(story: &Story<'_>, since: usize) -> Option<Touch> {
    let access = story.access(since)?;
    Some(Touch { object: access.object, is_write: true, value: cut(access.new?) })
}

fn cut(text: &str) -> String {
    super::cut(text, LONGEST_TEXT)
}

/// Rows that come again and again, named by their numbers.
#[derive(Default)]
struct Table {
    rows: Vec<String>,
    numbers: HashMap<String, usize>,
}

impl Table {
    fn number(&mut self, row: String) -> usize {
        if let Some(&number) = self.numbers.get(&row) {
            return number;
        }
        self.rows.push(row.clone());
        self.numbers.insert(row, self.rows.len() - 1);
        self.rows.len() - 1
    }
}

/// The level, as members of a JSON object: what `page::data` of the package `scheduler` makes, and
///
/// - `run`, how many steps the failing run has: its states are the first ones, and each one's first step leads to the next;
/// - `numbers`, for each of these steps its numbers in the report;
/// - `whole`, whether all states of the scenario are there;
/// - a place of -2 for a thread that hasn't been started.
///
/// The scenario's own thread comes last, if it takes part.
fn level(mut graph: Graph, run: usize, is_map: bool) -> String {
    graph.complete_values();
    let moves = || graph.states.iter().flat_map(|state| &state.moves);
    let takes_part = |tid: &Tid| moves().any(|m| m.thread == *tid);
    let threads: Vec<Tid> = (1..graph.threads.len()).chain([0]).filter(takes_part).collect();
    // Threads count from 1.
    let number = |tid: Tid| threads.iter().position(|&other| other == tid).map_or(0, |at| at + 1);
    // What std itself shares, such as the lock of the panic hook, isn't shown.
    let shown: Vec<usize> = (0..graph.objects().len()).filter(|&thing| !graph.is_of_std(thing)).collect();
    let of_thing = |thing: usize| shown.iter().position(|&other| other == thing);
    let blocks = Blocks::of(&graph);
    let (mut places, mut effects, mut values) = (Table::default(), Table::default(), Table::default());
    let mut positions = vec![];
    for (state, told) in graph.states.iter().zip(&graph.told) {
        let stands = threads.iter().map(|&tid| match state.threads.get(tid) {
            None => "[0,-2]".into(),
            Some(thread) => match &thread.next {
                None => format!("[{},-1]", thread.steps),
                Some(next) => {
                    let waits = if next.is_ready { "" } else { &next.wish };
                    let (block, line) = (blocks.of_line(&next.file, next.line as usize), next.line);
                    let place = places.number(format!("[{block},{line},{}]", json(waits)));
                    format!("[{},{place}]", thread.steps)
                }
            },
        });
        let stands = list(stands);
        let objects = shown.iter().map(|&thing| match &state.objects[thing] {
            None => "[-1,[]]".into(),
            Some(object) => {
                let value = object.value.as_deref();
                let value = value.map_or(-1, |value| values.number(json(value)) as i64);
                let holders = object.holders.iter().map(|&tid| number(tid).to_string());
                format!("[{value},{}]", list(holders))
            }
        });
        let objects = list(objects);
        let steps = state.moves.iter().zip(told).map(|(step, told)| {
            let touches = told.touches.iter().filter_map(|touch| {
                let (object, is_write) = (of_thing(touch.object as usize)?, u8::from(touch.is_write));
                Some(format!("[{object},{is_write},{}]", json(&touch.value)))
            });
            let effect = effects.number(format!("[{},{}]", json(&told.effect), list(touches)));
            let (thread, is_fault, schedule) =
                (number(step.thread), u8::from(step.is_fault), json(&step.schedule));
            format!("[{thread},{is_fault},{schedule},{effect},{}]", step.to)
        });
        let steps = list(steps);
        let end = state.ending.as_ref().map(|ending| match ending {
            Ending::Returned(_) => ("good", "This interleaving passes."),
            Ending::Failed(how) => how.split_once('\n').unwrap_or(("wrong", how)),
        });
        let end = end.map(|(kind, words)| format!(",\"e\":{}", list([json(kind), json(words)])));
        positions
            .push(format!("{{\"t\":{stands},\"o\":{objects},\"s\":{steps}{}}}", end.unwrap_or_default()));
    }
    let numbers = graph.told[..run]
        .iter()
        .map(|told| list(told.first().into_iter().flat_map(|told| &told.numbers).map(usize::to_string)));
    let objects = graph.objects();
    let members = [
        ("threads", list(threads.iter().map(|&tid| json(&graph.threads[tid])))),
        ("objects", list(shown.iter().map(|&thing| json(&objects[thing])))),
        ("run", run.to_string()),
        ("numbers", list(numbers)),
        ("whole", is_map.to_string()),
        ("hasMain", threads.contains(&0).to_string()),
        ("parts", "[]".into()),
        ("blocks", blocks.json()),
        ("places", list(places.rows)),
        ("effects", list(effects.rows)),
        ("values", list(values.rows)),
        ("positions", list(positions)),
    ];
    members.map(|(name, value)| format!("\"{name}\":{value}")).join(",\n")
}

/// The functions that the threads come to: of each file, the numbers of their first and last lines.
struct Blocks(Vec<(String, Lines, Range<usize>)>);

/// The lines of a file, should they be there.
type Lines = Option<Rc<[String]>>;

impl Blocks {
    fn of(graph: &Graph) -> Self {
        let mut used: BTreeMap<(bool, &str), BTreeSet<usize>> = BTreeMap::new();
        let next =
            graph.states.iter().flat_map(|state| &state.threads).filter_map(|thread| thread.next.as_ref());
        for next in next {
            // What is of the check comes last.
            used.entry((is_test(&next.file), &next.file)).or_default().insert(next.line as usize);
        }
        let mut blocks: Vec<(String, Lines, Range<usize>)> = vec![];
        for ((_, file), used) in used {
            let lines = source::lines(file);
            for line in used {
                let (first, last) = match &lines {
                    Some(lines) => source::function_around(lines, line),
                    None => (line, line),
                };
                match blocks.last_mut().filter(|(of, _, range)| of == file && first <= range.end) {
                    Some((.., range)) => range.end = range.end.max(last + 1),
                    None => blocks.push((file.to_string(), lines.clone(), first..last + 1)),
                }
            }
        }
        Blocks(blocks)
    }

    fn of_line(&self, file: &str, line: usize) -> usize {
        self.0.iter().position(|(of, _, range)| of == file && range.contains(&line)).unwrap_or(0)
    }

    fn json(&self) -> String {
        let block = |(file, lines, range): &(String, Lines, Range<usize>)| {
            let lines = lines.as_deref().unwrap_or_default();
            let text = |number: usize| lines.get(number - 1).map_or("", |line| line.trim_end());
            let lines = range.clone().map(|number| format!("[{number},{}]", json(&cut(text(number)))));
            format!("{{\"file\":{},\"lines\":{}}}", json(file), list(lines))
        };
        list(self.0.iter().map(block))
    }
}

fn list(items: impl IntoIterator<Item = String>) -> String {
    let items: Vec<String> = items.into_iter().collect();
    format!("[{}]", items.join(","))
}

/// The text as JSON, with nothing in it that could end a script element.
fn json(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            // All of these have four digits.
            c if c == '<' || c.is_control() => _ = write!(out, "\\u{:04x}", u32::from(c)),
            c => out.push(c),
        }
    }
    out + "\""
}

#[cfg(test)]
mod tests {
    use super::json;

    #[test]
    fn no_text_ends_its_string_or_its_script() {
        assert_eq!(json("plain, and äöü →"), "\"plain, and äöü →\"");
        assert_eq!(json("a \"b\" \\ c\nd\te"), "\"a \\\"b\\\" \\\\ c\\nd\\te\"");
        assert_eq!(json("</script><!--"), "\"\\u003c/script>\\u003c!--\"");
        assert_eq!(json("\u{0}\u{1b}\u{7f}\u{9f}\r"), "\"\\u0000\\u001b\\u007f\\u009f\\u000d\"");
    }
}
