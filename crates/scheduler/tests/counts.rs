//! The numbers on the page, confirmed twice: by `interleave::outcomes`, which runs every schedule for real, and by models that know
//! nothing of `interleave`: each program's steps written down by hand, put into every order.

use interleave::{Ending, Outcomes};
use scheduler::programs::{Ended, PROGRAMS, Program};
use scheduler::{Kind, Play, Ways};
use std::collections::HashMap;
use std::ops::Range;

fn ways(outcomes: &Outcomes<Ended>) -> Ways {
    assert!(outcomes.is_complete());
    outcomes.rows().iter().fold(Ways::default(), |sum, row| match row.ending {
        Ending::Returned(Ok(_)) => Ways { good: sum.good + row.count as u64, ..sum },
        _ => Ways { bad: sum.bad + row.count as u64, ..sum },
    })
}

#[test]
fn the_page_counts_what_outcomes_counts() {
    for program in &PROGRAMS {
        let start = &Play::of(program).positions[0];
        assert_eq!(start.ways, ways(&interleave::outcomes(program.run)), "{}", program.id);
        let woken = interleave::__outcomes_with_wakeups(program.run, program.wakeups);
        assert_eq!(start.ways_with_wakeups, ways(&woken), "{}, with spurious wakeups", program.id);
    }
}

#[test]
fn the_page_counts_what_an_enumeration_by_hand_counts() {
    for program in &PROGRAMS {
        let play = Play::of(program);
        let start = &play.positions[0];
        for (wakeups, ways) in [(0, start.ways), (program.wakeups, start.ways_with_wakeups)] {
            let mut shapes = Shapes::default();
            let (counted, shape) = enumerated(program, wakeups, &mut shapes);
            assert_eq!(ways, counted, "{}, {wakeups} wakeups", program.id);
            let on_the_page = shape_of(&play, 0, wakeups > 0, &mut shapes, &mut HashMap::new());
            assert_eq!(on_the_page, shape, "{}, {wakeups} wakeups: the graphs differ", program.id);
        }
    }
}

/// A state as a player can tell it from others: how it ends, or which threads can take which steps
/// (for no reason, maybe), and the number of the state that each leads to. Two graphs in which the
/// start has the same number are the same graph.
type Shape = (Option<bool>, Vec<(usize, bool, usize)>);

#[derive(Default)]
struct Shapes(HashMap<Shape, usize>);

impl Shapes {
    fn number(&mut self, end: Option<bool>, mut steps: Vec<(usize, bool, usize)>) -> usize {
        steps.sort_unstable();
        let new = self.0.len();
        *self.0.entry((end, steps)).or_insert(new)
    }
}

/// The shape of a state of the page.
fn shape_of(
    play: &Play,
    number: usize,
    spurious: bool,
    shapes: &mut Shapes,
    known: &mut HashMap<usize, usize>,
) -> usize {
    if let Some(&shape) = known.get(&number) {
        return shape;
    }
    let position = &play.positions[number];
    let wanted = position.steps.iter().filter(|step| spurious || !step.is_spurious);
    let steps: Vec<_> = wanted
        .map(|step| (step.thread - 1, step.is_spurious, shape_of(play, step.to, spurious, shapes, known)))
        .collect();
    let shape = shapes.number(position.end.as_ref().map(|end| end.kind == Kind::Good), steps);
    known.insert(number, shape);
    shape
}

/// A moment of a model. What `cell` means is each model's own business.
#[derive(Clone)]
struct Moment {
    /// What each thread does next; `DONE` when it has ended.
    next: [u8; 3],
    /// What each thread has seen.
    seen: [i64; 3],
    cell: [i64; 4],
    /// Which thread holds each lock.
    lock: [Option<usize>; 3],
    asleep: [bool; 3],
    notified: [bool; 3],
    /// One of these threads is about to be notified, if any of them sleeps.
    rings_for: Range<usize>,
}

const DONE: u8 = 99;

/// A thread's next step: the moment after it, or none while it has to wait.
type Step = fn(Moment, usize) -> Option<Moment>;

/// The same, where a load may return more than one value: a moment for each.
type Steps<'a> = &'a dyn Fn(Moment, usize) -> Vec<Moment>;

