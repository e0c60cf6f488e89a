//! The pool's own `crew.rs`, against a `std` whose every interleaving is tried.
//!
//! The channel is the one thing that stands in: crossbeam's is not explored, so a queue of a mutex and a condition
//! variable with the same four operations takes its place.

#![allow(dead_code, unreachable_pub, missing_docs)]

#[macro_use]
extern crate interleave as std;

#[path = "../src/crew.rs"]
mod crew;

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use crew::{Crew, Group, TaskCell, TaskError};

mod channel {
    use std::collections::VecDeque;
    use std::sync::{Arc, Condvar, Mutex};

    struct Queue<T> {
        inner: Mutex<(VecDeque<T>, bool)>,
        changed: Condvar,
    }

    pub struct Sender<T>(Arc<Queue<T>>);
    pub struct Receiver<T>(Arc<Queue<T>>);

    pub fn unbounded<T>() -> (Sender<T>, Receiver<T>) {
        let queue = Arc::new(Queue { inner: Mutex::new((VecDeque::new(), true)), changed: Condvar::new() });
        (Sender(Arc::clone(&queue)), Receiver(queue))
    }

    impl<T> Sender<T> {
        pub fn send(&self, item: T) -> Result<(), T> {
            self.0.inner.lock().unwrap().0.push_back(item);
            self.0.changed.notify_one();
            Ok(())
        }
    }

    impl<T> Drop for Sender<T> {
        fn drop(&mut self) {
            self.0.inner.lock().unwrap().1 = false;
            self.0.changed.notify_all();
        }
    }

    impl<T> Receiver<T> {
        pub fn recv(&self) -> Result<T, ()> {
            let inner = self.0.inner.lock().unwrap();
            self.0
                .changed
                .wait_while(inner, |inner| inner.0.is_empty() && inner.1)
                .unwrap()
                .0
                .pop_front()
                .ok_or(())
        }

        pub fn try_recv(&self) -> Result<T, ()> {
            self.0.inner.lock().unwrap().0.pop_front().ok_or(())
        }
    }
}

fn crew(workers: usize, bound: Option<usize>) -> Arc<Crew<'static>> {
    Arc::new(Crew::new(workers, bound))
}

fn start(crew: &Arc<Crew<'static>>) -> thread::JoinHandle<()> {
    let crew = Arc::clone(crew);
    thread::spawn(move || crew.work())
}

fn result<T>(task: &TaskCell<T>) -> Result<T, TaskError> {
    task.take(None, None)
}

#[test]
fn a_task_submitted_during_a_shutdown_ends_one_way_or_the_other() {
    interleave::check(|| {
        let crew = crew(1, None);
        let worker = start(&crew);
        let closer = thread::spawn({
            let crew = Arc::clone(&crew);
            move || crew.close(false)
        });
        let task = crew.submit(|| 7, false);
        match result(&task) {
            Ok(value) => assert_eq!(value, 7),
            Err(error) => assert!(matches!(error, TaskError::ShutDown), "{error}"),
        }
        closer.join().unwrap();
        worker.join().unwrap();
    });
}

#[test]
fn a_shutdown_that_cancels_leaves_no_task_without_an_end() {
    interleave::check(|| {
        let crew = crew(1, None);
        let ran = Arc::new(AtomicUsize::new(0));
        let worker = start(&crew);
        let closer = thread::spawn({
            let crew = Arc::clone(&crew);
            move || crew.close(true)
        });
        let counted = Arc::clone(&ran);
        let task = crew.submit(move || counted.fetch_add(1, Ordering::SeqCst), false);
        let times = match result(&task) {
            Ok(_) => 1,
            Err(TaskError::Cancelled | TaskError::ShutDown) => 0,
            Err(error) => panic!("{error}"),
        };
        closer.join().unwrap();
        worker.join().unwrap();
        assert_eq!(ran.load(Ordering::SeqCst), times);
    });
}

#[test]
fn a_cancelled_task_has_not_run_and_the_others_have() {
    interleave::check(|| {
        let crew = crew(1, None);
        let ran = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&ran);
        let task = crew.submit(move || counted.fetch_add(1, Ordering::SeqCst), false);
        let worker = start(&crew);
        let in_time = task.cancel();
        crew.close(false);
        assert_eq!(in_time, matches!(result(&task), Err(TaskError::Cancelled)));
        worker.join().unwrap();
        assert_eq!(ran.load(Ordering::SeqCst), usize::from(!in_time));
    });
}

