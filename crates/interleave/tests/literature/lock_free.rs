//! Lock-free structures, with indices for pointers: stacks, queues, rings, deques.

use crate::{right, wrong};
use std::hint::spin_loop;
use std::sync::atomic::{AtomicUsize, Ordering, Ordering::*, fence};
use std::thread;

const NONE: usize = 255;

fn cells<const N: usize>(first: usize) -> [AtomicUsize; N] {
    [(); N].map(|()| AtomicUsize::new(first))
}

/// R. K. Treiber, "Systems programming: coping with parallelism", 1986. Nodes are places in an array.
struct Stack {
    /// The index, and above it a tag that counts the changes.
    head: AtomicUsize,
    next: [AtomicUsize; 2],
    value: [AtomicUsize; 2],
    tag: usize,
    publishes: Ordering,
}

impl Stack {
    fn new(tag: usize, publishes: Ordering) -> Self {
        let (next, value) = (cells(NONE), cells(0));
        Stack { head: AtomicUsize::new(NONE), next, value, tag, publishes }
    }

    fn push(&self, node: usize) {
        let mut head = self.head.load(Relaxed);
        loop {
            self.next[node].store(head % 256, Relaxed);
            let new = (head / 256 + self.tag) * 256 + node;
            match self.head.compare_exchange(head, new, self.publishes, Relaxed) {
                Ok(_) => return,
                Err(now) => head = now,
            }
        }
    }

    fn push_by_store(&self, node: usize) {
        self.next[node].store(self.head.load(Acquire) % 256, Relaxed);
        self.head.store(node, Release);
    }

    fn pop(&self) -> Option<usize> {
        let mut head = self.head.load(Acquire);
        while head % 256 != NONE {
            let next = self.next[head % 256].load(Relaxed);
            let new = (head / 256 + self.tag) * 256 + next;
            match self.head.compare_exchange(head, new, AcqRel, Acquire) {
                Ok(_) => return Some(head % 256),
                Err(now) => head = now,
            }
        }
        None
    }
}

fn two_push(publishes: Ordering, push: fn(&Stack, usize)) {
    let stack = Stack::new(0, publishes);
    let mut popped: Vec<usize> = thread::scope(|s| {
        let pushers = [0, 1].map(|node| {
            let stack = &stack;
            s.spawn(move || {
                stack.value[node].store(10 + node, Relaxed);
                push(stack, node);
            })
        });
        let first = stack.pop();
        if let Some(node) = first {
            assert_eq!(stack.value[node].load(Relaxed), 10 + node, "the node is not written yet");
        }
        for pusher in pushers {
            pusher.join().unwrap();
        }
        first.into_iter().collect()
    });
    popped.extend(std::iter::from_fn(|| stack.pop()));
    popped.sort_unstable();
    assert_eq!(popped, [0, 1], "what was pushed is not what is popped");
}

#[test]
fn a_stack_gives_back_what_was_pushed() {
    right(|| two_push(Release, Stack::push));
}

#[test]
fn a_stack_exchanges_its_head() {
    wrong("not what is popped", || two_push(Release, Stack::push_by_store));
}

#[test]
fn a_stack_publishes_its_nodes() {
    wrong("not written yet", || two_push(Relaxed, Stack::push));
}

/// The head is A again, but what is below has changed: "IBM System/370 principles of operation", appendix.
fn a_b_a(tag: usize) {
    let stack = Stack::new(tag, Release);
    stack.push(1);
    stack.push(0);
    let mut all = thread::scope(|s| {
        let other = s.spawn(|| {
            let (a, b) = (stack.pop(), stack.pop());
            if let Some(a) = a {
                stack.push(a);
            }
            b
        });
        let mine = stack.pop();
        [mine, other.join().unwrap()].into_iter().flatten().collect::<Vec<_>>()
    });
    all.extend(std::iter::from_fn(|| stack.pop()));
    all.sort_unstable();
    assert_eq!(all, [0, 1], "a node is in two places");
}

#[test]
fn a_tag_tells_a_from_a() {
    right(|| a_b_a(1));
}

#[test]
fn without_a_tag_a_node_is_popped_twice() {
    wrong("two places", || a_b_a(0));
}

/// L. Lamport's ring for one producer and one consumer ("Specifying concurrent program modules", 1983).
fn ring(capacity: usize, room: usize, publishes: Ordering) {
    let slots: [AtomicUsize; 2] = cells(0);
    let (taken, put) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|s| {
        s.spawn(|| {
            for item in 1..=3 {
                let at = put.load(Relaxed); // its own
                while at - taken.load(Acquire) >= room {
                    spin_loop();
                }
                slots[at % capacity].store(item, Relaxed); // published by the next store
                put.store(at + 1, publishes);
            }
        });
        for item in 1..=3 {
            let at = taken.load(Relaxed); // its own
            while put.load(Acquire) == at {
                spin_loop();
            }
            assert_eq!(slots[at % capacity].load(Relaxed), item, "another item than the one that was put");
            taken.store(at + 1, Release);
        }
    });
}