fn enumerated(program: &Program, wakeups: u32, shapes: &mut Shapes) -> (Ways, usize) {
    let step: Step = match program.id {
        "race-condition" => stale,
        "fresh-balance" | "short-locks" => fresh,
        "mutex-fix" => critical_section,
        "compare-exchange" => compare_exchange,
        "lost-update" => load_and_store,
        "fetch-add" | "ledger-split" | "one-read" => add_one,
        "deadlock" => |m, me| two_locks(m, me, [me, 1 - me]),
        "lock-order" => |m, me| two_locks(m, me, [0, 1]),
        "reentrant" => |m, me| m.then(me, if me == 0 { 1 } else { DONE }),
        "rwlock-upgrade" => upgrade,
        "drop-read-first" => look_again,
        "pool" => pool,
        "semaphore" => semaphore,
        "lost-wakeup" => flag_outside,
        "event" => event,
        "if-for-while" => if_for_while,
        "while" => check_again,
        "stolen-item" => |m, me| stolen_item(m, me, false),
        "two-condvars" => |m, me| stolen_item(m, me, true),
        "one-condvar" => one_condvar,
        "two-tokens" => two_tokens,
        "park-token" => park_token,
        "kept-sender" => kept_sender,
        "dropped-sender" => dropped_sender,
        "leaky-gate" => leaky_gate,
        "barrier" => barrier,
        "generations" => generations,
        "shared-connection" => |m, me| transaction(m, me, 0),
        "own-connection" => |m, me| transaction(m, me, 2 * me),
        "philosophers" => |m, me| two_locks(m, me, [me, (me + 1) % 3]),
        "half-a-line" => half_a_line,
        "therac" => therac,
        "dirty-cow" => dirty_cow,
        // A load may return an old value in these.
        "relaxed-flag" | "release-acquire" | "both-enter" | "one-enters" | "claim" => |_, _| None,
        other => panic!("there is no model of {other}"),
    };
    let one = |m, me| Vec::from_iter(step(m, me));
    let steps: Steps = match program.id {
        "relaxed-flag" => &|m, me| mail(m, me, false),
        "release-acquire" => &|m, me| mail(m, me, true),
        "both-enter" => &|m, me| two_flags(m, me, false),
        "one-enters" => &|m, me| two_flags(m, me, true),
        "claim" => &claim,
        _ => &one,
    };
    let of_three =
        ["philosophers", "stolen-item", "one-condvar", "two-condvars", "kept-sender", "dropped-sender"];
    let threads = if of_three.contains(&program.id) { 3 } else { 2 };
    // What is true at a good end, and what ends a run early: no thread waits for one that waits for itself.
    let is_good: fn(&Moment) -> bool = match program.id {
        "race-condition" | "fresh-balance" | "short-locks" | "mutex-fix" | "compare-exchange" => {
            |m| m.cell[1] <= 1000
        }
        "lost-update" | "fetch-add" => |m| m.cell[0] == 2,
        "if-for-while" | "while" => |m| m.cell[1] == 1,
        "stolen-item" | "two-condvars" => |m| m.cell[1] == 2,
        "shared-connection" | "own-connection" => |m| m.cell[1] == 1,
        "leaky-gate" => |m| m.cell[1] <= 1,
        "half-a-line" => |m| m.cell[1] != 1,
        "therac" | "dirty-cow" => |m| m.cell[1] == 0,
        "relaxed-flag" | "release-acquire" => |m| m.cell[2] == 0,
        "both-enter" | "one-enters" => |m| m.cell[2] < 2,
        "claim" => |m| m.cell[1] != m.cell[2],
        _ => |_| true,
    };
    let is_over: fn(&Moment) -> bool = match program.id {
        "rwlock-upgrade" | "reentrant" => |m| m.next[0] == 1,
        _ => |_| false,
    };
    let mut next = [DONE; 3];
    next[..threads].fill(0);
    let first_cell = match program.id {
        "semaphore" | "leaky-gate" => 1,
        "race-condition" | "fresh-balance" | "short-locks" | "mutex-fix" | "compare-exchange" => 1000,
        "pool" => 4 + 1,
        _ => 0,
    };
    let none = [false; 3];
    let start = Moment {
        next,
        seen: [0; 3],
        cell: [first_cell, 0, 0, 0],
        lock: [None; 3],
        asleep: none,
        notified: none,
        rings_for: 0..0,
    };
    every_order(&start, steps, is_good, is_over, wakeups, shapes)
}

