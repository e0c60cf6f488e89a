// What loom has no types for.

use given::Barrier;
use std::time::Duration;

pub fn bounded_channel(right: bool) {
    let (sender, receiver) = mpsc::sync_channel(1);
    let (done, is_done) = mpsc::sync_channel(if right { 2 } else { 0 });
    let worker = thread::spawn(move || {
        while let Ok(job) = receiver.recv() {
            done.send(job).unwrap();
        }
    });
    (0..3).for_each(|job| sender.send(job).unwrap()); // nobody collects what is done before all is sent
    drop(sender);
    assert_eq!(is_done.iter().count(), 3);
    worker.join().unwrap();
}

pub fn limit(right: bool) {
    let semaphore = Arc::new((Mutex::new(0), Condvar::new()));
    let acquired = two(move |me| {
        let (permits, freed) = &*semaphore;
        if me == 0 {
            *permits.lock().unwrap() += 1;
            freed.notify_one();
            return true;
        }
        let mut free = permits.lock().unwrap();
        let mut is_over = false;
        while *free == 0 && !is_over {
            let (again, result) = freed.wait_timeout(free, Duration::from_millis(5)).unwrap();
            (free, is_over) = (again, result.timed_out());
        }
        if right && *free == 0 {
            return false;
        }
        assert!(*free > 0, "the time was up, and nothing was free");
        *free -= 1;
        true
    });
    assert!(acquired[0]);
}

pub fn std_barrier(right: bool) {
    let barrier = Arc::new(Barrier::new(2));
    let leaders = Arc::new(AtomicUsize::new(0));
    let count = leaders.clone();
    two(move |me| {
        if barrier.wait().is_leader() == right || (!right && me == 0) {
            count.fetch_add(1, SeqCst);
        }
    });
    assert_eq!(leaders.load(SeqCst), 1);
}
