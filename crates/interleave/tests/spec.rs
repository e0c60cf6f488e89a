//! Checks from a specification: a queue, a stack and a till, and what somebody might get wrong in them.

use interleave::spec::{Answer, Call, Failed, Passed, Spec};
use interleave::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use interleave::sync::{Condvar, Mutex, MutexGuard};
use interleave::thread;
use interleave::thread_local;
use interleave::time::Instant;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::time::Duration;

/// The error of a type with a bug, whose first lines are to say this.
#[track_caller]
fn is_told(checked: Result<Passed, Failed>, scenario: &str, what: &str) {
    let failed = checked.expect_err("it has a bug");
    let headline = failed.headline();
    assert!(headline.starts_with(scenario) && headline.contains(what), "{failed}");
}

/// A queue with room for so many items.
struct Queue {
    items: Mutex<VecDeque<u32>>,
    room: usize,
    not_empty: Condvar,
    not_full: Condvar,
    bug: Option<QueueBug>,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum QueueBug {
    /// `if` in place of `while`.
    LooksOnce,
    /// Those that wait for room and those that wait for items are on one condition variable, and one of them is woken.
    OneCondvar,
    /// The room is looked at under one lock and taken under the next.
    TwoShortLocks,
    /// With three items or more, the newest is taken first.
    NewestOfThree,
    /// A thread that waits for an item is not woken, and looks again by itself.
    LooksNowAndThen,
    /// A thread that waits for an item does not sleep.
    Spins,
    /// There is room for one more.
    RoomForOneMore,
}

impl Queue {
    fn new(room: usize, bug: Option<QueueBug>) -> Self {
        let room = room + usize::from(bug == Some(QueueBug::RoomForOneMore));
        Queue { items: Mutex::default(), room, not_empty: Condvar::new(), not_full: Condvar::new(), bug }
    }

    fn has(&self, bug: QueueBug) -> bool {
        self.bug == Some(bug)
    }

    fn for_room(&self) -> &Condvar {
        if self.has(QueueBug::OneCondvar) { &self.not_empty } else { &self.not_full }
    }

    fn push(&self, item: u32) {
        let mut items = self.items.lock().unwrap();
        while items.len() == self.room {
            items = self.for_room().wait(items).unwrap();
        }
        if self.has(QueueBug::TwoShortLocks) {
            drop(items);
            items = self.items.lock().unwrap();
        }
        items.push_back(item);
        if !self.has(QueueBug::LooksNowAndThen) {
            self.not_empty.notify_one();
        }
    }

    fn pop(&self) -> u32 {
        let mut items = self.items.lock().unwrap();
        while items.is_empty() {
            if self.has(QueueBug::Spins) {
                drop(items);
                items = self.items.lock().unwrap();
            } else if self.has(QueueBug::LooksNowAndThen) {
                items = self.not_empty.wait_timeout(items, Duration::from_millis(10)).unwrap().0;
            } else {
                items = self.not_empty.wait(items).unwrap();
            }
            if self.has(QueueBug::LooksOnce) {
                break;
            }
        }
        let newest = self.has(QueueBug::NewestOfThree) && items.len() > 2;
        let item = if newest { items.pop_back() } else { items.pop_front() };
        self.for_room().notify_one();
        item.expect("there is an item")
    }

    fn try_pop(&self) -> Option<u32> {
        let item = self.items.lock().unwrap().pop_front()?;
        self.for_room().notify_one();
        Some(item)
    }
}

/// What a queue is to one thread.
#[derive(Clone, PartialEq)]
struct Line {
    items: VecDeque<(u32, Call)>,
    room: usize,
}

impl Line {
    fn push(&mut self, item: u32, call: Call) -> Answer<()> {
        if self.items.len() == self.room {
            return Answer::waits();
        }
        self.items.push_back((item, call));
        Answer::returns(())
    }

    fn pop(&mut self) -> Answer<u32> {
        match self.items.pop_front() {
            Some((item, push)) => Answer::returns(item).sees(push),
            None => Answer::waits(),
        }
    }