#[test]
fn a_ring_hands_on_every_item() {
    right(|| ring(1, 1, Release));
    right(|| ring(2, 2, Release));
}

#[test]
fn a_ring_publishes_its_items() {
    wrong("another item", || ring(2, 2, Relaxed));
}

#[test]
fn a_full_ring_is_not_written_to() {
    wrong("another item", || ring(1, 2, Release));
}

/// M. M. Michael and M. L. Scott, "Simple, fast, and practical concurrent queue algorithms", 1996.
struct Queue {
    head: AtomicUsize,
    tail: AtomicUsize,
    next: [AtomicUsize; 3],
}

impl Queue {
    /// Place 0 is the dummy; an item is its place.
    fn new() -> Self {
        Queue { head: AtomicUsize::new(0), tail: AtomicUsize::new(0), next: cells(NONE) }
    }

    fn enqueue(&self, node: usize, links: fn(&AtomicUsize, usize) -> bool) {
        loop {
            let last = self.tail.load(Acquire);
            let next = self.next[last].load(Acquire);
            if next != NONE {
                let _moved_by_another = self.tail.compare_exchange(last, next, AcqRel, Acquire);
            } else if links(&self.next[last], node) {
                let _moved_by_another = self.tail.compare_exchange(last, node, AcqRel, Acquire);
                return;
            }
        }
    }

    fn dequeue(&self) -> Option<usize> {
        loop {
            let first = self.head.load(Acquire);
            let last = self.tail.load(Acquire);
            let next = self.next[first].load(Acquire);
            if next == NONE {
                return None;
            }
            if first == last {
                let _moved_by_another = self.tail.compare_exchange(last, next, AcqRel, Acquire);
            } else if self.head.compare_exchange(first, next, AcqRel, Acquire).is_ok() {
                return Some(next);
            }
        }
    }
}

fn queue(links: fn(&AtomicUsize, usize) -> bool) {
    let queue = Queue::new();
    let mut out: Vec<usize> = thread::scope(|s| {
        let adds = [1, 2].map(|node| {
            let queue = &queue;
            s.spawn(move || queue.enqueue(node, links))
        });
        let first = queue.dequeue();
        for add in adds {
            add.join().unwrap();
        }
        first.into_iter().collect()
    });
    out.extend(std::iter::from_fn(|| queue.dequeue()));
    out.sort_unstable();
    assert_eq!(out, [1, 2], "an item is lost");
}

#[test]
fn a_queue_loses_nothing() {
    right(|| queue(|next, node| next.compare_exchange(NONE, node, AcqRel, Acquire).is_ok()));
}

#[test]
fn a_queue_links_in_only_after_the_last() {
    wrong("an item is lost", || {
        queue(|next, node| {
            next.store(node, Release);
            true
        });
    });
}

/// D. Chase and Y. Lev's deque, 2005, with the orderings of N. M. Lê and others, 2013: the owner takes at the bottom, a thief at the top.
fn deque(fences: Ordering) {
    let (top, bottom) = (AtomicUsize::new(0), AtomicUsize::new(2));
    let steal = || {
        let at = top.load(Acquire);
        fence(fences);
        let is_there = at < bottom.load(Acquire);
        (is_there && top.compare_exchange(at, at + 1, SeqCst, Relaxed).is_ok()).then_some(at)
    };
    let take = || {
        let at = bottom.load(Relaxed) - 1;
        bottom.store(at, Relaxed);
        fence(fences);
        let first = top.load(Relaxed);
        let mine =
            first < at || (first == at && top.compare_exchange(first, first + 1, SeqCst, Relaxed).is_ok());
        if first >= at {
            bottom.store(at + 1, Relaxed);
        }
        mine.then_some(at)
    };
    let (taken, stolen) = thread::scope(|s| {
        let thief = s.spawn(|| [steal(), steal()]);
        (take(), thief.join().unwrap())
    });
    assert!(taken.is_none() || !stolen.contains(&taken), "a job is done twice");
}

#[test]
fn a_deque_gives_each_job_once() {
    right(|| deque(SeqCst));
}

#[test]
fn a_deque_needs_its_fences() {
    wrong("done twice", || deque(AcqRel));
}

/// A slot for one job that its owner and a thief both reach for.
fn slot(take: fn(&AtomicUsize) -> usize) {
    let slot = AtomicUsize::new(7);
    let both = thread::scope(|s| {
        let thief = s.spawn(|| take(&slot));
        [take(&slot), thief.join().unwrap()]
    });
    assert_eq!(both.iter().sum::<usize>(), 7, "the job is done twice, or never");
}

#[test]
fn a_job_is_taken_by_an_exchange() {
    right(|| slot(|slot| slot.swap(0, AcqRel)));
    wrong("done twice", || {
        slot(|slot| {
            let job = slot.load(SeqCst);
            slot.store(0, SeqCst);
            job
        });
    });
}