/// Counts the ways on from a moment, and returns its shape.
fn every_order(
    m: &Moment,
    step: Steps,
    is_good: fn(&Moment) -> bool,
    is_over: fn(&Moment) -> bool,
    wakeups: u32,
    shapes: &mut Shapes,
) -> (Ways, usize) {
    let mut end = |is_good: bool| {
        let ways = Ways { good: u64::from(is_good), bad: u64::from(!is_good) };
        (ways, shapes.number(Some(is_good), vec![]))
    };
    if is_over(m) {
        return end(false);
    }
    let on = |thread: usize| m.next[thread] != DONE;
    // Which thread, whether for no reason, the moment after it, and the wakeups that are left.
    let mut after: Vec<(usize, bool, Moment, u32)> = (0..3)
        .filter(|&t| on(t))
        .flat_map(|t| step(m.clone(), t).into_iter().map(move |m| (t, m)))
        .flat_map(|(t, m)| m.ring().into_iter().map(move |m| (t, false, m, wakeups)))
        .collect();
    if after.is_empty() {
        return end(!(0..3).any(on) && is_good(m));
    }
    if wakeups > 0 {
        // Nobody has notified it, but it wakes up.
        for thread in (0..3).filter(|&t| m.asleep[t] && !m.notified[t]) {
            let mut woken = m.clone();
            woken.notified[thread] = true;
            // If the lock is taken just then, it is awake and waits for the lock.
            let mut waits = woken.clone();
            waits.asleep[thread] = false;
            after.push((thread, true, step(woken, thread).pop().unwrap_or(waits), wakeups - 1));
        }
    }
    let (mut ways, mut steps) = (Ways::default(), vec![]);
    for (thread, spurious, m, wakeups) in after {
        let (more, shape) = every_order(&m, step, is_good, is_over, wakeups, shapes);
        ways = Ways { good: ways.good + more.good, bad: ways.bad + more.bad };
        steps.push((thread, spurious, shape));
    }
    (ways, shapes.number(None, steps))
}

impl Moment {
    fn then(mut self, me: usize, next: u8) -> Option<Moment> {
        self.next[me] = next;
        Some(self)
    }

    /// Takes a lock, or has to wait.
    fn take(mut self, me: usize, lock: usize) -> Option<Moment> {
        self.lock[lock].is_none().then(|| {
            self.lock[lock] = Some(me);
            self
        })
    }

    fn free(mut self, lock: usize) -> Moment {
        self.lock[lock] = None;
        self
    }

    /// Lets go of lock 0 and sleeps.
    fn sleep(mut self, me: usize, next: u8) -> Option<Moment> {
        self.asleep[me] = true;
        self.free(0).then(me, next)
    }

    /// Goes on with lock 0, once notified.
    fn wake(mut self, me: usize) -> Option<Moment> {
        if !self.notified[me] {
            return None;
        }
        (self.asleep[me], self.notified[me]) = (false, false);
        self.take(me, 0)
    }

    /// Notifies one of those whom the bell is for, whichever it is.
    fn ring(self) -> Vec<Moment> {
        let sleepers = self.rings_for.clone().filter(|&t| self.asleep[t] && !self.notified[t]);
        let mut rung: Vec<Moment> = sleepers
            .map(|thread| {
                let mut m = Moment { rings_for: 0..0, ..self.clone() };
                m.notified[thread] = true;
                m
            })
            .collect();
        if rung.is_empty() {
            rung.push(Moment { rings_for: 0..0, ..self });
        }
        rung
    }

    /// There are two threads: one or all is the same.
    fn notify(mut self) -> Moment {
        (0..3).for_each(|thread| self.notified[thread] |= self.asleep[thread]);
        self
    }
}

/// Cell 0 is the balance, cell 1 what was paid out.
fn pay(mut m: Moment, me: usize, balance: i64) -> Option<Moment> {
    m.cell[0] = balance;
    m.cell[1] += 700;
    m.then(me, DONE)
}

fn ask(mut m: Moment, me: usize) -> Option<Moment> {
    m.seen[me] = m.cell[0];
    let next = if m.cell[0] < 700 { DONE } else { 1 };
    m.then(me, next)
}

