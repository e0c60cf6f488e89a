//! One run: its threads, its objects, its clock, and what happened so far.

use crate::current::{LAST_STEP, PROGRESS, tell_states};
use crate::search::{Choice, Kind, Moment, Pilot, Steps, Touch, Use};
use crate::verb::Verb;
use std::any::Any;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering, Ordering::Relaxed};
use std::time::Duration;

/// A place in the source: where the code under check calls what is explored.
#[derive(Clone, Copy, Debug)]
pub struct Loc {
    called: &'static Location<'static>,
    /// The place that a report tells instead, where the caller is std's own code.
    told: Option<&'static Told>,
}

/// A place that no `Location` is to be had for.
#[derive(Debug)]
pub struct Told {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
}

impl Loc {
    /// As [`Location::caller`].
    #[track_caller]
    pub const fn caller() -> Self {
        Loc { called: Location::caller(), told: None }
    }

    /// The same place in every respect, but that reports tell another one.
    #[must_use]
    pub fn told_as(self, told: &'static Told) -> Self {
        Loc { told: Some(told), ..self }
    }

    /// The file, as the compiler names it.
    pub fn file(self) -> &'static str {
        self.told.map_or(self.called.file(), |told| &told.file)
    }

    /// The line, from 1.
    pub fn line(self) -> u32 {
        self.told.map_or(self.called.line(), |told| told.line)
    }

    /// The column, from 1.
    pub fn column(self) -> u32 {
        self.called.column()
    }

    /// Where the call is.
    pub fn called(self) -> &'static Location<'static> {
        self.called
    }
}

impl From<&'static Location<'static>> for Loc {
    fn from(called: &'static Location<'static>) -> Self {
        Loc { called, told: None }
    }
}

impl PartialEq for Loc {
    fn eq(&self, other: &Self) -> bool {
        self.called == other.called
    }
}

impl Eq for Loc {}
/// A thread's number; 0 is the scenario's own.
pub type Tid = usize;
/// A number of a lock, an atomic, a thread, ….
pub type ObjectId = u32;

/// At most this many threads are alive at the same time.
pub const MAX_ALIVE: usize = 128;
/// From this step on, a run only has to come to an end: a fair lottery says who goes on.
pub const LONG: usize = 1_000;
/// As [`LONG`], where threads take turns by a rule.
pub const LONG_IN_TURNS: usize = 5_000;
/// As [`LONG`], where a thread makes a call after each step of another one.
pub const LONG_AT_EACH_STEP: usize = 60_000;
/// After this many steps in which no thread found anything new, a run is taken never to end.
const ENDLESS: usize = 20_000;
/// No run is followed further than this.
pub const TOO_LONG: usize = 400_000;
/// A loop that looks at the same again, although no other thread changed it, is followed alone for this many looks, to see whether
/// it gives up. If it doesn't, it is taken to wait for a change.
const PATIENCE: u32 = 200;
/// A loop that has looked this often never gives up. One that gives up before, but after [`PATIENCE`], is named as a limit.
const FOREVER: u32 = 5_000;
/// The same for a loop that takes many steps between two looks, in steps.
const FOREVER_IN_STEPS: usize = 50_000;
/// A thread that has taken this many steps without another look has left its loop.
const LEFT_ITS_LOOP: usize = 1_000;

/// The virtual clock, as an object.
pub const CLOCK: ObjectId = 0;

/// The object of all `SeqCst` fences. A fence changes it and a `SeqCst` access reads it, because each of them sees which came
/// first.
pub const FENCES: ObjectId = 1;

/// The kind of object whose orderings, not whose use, say what is known to whom.
pub const ATOMIC: &str = "atomic";
/// Of [`FENCES`]: to touch it orders nothing either.
const FENCE: &str = "fence";

/// What a thread is about to do, to what, and where.
#[derive(Clone, Copy)]
pub struct Op {
    /// What it does.
    pub verb: &'static Verb,
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

/// What a step needs of an object to be possible.
#[derive(Clone, Copy, Debug)]
pub struct Need {
    /// Of which object.
    pub object: ObjectId,
    /// How the step will use it.
    pub how: Use,
    /// Whether the object's [level](Object::level) is enough; the second argument is `than`.
    pub is_met: fn(u64, u64) -> bool,
    /// What `is_met` compares the level with.
    pub than: u64,
}

/// All that makes a thread's next step possible, for a search that asks whether it was possible earlier.
#[derive(Clone, Default, Debug)]
pub(crate) struct Wants {
    /// All of these.
    pub(crate) needs: Vec<Need>,
    /// Or, for a loop that waits: a change of one of these.
    pub(crate) changed: Vec<ObjectId>,
    /// Or that it is later than this.
    pub(crate) deadline: Option<Duration>,
    /// Or nothing at all, while there were fewer faults than `max_faults`.
    pub(crate) may_wake: bool,
    pub(crate) max_faults: u32,
    /// What the step would use.
    pub(crate) uses: Vec<(ObjectId, Use)>,
}

/// Where a thread has stopped.
struct At {
    op: Op,
    needs: [Option<Need>; 2],
    ready: Ready,
    wake: Wake,
    deadline: Duration,
}

/// Something that a thread found when it looked.
pub(crate) struct Look {
    verb: &'static Verb,
    loc: Loc,
    object: ObjectId,
    value: u64,
    /// How often the object had been changed.
    version: u64,
    /// It was an old value: there is a newer one to be found.
    is_stale: bool,
    /// How often it was found again.
    repeats: u32,
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
    /// The name that the explored code finds, if it is another one, or none: the other is for reports.
    pub known_as: Option<Option<&'static str>>,
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
    /// Once it is notified, it is no longer about to do what it stopped before, but this.
    pub once_notified: Option<(&'static Verb, ObjectId)>,
    /// See `once_notified`.
    pub notified: bool,
    at: Option<At>,
    /// Runs to its first operation on behalf of this thread.
    pub(crate) starting_for: Option<Tid>,
    /// What it has found since any of it was changed by another thread.
    pub(crate) looks: Vec<Look>,
    /// It has changed something itself since then.
    pub(crate) acts: bool,
    /// The threads that it has joined since its last step, as objects.
    pub(crate) joins: Vec<ObjectId>,
    woken: Woken,
}

impl Thread {
    /// What it was about to do when the run failed, if it could not.
    pub fn stuck(&self) -> Option<Op> {
        self.left_before.filter(|(_, could)| !could).map(|(op, _)| op)
    }

