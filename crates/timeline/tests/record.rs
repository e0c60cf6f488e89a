//! What the recorder notes of real threads.

use std::sync::mpsc;
use std::sync::{Condvar, Mutex, RwLock};
use std::thread;
use std::time::Duration;

use timeline::{Count, Lane, Recorder, State};

#[test]
fn a_mutex_is_never_recorded_with_two_holders() {
    let recorder = Recorder::new("contended");
    let counter = Mutex::new(0);
    thread::scope(|s| {
        for thread in 0..4 {
            let (lane, counter) = (recorder.lane(format!("T{thread}")), &counter);
            s.spawn(move || (0..2_000).for_each(|_| *lane.hold("counter", || counter.lock().unwrap()) += 1));
        }
        // Also while the threads run: every picture taken on the way is of a moment that existed.
        let mut run_is_over = false;
        while !run_is_over {
            let so_far = recorder.recording();
            assert!(so_far.most(&Count::holding()) <= 1);
            run_is_over = so_far.tracks.iter().all(|track| track.died.is_some());
        }
    });
    let recording = recorder.recording();
    assert_eq!(recording.most(&Count::holding().of("counter")), 1);
    let held = recording.tracks.iter().flat_map(|track| &track.spans).filter(|s| s.state == State::Holding);
    assert_eq!(held.count(), 8_000);
}

#[test]
fn a_rwlock_is_never_recorded_with_a_writer_in_company() {
    let recorder = Recorder::new("contended");
    let prices = RwLock::new(0);
    thread::scope(|s| {
        for thread in 0..4 {
            let (lane, prices) = (recorder.lane(format!("T{thread}")), &prices);
            s.spawn(move || {
                for round in 0..1_000 {
                    if (round + thread) % 4 == 0 {
                        *lane.write("prices", || prices.write().unwrap()) += 1;
                    } else {
                        assert!(*lane.read("prices", || prices.read().unwrap()) >= 0);
                    }
                }
            });
        }
    });
    let recording = recorder.recording();
    let spans = || recording.tracks.iter().flat_map(|track| &track.spans);
    for writing in spans().filter(|span| span.state == State::Writing) {
        assert_eq!(recording.number_at(&Count::holding(), writing.start), 1, "at the start of {writing:?}");
        let last = writing.end.unwrap().saturating_sub(Duration::from_nanos(1)).max(writing.start);
        assert!(recording.number_at(&Count::holding(), last) <= 1, "at the end of {writing:?}");
    }
    assert_eq!(spans().filter(|span| span.state == State::Writing).count(), 1_000);
}

#[test]
fn a_condvar_wait_gives_the_lock_up_and_takes_it_again() {
    let recorder = Recorder::new("condvar");
    let (ready, changed) = (Mutex::new(false), Condvar::new());
    thread::scope(|s| {
        let waiter = recorder.lane("waiter");
        let setter = recorder.lane("setter");
        let (ready, changed) = (&ready, &changed);
        s.spawn(move || {
            let mut seen = waiter.hold("ready", || ready.lock().unwrap());
            while !*seen {
                seen = seen.wait("until ready", |guard| changed.wait(guard).unwrap());
            }
        });
        s.spawn(move || {
            *setter.hold("ready", || ready.lock().unwrap()) = true;
            setter.mark("set");
            changed.notify_all();
        });
    });
    let recording = recorder.recording();
    assert_eq!(recording.most(&Count::holding().of("ready")), 1);
    assert_eq!(recording.tracks[1].marks.len(), 1);
    let states: Vec<State> = recording.tracks[0].spans.iter().map(|span| span.state).collect();
    assert!(states.chunks(2).all(|pair| pair == [State::Waiting, State::Holding]), "{states:?}");
}

#[test]
fn a_thread_stuck_for_good_is_drawn_waiting_and_counted_as_a_holder() {
    let recorder = Recorder::new("stuck");
    let (lane, stuck) = (recorder.lane("T1"), recorder.clone());
    let (still_open, never_sent) = mpsc::channel::<()>();
    let (about_to_wait, waits) = mpsc::channel();
    let thread = thread::spawn(move || {
        let first = Mutex::new(());
        let _first = lane.hold("first", || first.lock().unwrap());
        lane.wait("second", || {
            about_to_wait.send(()).unwrap();
            never_sent.recv()
        })
        .unwrap_err();
    });
    waits.recv().unwrap();
    let recording = stuck.recording();
    assert_eq!(recording.number_at(&Count::holding().of("first"), recording.end), 1);
    assert_eq!(recording.number_at(&Count::waiting().of("second"), recording.end), 1);
    assert!(recording.tracks[0].died.is_none());
    drop(still_open);
    thread.join().unwrap();
}

#[test]
fn a_failed_attempt_waits_and_holds_nothing() {
    let recorder = Recorder::new("attempt");
    let lane = recorder.lane("T1");
    let taken = Mutex::new(());
    let _guard = taken.lock().unwrap();
    assert!(lane.try_hold("lock", || taken.try_lock().ok()).is_none());
    drop(lane);
    let recording = recorder.recording();
    assert_eq!(recording.most(&Count::holding()), 0);
    assert_eq!(recording.most(&Count::waiting().of("lock")), 1);
}

#[test]
fn a_panic_while_holding_still_ends_the_span() {
    let recorder = Recorder::new("panic");
    let lane = recorder.lane("T1");
    let lock = Mutex::new(0);
    thread::scope(|s| {
        let panics = s.spawn(|| {
            let _held = lane.hold("lock", || lock.lock().unwrap());
            panic!("on purpose");
        });
        panics.join().unwrap_err();
    });
    assert!(recorder.recording().tracks[0].spans.iter().all(|span| span.end.is_some()));
}

#[test]
fn a_recorder_that_is_off_records_nothing_and_runs_everything() {
    let recorder = Recorder::off();
    recorder.counter("holders", Count::holding());
    for lane in [recorder.lane("T1"), Lane::off()] {
        let lock = Mutex::new(1);
        *lane.hold("lock", || lock.lock().unwrap()) += 1;
        assert_eq!(lane.wait("answer", || 42), 42);
        assert_eq!(lane.work(('A', "job"), || 43), 43);
        lane.mark("done");
        assert_eq!(lock.into_inner().unwrap(), 2);
    }
    let recording = recorder.recording();
    assert!(recording.tracks.is_empty() && recording.counters.is_empty());
}