    fn try_pop(&mut self) -> Answer<Option<u32>> {
        match self.items.pop_front() {
            Some((item, push)) => Answer::returns(Some(item)).sees(push),
            None => Answer::returns(None),
        }
    }
}

fn check_queue(bug: Option<QueueBug>) -> Result<Passed, Failed> {
    let line = |&room: &usize| Line { items: VecDeque::new(), room };
    Spec::new([1, 2, 3], |room| format!("room for {room}"), move |&room| Queue::new(room, bug), line)
        .call(
            1..=8,
            |item| format!("pushes {item}"),
            |q, &item| q.push(item),
            |line, &item, call| line.push(item, call),
        )
        .in_turn()
        .call([()], |()| "pops".into(), |queue, ()| queue.pop(), |line, (), _| line.pop())
        .also_at_the_end()
        .call([()], |()| "tries to pop".into(), |queue, ()| queue.try_pop(), |line, (), _| line.try_pop())
        .try_check()
}

#[test]
fn a_right_queue_passes() {
    let passed = check_queue(None).unwrap_or_else(|failed| panic!("{failed}"));
    assert!(passed.scenarios() > 100 && passed.runs() >= 4_000, "{passed:?}");
}

#[test]
fn a_queue_that_looks_once_is_found() {
    let scenario = "room for 1: Ann pushes 1 and Bob pops at the same time: Bob panics: there is an item";
    is_told(check_queue(Some(QueueBug::LooksOnce)), scenario, "");
}

#[test]
fn a_queue_that_wakes_the_wrong_thread_is_found() {
    is_told(check_queue(Some(QueueBug::OneCondvar)), "room for 1: ", "forever: although, whatever the order");
}

#[test]
fn a_queue_whose_room_is_taken_twice_is_found() {
    let scenario = "room for 1: Ann pushes 1 and Bob pushes 2 at the same time: ";
    is_told(check_queue(Some(QueueBug::TwoShortLocks)), scenario, "one of them has to wait");
}

#[test]
fn a_queue_that_mixes_up_its_items_is_found() {
    is_told(check_queue(Some(QueueBug::NewestOfThree)), "room for 3: ", "pops and got 3 instead of 1");
}

#[test]
fn a_queue_that_wakes_nobody_is_found() {
    is_told(
        check_queue(Some(QueueBug::LooksNowAndThen)),
        "room for 1: Ann pops: ",
        "only because time passed",
    );
}

#[test]
fn a_queue_that_spins_is_found() {
    is_told(check_queue(Some(QueueBug::Spins)), "room for 1: Ann pops: ", "looks again and again");
}

#[test]
fn a_queue_that_is_too_large_is_found() {
    let scenario = "room for 1: Ann pushes 1 and Bob pushes 2 at the same time: ";
    is_told(check_queue(Some(QueueBug::RoomForOneMore)), scenario, "one of them has to wait");
}

/// A stack without a lock: the items are in places that are never used again, each linked to the one below it (Treiber 1986).
struct Stack {
    /// The place of the topmost item, counted from 1.
    top: AtomicUsize,
    places: Vec<Place>,
    used: AtomicUsize,
    bug: Option<StackBug>,
}

#[derive(Default)]
struct Place {
    item: AtomicUsize,
    below: AtomicUsize,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum StackBug {
    /// The top is stored, whatever it has become meanwhile.
    Stores,
    /// A push that is overtaken gives up.
    GivesUp,
    /// A push does not release what it has written.
    Relaxed,
    /// A pop that is overtaken says that the stack is empty.
    SaysEmpty,
    /// All stacks share one top.
    Static,
}

static TOP_OF_ALL: AtomicUsize = AtomicUsize::new(0);

impl Stack {
    fn new(bug: Option<StackBug>) -> Self {
        let (top, used) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Stack { top, places: (0..300).map(|_| Place::default()).collect(), used, bug }
    }

    fn has(&self, bug: StackBug) -> bool {
        self.bug == Some(bug)
    }

