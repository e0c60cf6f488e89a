//! One thread runs at a time. At every operation that another thread could notice it stops, and the
//! search says who goes on. Everything in `sync` and `thread` is built on [`step`] and [`wait`].

use crate::fibre;
use crate::graph::Moment;
use crate::search::{Choice, Footprint, Kind, Pilot, Steps};
use std::cell::{Cell, RefCell, RefMut};
use std::panic::Location;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

pub(crate) type Loc = &'static Location<'static>;
pub(crate) type Tid = usize;
pub(crate) type ObjectId = u32;

/// Sets of threads are bit masks.
pub(crate) const MAX_THREADS: usize = crate::schedule::DIGITS.len();
/// After so many steps a run only has to come to an end: a fair lottery says who goes on.
const LONG: usize = 1_000;
/// After so many steps it is taken never to do so.
const ENDLESS: usize = 20_000;
/// How often a thread that only repeats itself may go on although others are waiting to run.
const MAX_REPEATS: u32 = 4;

/// The object that every fault touches: at most so many happen in a run, so they are not independent.
const FAULTS: ObjectId = 0;

/// What a thread is about to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verb {
    Start,
    Lock,
    ReadLock,
    WriteLock,
    TryLock,
    TryReadLock,
    TryWriteLock,
    Unlock,
    LookPoisoned,
    ClearPoison,
    LetGoAndWait,
    WakeUp,
    Relock,
    NotifyOne,
    NotifyAll,
    Arrive,
    LeaveBarrier,
    Load,
    Store,
    Rmw(&'static str),
    Fence,
    Send,
    TrySend,
    HandOver,
    ComeToReceive,
    Receive,
    TryReceive,
    HangUp,
    Initialise,
    Initialised,
    Look,
    Join,
    JoinScope,
    LookFinished,
    End,
    Yield,
    Sleep,
    Park,
    Unpark,
    Print,
    Panic,
}

impl Verb {
    /// Whether the step may turn out to change nothing; if it does, it calls [`changes`].
    fn may_only_look(self) -> bool {
        use Verb::{Initialise, Rmw, TryLock, TryReadLock, TryReceive, TrySend, TryWriteLock};
        matches!(self, TryLock | TryReadLock | TryWriteLock | TrySend | TryReceive | Initialise | Rmw(_))
    }

    /// Whether the step orders anything only if it gets what it tries for.
    fn only_tries(self) -> bool {
        use Verb::{TryLock, TryReadLock, TryReceive, TrySend, TryWriteLock};
        matches!(self, TryLock | TryReadLock | TryWriteLock | TrySend | TryReceive)
    }

