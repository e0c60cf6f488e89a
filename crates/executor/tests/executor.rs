//! What the pool promises, on every schedule: gates and channels decide who goes first, never a clock.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Duration;

use executor::{Executor, Task, TaskError, Until, as_completed, scope, wait};

/// Panics without the message on stderr that `panic!` leaves there.
fn fall_over(why: &'static str) -> ! {
    std::panic::resume_unwind(Box::new(why))
}

/// A task that has begun and ends when the returned sender is used or dropped.
fn held(pool: &Executor) -> (Sender<()>, Task<&'static str>) {
    let (release, held): (_, Receiver<()>) = channel();
    let (begun, has_begun) = channel();
    let task = pool.submit(move || {
        begun.send(()).unwrap();
        let _ = held.recv();
        "held"
    });
    has_begun.recv().unwrap();
    (release, task)
}

#[test]
fn a_result_comes_back() {
    let pool = Executor::new(2);
    let text = String::from("a thread");
    assert_eq!(pool.submit(move || text + " did it").result().unwrap(), "a thread did it");
}

#[test]
fn n_workers_run_n_tasks_at_once() {
    let pool = Executor::new(8);
    let all_here = Arc::new(Barrier::new(8));
    // Eight tasks that each wait for the other seven: with fewer threads this would never end.
    let results = pool.map(0..8, move |_| all_here.wait().is_leader());
    assert_eq!(results.filter(|leader| *leader.as_ref().unwrap()).count(), 1);
}

#[test]
fn a_panic_comes_out_at_result_and_kills_no_worker() {
    let pool = Executor::new(1);
    for _ in 0..3 {
        let error = pool.submit(|| -> i32 { fall_over("no such account") }).result().unwrap_err();
        assert_eq!(error.panic_message(), Some("no such account"));
        assert_eq!(error.to_string(), "the task panicked: no such account");
    }
    assert_eq!(pool.submit(|| 1).result().unwrap(), 1);
}

#[test]
fn a_destructor_that_panics_kills_no_worker() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            if !thread::panicking() {
                fall_over("dropped");
            }
        }
    }
    let pool = Executor::new(1);
    let (release, _running) = held(&pool);
    // Nobody is left to take the value when it comes: it is dropped in the worker.
    drop(pool.submit(|| Bomb));
    let bomb = Bomb;
    let cancelled = pool.submit(move || drop(bomb));
    assert!(cancelled.cancel());
    release.send(()).unwrap();
    assert_eq!(pool.submit(|| 1).result().unwrap(), 1);
}

#[test]
fn only_a_task_that_has_not_begun_can_be_cancelled() {
    let pool = Executor::new(1);
    let (release, running) = held(&pool);
    let pending = pool.submit(|| "ran");
    assert!(!running.cancel());
    assert!(pending.cancel() && pending.cancel() && pending.cancelled() && pending.done());
    release.send(()).unwrap();
    assert_eq!(running.result().unwrap(), "held");
    assert!(matches!(pending.result(), Err(TaskError::Cancelled)));
}

#[test]
fn a_task_that_timed_out_can_be_asked_again() {
    let pool = Executor::new(1);
    let (release, task) = held(&pool);
    assert!(matches!(task.result_timeout(Duration::from_millis(1)), Err(TaskError::TimedOut)));
    assert!(!task.done());
    release.send(()).unwrap();
    assert_eq!(task.result_timeout(Duration::MAX).unwrap(), "held");
    assert!(matches!(task.result_timeout(Duration::ZERO), Err(TaskError::Taken)));
}

#[test]
fn map_keeps_the_order_and_goes_on_after_a_panic() {
    let pool = Executor::new(4);
    let results = pool.map(0..500, |n| if n % 100 == 7 { fall_over("seven") } else { n * 2 });
    for (n, result) in results.enumerate() {
        match result {
            Ok(double) => assert_eq!(double, n * 2),
            Err(error) => assert!(n % 100 == 7 && error.panic_message() == Some("seven"), "{n}: {error}"),
        }
    }
}

#[test]
fn map_takes_no_more_items_than_it_may() {
    let pool = Executor::new(2);
    let taken = AtomicUsize::new(0);
    let endless = std::iter::repeat_with(|| taken.fetch_add(1, Ordering::SeqCst));
    for (handed_out, result) in pool.map_ahead(5, endless, |n| n).take(100).enumerate() {
        assert_eq!(result.unwrap(), handed_out);
        assert!(taken.load(Ordering::SeqCst) <= handed_out + 5);
    }
}