fn stale(m: Moment, me: usize) -> Option<Moment> {
    let left = m.seen[me] - 700;
    if m.next[me] == 0 { ask(m, me) } else { pay(m, me, left) }
}

fn fresh(m: Moment, me: usize) -> Option<Moment> {
    let left = m.cell[0] - 700;
    if m.next[me] == 0 { ask(m, me) } else { pay(m, me, left) }
}

fn critical_section(m: Moment, me: usize) -> Option<Moment> {
    if m.next[me] == 0 {
        return m.take(me, 0)?.then(me, 1);
    }
    let (m, balance) = (m.clone().free(0), m.cell[0]);
    if balance >= 700 { pay(m, me, balance - 700) } else { m.then(me, DONE) }
}

fn compare_exchange(m: Moment, me: usize) -> Option<Moment> {
    let left = m.seen[me] - 700;
    if m.next[me] == 1 && m.cell[0] == m.seen[me] { pay(m, me, left) } else { ask(m, me) }
}

fn two_locks(m: Moment, me: usize, [first, second]: [usize; 2]) -> Option<Moment> {
    if m.next[me] == 0 {
        return m.take(me, first)?.then(me, 1);
    }
    m.take(me, second)?.free(first).free(second).then(me, DONE)
}

/// Cell 0: whether the rate is cached; cell 1: how many readers stay.
fn upgrade(mut m: Moment, me: usize) -> Option<Moment> {
    match m.next[me] {
        0 if m.cell[0] == 1 => m.then(me, DONE),
        0 => {
            m.cell[1] += i64::from(me == 0);
            m.then(me, 1)
        }
        _ if m.cell[1] > 0 => None,
        _ => {
            m.cell[0] = 1;
            m.then(me, DONE)
        }
    }
}

/// Cell 0: the free permits. Lock 0 is around them.
fn semaphore(mut m: Moment, me: usize) -> Option<Moment> {
    match m.next[me] {
        0 | 2 => {
            let mut m = if m.next[me] == 0 { m.take(me, 0)? } else { m.wake(me)? };
            if m.cell[0] == 0 {
                return m.then(me, 1);
            }
            m.cell[0] -= 1;
            m.free(0).then(me, 3)
        }
        1 => m.sleep(me, 2),
        3 => {
            m.cell[1] += 1;
            assert_eq!(m.cell[1], 1, "two are inside");
            m.then(me, 4)
        }
        4 => {
            m.cell[1] -= 1;
            m.then(me, 5)
        }
        5 => {
            let mut m = m.take(me, 0)?.free(0);
            m.cell[0] += 1;
            m.then(me, 6)
        }
        _ => m.notify().then(me, DONE),
    }
}

/// Cell 0: the flag. Thread 0 waits, thread 1 sets.
fn flag_outside(mut m: Moment, me: usize) -> Option<Moment> {
    match (me, m.next[me]) {
        (0, 0) => m.take(0, 0)?.then(0, 1),
        (0, 1) if m.cell[0] == 1 => m.free(0).then(0, DONE),
        (0, 1) => m.then(0, 2),
        (0, 2) => m.sleep(0, 3),
        (0, _) => m.wake(0)?.then(0, 1),
        (_, 0) => {
            m.cell[0] = 1;
            m.then(1, 1)
        }
        _ => m.notify().then(1, DONE),
    }
}

fn event(m: Moment, me: usize) -> Option<Moment> {
    match (me, m.next[me]) {
        (0, 1) => m.sleep(0, 2),
        (0, next) => {
            let m = if next == 0 { m.take(0, 0)? } else { m.wake(0)? };
            if m.cell[0] == 1 { m.free(0).then(0, DONE) } else { m.then(0, 1) }
        }
        (_, 0) => {
            let mut m = m.take(1, 0)?.free(0);
            m.cell[0] = 1;
            m.then(1, 1)
        }
        _ => m.notify().then(1, DONE),
    }
}