    /// What makes the step possible that it has stopped before.
    pub(crate) fn wants(&self, moment: &Moment<'_>) -> Wants {
        let Some(at) = &self.at else { return Wants::default() };
        let ended = |&object: &ObjectId| Need {
            object,
            how: Use::Read,
            is_met: |level, _| level & ENDED > 0,
            than: 0,
        };
        let needs = at.needs.iter().flatten().copied().chain(self.joins.iter().map(ended)).collect();
        // A loop that nothing is known of yet has to be reached, to be let go on alone.
        let known = known(moment.loops, at.op.loc);
        let waits_for_change = known.is_some()
            && self.waits_for_change(at.op, known)
            && !self.looks.iter().any(|look| look.is_stale);
        let changed =
            if waits_for_change { self.looks.iter().map(|look| look.object).collect() } else { vec![] };
        let deadline = matches!(at.wake, Wake::After(_)).then_some(at.deadline);
        Wants {
            needs,
            changed,
            deadline,
            may_wake: at.wake != Wake::WhenReady,
            max_faults: moment.max_faults,
            uses: vec![],
        }
    }

    /// The same of a thread that has not finished when the run is over, with what the step would use.
    pub(crate) fn pending(&self, moment: &Moment<'_>) -> Option<Wants> {
        let at = self.at.as_ref()?;
        let mut wants = self.wants(moment);
        let own = (at.op.object, at.op.verb.uses(at.op.writes).unwrap_or(Use::Share));
        let needed = wants.needs.iter().map(|need| (need.object, need.how));
        wants.uses = [own].into_iter().chain(needed).collect();
        Some(wants)
    }