#[test]
fn map_submits_every_item_before_a_result_is_asked_for() {
    let pool = Executor::new(3);
    let ran = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&ran);
    let results = pool.map((0..1000).collect::<Vec<_>>(), move |_| count.fetch_add(1, Ordering::SeqCst));
    // The pool closes and runs what is queued: an item submitted only now would not be called.
    pool.shutdown(true, false);
    assert_eq!(ran.load(Ordering::SeqCst), 1000);
    assert_eq!(results.filter(Result::is_ok).count(), 1000);
}

#[test]
fn a_map_whose_results_nobody_reads_calls_every_item() {
    let ran = Arc::new(AtomicUsize::new(0));
    let pool = Executor::new(3);
    let count = Arc::clone(&ran);
    drop(pool.map(vec![1; 1000], move |n| count.fetch_add(n, Ordering::SeqCst)));
    drop(pool);
    assert_eq!(ran.load(Ordering::SeqCst), 1000);
}

#[test]
fn an_iterator_that_may_be_endless_is_taken_bit_by_bit() {
    for workers in [2, 30] {
        let pool = Executor::new(workers);
        let taken = AtomicUsize::new(0);
        let endless = std::iter::repeat_with(|| taken.fetch_add(1, Ordering::SeqCst));
        let results = pool.map(endless, |n| n);
        let at_once = taken.load(Ordering::SeqCst);
        assert_eq!(at_once, (4 * workers).max(64));
        assert!(results.take(1000).map(Result::unwrap).eq(0..1000));
        assert!(taken.load(Ordering::SeqCst) <= 1000 + at_once);
    }
}

#[test]
fn map_ahead_submits_its_first_items_at_once_and_the_rest_on_demand() {
    let pool = Executor::new(2);
    let ran = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&ran);
    let results = pool.map_ahead(5, 0..100, move |_| count.fetch_add(1, Ordering::SeqCst));
    pool.shutdown(true, false);
    assert_eq!(ran.load(Ordering::SeqCst), 5);
    assert_eq!(results.filter(Result::is_ok).count(), 5, "the pool takes no task after its shutdown");
    assert_eq!(Executor::new(1).map_ahead(1, Vec::<u32>::new(), |n| n).count(), 0);
    assert_eq!(Executor::new(1).map(Vec::<u32>::new(), |n| n).count(), 0);
}

#[test]
fn a_map_that_is_dropped_cancels_what_has_not_begun() {
    let pool = Executor::new(1);
    let ran = Arc::new(AtomicUsize::new(0));
    let gate = Arc::new(Barrier::new(2));
    let (count, hold) = (Arc::clone(&ran), Arc::clone(&gate));
    let mut results = pool.map(0..10, move |n| {
        count.fetch_add(1, Ordering::SeqCst);
        if n == 1 {
            hold.wait();
        }
    });
    results.next().unwrap().unwrap();
    // The one worker has begun item 1 or is about to; it cannot get past it.
    while ran.load(Ordering::SeqCst) < 2 {
        thread::yield_now();
    }
    drop(results);
    gate.wait();
    pool.shutdown(true, false);
    assert_eq!(ran.load(Ordering::SeqCst), 2);
}

#[test]
fn as_completed_yields_the_first_finished_first() {
    let pool = Executor::new(3);
    let (first, a) = held(&pool);
    let (second, b) = held(&pool);
    let (third, c) = held(&pool);
    let mut completed = as_completed(vec![a, b, c], None);
    for (place, release) in [(2, third), (0, first), (1, second)] {
        release.send(()).unwrap();
        let (index, result) = completed.next().unwrap();
        assert_eq!((index, result.unwrap()), (place, "held"));
    }
    assert!(completed.next().is_none());
}

#[test]
fn as_completed_answers_for_every_task_when_time_is_up() {
    let pool = Executor::new(2);
    let (release, slow) = held(&pool);
    let quick = pool.submit(|| "quick");
    // Whatever the clock does, the quick task has ended and the held one has not.
    while !quick.done() {
        thread::yield_now();
    }
    let mut completed = as_completed(vec![slow, quick], Some(Duration::ZERO));
    assert!(matches!(completed.next(), Some((1, Ok("quick")))));
    assert!(matches!(completed.next(), Some((0, Err(TaskError::TimedOut)))));
    assert!(completed.next().is_none());
    let mut unfinished = completed.into_unfinished();
    release.send(()).unwrap();
    assert_eq!(unfinished.pop().unwrap().result().unwrap(), "held");
    assert!(unfinished.is_empty());
}