/// Cell 0: how many items; cell 1: how many were taken. Thread 0 takes, thread 1 puts.
fn if_for_while(m: Moment, me: usize) -> Option<Moment> {
    let pop = |mut m: Moment| {
        let taken = m.cell[0].min(1);
        m.cell[0] -= taken;
        m.cell[1] += taken;
        m.then(0, 3)
    };
    match (me, m.next[me]) {
        (0, 0) => {
            let m = m.take(0, 0)?;
            if m.cell[0] == 0 { m.then(0, 1) } else { pop(m) }
        }
        (0, 1) => m.sleep(0, 2),
        (0, 2) => pop(m.wake(0)?),
        (0, _) => m.free(0).then(0, DONE),
        (_, 0) => {
            let mut m = m.take(1, 0)?;
            m.cell[0] += 1;
            m.then(1, 1)
        }
        _ => m.notify().free(0).then(1, DONE),
    }
}

/// As `if_for_while`, but the consumer checks again when it wakes up.
fn check_again(m: Moment, me: usize) -> Option<Moment> {
    if me == 0 && m.next[0] == 2 {
        let m = m.wake(0)?;
        if m.cell[0] == 0 {
            return m.then(0, 1);
        }
        return if_for_while(Moment { lock: [None; 3], ..m }.then(0, 0)?, 0);
    }
    if_for_while(m, me)
}

/// Cell 0: how many items; cell 1: how many were taken. Threads 0 and 1 take one, thread 2 puts two; there is room for one.
fn stolen_item(m: Moment, me: usize, checks_again: bool) -> Option<Moment> {
    let next = m.next[me];
    if next == 1 {
        return m.sleep(me, 2);
    }
    if next == 3 {
        let (bell, last) = if me == 2 { (0..2, m.seen[2] == 2) } else { (2..3, true) };
        return Moment { rings_for: bell, ..m }.free(0).then(me, if last { DONE } else { 0 });
    }
    let mut m = if next == 0 { m.take(me, 0)? } else { m.wake(me)? };
    if me == 2 {
        if m.cell[0] == 1 {
            return m.then(2, 1);
        }
        m.cell[0] = 1;
        m.seen[2] += 1;
    } else {
        if m.cell[0] == 0 && (next == 0 || checks_again) {
            return m.then(me, 1);
        }
        m.cell[1] += m.cell[0];
        m.cell[0] = 0;
    }
    m.then(me, 3)
}

/// Cell 0: how many have arrived; what a thread has seen: how many meetings.
fn barrier(m: Moment, me: usize) -> Option<Moment> {
    meetings(m, me, |m| m.cell[0] = 0, |m| m.cell[0] == 0)
}

/// As `barrier`, but cell 1 is the number of the meeting, and a thread waits for the end of its own.
fn generations(m: Moment, me: usize) -> Option<Moment> {
    meetings(m, me, |m| m.cell = [0, m.cell[1] + 1, 0, 0], |m| m.cell[1] > m.seen[me])
}

/// Two threads meet twice. The second one to arrive `opens` the barrier; the first waits until it `is_open`.
fn meetings(
    m: Moment,
    me: usize,
    opens: fn(&mut Moment),
    is_open: impl Fn(&Moment) -> bool,
) -> Option<Moment> {
    let leave = |mut m: Moment| {
        m.seen[me] += 1;
        let next = if m.seen[me] == 2 { DONE } else { 0 };
        m.free(0).then(me, next)
    };
    match m.next[me] {
        0 => {
            let mut m = m.take(me, 0)?;
            m.cell[0] += 1;
            if m.cell[0] < 2 {
                return m.then(me, 2);
            }
            opens(&mut m);
            m.then(me, 1)
        }
        1 => leave(m.notify()),
        2 => m.sleep(me, 3),
        _ => {
            let m = m.wake(me)?;
            if is_open(&m) { leave(m) } else { m.then(me, 2) }
        }
    }
}

/// Cells `first` and the one after it: rows that are pending, and rows that are saved. Thread 0
/// commits, thread 1 rolls back.
fn transaction(mut m: Moment, me: usize, first: usize) -> Option<Moment> {
    if m.next[me] == 0 {
        m.cell[first] += 1;
        return m.then(me, 1);
    }
    if me == 0 {
        m.cell[first + 1] += m.cell[first];
    }
    m.cell[first] = 0;
    m.then(me, DONE)
}

/// Cell 0: whether the rate is cached.
fn look_again(mut m: Moment, me: usize) -> Option<Moment> {
    if m.next[me] == 0 && m.cell[0] == 0 {
        return m.then(me, 1);
    }
    m.cell[0] = 1;
    m.then(me, DONE)
}