    fn top(&self) -> &AtomicUsize {
        if self.has(StackBug::Static) { &TOP_OF_ALL } else { &self.top }
    }

    fn push(&self, item: usize) {
        let mine = self.used.fetch_add(1, Ordering::Relaxed) + 1;
        let place = &self.places[mine - 1];
        place.item.store(item, Ordering::Relaxed);
        let published = if self.has(StackBug::Relaxed) { Ordering::Relaxed } else { Ordering::Release };
        let mut top = self.top().load(Ordering::Relaxed);
        loop {
            place.below.store(top, Ordering::Relaxed);
            if self.has(StackBug::Stores) {
                return self.top().store(mine, Ordering::Release);
            }
            match self.top().compare_exchange_weak(top, mine, published, Ordering::Relaxed) {
                Ok(_) => return,
                Err(_) if self.has(StackBug::GivesUp) => return,
                Err(other) => top = other,
            }
        }
    }

    fn pop(&self) -> Option<usize> {
        let mut top = self.top().load(Ordering::Acquire);
        loop {
            let place = &self.places[top.checked_sub(1)?];
            let below = place.below.load(Ordering::Relaxed);
            match self.top().compare_exchange(top, below, Ordering::Acquire, Ordering::Acquire) {
                Ok(_) => return Some(place.item.load(Ordering::Relaxed)),
                Err(_) if self.has(StackBug::SaysEmpty) => return None,
                Err(other) => top = other,
            }
        }
    }
}

fn check_stack(bug: Option<StackBug>) -> Result<Passed, Failed> {
    let push = |items: &mut Vec<(usize, Call)>, &item: &usize, call| items.push((item, call));
    let pop = |items: &mut Vec<(usize, Call)>, (): &(), _| match items.pop() {
        Some((item, push)) => Answer::returns(Some(item)).sees(push),
        None => Answer::returns(None),
    };
    Spec::new([()], |()| "a stack".into(), move |()| Stack::new(bug), |()| vec![])
        .call(1..=8, |item| format!("pushes {item}"), |stack, &item| stack.push(item), push)
        .in_turn()
        .call([()], |()| "pops".into(), |stack, ()| stack.pop(), pop)
        .also_at_the_end()
        .most_calls(280)
        .try_check()
}

#[test]
fn a_right_stack_passes() {
    let passed = check_stack(None).unwrap_or_else(|failed| panic!("{failed}"));
    assert!(passed.scenarios() > 50, "{passed:?}");
}

#[test]
fn a_stack_that_loses_what_others_push_is_found() {
    let scenario = "a stack: Ann pushes 1 and Bob pushes 2 at the same time: ";
    is_told(check_stack(Some(StackBug::Stores)), scenario, "then main pops: None");
}

#[test]
fn a_stack_that_gives_up_is_found() {
    is_told(check_stack(Some(StackBug::GivesUp)), "a stack: Ann pushes 1", "then main pops: None");
}

#[test]
fn a_stack_that_does_not_publish_is_found() {
    is_told(
        check_stack(Some(StackBug::Relaxed)),
        "a stack: Ann pushes 1 and Bob pops",
        "without waiting for this",
    );
}

#[test]
fn a_stack_that_says_it_is_empty_is_found() {
    is_told(check_stack(Some(StackBug::SaysEmpty)), "a stack: ", "got None");
}

#[test]
fn stacks_that_are_one_are_found() {
    is_told(check_stack(Some(StackBug::Static)), "two of them, each a stack: ", "(on the second)");
}

/// A till that pays out what is asked for as long as there is enough. What is wrong with it takes many calls, or several tills.
struct Till {
    money: AtomicUsize,
    /// Counts the payments, modulo 256.
    payments: AtomicU8,
    refused: Mutex<bool>,
    opened: Instant,
    number: u8,
    home: AtomicUsize,
    bug: Option<TillBug>,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum TillBug {
    /// A payment that is overtaken 100 times is refused.
    GivesUp,
    /// Only the last byte of the number of payments tells whether there was one meanwhile.
    Wraps,
    /// There is room for 1,000 receipts.
    Fills,
    /// After a day it is closed.
    Expires,
    /// What is known of a till is found by its address.
    RemembersAddress,
    /// What is known of a till is found by the last byte of its number.
    RemembersNumber,
    /// It works only where it was used first.
    CantBeMoved,
    /// At each hundredth payment, the money is wrong for a moment.
    WrongForAMoment,
    /// Waits at most 20 ms for the caller that is being paid.
    IsHasty,
    /// Asks for the caller's name.
    AsksForNames,
    /// Nothing is paid to a caller that unwinds from a panic.
    FearsPanics,
}

static TILLS: AtomicU8 = AtomicU8::new(0);

thread_local! {
    /// The tills that are known to be empty, by address or number.
    static EMPTY: RefCell<Vec<usize>> = const { RefCell::new(vec![]) };
}

impl Till {
    fn new(money: usize, bug: Option<TillBug>) -> Self {
        let (money, number) = (AtomicUsize::new(money), TILLS.fetch_add(1, Ordering::Relaxed));
        let (payments, refused, opened) = (AtomicU8::new(0), Mutex::new(false), Instant::now());
        Till { money, payments, refused, opened, number, home: AtomicUsize::new(0), bug }
    }

