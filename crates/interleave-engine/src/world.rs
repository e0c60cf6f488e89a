//! One run: its threads, its objects, its clock, and what happened so far.

use crate::current::{LAST_STEP, PROGRESS, tell_states};
use crate::search::{Choice, Footprint, Kind, Pilot, Steps};
use std::any::Any;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

/// A place in the source.
pub type Loc = &'static Location<'static>;
/// A thread's number; 0 is the scenario's own.
pub type Tid = usize;
/// A number of a lock, an atomic, a thread, ….
pub type ObjectId = u32;

/// Sets of threads are bit masks.
pub const MAX_THREADS: usize = crate::schedule::DIGITS.len();
/// After so many steps a run only has to come to an end: a fair lottery says who goes on.
pub const LONG: usize = 1_000;
/// After so many steps it is taken never to do so.
const ENDLESS: usize = 20_000;
/// How often a thread that only repeats itself may go on although others are waiting to run.
const MAX_REPEATS: u32 = 4;

/// The object that every fault touches: at most so many happen in a run, so they are not independent.
pub(crate) const FAULTS: ObjectId = 0;

/// The kind of object whose orderings, not whose use, say what is known to whom.
pub const ATOMIC: &str = "atomic";

/// What a thread is about to do: each is named for what a learner writes, or for a part of it.
#[allow(missing_docs)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verb {
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
    pub fn is_quiet(self) -> bool {
        matches!(self, Verb::Join | Verb::JoinScope)
    }
}

/// What a thread is about to do, to what, and where.
#[derive(Clone, Copy)]
pub struct Op {
    /// What it does.
    pub verb: Verb,
    /// To what.
    pub object: ObjectId,
    /// Whether it may change it.
    pub writes: bool,
    /// The line.
    pub loc: Loc,
}

/// What may wake a thread that is not ready.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wake {
    /// Nothing but that it is ready.
    WhenReady,
    /// Nothing at all.
    Spuriously,
    /// The end of so much time.
    After(Duration),
}

/// Why a thread goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Woken {
    /// It can.
    Ready,
    /// Nothing: it was woken for no reason.
    Spuriously,
    /// Its time is up.
    TimedOut,
}

/// What happened before: so many steps of each thread (a vector clock).
#[derive(Clone, Default, Debug, PartialEq, Eq)]
pub struct Clock(Vec<u32>);

impl Clock {
    /// What `other` knows is known here too.
    pub fn join(&mut self, other: &Clock) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        self.0.iter_mut().zip(&other.0).for_each(|(mine, theirs)| *mine = *theirs.max(mine));
    }

    /// Whether `other` knows all that is known here.
    pub fn is_before(&self, other: &Clock) -> bool {
        self.0.iter().enumerate().all(|(i, n)| *n <= other.0.get(i).copied().unwrap_or(0))
    }

    /// The thread does something that no other thread can notice.
    pub fn tick(&mut self, tid: Tid) {
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

/// A value of one thread: of which variable, by the address of its key, and where.
pub struct LocalValue {
    /// The address of its key.
    pub key: usize,
    /// The value, until it is destroyed.
    pub value: Option<Box<dyn Room>>,
    /// Where the value was, once it is destroyed: a thread that starts later gets the place, and so the address.
    pub vacant: Option<Box<dyn Room>>,
}

/// Room for a value, which is an `Option` of it.
pub trait Room: Any {
    /// Destroys the value.
    fn empty(&mut self);
}

impl<T: 'static> Room for Option<T> {
    fn empty(&mut self) {
        *self = None;
    }
}

/// Where and why a thread panicked.
#[derive(Clone, Debug)]
pub struct Panicked {
    /// What it said.
    pub message: String,
    /// File and line.
    pub place: Option<(String, u32)>,
}

/// A thread of a run.
pub struct Thread {
    /// The name that it was given.
    pub name: Option<String>,
    /// The line that started it; none for the scenario's own thread.
    pub born: Option<Loc>,
    /// What stands for it among the objects.
    pub object: ObjectId,
    /// It has ended.
    pub finished: bool,
    /// What it panicked with.
    pub panicked: Option<Panicked>,
    /// Somebody has joined it, and knows how it ended.
    pub joined: bool,
    /// The token of `park`.
    pub park_token: Arc<AtomicBool>,
    /// Its thread-local values.
    pub locals: Vec<LocalValue>,
    /// How many panics it is unwinding from.
    pub unwinding: u32,
    /// What happened before its next step.
    pub clock: Clock,
    /// What the next acquire fence acquires, and what the last release fence released.
    pub fences: (Clock, Clock),
    /// What it was about to do when the run failed, and whether it could.
    pub left_before: Option<(Op, bool)>,
    /// Of a wait on a condition variable: the mutex to be had back, and whether the notification came.
    pub relock: Option<ObjectId>,
    /// See `relock`.
    pub notified: bool,
    at: Option<At>,
    /// Runs to its first operation on behalf of this thread.
    pub(crate) starting_for: Option<Tid>,
    /// The threads that it lets go first.
    lazy: u64,
    /// What it has read since any other thread changed something, and how often it then read it again.
    pub(crate) reads: Vec<(Loc, ObjectId, u64)>,
    pub(crate) repeats: u32,
    woken: Woken,
}

