//! The pool's own `crew.rs`, against a `std` whose every interleaving is tried.
//!
//! The channel is the one thing that stands in: crossbeam's is not explored, so std's behind a mutex takes its place.

#![allow(dead_code, unreachable_pub, missing_docs)]
// An explored mutex is larger than std's.
#![allow(clippy::result_large_err)]

#[macro_use]
extern crate interleave as std;

#[path = "../src/crew.rs"]
mod crew;

use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crew::{Crew, Group, TaskCell, TaskError};

mod channel {
    use std::sync::{Mutex, mpsc};

    pub use std::sync::mpsc::Sender;

    /// Workers take turns to wait in it: whoever has the lock gets the next job, as far as anybody can tell.
    pub struct Receiver<T>(Mutex<mpsc::Receiver<T>>);

    pub fn unbounded<T>() -> (Sender<T>, Receiver<T>) {
        let (sender, receiver) = mpsc::channel();
        (sender, Receiver(Mutex::new(receiver)))
    }

    impl<T> Receiver<T> {
        pub fn recv(&self) -> Result<T, mpsc::RecvError> {
            self.0.lock().unwrap().recv()
        }

        pub fn try_recv(&self) -> Result<T, mpsc::TryRecvError> {
            self.0.lock().unwrap().try_recv()
        }
    }
}

/// Tries every interleaving; one that stopped at a budget would prove nothing about the rest.
fn exhaustively(scenario: impl Fn() + 'static) {
    let passed = interleave::Check::new().runs(2_000_000).run(scenario);
    eprintln!("{passed}");
    assert!(passed.is_complete(), "{passed}");
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
    exhaustively(|| {
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
    exhaustively(|| {
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
    exhaustively(|| {
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
    exhaustively(|| {
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
    exhaustively(|| {
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
    exhaustively(|| {
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
    exhaustively(|| {
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
    exhaustively(|| {
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
    exhaustively(|| {
        let crew = crew(2, None);
        // Both are there before the workers are: how submitting meets working is another check's question.
        let outers = [wait_inside(&crew), wait_inside(&crew)];
        let workers = [start(&crew), start(&crew)];
        let told = outers.iter().filter(|outer| result(outer).unwrap().is_err()).count();
        assert!(told <= 1, "{told} were told");
        crew.close(false);
        for worker in workers {
            worker.join().unwrap();
        }
    });
}

#[test]
fn a_job_that_leaves_a_full_queue_lets_one_in() {
    exhaustively(|| {
        let crew = crew(1, Some(1));
        let first = crew.submit(|| 1, false);
        let worker = start(&crew);
        // Nobody closes the queue before this has found room.
        let second = crew.submit(|| 2, false);
        assert_eq!(result(&first).unwrap() + result(&second).unwrap(), 3);
        crew.close(false);
        worker.join().unwrap();
    });
}

#[test]
fn a_full_queue_that_closes_lets_everybody_go() {
    exhaustively(|| {
        let crew = crew(1, Some(1));
        let first = crew.submit(|| 1, false);
        let submitters = [2, 3].map(|number| {
            let crew = Arc::clone(&crew);
            thread::spawn(move || crew.submit(move || number, false))
        });
        // No worker makes room.
        crew.close(true);
        for submitter in submitters {
            assert!(submitter.join().unwrap().done());
        }
        assert!(first.done());
    });
}