#[test]
fn wait_returns_when_it_was_asked_to() {
    let pool = Executor::new(3);
    let (release, slow) = held(&pool);
    let waited = wait(vec![slow, pool.submit(|| "quick")], Until::FirstCompleted, None).unwrap();
    assert_eq!((waited.done.len(), waited.not_done.len()), (1, 1));

    let mut tasks = waited.not_done;
    tasks.push(pool.submit(|| "fine"));
    tasks.push(pool.submit(|| fall_over("not fine")));
    let mut waited = wait(tasks, Until::FirstException, None).unwrap();
    // The one that panicked is among the done; the held one is not.
    assert_eq!(waited.not_done.iter().filter(|task| !task.done()).count(), waited.not_done.len());
    let panicked = waited.done.pop().unwrap().result().unwrap_err();
    assert_eq!(panicked.panic_message(), Some("not fine"));

    let waited = wait(waited.not_done, Until::All, Some(Duration::ZERO)).unwrap();
    assert!(waited.not_done.iter().any(|task| !task.done()));
    release.send(()).unwrap();
    let waited = wait(waited.not_done, Until::All, None).unwrap();
    assert!(waited.not_done.is_empty() && waited.done.iter().all(Task::done));
}

#[test]
fn shutdown_runs_what_is_queued() {
    let pool = Executor::new(1);
    let (release, _running) = held(&pool);
    let queued: Vec<_> = (0..10).map(|n| pool.submit(move || n)).collect();
    pool.shutdown(false, false);
    release.send(()).unwrap();
    pool.shutdown(true, false);
    assert!(queued.iter().all(Task::done));
    assert_eq!(queued.into_iter().map(|task| task.result().unwrap()).sum::<i32>(), 45);
    assert!(matches!(pool.submit(|| ()).result(), Err(TaskError::ShutDown)));
}

#[test]
fn shutdown_can_cancel_what_is_queued() {
    let pool = Executor::new(1);
    let (release, running) = held(&pool);
    let queued: Vec<_> = (0..10).map(|n| pool.submit(move || n)).collect();
    pool.shutdown(false, true);
    assert!(queued.into_iter().all(|task| matches!(task.result(), Err(TaskError::Cancelled))));
    release.send(()).unwrap();
    assert_eq!(running.result().unwrap(), "held");
}

#[test]
fn dropping_the_pool_runs_what_is_queued_and_joins_every_worker() {
    static ALIVE: AtomicUsize = AtomicUsize::new(0);
    struct Alive;
    impl Drop for Alive {
        fn drop(&mut self) {
            ALIVE.fetch_sub(1, Ordering::SeqCst);
        }
    }
    thread_local!(static LIFE: Alive = {
        ALIVE.fetch_add(1, Ordering::SeqCst);
        Alive
    });
    let pool = Executor::builder(4).initializer(|_| LIFE.with(|_| ())).build().unwrap();
    assert_eq!(ALIVE.load(Ordering::SeqCst), 4);
    let tasks: Vec<_> = (0..100).map(|n| pool.submit(move || n)).collect();
    drop(pool);
    assert_eq!(ALIVE.load(Ordering::SeqCst), 0);
    assert!(tasks.iter().all(Task::done));
}

#[test]
fn a_pool_may_be_dropped_by_its_own_worker() {
    let pool = Arc::new(Executor::new(2));
    let (go, gone) = channel::<()>();
    let (dropped, is_dropped) = channel();
    let its_own = Arc::clone(&pool);
    drop(pool.submit(move || {
        let _ = gone.recv();
        drop(its_own);
        dropped.send(()).unwrap();
    }));
    drop(pool);
    go.send(()).unwrap();
    is_dropped.recv().expect("the worker outlives the drop");
}

#[test]
fn workers_have_names_and_initializers() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let initialized = Arc::clone(&seen);
    let pool = Executor::builder(3)
        .thread_name("fetch")
        .initializer(move |worker| initialized.lock().unwrap().push(worker))
        .build()
        .unwrap();
    let mut seen = seen.lock().unwrap().clone();
    seen.sort_unstable();
    assert_eq!(seen, [0, 1, 2]);
    let name = pool.submit(|| thread::current().name().map(String::from)).result().unwrap().unwrap();
    assert!(["fetch-0", "fetch-1", "fetch-2"].contains(&name.as_str()), "{name}");
}

#[test]
fn an_initializer_that_panics_is_an_error_of_build() {
    let error = Executor::builder(2)
        .initializer(|worker| {
            if worker == 1 {
                fall_over("no database")
            }
        })
        .build()
        .unwrap_err();
    assert_eq!(error.to_string(), "an initializer panicked");
}

#[test]
fn a_bounded_queue_holds_no_more_than_its_bound() {
    let pool = Executor::builder(1).queue_bound(3).build().unwrap();
    let (release, _running) = held(&pool);
    let submitted = AtomicUsize::new(0);
    thread::scope(|threads| {
        threads.spawn(|| {
            for _ in 0..10 {
                drop(pool.submit(|| ()));
                submitted.fetch_add(1, Ordering::SeqCst);
            }
        });
        while submitted.load(Ordering::SeqCst) < 3 {
            thread::yield_now();
        }
        for _ in 0..100 {
            thread::yield_now();
            assert_eq!(submitted.load(Ordering::SeqCst), 3, "the queue is full and the worker is held");
        }
        release.send(()).unwrap();
    });
    assert_eq!(submitted.load(Ordering::SeqCst), 10);
}