fn load_and_store(mut m: Moment, me: usize) -> Option<Moment> {
    if m.next[me] == 0 {
        m.seen[me] = m.cell[0];
        return m.then(me, 1);
    }
    m.cell[0] = m.seen[me] + 1;
    m.then(me, DONE)
}

fn add_one(mut m: Moment, me: usize) -> Option<Moment> {
    m.cell[0] += 1;
    m.then(me, DONE)
}

/// Cell 0: a stack of jobs, a digit of base 4 each: 1 is a report, 2 and 3 are counts for each worker. Cells 1 and 2: whether
/// the count was sent.
fn pool(mut m: Moment, me: usize) -> Option<Moment> {
    match m.next[me] {
        0 => {
            m.seen[me] = m.cell[0] % 4;
            m.cell[0] /= 4;
            let next = [DONE, 1, 3, 3][m.seen[me] as usize];
            m.then(me, next)
        }
        1 => {
            m.cell[0] = m.cell[0] * 4 + 2 + me as i64;
            m.then(me, 2)
        }
        2 if m.cell[1 + me] == 0 => None,
        2 => {
            m.cell[1 + me] = 0;
            m.then(me, 0)
        }
        _ => {
            m.cell[m.seen[me] as usize - 1] += 1;
            m.then(me, 0)
        }
    }
}

/// As `stolen_item`, but all three sleep on the same variable, and check again when they wake up.
fn one_condvar(m: Moment, me: usize) -> Option<Moment> {
    let next = m.next[me];
    if next == 1 {
        return m.sleep(me, 2);
    }
    if next == 3 {
        let last = me < 2 || m.seen[2] == 2;
        return Moment { rings_for: 0..3, ..m }.free(0).then(me, if last { DONE } else { 0 });
    }
    let mut m = if next == 0 { m.take(me, 0)? } else { m.wake(me)? };
    let full = i64::from(me == 2);
    if m.cell[0] == full {
        return m.then(me, 1);
    }
    m.cell[0] = full;
    m.seen[2] += full;
    m.then(me, 3)
}

/// Cell 0: the token. Thread 0 parks twice, thread 1 unparks it twice.
fn two_tokens(mut m: Moment, me: usize) -> Option<Moment> {
    if me == 0 && m.cell[0] == 0 {
        return None;
    }
    m.cell[0] = me as i64;
    let next = if m.next[me] == 0 { 1 } else { DONE };
    m.then(me, next)
}

/// Cell 0: the token; cell 1: the flag.
fn park_token(mut m: Moment, me: usize) -> Option<Moment> {
    match (me, m.next[me]) {
        (0, 0) => {
            let next = if m.cell[1] == 1 { DONE } else { 1 };
            m.then(0, next)
        }
        (0, _) if m.cell[0] == 0 => None,
        (0, _) => {
            m.cell[0] = 0;
            m.then(0, 0)
        }
        (_, 0) => {
            m.cell[1] = 1;
            m.then(1, 1)
        }
        _ => {
            m.cell[0] = 1;
            m.then(1, DONE)
        }
    }
}

/// Cell 0: how many lines are in the channel; cell 1: whether the worker says that it is done; cell
/// 2: whether main keeps its sender. Thread 0 is the worker, thread 1 is main, thread 2 prints.
fn kept_sender(mut m: Moment, me: usize) -> Option<Moment> {
    match (me, m.next[me]) {
        (0, 0) => {
            m.cell[0] = 1;
            m.then(0, 1)
        }
        (0, _) => {
            m.cell[1] = 1;
            m.then(0, DONE)
        }
        (1, _) => {
            m.cell[2] = 1 - m.cell[1];
            m.then(1, DONE)
        }
        _ => {
            let is_closed = m.next[1] == DONE && m.cell[2] == 0;
            receive(m, is_closed)
        }
    }
}

/// Cell 0: how many lines are in the channel. Threads 0 and 1 send one each, thread 2 prints.
fn dropped_sender(mut m: Moment, me: usize) -> Option<Moment> {
    if me < 2 {
        m.cell[0] += 1;
        return m.then(me, DONE);
    }
    let is_closed = m.next[0] == DONE && m.next[1] == DONE;
    receive(m, is_closed)
}