    /// Whether the next step would find what it has found before, as often as a loop may that this much is known of.
    fn waits_for_change(&self, op: Op, known: Option<&Loop>) -> bool {
        let allowed = known.map_or(1, |known| known.looks);
        self.looks.iter().any(|look| {
            let is_same = (look.verb, look.loc, look.object) == (op.verb, op.loc, op.object);
            is_same && look.repeats > 0 && look.repeats >= allowed
        })
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
    /// What says whether a step that needs the object is possible: for a lock, how it is held. Starts with 0.
    pub level: u64,
    /// How often it was changed.
    version: u64,
    /// What a thread that uses it knows afterwards; atomics have their orderings instead.
    clock: Option<Clock>,
    /// What a thread that writes it, or reads it, knows besides: what those who share it knew.
    shared: Clock,
}

/// The level of a thread that has ended; the other bits are the thread's tokens.
pub const ENDED: u64 = 1;
/// The thread has been unparked.
pub const UNPARKED: u64 = 2;
/// The thread has been notified.
pub const NOTIFIED: u64 = 4;

impl Object {
    /// A lock, an atomic, a channel, …: what a learner would call a thing.
    pub fn is_a_thing(&self) -> bool {
        !matches!(self.kind, "thread" | "clock" | "door" | FENCE)
    }
}

/// A step that was taken.
#[derive(Clone, Debug)]
pub struct Event {
    /// By whom.
    pub who: Tid,
    /// What was done.
    pub verb: &'static Verb,
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

/// What happens between two steps, in a run that is recorded: a report tells it.
#[derive(Clone, Debug)]
pub struct Aside {
    /// How many events of the log come before it.
    pub at: usize,
    /// The thread that it's about.
    pub who: Tid,
    /// The object that it's about.
    pub object: ObjectId,
    /// The line, if it's known.
    pub loc: Option<Loc>,
    /// What happens.
    pub what: Happening,
}

/// See [`Aside`].
#[derive(Clone, Debug)]
pub enum Happening {
    /// The thread is about to do this, and can't.
    Waits(&'static Verb),
    /// The thread releases the lock that it has acquired with the event of this number.
    Unlocks {
        /// The number of that event.
        since: usize,
        /// What the lock's value is now.
        value: Option<String>,
        /// The thread had a `&mut` to the value.
        written: bool,
    },
    /// The step under way notifies the thread.
    Notified,
    /// The step under way has this ordering.
    Ordered(Ordering),
    /// The thread makes a channel's sender of this number.
    MakesSender(u32),
    /// It sends with it.
    UsesSender(u32),
    /// It drops it.
    DropsSender(u32),
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
    /// A thread looks again and again instead of sleeping until it is woken: see [`Settings::must_sleep`].
    Busy {
        /// Which thread.
        who: Tid,
        /// It sleeps for a while between two looks.
        sleeps: bool,
    },
    /// It has not come to an end in [`TOO_LONG`] steps.
    TooLong,
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
    /// Not a failure: something was learnt about a loop.
    Loop(Loop),
}

/// A loop that looks at the same again although no other thread has changed it.
#[derive(Clone, Copy, Debug)]
pub struct Loop {
    /// Where it looks.
    pub loc: Loc,
    /// How often it looks before it gives up; 1 if it doesn't give up, but waits for a change.
    pub looks: u32,
    /// It sleeps between two looks, or waits with a timeout.
    pub naps: bool,
    /// It gives up, but only after more looks than are explored.
    pub gives_up: bool,
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
    /// When the scenario is over, the threads that still wait are stopped.
    pub daemons: bool,
    /// Threads take turns by a rule for this many steps, even if one waits by looking again and again.
    pub patient: Option<usize>,
    /// No thread may wait by looking again and again.
    pub must_sleep: bool,
    /// Spurious wakeups and early timeouts, at most, in one run.
    pub max_faults: u32,
    /// A circle of locks doesn't end a run: every thread goes on for as long as it can.
    pub to_the_end: bool,
}

impl Settings {
    /// After how many steps the threads of a run are drawn by lot.
    pub(crate) fn long(&self) -> usize {
        self.patient.unwrap_or(LONG)
    }
}

/// What a run left out because of a limit that it met.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Limits {
    /// A fault more could have happened.
    pub faults: bool,
    /// A loop was kept from going around again.
    pub loops: bool,
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
    /// What happened between the steps, if the run is recorded.
    pub asides: Vec<Aside>,
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
    /// The `SeqCst` fences so far: what happened before each of them, and what happened before any of those up to it.
    pub seq_cst_fences: Vec<(Clock, Clock)>,
    /// What the step under way has used.
    pub(crate) used: Vec<Touch>,
    /// The threads that it has started.
    pub(crate) started: Vec<Tid>,
    pub(crate) faults: u32,
    /// The limits that were met.
    pub limits: Limits,
    pub(crate) lottery: Lottery,
    pub(crate) choices: Vec<Choice>,
    /// The thread that goes on to see whether its loop ends by itself: alone, unless it is [in place](Probe::in_place).
    probe: Option<Probe>,
    /// What is known of loops.
    pub(crate) loops: Vec<Loop>,
    /// The last step in which a thread found something new, or changed something.
    news: usize,
    /// How often a thread went on that waits for a change, because no other could.
    vain_looks: u32,
    ready: Vec<Tid>,
    late: Vec<Tid>,
    faulty: Vec<Tid>,
}

/// A thread that goes on in a loop, to see whether the loop ends by itself.
struct Probe {
    who: Tid,
    /// The search picks the thread, as it would if the loop were known. So the run counts, and if the loop ends, the search
    /// need not begin again.
    in_place: bool,
    /// Where it looks.
    loc: Loc,
    /// How often it has looked again.
    looks: u32,
    /// It slept, or waited with a timeout.
    naps: bool,
    /// It slept, and nothing could have woken it.
    sleeps: bool,
    /// How long the log was when it began.
    from: usize,
    /// The step when it began.
    since: usize,
    /// The step of its last look.
    last_look: usize,
}

impl Event {
    /// A step of which no more than this is known.
    pub fn plain(who: Tid, verb: &'static Verb, object: ObjectId, loc: Option<Loc>) -> Self {
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
            asides: vec![],
            failure: None,
            now: Duration::ZERO,
            pilot,
            trail: vec![],
            telling: 0,
            done: false,
            steps: 0,
            seq_cst_fences: vec![],
            used: vec![],
            started: vec![],
            faults: 0,
            limits: Limits::default(),
            lottery: Lottery::new(0),
            choices: vec![],
            probe: None,
            loops: vec![],
            news: 0,
            vain_looks: 0,
            ready: vec![],
            late: vec![],
            faulty: vec![],
        };
        w.new_object("clock", Loc::caller());
        w.new_object(FENCE, Loc::caller());
        w.new_thread(None, None, None);
        w
    }

    /// The name a report calls the thread by.
    pub fn name(&self, tid: Tid) -> String {
        match (&self.threads[tid].name, tid) {
            (Some(name), _) => {
                let is_namesake = |t: &&Thread| t.name.as_ref() == Some(name);
                let all = self.threads.iter().filter(is_namesake).count();
                match all {
                    1 => name.clone(),
                    _ => format!("{name} #{}", self.threads[..=tid].iter().filter(is_namesake).count()),
                }
            }
            (None, 0) => "main".into(),
            (None, n) => format!("thread {n}"),
        }
    }

    /// What a `Script` follows to do this run again.
    pub fn steps_taken(&self) -> Steps {
        self.trail.iter().map(|c| (c.who, c.kind)).collect()
    }