#[test]
fn a_shutdown_frees_those_who_wait_for_room() {
    let pool = Executor::builder(1).queue_bound(1).build().unwrap();
    let (release, _running) = held(&pool);
    let ends = thread::scope(|threads| {
        let submitter = threads.spawn(|| (0..5).map(|n| pool.submit(move || n)).collect::<Vec<_>>());
        pool.shutdown(false, true);
        let tasks = submitter.join().unwrap();
        release.send(()).unwrap();
        tasks.into_iter().map(Task::result).collect::<Vec<_>>()
    });
    assert!(
        ends.iter().all(|end| matches!(end, Err(TaskError::Cancelled | TaskError::ShutDown))),
        "{ends:?}"
    );
}

#[test]
fn a_worker_may_submit_to_its_own_full_queue() {
    let pool = Arc::new(Executor::builder(1).queue_bound(1).build().unwrap());
    let its_own = Arc::clone(&pool);
    let inner = pool.submit(move || (0..5).map(|n| its_own.submit(move || n)).collect::<Vec<_>>());
    let sum: i32 = inner.result().unwrap().into_iter().map(|task| task.result().unwrap()).sum();
    assert_eq!(sum, 10);
}

#[test]
fn waiting_inside_the_only_worker_is_reported_as_a_deadlock() {
    let pool = Arc::new(Executor::new(1));
    let its_own = Arc::clone(&pool);
    let outer = pool.submit(move || its_own.submit(|| 1).result());
    let error = outer.result().unwrap().unwrap_err();
    assert!(matches!(error, TaskError::Deadlock));
    assert!(error.to_string().contains("do not wait inside a task"), "{error}");
    let its_own = Arc::clone(&pool);
    let outer = pool.submit(move || {
        let tasks = vec![its_own.submit(|| 1), its_own.submit(|| 2)];
        as_completed(tasks, None).map(|(_, result)| result.is_ok()).collect::<Vec<_>>()
    });
    assert_eq!(outer.result().unwrap(), [false, false]);
    let its_own = Arc::clone(&pool);
    let outer = pool.submit(move || wait(vec![its_own.submit(|| 1)], Until::All, None).map(|_| ()));
    assert!(matches!(outer.result().unwrap(), Err(TaskError::Deadlock)));
}

#[test]
fn when_all_workers_wait_one_is_told_and_the_rest_go_on() {
    for _ in 0..50 {
        let pool = Arc::new(Executor::new(3));
        let all_here = Arc::new(Barrier::new(3));
        let outer: Vec<_> = (0..3)
            .map(|n| {
                let (its_own, all_here) = (Arc::clone(&pool), Arc::clone(&all_here));
                pool.submit(move || {
                    all_here.wait();
                    its_own.submit(move || n).result()
                })
            })
            .collect();
        let ends: Vec<_> = outer.into_iter().map(|task| task.result().unwrap()).collect();
        let told = ends.iter().filter(|end| matches!(end, Err(TaskError::Deadlock))).count();
        let values = ends.iter().filter(|end| end.is_ok()).count();
        assert!(told >= 1 && told + values == 3, "{ends:?}");
    }
}

#[test]
fn waiting_for_a_task_that_has_a_worker_is_no_deadlock() {
    let pool = Arc::new(Executor::new(2));
    // The outer task waits, over and over, while the other worker runs what it waits for.
    let its_own = Arc::clone(&pool);
    let outer =
        pool.submit(move || (0..2000).map(|n| its_own.submit(move || n).result().unwrap()).sum::<u64>());
    assert_eq!(outer.result().unwrap(), 1999 * 2000 / 2);
}

#[test]
fn a_scope_lends_and_ends_with_its_tasks() {
    let mut counts = vec![0; 20];
    scope(4, |pool| {
        for count in &mut counts {
            drop(pool.submit(|| *count += 1));
        }
    });
    assert_eq!(counts, [1; 20]);
}

#[test]
fn a_scope_whose_body_panics_still_ends() {
    let ran = AtomicUsize::new(0);
    let caught = std::panic::catch_unwind(|| {
        scope(2, |pool| {
            for _ in 0..10 {
                drop(pool.submit(|| ran.fetch_add(1, Ordering::SeqCst)));
            }
            fall_over("in the body");
        });
    });
    assert_eq!(caught.unwrap_err().downcast_ref(), Some(&"in the body"));
    assert!(ran.load(Ordering::SeqCst) <= 10);
}
