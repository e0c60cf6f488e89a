//! The graph of states, held against the count of interleavings.

#[macro_use]
extern crate interleave as std;

use interleave::{outcomes, state_graph};
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex};
use std::thread;

#[path = "../../race-condition/src/lib.rs"]
#[expect(dead_code, reason = "one of two versions is used")]
mod race_condition;

struct Buffer {
    items: Mutex<VecDeque<u32>>,
    changed: Condvar,
}

/// Two takers who wait on one condition variable, and one who puts.
fn two_wait_on_one() -> Vec<Option<u32>> {
    let buffer = Buffer { items: Mutex::new(VecDeque::new()), changed: Condvar::new() };
    thread::scope(|s| {
        let takers = [(); 2].map(|()| {
            s.spawn(|| {
                let mut items = buffer.items.lock().unwrap();
                if items.is_empty() {
                    items = buffer.changed.wait(items).unwrap();
                }
                items.pop_front()
            })
        });
        s.spawn(|| {
            for item in [7, 8] {
                buffer.items.lock().unwrap().push_back(item);
                buffer.changed.notify_one();
            }
        });
        takers.into_iter().map(|taker| taker.join().unwrap()).collect()
    })
}

#[test]
fn as_many_schedules_as_interleavings() {
    let graph = state_graph(0, two_wait_on_one);
    assert_eq!(graph.states[0].schedules as usize, outcomes(two_wait_on_one).interleavings());
}

#[test]
fn the_race_has_six_schedules_and_four_lose() {
    let graph =
        state_graph(0, || race_condition::two_customers(|a, amount| a.withdraw_fresh(amount, || ())).balance);
    let customers = graph.threads.iter().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(customers, ["main", "customer 1", "customer 2"]);
    assert_eq!(graph.objects, ["balance"]);
    let start = &graph.states[0];
    assert_eq!((start.schedules, start.moves.len()), (6, 2));
    assert_eq!(start.objects[0].as_ref().unwrap().value.as_deref(), Some("1000"));
    let first = start.threads[1].next.as_ref().unwrap();
    assert!(
        first.is_ready
            && first.text.contains("let current")
            && first.file.ends_with("race-condition/src/lib.rs")
    );
    let ends = graph.states.iter().filter(|state| state.ending.is_some());
    assert!(ends.clone().all(|end| end.moves.is_empty() && end.schedules == 1));
    assert!(ends.count() >= 2);
}

#[test]
fn an_object_has_one_number_whoever_comes_to_it_first() {
    let graph = state_graph(0, || {
        let (door, tea, cake) = (Mutex::new("door"), Mutex::new("tea"), Mutex::new("cake"));
        thread::scope(|s| {
            for wanted in [&tea, &cake] {
                let door = &door;
                s.spawn(move || {
                    drop(door.lock().unwrap());
                    drop(wanted.lock().unwrap());
                });
            }
        });
    });
    let mut sorted = graph.objects.clone();
    sorted.sort();
    assert_eq!(sorted, ["cake", "door", "tea"]);
    for state in &graph.states {
        for (name, object) in graph.objects.iter().zip(&state.objects) {
            let value = object.as_ref().and_then(|object| object.value.as_deref());
            assert!(value.is_none_or(|value| value == format!("{name:?}")), "{name} is {value:?}");
        }
    }
    let is_unused = |name: &str| {
        let number = graph.objects.iter().position(|object| object == name).unwrap();
        graph.states.iter().any(|state| state.objects[number].is_none() && state.moves.len() == 2)
    };
    assert!(is_unused("tea") && is_unused("cake"), "each is used without the other on some way");
}

#[test]
fn a_channel_has_what_is_in_it_and_not_what_was_sent_last() {
    let graph = state_graph(0, || {
        let (sender, inbox) = std::sync::mpsc::channel();
        thread::scope(|s| {
            s.spawn(move || (7..=8).for_each(|message| sender.send(message).unwrap()));
            s.spawn(move || inbox.iter().sum::<i32>());
        });
    });
    let shown: std::collections::BTreeSet<&str> =
        graph.states.iter().filter_map(|state| state.objects.first()?.as_ref()?.value.as_deref()).collect();
    let all = ["7 queued", "7, 8 queued, closed", "8 queued, closed", "closed", "empty"];
    assert_eq!(shown.into_iter().filter(|value| *value != "no receiver").collect::<Vec<_>>(), all);
    assert_eq!(graph.states[0].objects[0].as_ref().unwrap().value.as_deref(), Some("empty"));
}
