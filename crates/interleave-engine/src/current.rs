//! The run that is under way on this OS thread, and what explored threads tell it.

use crate::clock::Clock;
use crate::failure::Failure;
use crate::loc::Loc;
use crate::log::{Aside, Event, Happening};
use crate::loops::Loop;
use crate::object::ObjectId;
use crate::search::{Choice, Kind, Pilot, Use};
use crate::settings::Settings;
use crate::step::{Need, Op, Wake, Woken};
use crate::thread::{ENDED, MAX_ALIVE, Panicked, Tid};
use crate::verb::Verb;
use crate::world::World;
use std::cell::{Cell, RefCell, RefMut};
use std::panic::Location;
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering::Relaxed};

thread_local! {
    static WORLD: RefCell<Option<World>> = const { RefCell::new(None) };
    static EXPLORING: Cell<bool> = const { Cell::new(false) };
    static TELL_STATES: Cell<Option<fn(&World)>> = const { Cell::new(None) };
    static LOOPS: RefCell<Vec<Loop>> = const { RefCell::new(vec![]) };
    static LAST_PANIC: RefCell<Option<Panicked>> = const { RefCell::new(None) };
}

/// Where the running thread took its last step, for a watchdog: it runs elsewhere and cannot look.
pub static LAST_STEP: AtomicPtr<Location<'static>> = AtomicPtr::new(std::ptr::null_mut());

/// Counts the steps of all explorations: the watchdog sees by it that something moves.
pub static PROGRESS: AtomicU64 = AtomicU64::new(0);

/// Whether the caller is a thread of an exploration.
#[inline]
pub fn exploring() -> bool {
    EXPLORING.try_with(Cell::get).unwrap_or(false)
}

/// Says whether the caller, from now on, is a thread of an exploration.
pub fn set_exploring(on: bool) {
    EXPLORING.set(on);
}

/// From now on, `tell` is shown the run before each choice; or nobody is.
pub fn trace_states(tell: Option<fn(&World)>) {
    TELL_STATES.set(tell);
}

pub(crate) fn tell_states(w: &World) {
    if let Some(tell) = TELL_STATES.get() {
        tell(w);
    }
}

/// The current run. Never held over a switch to another thread, nor while foreign code runs.
pub fn world<R>(f: impl FnOnce(&mut World) -> R) -> R {
    f(&mut borrow_world())
}

/// Not generic, so that each use of `world` costs the compiler a call and not a copy of this.
#[inline(never)]
fn borrow_world() -> RefMut<'static, World> {
    // SAFETY: the value lives as long as its OS thread, and a borrow lasts no longer than a call of `world`.
    let cell: &'static RefCell<Option<World>> = WORLD.with(|cell| unsafe { &*std::ptr::from_ref(cell) });
    RefMut::map(cell.borrow_mut(), |w| w.as_mut().expect("a run is under way while `exploring` says so"))
}

/// A run begins: the scenario's own thread is the running one.
pub fn begin(settings: Settings, pilot: Pilot) {
    static RUN: AtomicU64 = AtomicU64::new(1);
    let run = RUN.fetch_add(1, Relaxed);
    let mut world = World::new(run, settings, pilot);
    world.loops = LOOPS.take();
    WORLD.set(Some(world));
}

/// The run is over: this is what it was.
pub fn end() -> World {
    let mut world = WORLD.take().expect("end follows begin");
    LOOPS.set(std::mem::take(&mut world.loops));
    if let Some(Failure::Loop(learnt)) = world.failure {
        LOOPS.with_borrow_mut(|loops| match loops.iter_mut().find(|known| known.loc == learnt.loc) {
            Some(known) => {
                known.looks = known.looks.max(learnt.looks);
                known.naps |= learnt.naps;
                known.gives_up |= learnt.gives_up;
            }
            None => loops.push(learnt),
        });
    }
    world
}

/// A new search begins: nothing is known of any loop.
pub fn forget_loops() {
    LOOPS.take();
}

/// Looks at the run from outside of it: for the watchdog and the fault handlers.
pub fn peek<R>(f: impl FnOnce(&World) -> R) -> Option<R> {
    WORLD.try_with(|w| w.try_borrow().ok().and_then(|w| w.as_ref().map(f))).ok().flatten()
}

