//! Checks from a specification: a queue and a stack, and what somebody might get wrong in them.

use interleave::spec::{Answer, Call, Failed, Passed, Spec};
use interleave::sync::{Condvar, Mutex};
use std::collections::VecDeque;

/// A queue with room for so many items, which may have a bug.
struct Queue {
    items: Mutex<VecDeque<u32>>,
    room: usize,
    not_empty: Condvar,
    not_full: Condvar,
    bug: Bug,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Bug {
    None,
    /// `if` where it takes a `while`.
    LooksOnce,
    /// What waits for room and what waits for items is on one condition variable, and one of them is woken.
    OneCondvar,
    /// The room is looked at under one lock, and taken under the next.
    TwoShortLocks,
    /// The newest item is taken first, as soon as there are three.
    NewestOfThree,
    /// A waiting thread is not woken, and looks again by itself.
    Polls,
}

impl Queue {
    fn new(room: usize, bug: Bug) -> Self {
        let (items, not_empty, not_full) = Default::default();
        Queue { items, room, not_empty, not_full, bug }
    }

    fn push(&self, item: u32) {
        let mut items = self.items.lock().unwrap();
        while items.len() == self.room {
            let not_full = if self.bug == Bug::OneCondvar { &self.not_empty } else { &self.not_full };
            items = not_full.wait(items).unwrap();
        }
        if self.bug == Bug::TwoShortLocks {
            drop(items);
            items = self.items.lock().unwrap();
        }
        items.push_back(item);
        if self.bug != Bug::Polls {
            self.not_empty.notify_one();
        }
    }

    fn pop(&self) -> u32 {
        let mut items = self.items.lock().unwrap();
        while items.is_empty() {
            items = if self.bug == Bug::Polls {
                let nap = std::time::Duration::from_millis(10);
                self.not_empty.wait_timeout(items, nap).unwrap().0
            } else {
                self.not_empty.wait(items).unwrap()
            };
            if self.bug == Bug::LooksOnce {
                break;
            }
        }
        let item = if self.bug == Bug::NewestOfThree && items.len() > 2 {
            items.pop_back()
        } else {
            items.pop_front()
        };
        if self.bug == Bug::OneCondvar { &self.not_empty } else { &self.not_full }.notify_one();
        item.expect("an item")
    }

    fn len(&self) -> usize {
        self.items.lock().unwrap().len()
    }
}

/// What a queue is with one thread.
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
            Some((item, pushed)) => Answer::returns(item).sees(pushed),
            None => Answer::waits(),
        }
    }
}

fn check_queue(bug: Bug) -> Result<Passed, Failed> {
    let line = |&room: &usize| Line { items: VecDeque::new(), room };
    Spec::new(
        [1, 2, 3],
        |room| format!("a queue with room for {room}"),
        move |&room| Queue::new(room, bug),
        line,
    )
    .call(
        1..=8,
        |item| format!("pushes {item}"),
        |queue, &item| queue.push(item),
        |line, &item, call| line.push(item, call),
    )
    .in_turn()
    .call([()], |()| "pops".into(), |queue, ()| queue.pop(), |line, (), _| line.pop())
    .also_at_the_end()
    .call([()], |()| "asks for the length".into(), |queue, ()| queue.len(), |line, (), _| line.items.len())
    .try_check()
}

#[test]
fn a_queue_is_right_or_wrong() {
    let begin = std::time::Instant::now();
    let passed = check_queue(Bug::None).unwrap_or_else(|failed| panic!("{failed}"));
    println!("{passed:?} {:?}", begin.elapsed());
    if std::env::var_os("ONLY").is_some() {
        return;
    }
    for bug in [Bug::LooksOnce, Bug::OneCondvar, Bug::TwoShortLocks, Bug::NewestOfThree, Bug::Polls] {
        let start = std::time::Instant::now();
        let failed = check_queue(bug).expect_err(&format!("{bug:?}"));
        println!("{bug:?} {:?} {:?}\n{failed}\n", start.elapsed(), failed.tried());
    }
}