    /// Whether the thread is about to look again in a loop that sleeps between two looks.
    pub fn naps(&self, tid: Tid) -> bool {
        self.spins(tid) && self.loop_of(tid).is_some_and(|known| known.naps)
    }

    /// What the running thread finds next is no repetition of what it has found.
    pub fn forget_looks(&mut self) {
        self.threads[self.current].looks.clear();
        self.news = self.steps;
    }

    /// What the thread is about to do, and whether it can.
    pub fn next_of(&self, tid: Tid) -> Option<(Op, bool)> {
        let t = &self.threads[tid];
        let (mut op, is_ready) = match &t.at {
            Some(at) => (at.op, at.is_ready()),
            None => return t.left_before,
        };
        if let (Some(next), true) = (t.once_notified, t.notified) {
            (op.verb, op.object) = next;
        }
        Some((op, is_ready))
    }

    /// Something new that threads share.
    pub(crate) fn new_object(&mut self, kind: &'static str, born: Loc) -> ObjectId {
        let clock = (kind != ATOMIC && kind != FENCE).then(Clock::default);
        let shared = Clock::default();
        self.objects.push(Object {
            kind,
            born,
            holders: vec![],
            value: None,
            level: 0,
            version: 0,
            clock,
            shared,
        });
        (self.objects.len() - 1) as ObjectId
    }

    pub(crate) fn new_thread(
        &mut self,
        name: Option<String>,
        born: Option<Loc>,
        starting_for: Option<Tid>,
    ) -> Tid {
        let object = self.new_object("thread", born.unwrap_or(Loc::caller()));
        let clock = starting_for.map(|parent| self.threads[parent].clock.clone()).unwrap_or_default();
        self.threads.push(Thread {
            name,
            known_as: None,
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
            once_notified: None,
            notified: false,
            at: None,
            starting_for,
            looks: vec![],
            acts: false,
            joins: vec![],
            woken: Woken::Ready,
        });
        self.threads.len() - 1
    }

    /// The running step looks at the object, or changes it; and what is known there becomes known to the thread.
    pub fn touch(&mut self, object: ObjectId, written: bool) {
        self.use_object(object, if written { Use::Write } else { Use::Read });
    }

    /// As [`touch`](World::touch), with any use.
    pub fn use_object(&mut self, object: ObjectId, how: Use) {
        self.note_use(object, how);
        let (me, theirs) = (&mut self.threads[self.current], &mut self.objects[object as usize]);
        let Some(clock) = &mut theirs.clock else { return };
        me.clock.join(clock);
        match how {
            Use::Share => theirs.shared.join(&me.clock),
            Use::Read => me.clock.join(&theirs.shared),
            Use::Write => {
                me.clock.join(&theirs.shared);
                clock.join(&me.clock);
            }
        }
    }

    /// The running step uses the object, in a way that orders nothing but the step itself.
    pub fn note_use(&mut self, object: ObjectId, how: Use) {
        // Whoever joins this thread in turn inherits what it has joined.
        if object != self.threads[self.current].object {
            self.settle_joins();
        }
        let (current, theirs) = (self.current, &mut self.objects[object as usize]);
        self.used.push(Touch { object, how, level: theirs.level });
        if how != Use::Read {
            theirs.version += 1;
        }
        // Time passes for every thread, also for the one that wakes.
        if how != Use::Read && object != CLOCK {
            let me = &mut self.threads[current];
            if theirs.kind == ATOMIC {
                // It would not find the same again.
                me.looks.retain(|look| look.object != object);
            }
            self.news = self.steps;
            for look in
                me.looks.iter_mut().filter(|look| look.object == object && look.version + 1 == theirs.version)
            {
                look.version += 1;
            }
            me.acts = true;
        }
    }

    /// From here on the level of the object is this one.
    pub fn set_level(&mut self, object: ObjectId, level: u64) {
        self.objects[object as usize].level = level;
    }

    /// The running thread has joined this one.
    pub fn joins(&mut self, tid: Tid) {
        let joined = &self.threads[tid];
        let all: Vec<ObjectId> = joined.joins.iter().copied().chain([joined.object]).collect();
        self.threads[self.current].joins.extend(all);
    }

    /// What the running thread joined since its last step is known to it, before it does anything that others notice.
    pub(crate) fn settle_joins(&mut self) {
        if !self.threads[self.current].joins.is_empty() {
            for object in std::mem::take(&mut self.threads[self.current].joins) {
                let level = self.objects[object as usize].level;
                self.used.push(Touch { object, how: Use::Read, level });
            }
        }
    }