    fn pay(&self) -> bool {
        let key = match self.bug {
            Some(TillBug::RemembersAddress) => Some(std::ptr::from_ref(self).addr()),
            Some(TillBug::RemembersNumber) => Some(usize::from(self.number) + 1),
            _ => None,
        };
        if key.is_some_and(|key| EMPTY.with_borrow(|empty| empty.contains(&key))) {
            return false;
        }
        let is_paid = self.take();
        if let Some(key) = key.filter(|_| !is_paid) {
            EMPTY.with_borrow_mut(|empty| empty.push(key));
        }
        is_paid
    }

    fn take(&self) -> bool {
        if self.bug == Some(TillBug::Expires) && self.opened.elapsed().as_secs() > 24 * 60 * 60 {
            return false;
        }
        let here = std::ptr::from_ref(self).addr();
        match self.bug {
            Some(TillBug::Wraps) => return self.take_unless_paid_meanwhile(),
            Some(TillBug::CantBeMoved) => {
                let home = self.home.compare_exchange(0, here, Ordering::Relaxed, Ordering::Relaxed);
                if home.is_err_and(|home| home != here) {
                    return false;
                }
            }
            Some(TillBug::AsksForNames) => assert!(thread::current().name().is_some(), "who are you?"),
            Some(TillBug::FearsPanics) if thread::panicking() => return false,
            _ => {}
        }
        let busy = (self.bug == Some(TillBug::IsHasty)).then(|| self.lock_soon());
        if let Some(None) = busy {
            return false;
        }
        let mut money = self.money.load(Ordering::SeqCst);
        let mut tries = 0;
        loop {
            if money == 0 {
                return false;
            }
            match self.money.compare_exchange(money, money - 1, Ordering::SeqCst, Ordering::SeqCst) {
                Ok(_) => break,
                Err(other) => money = other,
            }
            tries += 1;
            if self.bug == Some(TillBug::GivesUp) && tries == 100 {
                return false;
            }
        }
        let receipts = self.payments.fetch_add(1, Ordering::SeqCst);
        if self.bug == Some(TillBug::WrongForAMoment) && receipts == 99 {
            self.money.fetch_add(100, Ordering::SeqCst);
            self.money.fetch_sub(100, Ordering::SeqCst);
        }
        if self.bug == Some(TillBug::Fills) && receipts == 255 {
            // Of four lots of 256, one is left.
            let mut is_full = self.refused.lock().unwrap();
            assert!(!std::mem::replace(&mut is_full, true), "there is no room for another receipt");
        }
        true
    }

    fn lock_soon(&self) -> Option<MutexGuard<'_, bool>> {
        let deadline = Instant::now() + Duration::from_millis(20);
        loop {
            match self.refused.try_lock() {
                Ok(guard) => return Some(guard),
                Err(_) if Instant::now() >= deadline => return None,
                Err(_) => thread::sleep(Duration::from_millis(1)),
            }
        }
    }