/// Stops the running thread before `op`: its turn comes when it is `ready`, or when `wake` allows. Returns its number, and who
/// goes on: nobody when the run is over.
///
/// # Safety
/// `ready` is called until the thread's next [`arrive`], or until the run is over: it must live that long.
pub unsafe fn stop(
    op: Op,
    needs: [Option<Need>; 2],
    ready: &dyn Fn() -> bool,
    wake: Wake,
) -> (Tid, Option<Tid>) {
    // SAFETY: only the lifetime changes, and the caller answers for it.
    let ready: *const (dyn Fn() -> bool + 'static) =
        unsafe { std::mem::transmute(std::ptr::from_ref::<dyn Fn() -> bool + '_>(ready)) };
    world(|w| w.stop(op, needs, ready, wake))
}

/// It is the turn of `me`, which stopped before `op`.
pub fn arrive(me: Tid, op: Op) -> Woken {
    world(|w| w.arrive(me, op))
}

/// A choice that is not about threads: which of `n` waiters, say. The first is the usual one.
pub fn choose_one_of(n: usize) -> usize {
    if n < 2 || !exploring() {
        return 0;
    }
    let n = n.min(crate::schedule::DIGITS.len());
    world(|w| {
        if w.steps > w.settings.long() {
            return w.lottery.below(n);
        }
        let who = w.current;
        w.settle_joins();
        w.choices.clear();
        w.choices.extend((0..n).map(|i| Choice { who, kind: Kind::Data(i as u32), cost: u32::from(i > 0) }));
        let Kind::Data(i) = w.pick(false).kind else { return 0 };
        i as usize
    })
}

/// The running thread has looked at `op`'s object, and found this. A thread that finds the same at the same place again, while
/// no other thread has changed any of what it has found, waits for a change: it is not ready before there is one.
///
/// How often it may look again before that is found out by letting it go on alone: if it gives up, then as often as it looks by
/// itself, and otherwise once.
pub fn reads(op: &Op, value: u64) {
    reads_old(op, value, false);
}

/// As [`reads`]; `is_stale` if there is something newer to be found, so that it cannot be waiting for a change.
pub fn reads_old(op: &Op, value: u64, is_stale: bool) {
    if exploring() {
        world(|w| w.looks(op, value, is_stale));
    }
}

/// What the step found, for the report.
pub fn note(before: impl FnOnce() -> Option<String>) {
    note_as(|e| &mut e.before, before);
}

/// What the step left behind, for the report.
pub fn note_after(after: impl FnOnce() -> Option<String>) {
    note_as(|e| &mut e.after, after);
}

fn note_as(place: impl FnOnce(&mut Event) -> &mut Option<String>, value: impl FnOnce() -> Option<String>) {
    if recording() {
        let value = value();
        world(|w| {
            if let Some(e) = w.log.last_mut() {
                w.objects[e.object as usize].value.clone_from(&value);
                *place(e) = value;
            }
        });
    }
}

/// Something happens to the thread that isn't a step, for the report. Called where the run is [`recording`] only.
pub fn aside(who: Tid, object: ObjectId, loc: Option<Loc>, what: Happening) {
    world(|w| w.asides.push(Aside { at: w.log.len(), who, object, loc, what }));
}

/// As [`aside`], of the running thread, if the run is recorded.
pub fn aside_of_step(object: ObjectId, what: Happening) {
    if recording() {
        let (me, loc) = world(|w| (w.current, w.log.last().and_then(|e| e.loc)));
        aside(me, object, loc, what);
    }
}

/// The step that is under way, which might only have looked, does something.
pub fn changes(op: &Op) {
    if exploring() {
        world(|w| w.touch(op.object, op.writes));
    }
}

/// Whether values and prints of this run are kept for a report.
pub fn recording() -> bool {
    exploring() && world(|w| w.settings.recording)
}

/// Not an operation of its own, but the others may notice.
pub fn touch(object: ObjectId, written: bool) {
    if exploring() {
        world(|w| w.touch(object, written));
    }
}

/// As [`touch`], with any use.
pub fn use_object(object: ObjectId, how: Use) {
    if exploring() {
        world(|w| w.use_object(object, how));
    }
}

/// As [`touch`], but it orders nothing besides the step itself: nothing becomes known to either side.
pub fn note_use(object: ObjectId, how: Use) {
    if exploring() {
        world(|w| w.note_use(object, how));
    }
}

/// All that the running thread knows of.
pub fn known() -> Clock {
    if exploring() { world(|w| w.threads[w.current].clock.clone()) } else { Clock::default() }
}

/// The running thread gets to know this.
pub fn learn(clock: &Clock) {
    if exploring() {
        world(|w| w.threads[w.current].clock.join(clock));
    }
}

/// The level of an object: what tells whether a step that [needs](Need) it is possible.
pub fn set_level(object: ObjectId, level: u64) {
    if exploring() {
        world(|w| w.set_level(object, level));
    }
}

/// Whether something that is allowed to fail for no reason does so now.
pub fn fails_for_no_reason() -> bool {
    let may_fail = |w: &mut World| {
        let may = w.faults < w.settings.max_faults;
        w.limits.faults |= !may;
        may && w.steps <= w.settings.long()
    };
    let fails = exploring() && world(may_fail) && choose_one_of(2) == 1;
    if fails {
        world(|w| {
            w.faults += 1;
            // What it finds next is no repetition: it may be more lucky.
            let me = w.current;
            w.threads[me].looks.clear();
        });
    }
    fails
}

/// Whether the running thread is in a loop that waits for `op`'s object to change: then it finds what is newest.
pub fn waits_by_looking(op: &Op) -> bool {
    world(|w| w.waits_by_looking(op))
}

/// Whether the running thread goes on alone, to see whether its loop ends by itself: then it finds the same again.
pub fn is_alone() -> bool {
    exploring() && world(|w| w.is_alone())
}

/// Whether a release is a step of its own. Not while unwinding: a step might not come back.
pub fn releases_are_steps() -> bool {
    exploring() && world(|w| w.settings.watch_releases && w.threads[w.current].unwinding == 0)
}

/// The running thread starts another, which is the running one until it stops; `None` when there is no room for it. `verb` is what
/// the running thread does by that.
pub fn start_thread(verb: &'static Verb, name: Option<String>, loc: Loc) -> Option<Tid> {
    world(|w| {
        let who = w.current;
        let alive = w.threads.iter().filter(|thread| !thread.finished).count();
        w.settle_joins();
        let tid = (alive < MAX_ALIVE).then(|| w.new_thread(name, Some(loc), Some(who)))?;
        w.started.push(tid);
        let object = w.threads[tid].object;
        w.log.push(Event::plain(who, verb, object, Some(loc)));
        w.current = tid;
        Some(tid)
    })
}

/// The last thing a thread does.
pub fn finish(panicked: Option<Panicked>) -> Option<Tid> {
    world(|w| {
        let me = w.current;
        let object = w.threads[me].object;
        w.touch(object, true);
        w.set_level(object, w.objects[object as usize].level | ENDED);
        if let Some(panicked) = &panicked
            && me == 0
        {
            w.fail(Failure::Panic { who: 0, panicked: panicked.clone() });
        }
        let thread = &mut w.threads[me];
        thread.finished = true;
        thread.panicked = panicked.or(thread.panicked.take());
        if me == 0 && w.settings.must_join {
            let left: Vec<Tid> = (0..w.threads.len()).filter(|&t| !w.threads[t].finished).collect();
            if !left.is_empty() {
                w.fail(Failure::Unjoined(left));
            }
        }
        w.probe_ends();
        let next = match w.threads[me].starting_for.take() {
            Some(parent) => Some(parent),
            None => w.choose(),
        };
        if let Some(tid) = next {
            w.current = tid;
        }
        next
    })
}

/// Called by the panic hook in a thread of an exploration; `verb` is what the thread does.
pub fn panic_begins(verb: &'static Verb, panicked: Panicked) {
    let known = peek(|_| ()).is_some();
    if known {
        world(|w| {
            let who = w.current;
            w.threads[who].unwinding += 1;
            let object = w.threads[who].object;
            let place = panicked.place.as_ref().map(|(file, line)| format!("{file}:{line}"));
            let event = Event::plain(who, verb, object, None);
            w.log.push(Event { before: Some(panicked.message.clone()), after: place, ..event });
        });
    }
    LAST_PANIC.set(Some(panicked));
}

/// The running thread has caught a panic that it will pass on, and waits before that.
pub fn will_panic() {
    let panicked = LAST_PANIC.with_borrow(Clone::clone);
    world(|w| {
        let me = w.current;
        w.threads[me].panicked = panicked;
    });
}

/// The panic that began last; it is given away only once.
pub fn last_panic() -> Panicked {
    let unknown = || Panicked { message: "(a panic without a message)".into(), place: None };
    LAST_PANIC.take().unwrap_or_else(unknown)
}

/// The identity of a lock, an atomic, … in the current run. What survives from an earlier run is a
/// `static` or was captured by the scenario, and starts again.
pub struct Tag {
    /// What it is: a `Mutex`, say.
    pub kind: &'static str,
    /// The line that made it.
    pub born: Loc,
    run: AtomicU64,
    object: AtomicU32,
}

impl Tag {
    /// No run has used it yet.
    #[track_caller]
    pub const fn new(kind: &'static str) -> Self {
        let (run, object) = (AtomicU64::new(0), AtomicU32::new(0));
        Tag { kind, born: Loc::caller(), run, object }
    }

    /// The run in which it was last used; 0 is none.
    pub fn run(&self) -> u64 {
        self.run.load(Relaxed)
    }

    /// Whether no exploration has used it yet.
    pub fn is_fresh(&self) -> bool {
        self.run.load(Relaxed) == 0
    }

    /// The object's number; `reset` is called when it survived from an earlier run.
    pub fn object(&self, reset: impl FnOnce()) -> ObjectId {
        if exploring() {
            let run = world(|w| w.run);
            let seen = self.run.swap(run, Relaxed);
            if seen != run {
                if seen != 0 {
                    reset();
                }
                let object = world(|w| w.new_object(self.kind, self.born));
                self.object.store(object, Relaxed);
            }
        }
        self.object.load(Relaxed)
    }
}

/// A panic goes on that was caught before: the hook does not see it again. `verb` is what the thread does.
pub fn unwinds_again(verb: &'static Verb, payload: &(dyn std::any::Any + Send)) {
    let text = payload.downcast_ref::<&str>().map(|s| (*s).to_string());
    let message = text.or_else(|| payload.downcast_ref::<String>().cloned());
    let message = message.unwrap_or_else(|| "(a panic without a message)".into());
    let known = LAST_PANIC.with_borrow(|last| last.as_ref().is_some_and(|last| last.message == message));
    if known {
        world(|w| w.threads[w.current].unwinding += 1);
    } else {
        panic_begins(verb, Panicked { message, place: None });
    }
}