impl Thread {
    /// What it was about to do when the run failed, if it could not.
    pub fn stuck(&self) -> Option<Op> {
        self.left_before.filter(|(_, could)| !could).map(|(op, _)| op)
    }
}

/// A lock, an atomic, a thread, …
pub struct Object {
    /// What it is: a `Mutex`, say.
    pub kind: &'static str,
    /// The line that made it.
    pub born: Loc,
    /// Who holds it, since which line.
    pub holders: Vec<(Tid, Loc)>,
    /// The value as last seen, when the run is recorded.
    pub value: Option<String>,
    /// What is known to whoever touches it; atomics have their orderings instead.
    clock: Option<Clock>,
}

impl Object {
    /// A lock, an atomic, a channel, …: what a learner would call a thing.
    pub fn is_a_thing(&self) -> bool {
        !matches!(self.kind, "thread" | "fault" | "fence")
    }
}

/// A step that was taken.
#[derive(Clone, Debug)]
pub struct Event {
    /// By whom.
    pub who: Tid,
    /// What was done.
    pub verb: Verb,
    /// To what.
    pub object: ObjectId,
    /// The line, if it is known.
    pub loc: Option<Loc>,
    /// What it found.
    pub before: Option<String>,
    /// What it left behind.
    pub after: Option<String>,
    /// The thread before it could have gone on.
    pub preempts: bool,
    /// Why the thread could take it.
    pub woken: Woken,
}

/// How a run went wrong.
#[derive(Clone, Debug)]
pub enum Failure {
    /// A thread panicked, and nobody caught or joined it.
    Panic {
        /// Which thread.
        who: Tid,
        /// With what.
        panicked: Panicked,
    },
    /// Nobody can go on, or these can never.
    Deadlock {
        /// Who cannot go on.
        stuck: Vec<Tid>,
        /// They wait for each other's locks in a circle.
        cycle: bool,
    },
    /// It does not come to an end.
    Endless,
    /// These threads were left running.
    Unjoined(Vec<Tid>),
    /// A thread would end the process.
    Exit {
        /// Which thread.
        who: Tid,
        /// What it called.
        call: String,
        /// Where.
        loc: Loc,
    },
    /// The scenario, not the code under check, is at fault.
    Misuse(String),
    /// Not a failure: something was learnt that the search has to start again with.
    WatchReleases,
}

/// What does not change from one run of a search to the next; by default, nothing is asked for.
#[derive(Clone, Copy, Default, Debug)]
pub struct Settings {
    /// Unlocking, hanging up and ending are steps too, because somebody looks without waiting.
    pub watch_releases: bool,
    /// Values and prints are kept for a report.
    pub recording: bool,
    /// No thread may outlive the scenario.
    pub must_join: bool,
    /// Spurious wakeups and early time-outs, at most, in one run.
    pub max_faults: u32,
}

/// One run.
pub struct World {
    /// The number of the run; no two have the same.
    pub run: u64,
    /// What holds for the whole search.
    pub settings: Settings,
    /// By their numbers.
    pub threads: Vec<Thread>,
    /// By their numbers, in the order of their first use.
    pub objects: Vec<Object>,
    /// Who is running.
    pub current: Tid,
    /// What happened so far.
    pub log: Vec<Event>,
    /// What went wrong first.
    pub failure: Option<Failure>,
    /// The virtual clock.
    pub now: Duration,
    /// Who answers the question who goes on.
    pub pilot: Pilot,
    /// Who took each step and how, for the schedule string.
    pub trail: Vec<Choice>,
    /// How much of the trail it takes until only usual choices follow.
    pub telling: usize,
    /// It is over.
    pub done: bool,
    /// How often the question came up.
    pub steps: usize,
    pub(crate) footprint: Footprint,
    pub(crate) faults: u32,
    /// The next choice depends on more than the steps themselves.
    pub(crate) unfair: bool,
    pub(crate) lottery: Lottery,
    pub(crate) choices: Vec<Choice>,
}

impl Event {
    pub(crate) fn plain(who: Tid, verb: Verb, object: ObjectId, loc: Option<Loc>) -> Self {
        Event { who, verb, object, loc, before: None, after: None, preempts: false, woken: Woken::Ready }
    }
}