    /// See [`stop`](crate::stop).
    pub(crate) fn stop(
        &mut self,
        op: Op,
        needs: [Option<Need>; 2],
        ready: *const (dyn Fn() -> bool + 'static),
        wake: Wake,
    ) -> (Tid, Option<Tid>) {
        let me = self.current;
        let deadline = match wake {
            Wake::After(limit) => {
                self.note_use(CLOCK, Use::Read);
                self.now.saturating_add(limit)
            }
            _ => Duration::MAX,
        };
        self.threads[me].woken = Woken::Ready;
        self.threads[me].at = Some(At { op, needs, ready: Ready(ready), wake, deadline });
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
        (self.threads[me].once_notified, self.threads[me].notified) = (None, false);
        let woken = std::mem::replace(&mut self.threads[me].woken, Woken::Ready);
        self.threads[me].clock.tick(me);
        if op.verb.is_quiet {
            let object = &self.objects[op.object as usize];
            let clock = object.clock.clone().unwrap_or_default();
            self.threads[me].clock.join(&clock);
        } else {
            self.settle_joins();
            match op.verb.uses(op.writes) {
                Some(how) if op.verb.orders => self.use_object(op.object, how),
                Some(how) => self.note_use(op.object, how),
                None => {}
            }
        }
        let preempts = self.log.last().is_some_and(|e| {
            let before = self.threads[e.who].at.as_ref();
            e.who != me && before.is_some_and(|at| at.is_ready() && !at.op.verb.yields && !self.spins(e.who))
        });
        let event = Event::plain(me, op.verb, op.object, Some(op.loc));
        self.log.push(Event { preempts, woken, ..event });
        PROGRESS.fetch_add(1, Relaxed);
        LAST_STEP.store(std::ptr::from_ref(op.loc.called).cast_mut(), Relaxed);
        woken
    }

    /// The running thread has looked, and found this; `is_stale` if there is something newer to be found.
    pub(crate) fn looks(&mut self, op: &Op, value: u64, is_stale: bool) {
        let version = self.objects[op.object as usize].version;
        let steps = self.steps;
        if self.has_changes(self.current) {
            let me = &mut self.threads[self.current];
            me.looks.clear();
            me.acts = false;
        }
        let me = &mut self.threads[self.current];
        let same = |look: &&mut Look| (look.loc, look.object, look.value) == (op.loc, op.object, value);
        match me.looks.iter_mut().find(same) {
            Some(look) => {
                look.repeats += 1;
                (look.version, look.is_stale) = (version, is_stale);
                if let Some(probe) = &mut self.probe
                    && (probe.who, probe.loc) == (self.current, op.loc)
                {
                    (probe.looks, probe.last_look) = (look.repeats, steps);
                }
            }
            None => {
                let &Op { verb, loc, object, .. } = op;
                if me.looks.iter().any(|look| (look.loc, look.object) == (loc, object)) {
                    me.looks.clear();
                    me.acts = false;
                }
                me.looks.push(Look { verb, loc, object, value, version, is_stale, repeats: 0 });
                self.news = steps;
                self.probe_ends();
            }
        }
    }

    /// Whether another thread has changed something that `tid` has found.
    fn has_changes(&self, tid: Tid) -> bool {
        let is_new = |look: &Look| look.version != self.objects[look.object as usize].version;
        self.threads[tid].looks.iter().any(is_new)
    }

    /// The thread that goes on has left its loop, or never does. If it went on alone, the search has to begin again; but this run
    /// goes on to its end, so that nothing that it owns is leaked.
    fn learns(&mut self, looks: u32, gives_up: bool) {
        if let Some(Probe { loc, naps, in_place, .. }) = self.probe.take() {
            self.news = self.steps;
            let learnt = Loop { loc, looks, naps, gives_up };
            match in_place {
                true => self.loops.push(learnt),
                false => _ = self.failure.get_or_insert(Failure::Loop(learnt)),
            }
        }
    }

    /// The loop that the thread is about to look in, as far as it is known.
    fn loop_of(&self, tid: Tid) -> Option<&Loop> {
        known(&self.loops, self.threads[tid].at.as_ref()?.op.loc)
    }

    pub(crate) fn is_alone(&self) -> bool {
        self.probe.as_ref().is_some_and(|probe| probe.who == self.current && !probe.in_place)
    }

    /// Whether the thread, about to look again, would only find what it has found already, and often enough.
    pub(crate) fn spins(&self, tid: Tid) -> bool {
        let thread = &self.threads[tid];
        if thread.looks.is_empty() {
            return false;
        }
        let Some(at) = &thread.at else { return false };
        let is_old = thread.looks.iter().any(|look| look.is_stale);
        let known = known(&self.loops, at.op.loc);
        let waits = thread.waits_for_change(at.op, known) && !self.has_changes(tid);
        // There is something newer to be found; but first, how often it may find what is old.
        waits && !(is_old && known.is_some())
    }

    /// Whether the running thread waits for a change in a loop: then it finds what is newest.
    pub(crate) fn waits_by_looking(&self, op: &Op) -> bool {
        let known = known(&self.loops, op.loc);
        known.is_some() && self.threads[self.current].waits_for_change(*op, known)
    }

    /// The thread that goes on has left its loop.
    pub(crate) fn probe_ends(&mut self) {
        if let Some(&Probe { who, looks, .. }) = self.probe.as_ref()
            && who == self.current
            && !self.done
        {
            // The look that ended it has to be possible too.
            match looks < PATIENCE {
                true => self.learns(looks + 1, false),
                false => self.learns(1, true),
            }
        }
    }

    /// The run is over, and went wrong.
    pub fn fail(&mut self, failure: Failure) {
        self.failure.get_or_insert(failure);
        if !std::mem::replace(&mut self.done, true) {
            self.pilot_ends();
        }
        for tid in 0..self.threads.len() {
            // The closures that tell who is ready go with the stacks.
            self.threads[tid].left_before = self.next_of(tid);
            self.threads[tid].at = None;
        }
    }

    /// The pilot learns that the run is over.
    pub(crate) fn pilot_ends(&mut self) {
        let World { pilot, threads, objects, used, started, faults, settings, loops, .. } = self;
        let faults_left = settings.max_faults.saturating_sub(*faults);
        let max_faults = settings.max_faults;
        pilot.ends(&Moment {
            threads,
            objects,
            used,
            started,
            faults_left,
            max_faults,
            loops,
            is_idle: false,
        });
    }

    /// Who goes next; nobody when the run is over.
    pub(crate) fn choose(&mut self) -> Option<Tid> {
        if self.done {
            return None;
        }
        self.steps += 1;
        if self.steps > TOO_LONG {
            self.fail(Failure::TooLong);
            return None;
        }
        if self.probe.is_none() && self.steps > self.news + ENDLESS {
            self.fail(Failure::Endless);
            return None;
        }
        if !self.settings.to_the_end
            && let Some(stuck) = self.lock_cycle()
        {
            self.fail(Failure::Deadlock { stuck, cycle: true });
            return None;
        }
        let (mut ready, mut late, mut faulty) = (
            std::mem::take(&mut self.ready),
            std::mem::take(&mut self.late),
            std::mem::take(&mut self.faulty),
        );
        let next = self.choose_of(&mut ready, &mut late, &mut faulty);
        (self.ready, self.late, self.faulty) = (ready, late, faulty);
        next
    }

    fn choose_of(&mut self, ready: &mut Vec<Tid>, late: &mut Vec<Tid>, faulty: &mut Vec<Tid>) -> Option<Tid> {
        ready.clear();
        late.clear();
        faulty.clear();
        for (tid, t) in self.threads.iter().enumerate() {
            let Some(at) = &t.at else { continue };
            if at.is_ready() {
                // Whether a thread has been joined is no other thread's business: no choice.
                if at.op.verb.is_quiet {
                    self.current = tid;
                    return Some(tid);
                }
                ready.push(tid);
            } else if at.deadline <= self.now {
                late.push(tid);
                ready.push(tid);
            } else if at.wake != Wake::WhenReady {
                faulty.push(tid);
            }
        }
        let goes_on = match &self.probe {
            Some(Probe { who, in_place: true, .. }) => self.goes_on_in_place(*who, ready),
            _ => None,
        };
        if goes_on.is_none() && self.probe.is_some() {
            return self.go_on_alone(ready, late);
        }
        let mut spinners = vec![];
        let scripted = self.pilot.scripted();
        let filters = match scripted {
            // The run that is followed let time pass here, although a thread looks again and again.
            Some(next) => !ready.contains(&next),
            // Where threads take turns by a rule, one that waits by looking does no harm.
            None => self.settings.patient.is_none(),
        };
        let yields_to_work =
            |tid: &Tid| self.threads[*tid].at.as_ref().is_some_and(|at| at.op.verb.yields_to_work);
        let may_work = filters && ready.iter().any(yields_to_work);
        if filters {
            ready.retain(|&tid| {
                let is_work = may_work && self.threads[tid].acts;
                let spins = goes_on != Some(tid) && self.spins(tid) && !is_work;
                if spins {
                    spinners.push(tid);
                }
                !spins
            });
        }
        let mut unknown = spinners.iter().copied().filter(|&tid| self.loop_of(tid).is_none());
        let (first_unknown, is_only_one) = (unknown.next(), unknown.next().is_none());
        if goes_on.is_some() && first_unknown.is_some() {
            // Of that one, nothing is known yet, so that the search has to begin again.
            self.probe.as_mut()?.in_place = false;
            return self.go_on_alone(ready, late);
        }
        if self.failure.is_none()
            && scripted.is_none()
            && let Some(who) = first_unknown
        {
            let loc = self.threads[who].at.as_ref()?.op.loc;
            let goes_on = who == self.current && self.pilot.goes_on_by_itself() && !self.yields(who);
            let in_place = goes_on && is_only_one;
            let (from, since, last_look) = (self.log.len(), self.steps, self.steps);
            let (naps, sleeps) = (false, false);
            self.probe = Some(Probe { who, in_place, loc, looks: 1, naps, sleeps, from, since, last_look });
            if !in_place {
                self.current = who;
                return Some(who);
            }
            spinners.retain(|&tid| tid != who);
            let at = ready.partition_point(|&tid| tid < who);
            ready.insert(at, who);
        }
        let mut is_idle = ready.is_empty();
        let sleeper = self.next_deadline(faulty);
        if is_idle && sleeper.is_none() {
            if spinners.is_empty() {
                return self.is_over(faulty);
            }
            // Nothing will change but by those that look again and again: one may count how often.
            if spinners.iter().all(|&tid| !self.threads[tid].acts) {
                self.vain_looks += 1;
                if self.vain_looks > ENDLESS as u32 {
                    self.fail(Failure::Endless);
                    return None;
                }
            }
            ready.append(&mut spinners);
            is_idle = false;
        }
        let gives_up = |tid| self.loop_of(tid).is_some_and(|known| known.gives_up);
        let is_cut = spinners.iter().any(|&tid| self.threads[tid].acts || gives_up(tid));
        self.limits.loops |= is_cut;
        let me = self.current;
        if self.steps > self.settings.long() {
            let who = if is_idle { sleeper? } else { self.lottery.draw(ready, me) };
            if is_idle {
                late.push(who);
            }
            self.coast();
            return Some(self.go(Choice { who, kind: Kind::Turn, cost: 0 }, late));
        }
        self.choices.clear();
        let turn = |cost| move |who| Choice { who, kind: Kind::Turn, cost };
        if is_idle {
            // Of several whose time is up at the same moment, any may be the first.
            let deadline = |tid: Tid| self.threads[tid].at.as_ref().map(|at| at.deadline);
            let first = deadline(sleeper?);
            late.extend(faulty.iter().copied().filter(|&tid| deadline(tid) == first));
            self.choices.extend(late.iter().copied().map(turn(0)));
        } else if ready.contains(&me) && !self.yields(me) {
            self.choices.push(turn(0)(me));
            self.choices.extend(ready.iter().copied().filter(|&tid| tid != me).map(turn(1)));
        } else {
            // One that yields lets all others go first; they take turns.
            let (before, after): (Vec<Tid>, Vec<Tid>) =
                ready.iter().copied().filter(|&tid| tid != me).partition(|&tid| tid < me);
            if ready.contains(&me) {
                self.choices.extend(after.into_iter().chain(before).map(turn(0)));
                self.choices.push(turn(u32::from(!self.choices.is_empty()))(me));
            } else {
                self.choices.extend(ready.iter().copied().map(turn(0)));
            }
        }
        if self.faults < self.settings.max_faults {
            // Only to some pilots it makes a difference whether time has passed.
            let is_said = |tid: &&Tid| is_idle && !self.pilot.tells_time_from_faults() && late.contains(tid);
            self.choices.extend(faulty.iter().filter(|tid| !is_said(tid)).map(|&who| Choice {
                who,
                kind: Kind::Fault,
                cost: 1,
            }));
        } else {
            self.limits.faults |= !faulty.is_empty();
        }
        tell_states(self);
        let choice = self.pick(is_idle);
        if self.done {
            return None;
        }
        if let Some(probe) = &mut self.probe
            && !choice.is(&turn(0)(probe.who))
        {
            probe.in_place = false;
            return self.go_on_alone(ready, late);
        }
        Some(self.go(choice, late))
    }

    fn yields(&self, tid: Tid) -> bool {
        self.threads[tid].at.as_ref().is_some_and(|at| at.op.verb.yields)
    }

    /// The thread that is probed in place, if that can go on. If another thread went on, or this one waits for time to pass,
    /// steps aside or looks too often, it goes on alone instead.
    fn goes_on_in_place(&mut self, who: Tid, ready: &[Tid]) -> Option<Tid> {
        let at = self.threads[who].at.as_ref();
        let waits_for_time = at.is_some_and(|at| matches!(at.wake, Wake::After(_)));
        let steps_aside = self.yields(who);
        // In another loop, of which it is known that it waits there.
        let waits_elsewhere = self.loop_of(who).is_some() && self.spins(who);
        let probe = self.probe.as_mut()?;
        if self.current != who || waits_for_time || steps_aside || probe.looks >= PATIENCE {
            probe.in_place = false;
        } else if waits_elsewhere || !ready.contains(&who) || self.steps > probe.last_look + LEFT_ITS_LOOP {
            self.probe_ends();
        } else {
            return Some(who);
        }
        None
    }

    /// One thread goes on until it leaves its loop, or has looked often enough: then the run is of no more use.
    fn go_on_alone(&mut self, ready: &[Tid], late: &[Tid]) -> Option<Tid> {
        let &Probe { who, looks, naps, sleeps, since, last_look, .. } = self.probe.as_ref()?;
        let thread = &self.threads[who];
        // One that waits with a timeout may be woken before.
        let must_sleep = self.settings.must_sleep && (!naps || sleeps);
        // A loop that changes something as it goes around, such as a lock that it takes, may be work.
        let patience = if must_sleep && !thread.acts && !naps { PATIENCE } else { FOREVER };
        let is_endless = looks >= patience || self.steps > since + FOREVER_IN_STEPS;
        if is_endless && must_sleep {
            self.cut_the_log();
            self.fail(Failure::Busy { who, sleeps });
            return None;
        }
        if is_endless {
            self.learns(1, false);
            return self.choose_of(&mut vec![], &mut vec![], &mut vec![]);
        }
        let has_deadline = thread.at.as_ref().is_some_and(|at| matches!(at.wake, Wake::After(_)));
        let falls_asleep = thread.at.as_ref().is_some_and(|at| at.op.verb.sleeps);
        let can_go_on = ready.contains(&who);
        if (!can_go_on && !has_deadline) || self.steps > last_look + LEFT_ITS_LOOP {
            self.current = who;
            self.probe_ends();
            return self.choose_of(&mut vec![], &mut vec![], &mut vec![]);
        }
        self.current = who;
        if !can_go_on || late.contains(&who) {
            let probe = self.probe.as_mut()?;
            (probe.naps, probe.sleeps) = (true, probe.sleeps || falls_asleep);
            self.wake_up(who);
        }
        Some(who)
    }

    /// Of what the thread did alone, three rounds are enough for a report.
    fn cut_the_log(&mut self) {
        let Some(probe) = &self.probe else { return };
        let rounds = self.log.iter().enumerate().skip(probe.from);
        let end = rounds.filter(|(_, event)| event.loc == Some(probe.loc)).nth(3);
        if let Some((end, _)) = end {
            self.log.truncate(end);
        }
    }

    /// Whose time is up next.
    fn next_deadline(&self, sleepers: &[Tid]) -> Option<Tid> {
        let deadline = |tid: Tid| self.threads[tid].at.as_ref().map_or(Duration::MAX, |at| at.deadline);
        sleepers.iter().copied().filter(|&t| deadline(t) < Duration::MAX).min_by_key(|&t| deadline(t))
    }

    fn coast(&mut self) {
        let World { pilot, threads, objects, used, started, faults, settings, loops, .. } = self;
        let faults_left = settings.max_faults.saturating_sub(*faults);
        let max_faults = settings.max_faults;
        pilot.coasts(&Moment {
            threads,
            objects,
            used,
            started,
            faults_left,
            max_faults,
            loops,
            is_idle: false,
        });
        self.used.clear();
        self.started.clear();
    }

    /// Asks the search.
    pub(crate) fn pick(&mut self, is_idle: bool) -> Choice {
        let World { pilot, choices, threads, objects, used, started, faults, settings, loops, .. } = self;
        let usual = choices[0];
        let faults_left = settings.max_faults.saturating_sub(*faults);
        let max_faults = settings.max_faults;
        let moment = Moment { threads, objects, used, started, faults_left, max_faults, loops, is_idle };
        let picked = pilot.pick(choices, &moment);
        if !matches!(usual.kind, Kind::Data(_)) {
            self.used.clear();
            self.started.clear();
        }
        match picked {
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
    fn go(&mut self, choice: Choice, late: &[Tid]) -> Tid {
        let who = choice.who;
        self.current = who;
        if choice.kind == Kind::Fault {
            self.faults += 1;
            self.threads[who].looks.clear();
            self.wake_up(who);
        } else if late.contains(&who) {
            self.wake_up(who);
        }
        who
    }

    fn wake_up(&mut self, tid: Tid) {
        let t = &mut self.threads[tid];
        let at = t.at.as_ref().expect("only a thread that has stopped is woken");
        let deadline = at.deadline;
        match at.wake {
            Wake::After(_) => t.woken = Woken::TimedOut,
            _ => {
                t.woken = Woken::Spuriously;
                return;
            }
        }
        let advances = deadline > self.now;
        self.note_use(CLOCK, if advances { Use::Write } else { Use::Read });
        if advances {
            self.now = deadline;
            self.set_level(CLOCK, u64::try_from(deadline.as_nanos()).unwrap_or(u64::MAX));
        }
    }

    /// No thread can go on, and no timeout is set: the run is over.
    fn is_over(&mut self, faulty: &[Tid]) -> Option<Tid> {
        // Not that anyone could rely on it, but a fault would help.
        if self.settings.to_the_end
            && self.faults < self.settings.max_faults
            && !faulty.is_empty()
            && self.steps <= self.settings.long()
        {
            let data = |i| Choice { who: self.current, kind: Kind::Data(i as u32), cost: u32::from(i > 0) };
            let ends_or_goes_on: Vec<Choice> = (0..=faulty.len()).map(data).collect();
            self.choices = ends_or_goes_on;
            if let Kind::Data(i @ 1..) = self.pick(false).kind {
                self.choices = vec![Choice { who: faulty[i as usize - 1], kind: Kind::Fault, cost: 0 }];
                let choice = self.pick(false);
                return (!self.done).then(|| self.go(choice, &[]));
            }
        }
        let stuck: Vec<Tid> = (0..self.threads.len()).filter(|&t| !self.threads[t].finished).collect();
        if stuck.is_empty() || (self.settings.daemons && self.threads[0].finished) {
            self.done = true;
            self.pilot_ends();
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

/// What is known of the loop that looks at this place.
fn known(loops: &[Loop], loc: Loc) -> Option<&Loop> {
    loops.iter().find(|known| known.loc == loc)
}

/// Who goes on in a run that has become long: a thread at random, for a while. With probability one every thread gets every
/// chance, so that a run that only needs luck comes to an end, as threads do that step aside for each other. The seed
/// is fixed, so that it is the same every time.
pub(crate) struct Lottery {
    state: u64,
    left: u64,
}

impl Lottery {
    pub(crate) fn new(seed: u64) -> Self {
        let mut lottery =
            Lottery { state: 0x9E37_79B9_7F4A_7C15 ^ seed.wrapping_mul(0xD129_0C4B_F5D5_8D7B), left: 0 };
        if seed > 0 {
            for _ in 0..4 {
                lottery.next();
            }
        }
        lottery
    }

    fn draw(&mut self, ready: &[Tid], current: Tid) -> Tid {
        if self.left > 0 && ready.contains(&current) {
            self.left -= 1;
            return current;
        }
        let random = self.next();
        self.left = (random >> 32) % 16;
        ready[random as u32 as usize % ready.len()]
    }

    /// A number below `n`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() >> 16) as usize % n
    }

    /// xorshift64 (Marsaglia 2003, "Xorshift RNGs").
    pub(crate) fn next(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state
    }
}