    /// Takes from what it has read, if by then no other payment was made.
    fn take_unless_paid_meanwhile(&self) -> bool {
        loop {
            let payments = self.payments.load(Ordering::SeqCst);
            let money = self.money.load(Ordering::SeqCst);
            if money == 0 {
                return false;
            }
            let refused = self.refused.lock().unwrap();
            if self.payments.load(Ordering::SeqCst) == payments {
                self.money.store(money - 1, Ordering::SeqCst);
                self.payments.fetch_add(1, Ordering::SeqCst);
                return true;
            }
            drop(refused);
        }
    }
}

fn check_till(bug: Option<TillBug>) -> Result<Passed, Failed> {
    let pay = |money: &mut usize, (): &(), _| {
        let is_paid = *money > 0;
        *money -= usize::from(is_paid);
        is_paid
    };
    Spec::new([5_000, 0], |money| format!("a till with {money}"), move |&m| Till::new(m, bug), |&m| m)
        .call([()], |()| "asks for 1".into(), |till, ()| till.pay(), pay)
        .call([()], |()| "counts".into(), |till, ()| till.money.load(Ordering::SeqCst), |m, (), _| *m)
        .also_at_the_end()
        .try_check()
}

#[test]
fn a_right_till_passes() {
    check_till(None).unwrap_or_else(|failed| panic!("{failed}"));
}

#[test]
fn a_payment_that_gives_up_is_found() {
    let story = "a till with 5000: Ann asks for 1 and, at the same time, Bob asks for 1, 256 times: ";
    is_told(check_till(Some(TillBug::GivesUp)), story, "Ann got false");
}

#[test]
fn a_number_that_wraps_around_is_found() {
    let story = "a till with 5000: Ann asks for 1 and, at the same time, Bob asks for 1, 256 times: ";
    is_told(check_till(Some(TillBug::Wraps)), story, "and then main counts and got");
}

#[test]
fn room_that_is_used_up_is_found() {
    let story = "a till with 5000: main asks for 1 again and again, and then makes other calls: ";
    is_told(check_till(Some(TillBug::Fills)), story, "there is no room for another receipt");
}

#[test]
fn what_expires_is_found() {
    let story = "a till with 5000: main makes many calls: ";
    is_told(check_till(Some(TillBug::Expires)), story, "main asks for 1 and got false instead of true");
}

#[test]
fn what_is_remembered_of_an_earlier_object_is_found() {
    let story = "one object after the other, used by the same thread: ";
    for bug in [TillBug::RemembersAddress, TillBug::RemembersNumber] {
        is_told(check_till(Some(bug)), story, "main asks for 1 and got false instead of true");
    }
}

#[test]
fn what_does_not_survive_a_move_is_found() {
    let story = "a till with 5000: main makes many calls: ";
    is_told(check_till(Some(TillBug::CantBeMoved)), story, "main asks for 1 and got false instead of true");
}

#[test]
fn what_is_wrong_for_a_moment_after_many_calls_is_found() {
    let story = "a till with 5000: Ann asks for 1 again and again and, after each step of Ann, Bob counts: ";
    is_told(check_till(Some(TillBug::WrongForAMoment)), story, "no order of the calls explains that");
}

#[test]
fn a_wait_that_gives_up_after_some_time_is_found() {
    let story = "a till with 5000: Ann asks for 1 and, at the same time, Bob asks for 1, 256 times: ";
    is_told(check_till(Some(TillBug::IsHasty)), story, "Bob got false");
}

#[test]
fn callers_without_a_name_and_during_a_panic_are_served() {
    is_told(check_till(Some(TillBug::AsksForNames)), "a till with 5000: ", "who are you?");
    is_told(
        check_till(Some(TillBug::FearsPanics)),
        "a till with 5000: Ann, while unwinding from a panic, ",
        "",
    );
}