    /// Whether the step is nobody else's business, so that it needs no choice and no row.
    pub(crate) fn is_quiet(self) -> bool {
        matches!(self, Verb::Join | Verb::JoinScope)
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Op {
    pub(crate) verb: Verb,
    pub(crate) object: ObjectId,
    pub(crate) writes: bool,
    pub(crate) loc: Loc,
}

/// What may wake a thread that is not ready.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Wake {
    WhenReady,
    Spuriously,
    After(Duration),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Woken {
    Ready,
    Spuriously,
    TimedOut,
}

/// What happened before: so many steps of each thread (a vector clock).
#[derive(Clone, Default, Debug, PartialEq, Eq)]
pub(crate) struct Clock(Vec<u32>);

impl Clock {
    pub(crate) fn join(&mut self, other: &Clock) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        self.0.iter_mut().zip(&other.0).for_each(|(mine, theirs)| *mine = *theirs.max(mine));
    }

    pub(crate) fn is_before(&self, other: &Clock) -> bool {
        self.0.iter().enumerate().all(|(i, n)| *n <= other.0.get(i).copied().unwrap_or(0))
    }

    fn tick(&mut self, tid: Tid) {
        if self.0.len() <= tid {
            self.0.resize(tid + 1, 0);
        }
        self.0[tid] += 1;
    }
}

struct Ready(*const (dyn Fn() -> bool + 'static));

/// Where a thread has stopped.
struct At {
    op: Op,
    ready: Ready,
    wake: Wake,
    deadline: Duration,
}

impl At {
    fn is_ready(&self) -> bool {
        // SAFETY: the closure lives in the frame of `wait`, which does not return, and so does not
        // end the closure's life, before it has taken this `At` away.
        unsafe { (*self.ready.0)() }
    }
}

/// Where and why a thread panicked.
#[derive(Clone, Debug)]
pub(crate) struct Panicked {
    pub(crate) message: String,
    pub(crate) place: Option<(String, u32)>,
}

pub(crate) struct Thread {
    pub(crate) name: Option<String>,
    /// The line that started it; none for the scenario's own thread.
    pub(crate) born: Option<Loc>,
    pub(crate) object: ObjectId,
    pub(crate) finished: bool,
    pub(crate) panicked: Option<Panicked>,
    pub(crate) joined: bool,
    /// The token of `park`.
    pub(crate) park_token: Arc<AtomicBool>,
    /// Its thread-local values.
    pub(crate) locals: Vec<crate::local::Slot>,
    /// How many panics it is unwinding from.
    pub(crate) unwinding: u32,
    pub(crate) clock: Clock,
    /// What the next acquire fence acquires, and what the last release fence released.
    pub(crate) fences: (Clock, Clock),
    /// The newest store of each atomic that it knows of, by object.
    pub(crate) newest_seen: Vec<u32>,
    /// What it was about to do when the run failed, if it was blocked.
    pub(crate) stuck: Option<Op>,
    /// Of a wait on a condition variable: the mutex to be had back, and whether the notification came.
    pub(crate) relock: Option<ObjectId>,
    pub(crate) notified: bool,
    at: Option<At>,
    /// Runs to its first operation on behalf of this thread.
    starting_for: Option<Tid>,
    /// The threads that it lets go first.
    lazy: u64,
    /// What it has read since any other thread changed something, and how often it then read it again.
    reads: Vec<(Loc, ObjectId, u64)>,
    repeats: u32,
    woken: Woken,
}

pub(crate) struct Object {
    pub(crate) kind: &'static str,
    pub(crate) born: Loc,
    pub(crate) holders: Vec<(Tid, Loc)>,
    /// The value as last seen, when the run is recorded.
    pub(crate) value: Option<String>,
    /// What is known to whoever touches it; atomics have their orderings instead.
    clock: Option<Clock>,
}

impl Object {
    /// A lock, an atomic, a channel, …: what a learner would call a thing.
    pub(crate) fn is_a_thing(&self) -> bool {
        !matches!(self.kind, "thread" | "fault" | "fence")
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) who: Tid,
    pub(crate) verb: Verb,
    pub(crate) object: ObjectId,
    pub(crate) loc: Option<Loc>,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
    /// The thread before it could have gone on.
    pub(crate) preempts: bool,
    pub(crate) woken: Woken,
}

#[derive(Clone, Debug)]
pub(crate) enum Failure {
    Panic {
        who: Tid,
        panicked: Panicked,
    },
    Deadlock {
        stuck: Vec<Tid>,
        cycle: bool,
    },
    Endless,
    Unjoined(Vec<Tid>),
    Exit {
        who: Tid,
        call: String,
        loc: Loc,
    },
    /// The scenario, not the code under check, is at fault.
    Misuse(String),
    /// Not a failure: something was learnt that the search has to start again with.
    WatchReleases,
}

/// What does not change from one run of a search to the next.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    /// Unlocking, hanging up and ending are steps too, because somebody looks without waiting.
    pub(crate) watch_releases: bool,
    /// Values and prints are kept for a report.
    pub(crate) recording: bool,
    pub(crate) must_join: bool,
    /// Spurious wakeups and early time-outs, at most, in one run.
    pub(crate) max_faults: u32,
    /// What a headline says of threads that wait for ever.
    pub(crate) stuck_means: Option<&'static str>,
}

/// One run.
pub(crate) struct World {
    pub(crate) run: u64,
    pub(crate) settings: Settings,
    pub(crate) threads: Vec<Thread>,
    pub(crate) objects: Vec<Object>,
    pub(crate) current: Tid,
    pub(crate) log: Vec<Event>,
    pub(crate) failure: Option<Failure>,
    /// The virtual clock.
    pub(crate) now: Duration,
    pub(crate) pilot: Pilot,
    /// Who took each step and how, for the schedule string.
    pub(crate) trail: Vec<Choice>,
    /// How much of the trail it takes until only usual choices follow.
    pub(crate) telling: usize,
    pub(crate) done: bool,
    pub(crate) steps: usize,
    /// The run as it was before each choice, for a graph of its states.
    pub(crate) moments: Vec<Moment>,
    footprint: Footprint,
    faults: u32,
    /// The next choice depends on more than the steps themselves.
    unfair: bool,
    lottery: Lottery,
    choices: Vec<Choice>,
}

thread_local! {
    static WORLD: RefCell<Option<World>> = const { RefCell::new(None) };
    static EXPLORING: Cell<bool> = const { Cell::new(false) };
    static TRACE_STATES: Cell<bool> = const { Cell::new(false) };
    static LAST_PANIC: RefCell<Option<Panicked>> = const { RefCell::new(None) };
}

/// Counts the steps of all explorations: the watchdog sees by it that something moves.
pub(crate) static PROGRESS: AtomicU64 = AtomicU64::new(0);

/// Whether the caller is a thread of an exploration.
#[inline]
pub(crate) fn exploring() -> bool {
    EXPLORING.try_with(Cell::get).unwrap_or(false)
}

pub(crate) fn set_exploring(on: bool) {
    EXPLORING.set(on);
}

/// From now on, every run notes the moments before its choices.
pub(crate) fn trace_states(on: bool) {
    TRACE_STATES.set(on);
}

/// The current run. Never held over a switch to another thread, nor while foreign code runs.
pub(crate) fn world<R>(f: impl FnOnce(&mut World) -> R) -> R {
    f(&mut borrow_world())
}

/// Not generic, so that each use of `world` costs the compiler a call and not a copy of this.
#[inline(never)]
fn borrow_world() -> RefMut<'static, World> {
    // SAFETY: the value lives as long as its OS thread, and a borrow lasts no longer than a call of `world`.
    let cell: &'static RefCell<Option<World>> = WORLD.with(|cell| unsafe { &*std::ptr::from_ref(cell) });
    RefMut::map(cell.borrow_mut(), |w| w.as_mut().expect("a run is under way while `exploring` says so"))
}

pub(crate) fn begin(settings: Settings, pilot: Pilot) {
    static RUN: AtomicU64 = AtomicU64::new(1);
    let run = RUN.fetch_add(1, Relaxed);
    WORLD.with_borrow_mut(|slot| {
        let mut w = World {
            run,
            settings,
            threads: vec![],
            objects: vec![],
            current: 0,
            log: vec![],
            failure: None,
            now: Duration::ZERO,
            pilot,
            trail: vec![],
            telling: 0,
            done: false,
            steps: 0,
            moments: vec![],
            footprint: vec![],
            faults: 0,
            unfair: false,
            lottery: Lottery::default(),
            choices: vec![],
        };
        w.new_object("fault", Location::caller());
        w.new_thread(None, None, None);
        *slot = Some(w);
    });
}

pub(crate) fn end() -> World {
    WORLD.take().expect("end follows begin")
}

/// Looks at the run from outside of it: for the watchdog and the fault handlers.
pub(crate) fn peek<R>(f: impl FnOnce(&World) -> R) -> Option<R> {
    WORLD.try_with(|w| w.try_borrow().ok().and_then(|w| w.as_ref().map(f))).ok().flatten()
}

/// An operation: waits for this thread's turn, which comes only when `ready`, then does `act`.
pub(crate) fn step<R>(op: Op, ready: &dyn Fn() -> bool, act: impl FnOnce() -> R) -> R {
    if !exploring() {
        return outside(ready, None, act).expect("without a limit there is no time-out");
    }
    wait(op, ready, Wake::WhenReady);
    act()
}

/// Stops the running thread before `op`; returns when it is its turn, which comes when it is `ready`
/// or when `wake` allows.
pub(crate) fn wait(op: Op, ready: &dyn Fn() -> bool, wake: Wake) -> Woken {
    if !exploring() {
        let limit = if let Wake::After(limit) = wake { Some(limit) } else { None };
        return outside(ready, limit, || ()).map_or(Woken::TimedOut, |()| Woken::Ready);
    }
    // SAFETY: only the lifetime changes; see `At::is_ready`.
    let ready: *const (dyn Fn() -> bool + 'static) =
        unsafe { std::mem::transmute(std::ptr::from_ref::<dyn Fn() -> bool + '_>(ready)) };
    let (me, next) = world(|w| {
        let me = w.current;
        let deadline = match wake {
            Wake::After(limit) => w.now.saturating_add(limit),
            _ => Duration::MAX,
        };
        w.threads[me].woken = Woken::Ready;
        w.threads[me].at = Some(At { op, ready: Ready(ready), wake, deadline });
        let next = match w.threads[me].starting_for.take() {
            Some(parent) => {
                w.current = parent;
                Some(parent)
            }
            None => w.choose(),
        };
        (me, next)
    });
    if next != Some(me) {
        fibre::hand_over(next);
    }
    world(|w| w.arrive(me, op))
}

/// Outside of an exploration there is one lock for everything: plain, slow and right. `None` when
/// the time is up.
pub(crate) fn outside<R>(
    ready: &dyn Fn() -> bool,
    limit: Option<Duration>,
    act: impl FnOnce() -> R,
) -> Option<R> {
    static EVERYTHING: Mutex<()> = Mutex::new(());
    static CHANGED: Condvar = Condvar::new();
    let start = std::time::Instant::now();
    let mut turn = EVERYTHING.lock().unwrap_or_else(PoisonError::into_inner);
    while !ready() {
        let left = limit.map(|limit| limit.saturating_sub(start.elapsed()));
        turn = match left {
            Some(Duration::ZERO) => return None,
            Some(left) => CHANGED.wait_timeout(turn, left).unwrap_or_else(PoisonError::into_inner).0,
            None => CHANGED.wait(turn).unwrap_or_else(PoisonError::into_inner),
        };
    }
    let result = act();
    drop(turn);
    CHANGED.notify_all();
    Some(result)
}

/// A choice that is not about threads: which of `n` waiters, say. The first is the usual one.
pub(crate) fn choose_one_of(n: usize) -> usize {
    if n < 2 || !exploring() {
        return 0;
    }
    let n = n.min(crate::schedule::DIGITS.len());
    world(|w| {
        if w.steps > LONG {
            return w.lottery.next() as usize % n;
        }
        let who = w.current;
        w.choices.clear();
        w.choices.extend((0..n).map(|i| Choice { who, kind: Kind::Data(i as u32), cost: u32::from(i > 0) }));
        let Kind::Data(i) = w.pick(false).kind else { return 0 };
        i as usize
    })
}

/// The running thread has nothing better to do than to let the others go.
pub(crate) fn yields() {
    world(|w| {
        let me = w.current;
        w.threads[me].repeats += 1;
        w.let_others_go();
    });
}

/// A thread that reads the same value at the same place again, while nobody else changed anything, spins:
/// the others go first.
pub(crate) fn reads(op: &Op, value: u64) {
    if exploring() {
        world(|w| {
            let me = &mut w.threads[w.current];
            let read = (op.loc, op.object, value);
            if me.reads.contains(&read) {
                me.repeats += 1;
                w.let_others_go();
            } else {
                me.reads.push(read);
            }
        });
    }
}

/// What the step found, for the report.
pub(crate) fn note(before: impl FnOnce() -> Option<String>) {
    if recording() {
        let value = before();
        world(|w| {
            if let Some(e) = w.log.last_mut() {
                w.objects[e.object as usize].value.clone_from(&value);
                e.before = value;
            }
        });
    }
}

/// What the step left behind, for the report.
pub(crate) fn note_after(after: impl FnOnce() -> Option<String>) {
    if recording() {
        let value = after();
        world(|w| {
            if let Some(e) = w.log.last_mut() {
                w.objects[e.object as usize].value.clone_from(&value);
                e.after = value;
            }
        });
    }
}

/// The step that is under way, which might only have looked, does something.
pub(crate) fn changes(op: &Op) {
    if exploring() {
        world(|w| {
            w.something_changes();
            w.touch(op.object, op.writes);
        });
    }
}

pub(crate) fn recording() -> bool {
    exploring() && world(|w| w.settings.recording)
}

/// Not an operation of its own, but the others may notice.
pub(crate) fn touch(object: ObjectId, written: bool) {
    if exploring() {
        world(|w| w.touch(object, written));
    }
}

/// Somebody looks without waiting, so that the moment of a release matters: it is a step from now on.
pub(crate) fn watch_releases() {
    if exploring() && !world(|w| w.settings.watch_releases) {
        abandon(Failure::WatchReleases);
    }
}

/// Something that cannot be put back to what it was is used in a second run.
pub(crate) fn refuse_to_outlive(tag: &Tag) -> ! {
    let (kind, born) = (tag.kind, crate::report::place(tag.born));
    abandon(Failure::Misuse(format!(
        "the {kind} made at {born} is used in more than one run, and cannot be put back to what it was: make it inside \
         the scenario, so that every run starts afresh"
    )))
}

/// Whether something that is allowed to fail for no reason does so now.
pub(crate) fn fails_for_no_reason() -> bool {
    if !exploring() || !world(|w| w.faults < w.settings.max_faults && w.steps <= LONG) {
        return false;
    }
    let fails = choose_one_of(2) == 1;
    if fails {
        world(|w| {
            w.faults += 1;
            w.footprint.push((FAULTS, true));
        });
    }
    fails
}

/// Whether the running thread has read `op`'s object at this place since any other thread changed something.
pub(crate) fn has_read(op: &Op) -> bool {
    world(|w| w.threads[w.current].reads.iter().any(|&(loc, object, _)| (loc, object) == (op.loc, op.object)))
}

/// Whether a release is a step of its own. Not while unwinding: a step might not come back.
pub(crate) fn releases_are_steps() -> bool {
    exploring() && world(|w| w.settings.watch_releases && w.threads[w.current].unwinding == 0)
}

/// The run ends here, with this failure; the running thread never goes on.
pub(crate) fn abandon(failure: Failure) -> ! {
    world(|w| w.fail(failure));
    loop {
        fibre::hand_over(None);
    }
}

/// Starts a thread: it runs to its first operation, which nobody can tell from running later.
pub(crate) fn spawn(name: Option<String>, loc: Loc, body: Box<dyn FnOnce()>) -> Tid {
    let tid =
        world(|w| (w.threads.len() < MAX_THREADS).then(|| w.new_thread(name, Some(loc), Some(w.current))));
    let Some(tid) = tid else {
        abandon(Failure::Misuse(format!("a check can have at most {MAX_THREADS} threads in one run")))
    };
    world(|w| {
        let (who, object) = (w.current, w.threads[tid].object);
        w.log.push(Event::plain(who, Verb::Start, object, Some(loc)));
    });
    fibre::create(tid, body);
    world(|w| w.current = tid);
    fibre::hand_over(Some(tid));
    tid
}

/// A thread has run its body, and panicked or not: to end may be a step.
pub(crate) fn end_thread(panicked: bool) {
    if panicked {
        let panicked = last_panic();
        world(|w| w.threads[w.current].panicked = Some(panicked));
    }
    if releases_are_steps() || world(|w| w.settings.must_join) {
        let (object, born) = world(|w| (w.threads[w.current].object, w.threads[w.current].born));
        if let Some(loc) = born {
            wait(Op { verb: Verb::End, object, writes: true, loc }, &|| true, Wake::WhenReady);
        }
    }
}

/// The last thing a thread does.
pub(crate) fn finish(panicked: Option<Panicked>) -> Option<Tid> {
    world(|w| {
        let me = w.current;
        let object = w.threads[me].object;
        w.touch(object, true);
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
        let next = match w.threads[me].starting_for.take() {
            Some(parent) => Some(parent),
            None => w.choose(),
        };
        match next {
            Some(tid) => w.current = tid,
            None => {
                let ran = std::mem::take(&mut w.footprint);
                w.pilot.end(ran);
            }
        }
        next
    })
}

/// Called by the panic hook in a thread of an exploration.
pub(crate) fn panic_begins(panicked: Panicked) {
    let known = peek(|_| ()).is_some();
    if known {
        world(|w| {
            let who = w.current;
            w.threads[who].unwinding += 1;
            let object = w.threads[who].object;
            let place = panicked.place.as_ref().map(|(file, line)| format!("{file}:{line}"));
            let event = Event::plain(who, Verb::Panic, object, None);
            w.log.push(Event { before: Some(panicked.message.clone()), after: place, ..event });
        });
    }
    LAST_PANIC.set(Some(panicked));
}

/// Runs `f` as `catch_unwind` does, and keeps count of the panics that the thread unwinds from.
pub(crate) fn catch<R>(f: impl FnOnce() -> R) -> std::thread::Result<R> {
    let depth = || if exploring() { world(|w| w.threads[w.current].unwinding) } else { 0 };
    let before = depth();
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f));
    if result.is_err() && exploring() {
        world(|w| w.threads[w.current].unwinding = before);
    }
    result
}

pub(crate) fn last_panic() -> Panicked {
    let unknown = || Panicked { message: "(a panic without a message)".into(), place: None };
    LAST_PANIC.take().unwrap_or_else(unknown)
}

pub(crate) fn print(text: &str, loc: Loc) {
    world(|w| {
        if w.settings.recording {
            let (who, object) = (w.current, w.threads[w.current].object);
            w.log.push(Event {
                before: Some(text.trim_end().to_string()),
                ..Event::plain(who, Verb::Print, object, Some(loc))
            });
        }
    });
}

impl Event {
    fn plain(who: Tid, verb: Verb, object: ObjectId, loc: Option<Loc>) -> Self {
        Event { who, verb, object, loc, before: None, after: None, preempts: false, woken: Woken::Ready }
    }
}

impl World {
    /// The name a report calls the thread by.
    pub(crate) fn name(&self, tid: Tid) -> String {
        match (&self.threads[tid].name, tid) {
            (Some(name), _) => name.clone(),
            (None, 0) => "main".into(),
            (None, n) => format!("thread {n}"),
        }
    }

    /// What a `Script` follows to do this run again.
    pub(crate) fn steps_taken(&self) -> Steps {
        self.trail.iter().map(|c| (c.who, c.kind)).collect()
    }

    /// What the thread is about to do, and whether it can.
    pub(crate) fn next_of(&self, tid: Tid) -> Option<(Op, bool)> {
        let t = &self.threads[tid];
        let running = t.at.as_ref().map(|at| {
            let mut op = at.op;
            if let (Some(mutex), true) = (t.relock, t.notified) {
                (op.verb, op.object) = (Verb::Relock, mutex);
            }
            (op, at.is_ready())
        });
        running.or_else(|| t.stuck.map(|op| (op, false)))
    }

    pub(crate) fn new_object(&mut self, kind: &'static str, born: Loc) -> ObjectId {
        let clock = (kind != crate::sync::ATOMIC).then(Clock::default);
        self.objects.push(Object { kind, born, holders: vec![], value: None, clock });
        (self.objects.len() - 1) as ObjectId
    }

    fn new_thread(&mut self, name: Option<String>, born: Option<Loc>, starting_for: Option<Tid>) -> Tid {
        let object = self.new_object("thread", born.unwrap_or(Location::caller()));
        let parent = starting_for.map(|parent| &self.threads[parent]);
        let clock = parent.map(|p| p.clock.clone()).unwrap_or_default();
        let newest_seen = parent.map(|p| p.newest_seen.clone()).unwrap_or_default();
        self.threads.push(Thread {
            name,
            born,
            object,
            finished: false,
            panicked: None,
            joined: false,
            park_token: Arc::default(),
            locals: vec![],
            unwinding: 0,
            clock,
            fences: Default::default(),
            newest_seen,
            stuck: None,
            relock: None,
            notified: false,
            at: None,
            starting_for,
            lazy: 0,
            reads: vec![],
            repeats: 0,
            woken: Woken::Ready,
        });
        self.threads.len() - 1
    }

    pub(crate) fn touch(&mut self, object: ObjectId, written: bool) {
        self.footprint.push((object, written));
        let (me, theirs) = (&mut self.threads[self.current], &mut self.objects[object as usize]);
        if let Some(clock) = &mut theirs.clock {
            me.clock.join(clock);
            if written {
                clock.join(&me.clock);
            }
        }
    }

    /// It is `me`'s turn.
    fn arrive(&mut self, me: Tid, op: Op) -> Woken {
        debug_assert_eq!(self.current, me);
        self.threads[me].at = None;
        (self.threads[me].relock, self.threads[me].notified) = (None, false);
        let bit = !(1 << me);
        self.threads.iter_mut().for_each(|t| t.lazy &= bit);
        self.threads[me].lazy = 0;
        if op.writes && !op.verb.may_only_look() {
            self.something_changes();
        }
        let woken = self.threads[me].woken;
        self.threads[me].clock.tick(me);
        if op.verb.only_tries() {
            self.footprint.push((op.object, op.writes));
        } else {
            self.touch(op.object, op.writes);
        }
        let preempts = self.log.last().is_some_and(|e| {
            let before = &self.threads[e.who];
            e.who != me && before.lazy == 0 && before.at.as_ref().is_some_and(At::is_ready)
        });
        let event = Event::plain(me, op.verb, op.object, Some(op.loc));
        self.log.push(Event { preempts, woken, ..event });
        PROGRESS.fetch_add(1, Relaxed);
        crate::watchdog::LAST_STEP.store(std::ptr::from_ref(op.loc).cast_mut(), Relaxed);
        woken
    }

    /// The running thread does something: what the others have read is not what they would read now.
    fn something_changes(&mut self) {
        let me = self.current;
        for (_, t) in self.threads.iter_mut().enumerate().filter(|(tid, _)| *tid != me) {
            t.reads.clear();
            t.repeats = 0;
        }
    }

    /// Every other thread that can takes a step first.
    fn let_others_go(&mut self) {
        let me = self.current;
        let ready = |(tid, t): (Tid, &Thread)| tid != me && t.at.as_ref().is_some_and(At::is_ready);
        let mask = (0..).zip(&self.threads).filter(|&x| ready(x)).fold(0, |mask, (tid, _)| mask | 1 << tid);
        self.threads[me].lazy = mask;
        self.unfair = true;
    }

    pub(crate) fn fail(&mut self, failure: Failure) {
        self.failure.get_or_insert(failure);
        self.done = true;
        for t in &mut self.threads {
            // The closures that tell who is ready go with the stacks.
            t.stuck = t.at.take().filter(|at| !at.is_ready()).map(|at| at.op);
            if let (Some(op), Some(mutex), true) = (&mut t.stuck, t.relock, t.notified) {
                (op.verb, op.object) = (Verb::Relock, mutex);
            }
        }
    }

    /// Who goes next; nobody when the run is over.
    fn choose(&mut self) -> Option<Tid> {
        if self.done {
            return None;
        }
        self.steps += 1;
        if self.steps > ENDLESS {
            self.fail(Failure::Endless);
            return None;
        }
        if let Some(stuck) = self.lock_cycle() {
            self.fail(Failure::Deadlock { stuck, cycle: true });
            return None;
        }
        let (mut ready, mut late, mut faulty, mut quiet) = (0_u64, 0_u64, 0_u64, None);
        for (tid, t) in self.threads.iter().enumerate() {
            let Some(at) = &t.at else { continue };
            if at.is_ready() {
                ready |= 1 << tid;
                if at.op.verb.is_quiet() && quiet.is_none() {
                    quiet = Some(tid);
                }
            } else if at.deadline <= self.now {
                late |= 1 << tid;
            } else if at.wake != Wake::WhenReady {
                faulty |= 1 << tid;
            }
        }
        // Whether a thread has been joined is nobody else's business: no choice.
        if let Some(tid) = quiet {
            self.current = tid;
            return Some(tid);
        }
        ready |= late;
        let lazy = self.lazy(ready);
        let mut eager = ready & !lazy;
        let mut lazy = lazy;
        if eager == 0 {
            if lazy == 0 {
                return self.pass_time(faulty);
            }
            (eager, lazy) = (lazy, 0);
        }
        if self.only_spin(ready) && self.next_deadline(faulty).is_some() {
            return self.pass_time(faulty);
        }
        let me = self.current;
        if self.steps > LONG {
            let who = self.lottery.draw(eager | lazy, me);
            self.pilot.coasts();
            return Some(self.go(Choice { who, kind: Kind::Turn, cost: 0 }, late));
        }
        self.choices.clear();
        let mine = 1_u64 << me;
        let busy = u32::from(eager & mine != 0);
        if eager & mine != 0 {
            self.choices.push(Choice { who: me, kind: Kind::Turn, cost: 0 });
        }
        let turn = |cost| move |who| Choice { who, kind: Kind::Turn, cost };
        self.choices.extend(each(eager & !mine).map(turn(busy)));
        let tireless = each(lazy).filter(|&t| self.threads[t].repeats < MAX_REPEATS);
        self.choices.extend(tireless.map(turn(1)));
        if self.faults < self.settings.max_faults {
            self.choices.extend(each(faulty).map(|who| Choice { who, kind: Kind::Fault, cost: 1 }));
        }
        if TRACE_STATES.get() {
            let moment = Moment::of(self);
            self.moments.push(moment);
        }
        let independent = !std::mem::take(&mut self.unfair);
        let choice = self.pick(independent);
        if self.done {
            return None;
        }
        Some(self.go(choice, late))
    }

    /// Of the threads that are `ready`, those that would rather let another ready one go first.
    fn lazy(&self, ready: u64) -> u64 {
        each(ready).filter(|&t| self.threads[t].lazy & ready != 0).fold(0, |mask, t| mask | 1 << t)
    }

    /// Whether all of these do nothing but look at what does not change: then time passes.
    fn only_spin(&self, ready: u64) -> bool {
        each(ready).all(|tid| self.threads[tid].repeats >= MAX_REPEATS)
    }

    /// Whose time is up next.
    fn next_deadline(&self, sleepers: u64) -> Option<Tid> {
        let deadline = |tid: Tid| self.threads[tid].at.as_ref().map_or(Duration::MAX, |at| at.deadline);
        each(sleepers).filter(|&t| deadline(t) < Duration::MAX).min_by_key(|&t| deadline(t))
    }

    /// Asks the search.
    fn pick(&mut self, independent: bool) -> Choice {
        let ran = std::mem::take(&mut self.footprint);
        let usual = self.choices[0];
        match self.pilot.pick(&mut self.choices, ran, independent) {
            Ok(choice) => {
                self.trail.push(choice);
                if !choice.is(&usual) {
                    self.telling = self.trail.len();
                }
                choice
            }
            Err(why) => {
                self.fail(Failure::Misuse(why));
                usual
            }
        }
    }

    /// Carries out a choice between threads.
    fn go(&mut self, choice: Choice, late: u64) -> Tid {
        let who = choice.who;
        self.current = who;
        if choice.kind == Kind::Fault {
            self.faults += 1;
            self.footprint.push((FAULTS, true));
            self.wake_up(who);
        } else if late & 1 << who != 0 {
            self.wake_up(who);
        }
        who
    }

    fn wake_up(&mut self, tid: Tid) {
        let t = &mut self.threads[tid];
        let at = t.at.as_ref().expect("only a thread that has stopped is woken");
        match at.wake {
            Wake::After(_) => {
                t.woken = Woken::TimedOut;
                self.now = self.now.max(at.deadline);
            }
            _ => t.woken = Woken::Spuriously,
        }
        self.unfair = true; // time is nobody's object
    }

    /// Nobody can go on: the next time-out fires, or it is over.
    fn pass_time(&mut self, sleepers: u64) -> Option<Tid> {
        if let Some(tid) = self.next_deadline(sleepers) {
            self.current = tid;
            self.wake_up(tid);
            return Some(tid);
        }
        let stuck: Vec<Tid> = (0..self.threads.len()).filter(|&t| !self.threads[t].finished).collect();
        if stuck.is_empty() {
            self.done = true;
        } else {
            self.fail(Failure::Deadlock { stuck, cycle: false });
        }
        None
    }

    /// The threads that wait for each other's locks in a circle that ends at the running one.
    fn lock_cycle(&self) -> Option<Vec<Tid>> {
        let mut seen = vec![self.current];
        loop {
            let at = self.threads[*seen.last()?].at.as_ref()?;
            let holders = &self.objects[at.op.object as usize].holders;
            if holders.is_empty() || at.wake != Wake::WhenReady || at.is_ready() {
                return None;
            }
            let (holder, _) = holders[0];
            if let Some(i) = seen.iter().position(|&t| t == holder) {
                return Some(seen.split_off(i));
            }
            seen.push(holder);
        }
    }
}

/// The members of a set of threads, in order.
fn each(mut set: u64) -> impl Iterator<Item = Tid> + Clone {
    std::iter::from_fn(move || {
        (set != 0).then(|| {
            let tid = set.trailing_zeros() as Tid;
            set &= set - 1;
            tid
        })
    })
}

/// Who goes on in a run that has become long: a thread at random, for a while. With probability one
/// every thread gets every chance, so that a run that only needs luck comes to an end, as threads do
/// that step aside for each other; the seed is fixed, so that it is the same every time.
struct Lottery {
    state: u64,
    left: u64,
}

impl Default for Lottery {
    fn default() -> Self {
        Lottery { state: 0x9E37_79B9_7F4A_7C15, left: 0 }
    }
}

impl Lottery {
    fn draw(&mut self, ready: u64, current: Tid) -> Tid {
        if self.left > 0 && ready & 1 << current != 0 {
            self.left -= 1;
            return current;
        }
        let random = self.next();
        self.left = (random >> 32) % 16;
        let n = random as u32 % ready.count_ones();
        each(ready).nth(n as usize).expect("there are that many")
    }

    /// xorshift64 (Marsaglia 2003, "Xorshift RNGs").
    fn next(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state
    }
}

/// The identity of a lock, an atomic, … in the current run. What survives from an earlier run is a
/// `static` or was captured by the scenario, and starts again.
pub(crate) struct Tag {
    kind: &'static str,
    born: Loc,
    run: AtomicU64,
    object: AtomicU32,
}

impl Tag {
    #[track_caller]
    pub(crate) const fn new(kind: &'static str) -> Self {
        let (run, object) = (AtomicU64::new(0), AtomicU32::new(0));
        Tag { kind, born: Location::caller(), run, object }
    }

    /// The run in which it was last used; 0 is none.
    pub(crate) fn run(&self) -> u64 {
        self.run.load(Relaxed)
    }

    /// Whether no exploration has used it yet.
    pub(crate) fn is_fresh(&self) -> bool {
        self.run.load(Relaxed) == 0
    }

    /// The object's number; `reset` is called when it survived from an earlier run.
    pub(crate) fn object(&self, reset: impl FnOnce()) -> ObjectId {
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

/// A panic goes on that was caught before: the hook does not see it again.
pub(crate) fn unwinds_again(payload: &(dyn std::any::Any + Send)) {
    let text = payload.downcast_ref::<&str>().map(|s| (*s).to_string());
    let message = text.or_else(|| payload.downcast_ref::<String>().cloned());
    let message = message.unwrap_or_else(|| "(a panic without a message)".into());
    let known = LAST_PANIC.with_borrow(|last| last.as_ref().is_some_and(|last| last.message == message));
    if known {
        world(|w| w.threads[w.current].unwinding += 1);
    } else {
        panic_begins(Panicked { message, place: None });
    }
}