impl World {
    /// The start of a run, with the scenario's own thread.
    #[track_caller]
    pub(crate) fn new(run: u64, settings: Settings, pilot: Pilot) -> Self {
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
            footprint: vec![],
            faults: 0,
            unfair: false,
            lottery: Lottery::default(),
            choices: vec![],
        };
        w.new_object("fault", Location::caller());
        w.new_thread(None, None, None);
        w
    }

    /// The name a report calls the thread by.
    pub fn name(&self, tid: Tid) -> String {
        match (&self.threads[tid].name, tid) {
            (Some(name), _) => name.clone(),
            (None, 0) => "main".into(),
            (None, n) => format!("thread {n}"),
        }
    }

    /// What a `Script` follows to do this run again.
    pub fn steps_taken(&self) -> Steps {
        self.trail.iter().map(|c| (c.who, c.kind)).collect()
    }

    /// What the thread is about to do, and whether it can.
    pub fn next_of(&self, tid: Tid) -> Option<(Op, bool)> {
        let t = &self.threads[tid];
        let (mut op, is_ready) = match &t.at {
            Some(at) => (at.op, at.is_ready()),
            None => return t.left_before,
        };
        if let (Some(mutex), true) = (t.relock, t.notified) {
            (op.verb, op.object) = (Verb::Relock, mutex);
        }
        Some((op, is_ready))
    }

    /// Something new that threads share.
    pub(crate) fn new_object(&mut self, kind: &'static str, born: Loc) -> ObjectId {
        let clock = (kind != ATOMIC).then(Clock::default);
        self.objects.push(Object { kind, born, holders: vec![], value: None, clock });
        (self.objects.len() - 1) as ObjectId
    }

    pub(crate) fn new_thread(
        &mut self,
        name: Option<String>,
        born: Option<Loc>,
        starting_for: Option<Tid>,
    ) -> Tid {
        let object = self.new_object("thread", born.unwrap_or(Location::caller()));
        let clock = starting_for.map(|parent| self.threads[parent].clock.clone()).unwrap_or_default();
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
            left_before: None,
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

    /// The running step looks at the object, or changes it.
    pub fn touch(&mut self, object: ObjectId, written: bool) {
        self.footprint.push((object, written));
        let (me, theirs) = (&mut self.threads[self.current], &mut self.objects[object as usize]);
        if let Some(clock) = &mut theirs.clock {
            me.clock.join(clock);
            if written {
                clock.join(&me.clock);
            }
        }
    }

    /// See [`stop`](crate::stop).
    pub(crate) fn stop(
        &mut self,
        op: Op,
        ready: *const (dyn Fn() -> bool + 'static),
        wake: Wake,
    ) -> (Tid, Option<Tid>) {
        let me = self.current;
        let deadline = match wake {
            Wake::After(limit) => self.now.saturating_add(limit),
            _ => Duration::MAX,
        };
        self.threads[me].woken = Woken::Ready;
        self.threads[me].at = Some(At { op, ready: Ready(ready), wake, deadline });
        let next = match self.threads[me].starting_for.take() {
            Some(parent) => {
                self.current = parent;
                Some(parent)
            }
            None => self.choose(),
        };
        (me, next)
    }

    /// It is `me`'s turn.
    pub(crate) fn arrive(&mut self, me: Tid, op: Op) -> Woken {
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
        LAST_STEP.store(std::ptr::from_ref(op.loc).cast_mut(), Relaxed);
        woken
    }

    /// The running thread does something: what the others have read is not what they would read now.
    pub(crate) fn something_changes(&mut self) {
        let me = self.current;
        for (_, t) in self.threads.iter_mut().enumerate().filter(|(tid, _)| *tid != me) {
            t.reads.clear();
            t.repeats = 0;
        }
    }

    /// Every other thread that can takes a step first.
    pub(crate) fn let_others_go(&mut self) {
        let me = self.current;
        let ready = |(tid, t): (Tid, &Thread)| tid != me && t.at.as_ref().is_some_and(At::is_ready);
        let mask = (0..).zip(&self.threads).filter(|&x| ready(x)).fold(0, |mask, (tid, _)| mask | 1 << tid);
        self.threads[me].lazy = mask;
        self.unfair = true;
    }

    /// The run is over, and went wrong.
    pub fn fail(&mut self, failure: Failure) {
        self.failure.get_or_insert(failure);
        self.done = true;
        for tid in 0..self.threads.len() {
            // The closures that tell who is ready go with the stacks.
            self.threads[tid].left_before = self.next_of(tid);
            self.threads[tid].at = None;
        }
    }

    /// Who goes next; nobody when the run is over.
    pub(crate) fn choose(&mut self) -> Option<Tid> {
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
        tell_states(self);
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
    pub(crate) fn pick(&mut self, independent: bool) -> Choice {
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
pub(crate) struct Lottery {
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
    pub(crate) fn next(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state
    }
}