#[test]
fn closing_the_queue_runs_what_is_in_it() {
    interleave::check(|| {
        let crew = crew(2, None);
        let workers = [start(&crew), start(&crew)];
        let tasks: Vec<_> = (0..2).map(|n| crew.submit(move || n, false)).collect();
        crew.close(false);
        for worker in workers {
            worker.join().unwrap();
        }
        for (n, task) in tasks.iter().enumerate() {
            assert!(task.done());
            assert_eq!(result(task).unwrap(), n);
        }
    });
}

#[test]
fn a_panic_is_the_task_s_and_the_worker_goes_on() {
    interleave::check(|| {
        let crew = crew(1, None);
        let worker = start(&crew);
        let falls = crew.submit(|| -> i32 { resume_unwind(Box::new("over")) }, false);
        let stands = crew.submit(|| 1, false);
        assert_eq!(result(&falls).unwrap_err().panic_message(), Some("over"));
        assert_eq!(result(&stands).unwrap(), 1);
        crew.close(false);
        worker.join().unwrap();
    });
}

#[test]
fn a_group_hears_of_every_end_once() {
    interleave::check(|| {
        let crew = crew(1, None);
        let worker = start(&crew);
        let tasks: Vec<_> = (0..2).map(|n| crew.submit(move || n, false)).collect();
        let group = Arc::new(Group::default());
        for (index, task) in tasks.iter().enumerate() {
            task.report_to(&group, index);
        }
        tasks[1].cancel();
        let mut ended = [group.next(None, None).unwrap(), group.next(None, None).unwrap()];
        ended.sort_unstable();
        assert_eq!(ended, [0, 1]);
        crew.close(false);
        worker.join().unwrap();
    });
}

/// Submits a task that submits another and waits for it; what the inner wait says.
fn wait_inside(crew: &Arc<Crew<'static>>) -> Arc<TaskCell<Result<i32, TaskError>>> {
    let inside = Arc::clone(crew);
    crew.submit(
        move || {
            let inner = inside.submit(|| 1, true);
            inner.take(Some(&inside.blocked), None)
        },
        false,
    )
}

#[test]
fn the_only_worker_never_hangs_in_a_wait_for_its_own_pool() {
    interleave::check(|| {
        let crew = crew(1, None);
        let worker = start(&crew);
        let outer = wait_inside(&crew);
        assert!(matches!(result(&outer).unwrap(), Err(TaskError::Deadlock)));
        crew.close(false);
        worker.join().unwrap();
    });
}

#[test]
fn one_wait_with_a_free_worker_is_never_called_a_deadlock() {
    interleave::check(|| {
        let crew = crew(2, None);
        let workers = [start(&crew), start(&crew)];
        let outer = wait_inside(&crew);
        assert_eq!(result(&outer).unwrap().unwrap(), 1);
        crew.close(false);
        for worker in workers {
            worker.join().unwrap();
        }
    });
}

#[test]
fn of_two_workers_that_wait_one_at_most_is_told_and_nobody_hangs() {
    let passed = interleave::Check::new().runs(200_000).run(|| {
        let crew = crew(2, None);
        let workers = [start(&crew), start(&crew)];
        let outers = [wait_inside(&crew), wait_inside(&crew)];
        let told = outers.iter().filter(|outer| result(outer).unwrap().is_err()).count();
        assert!(told <= 1, "{told} were told");
        crew.close(false);
        for worker in workers {
            worker.join().unwrap();
        }
    });
    println!("{} runs, exhaustive: {}", passed.runs(), passed.is_exhaustive());
}

#[test]
fn a_bounded_queue_frees_its_waiters_when_a_job_leaves_or_the_pool_closes() {
    interleave::check(|| {
        let crew = crew(1, Some(1));
        let ends = Arc::new(Mutex::new(Vec::new()));
        let submitter = thread::spawn({
            let (crew, ends) = (Arc::clone(&crew), Arc::clone(&ends));
            move || {
                let tasks = [crew.submit(|| 1, false), crew.submit(|| 2, false)];
                ends.lock().unwrap().extend(tasks.map(|task| result(&task)));
            }
        });
        let worker = start(&crew);
        crew.close(true);
        submitter.join().unwrap();
        worker.join().unwrap();
        assert_eq!(ends.lock().unwrap().len(), 2);
    });
}