fn receive(mut m: Moment, is_closed: bool) -> Option<Moment> {
    if m.cell[0] > 0 {
        m.cell[0] -= 1;
        return m.then(2, 0);
    }
    is_closed.then(|| m.then(2, DONE))?
}

/// Cell 0: the free permits; cell 1: how many are inside.
fn leaky_gate(mut m: Moment, me: usize) -> Option<Moment> {
    if m.next[me] == 0 {
        let next = if m.cell[0] < 1 { DONE } else { 1 };
        return m.then(me, next);
    }
    m.cell[0] -= 1;
    m.cell[1] += 1;
    m.then(me, DONE)
}

/// Cell 0: how many pieces are written; cell 1: how many there were when main returned.
fn half_a_line(mut m: Moment, me: usize) -> Option<Moment> {
    if me == 1 {
        m.cell[1] = m.cell[0];
        return m.then(1, DONE);
    }
    m.cell[0] += 1;
    let next = if m.cell[0] == 3 { DONE } else { 0 };
    m.then(0, next)
}

/// Cell 0: 1 is electron; cell 1: an X-ray beam without a target.
fn therac(mut m: Moment, me: usize) -> Option<Moment> {
    if me == 0 {
        m.cell[0] = 1;
        return m.then(0, DONE);
    }
    if m.next[1] == 0 {
        m.seen[1] = m.cell[0];
        return m.then(1, 1);
    }
    m.cell[1] = i64::from(m.seen[1] == 0 && m.cell[0] == 1);
    m.then(1, DONE)
}

/// Cell 0: whether there is a copy; cell 1: whether the file was written to.
fn dirty_cow(mut m: Moment, me: usize) -> Option<Moment> {
    if me == 1 {
        m.cell[0] = 0;
        return m.then(1, DONE);
    }
    match m.next[0] {
        0 => m.then(0, 1),
        1 => {
            m.cell[0] = 1;
            m.then(0, 2)
        }
        2 => {
            let next = if m.cell[0] == 1 { DONE } else { 3 };
            m.then(0, next)
        }
        _ => {
            m.cell[1] = 1;
            m.then(0, DONE)
        }
    }
}

/// Cells 0 and 1: whether the answer and the flag are stored; cell 2: the reader saw the flag and no answer.
fn mail(mut m: Moment, me: usize, in_order: bool) -> Vec<Moment> {
    match (me, m.next[me]) {
        (0, next) => {
            m.cell[usize::from(next)] = 1;
            Vec::from_iter(m.then(0, if next == 0 { 1 } else { DONE }))
        }
        (_, 0) => {
            let sees_it = (m.cell[1] == 1).then(|| m.clone().then(1, 1)).flatten();
            m.then(1, DONE).into_iter().chain(sees_it).collect()
        }
        _ => {
            let old = Moment { cell: [m.cell[0], m.cell[1], 1, 0], ..m.clone() };
            let old = if in_order { None } else { old.then(1, DONE) };
            m.then(1, DONE).into_iter().chain(old).collect()
        }
    }
}

/// Cells 0 and 1: the flags; cell 2: how many saw no flag.
fn two_flags(mut m: Moment, me: usize, in_order: bool) -> Vec<Moment> {
    if m.next[me] == 0 {
        m.cell[me] = 1;
        return Vec::from_iter(m.then(me, 1));
    }
    let is_up = m.cell[1 - me] == 1;
    let sees_it = is_up.then(|| m.clone().then(me, DONE)).flatten();
    m.cell[2] += 1;
    let sees_none = if is_up && in_order { None } else { m.then(me, DONE) };
    sees_it.into_iter().chain(sees_none).collect()
}

/// Cell 0: the next ticket; cells 1 and 2: one more than the ticket that each thread has.
fn claim(mut m: Moment, me: usize) -> Vec<Moment> {
    if m.next[me] == 0 {
        // Any value that the counter has had.
        let loads = |value| Moment {
            seen: if me == 0 { [value, m.seen[1], 0] } else { [m.seen[0], value, 0] },
            ..m.clone()
        };
        return (0..=m.cell[0]).filter_map(|value| loads(value).then(me, 1)).collect();
    }
    if m.cell[0] != m.seen[me] {
        m.seen[me] = m.cell[0];
        return vec![m];
    }
    m.cell[0] += 1;
    m.cell[1 + me] = m.cell[0];
    Vec::from_iter(m.then(me, DONE))
}
