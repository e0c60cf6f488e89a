//! Every stable item of `std::sync`, `std::thread` and `std::time` of Rust 1.95, each used once. What comes in `Arc`, `Weak` and
//! `Duration` is std's own in a check, too, and only named.

use crate::both;
use std::fmt::Debug;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::atomic::{
    AtomicBool, AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize, AtomicPtr, AtomicU8, AtomicU16,
    AtomicU32, AtomicU64, AtomicUsize, Ordering, Ordering::*, compiler_fence, fence,
};
use std::sync::mpsc::{
    IntoIter, Iter, Receiver, RecvError, RecvTimeoutError, SendError, Sender, SyncSender, TryIter,
    TryRecvError, TrySendError, channel, sync_channel,
};
use std::sync::{
    Arc, Barrier, BarrierWaitResult, Condvar, LazyLock, LockResult, Mutex, MutexGuard, Once, OnceLock,
    OnceState, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, TryLockError, TryLockResult,
    WaitTimeoutResult, Weak,
};
use std::thread::{
    self, AccessError, Builder, JoinHandle, LocalKey, Scope, ScopedJoinHandle, Thread, ThreadId,
    available_parallelism,
};
use std::time::{Duration, Instant, TryFromFloatSecsError};

const SHORT: Duration = Duration::from_millis(1);

fn is<T: ?Sized + Send + Sync + UnwindSafe + RefUnwindSafe + Debug>(_: &T) {}
fn stays<T: ?Sized + Debug>(_: &T) {}

#[test]
fn locks() {
    both(|| {
        static LOCKS: (Mutex<u8>, RwLock<u8>) = (Mutex::new(1), RwLock::new(1));
        is(&LOCKS);
        let mut mutex: Mutex<u8> = Mutex::from(1);
        let guard: LockResult<MutexGuard<'_, u8>> = mutex.lock();
        stays(&guard);
        drop(guard);
        let guard: TryLockResult<MutexGuard<'_, u8>> = mutex.try_lock();
        *guard.unwrap() += 1;
        assert!(!mutex.is_poisoned());
        mutex.clear_poison();
        assert_eq!(*mutex.get_mut().unwrap(), 2);
        assert_eq!(mutex.into_inner().unwrap(), 2);
        assert_eq!(Mutex::<u8>::default().into_inner().unwrap(), 0);

        let mut lock: RwLock<u8> = RwLock::from(1);
        let reads: RwLockReadGuard<'_, u8> = lock.read().unwrap();
        assert!(matches!(lock.try_write(), Err(TryLockError::WouldBlock)));
        drop((reads, lock.try_read().unwrap()));
        let mut writes: RwLockWriteGuard<'_, u8> = lock.write().unwrap();
        *writes += 1;
        let reads = RwLockWriteGuard::downgrade(writes);
        assert_eq!((*reads, *lock.try_read().unwrap()), (2, 2));
        drop(reads);
        assert!(!lock.is_poisoned());
        lock.clear_poison();
        assert_eq!(*lock.get_mut().unwrap(), 2);
        assert_eq!(lock.into_inner().unwrap(), 2);
        assert_eq!(RwLock::<u8>::default().into_inner().unwrap(), 0);

        let mut error = PoisonError::new(1);
        *error.get_mut() += *error.get_ref();
        assert_eq!(error.into_inner(), 2);
        let _: TryLockError<u8> = TryLockError::Poisoned(PoisonError::new(1));
    });
}

/// As of std, a guard for reading may stand for a shorter lifetime of what it guards.
#[expect(dead_code, reason = "it is there to be compiled")]
fn shortens<'a, 'long: 'a>(guard: RwLockReadGuard<'a, &'long str>) -> RwLockReadGuard<'a, &'a str> {
    guard
}

#[test]
fn condition_variables_and_barriers() {
    both(|| {
        static CHANGED: (Condvar, Barrier) = (Condvar::new(), Barrier::new(1));
        is(&CHANGED);
        let (changed, mutex) = (Condvar::default(), Mutex::new(true));
        changed.notify_one();
        changed.notify_all();
        let guard = changed.wait_while(mutex.lock().unwrap(), |go_on| !*go_on).unwrap();
        let (guard, result): (_, WaitTimeoutResult) = changed.wait_timeout(guard, SHORT).unwrap();
        assert!(result.timed_out());
        let (guard, result) = changed.wait_timeout_while(guard, SHORT, |go_on| *go_on).unwrap();
        assert!(result.timed_out());
        #[expect(deprecated)]
        let (_guard, notified): (_, bool) = changed.wait_timeout_ms(guard, 1).unwrap();
        assert!(!notified);
        let _: fn(&'static Condvar, MutexGuard<'static, u8>) -> LockResult<MutexGuard<'static, u8>> =
            Condvar::wait;

        let result: BarrierWaitResult = Barrier::new(1).wait();
        assert!(result.is_leader());
        stays(&result);
    });
}

#[test]
fn once() {
    both(|| {
        static ONCE: (Once, OnceLock<u8>, LazyLock<u8>) = (Once::new(), OnceLock::new(), LazyLock::new(|| 1));
        is(&ONCE);
        #[expect(deprecated)]
        let once = std::sync::ONCE_INIT;
        once.call_once(|| ());
        once.call_once_force(|state: &OnceState| assert!(!state.is_poisoned()));
        assert!(once.is_completed());
        once.wait();
        once.wait_force();

        let mut lock: OnceLock<u8> = OnceLock::from(1);
        assert_eq!((lock.get_mut().copied(), lock.get(), lock.wait()), (Some(1), Some(&1), &1));
        assert_eq!((lock.set(2), lock.get_or_init(|| 2), lock.clone() == lock), (Err(2), &1, true));
        assert_eq!((lock.take(), OnceLock::from(3).into_inner()), (Some(1), Some(3)));
        assert!(OnceLock::<u8>::default().get().is_none());

        let mut lazy: LazyLock<u8> = LazyLock::new(|| 1);
        assert!(LazyLock::get(&lazy).is_none() && LazyLock::get_mut(&mut lazy).is_none());
        assert_eq!(*LazyLock::force_mut(&mut lazy), 1);
        *lazy += 1;
        assert_eq!((LazyLock::force(&lazy), *lazy), (&2, 2));
        assert!(LazyLock::get(&lazy).is_some() && LazyLock::get_mut(&mut lazy).is_some());
        assert_eq!(*LazyLock::<u8>::default(), 0);
    });
}

macro_rules! all_have {
    ($($kind:ident $value:ty: $one:expr, $two:expr;)*) => {$({
        static SHARED: $kind = $kind::new($one);
        is(&SHARED);
        const INNER: $value = $kind::new($one).into_inner();
        assert_eq!(INNER, $one);
        let mut atomic = $kind::from($one);
        atomic.store($two, SeqCst);
        assert_eq!((atomic.load(SeqCst), atomic.swap($one, SeqCst)), ($two, $two));
        assert_eq!(atomic.compare_exchange($one, $two, SeqCst, SeqCst), Ok($one));
        while atomic.compare_exchange_weak($two, $one, SeqCst, SeqCst).is_err() {}
        #[expect(deprecated)]
        let found = atomic.compare_and_swap($one, $two, SeqCst);
        assert_eq!(found, $one);
        assert_eq!(atomic.fetch_update(SeqCst, SeqCst, |_| Some($one)), Ok($two));
        assert_eq!(atomic.try_update(SeqCst, SeqCst, |_| None), Err($one));
        assert_eq!(atomic.update(SeqCst, SeqCst, |_| $two), $one);
        *atomic.get_mut() = $one;
        assert_eq!(atomic.load(Relaxed), $one);
        // SAFETY: nobody else uses the atomic.
        unsafe { *atomic.as_ptr() = $two };
        assert_eq!(atomic.load(Relaxed), $two);
        let mut value = $one;
        // SAFETY: the value is used through these references only while they live.
        let (same, too) = unsafe { ($kind::from_ptr(&raw mut value), $kind::from_ptr(&raw mut value)) };
        same.store($two, SeqCst);
        assert_eq!((too.load(SeqCst), value), ($two, $two));
        assert_eq!(atomic.into_inner(), $two);
        assert_eq!($kind::default().into_inner(), Default::default());
    })*};
}

macro_rules! integers_have {
    ($($kind:ident)*) => {$({
        let atomic = $kind::new(6);
        let all = [
            atomic.fetch_add(1, SeqCst),
            atomic.fetch_sub(2, SeqCst),
            atomic.fetch_and(4, SeqCst),
            atomic.fetch_or(3, SeqCst),
            atomic.fetch_xor(1, SeqCst),
            atomic.fetch_max(9, SeqCst),
            atomic.fetch_min(8, SeqCst),
            atomic.fetch_nand(8, SeqCst),
        ];
        assert_eq!((all, atomic.into_inner()), ([6, 7, 5, 4, 7, 6, 9, 8], !8));
    })*};
}

#[test]
fn atomics() {
    both(|| {
        all_have! {
            AtomicBool bool: true, false;
            AtomicI8 i8: 1, 2;
            AtomicI16 i16: 1, 2;
            AtomicI32 i32: 1, 2;
            AtomicI64 i64: 1, 2;
            AtomicIsize isize: 1, 2;
            AtomicU8 u8: 1, 2;
            AtomicU16 u16: 1, 2;
            AtomicU32 u32: 1, 2;
            AtomicU64 u64: 1, 2;
            AtomicUsize usize: 1, 2;
        }
    });
    both(|| {
        integers_have!(AtomicI8 AtomicI16 AtomicI32 AtomicI64 AtomicIsize AtomicU8 AtomicU16 AtomicU32 AtomicU64 AtomicUsize);
    });
    both(|| {
        let truth = AtomicBool::new(true);
        let all = [
            truth.fetch_and(true, SeqCst),
            truth.fetch_nand(true, SeqCst),
            truth.fetch_or(true, SeqCst),
            truth.fetch_xor(true, SeqCst),
            truth.fetch_not(SeqCst),
        ];
        assert_eq!((all, truth.into_inner()), ([true, true, false, true, false], true));
        #[expect(deprecated)]
        {
            use std::sync::atomic::{ATOMIC_BOOL_INIT, ATOMIC_ISIZE_INIT, ATOMIC_USIZE_INIT, spin_loop_hint};
            let made = (
                ATOMIC_BOOL_INIT.into_inner(),
                ATOMIC_ISIZE_INIT.into_inner(),
                ATOMIC_USIZE_INIT.into_inner(),
            );
            assert_eq!(made, (false, 0, 0));
            spin_loop_hint();
        }
        fence(SeqCst);
        compiler_fence(SeqCst);
        let _: [Ordering; 5] = [Relaxed, Acquire, Release, AcqRel, SeqCst];
    });
}

#[test]
fn atomic_pointers() {
    both(|| {
        let mut values = [1_u32, 2, 3, 4];
        let start = values.as_mut_ptr();
        let atomic: AtomicPtr<u32> = AtomicPtr::new(start);
        assert!(AtomicPtr::<u32>::default().into_inner().is_null());
        let walked = [
            atomic.fetch_ptr_add(3, SeqCst),
            atomic.fetch_ptr_sub(1, SeqCst),
            atomic.fetch_byte_add(4, SeqCst),
            atomic.fetch_byte_sub(8, SeqCst),
            atomic.fetch_or(1, SeqCst),
            atomic.fetch_xor(1, SeqCst),
            atomic.fetch_and(!0, SeqCst),
            atomic.load(SeqCst),
        ];
        let steps = walked.map(|at| at.addr() - start.addr());
        assert_eq!(steps, [0, 12, 8, 12, 4, 5, 4, 4]);
        // SAFETY: it points to the second value.
        assert_eq!(unsafe { *atomic.load(SeqCst) }, 2);
        assert_eq!(atomic.swap(start, SeqCst), start.wrapping_add(1));
        assert_eq!(atomic.compare_exchange(start, start, SeqCst, SeqCst), Ok(start));
        assert_eq!(format!("{atomic:p}"), format!("{start:p}"));
        // SAFETY: the place is that of an atomic pointer.
        let same = unsafe { AtomicPtr::from_ptr(atomic.as_ptr()) };
        assert_eq!(same.load(SeqCst), start);
    });
}

#[test]
fn channels() {
    both(|| {
        let (sender, receiver): (Sender<u8>, Receiver<u8>) = channel();
        sender.clone().send(1).unwrap();
        assert_eq!((receiver.recv(), receiver.try_recv()), (Ok(1), Err(TryRecvError::Empty)));
        assert_eq!(receiver.recv_timeout(SHORT), Err(RecvTimeoutError::Timeout));
        sender.send(2).unwrap();
        let mut tries: TryIter<'_, u8> = receiver.try_iter();
        assert_eq!((tries.next(), tries.next()), (Some(2), None));
        sender.send(3).unwrap();
        stays(&(&sender, &receiver));
        drop(sender);
        let mut all: Iter<'_, u8> = receiver.iter();
        assert_eq!(all.next(), Some(3));
        let mut all: IntoIter<u8> = receiver.into_iter();
        assert_eq!(all.next(), None);

        let (sender, receiver): (SyncSender<u8>, Receiver<u8>) = sync_channel(1);
        sender.clone().try_send(1).unwrap();
        assert_eq!(sender.try_send(2), Err(TrySendError::Full(2)));
        assert_eq!(IntoIterator::into_iter(&receiver).next(), Some(1));
        drop(receiver);
        assert_eq!(sender.send(3), Err(SendError(3)));
        let _: (RecvError, TrySendError<u8>) = (RecvError, SendError(1).into());
        fn may_be_sent<T: Send>(_: &T) {}
        fn may_be_shared<T: Sync>(_: &T) {}
        may_be_sent(&channel::<u8>());
        may_be_shared(&sender);
    });
}

thread_local! {
    static CELL: std::cell::Cell<u8> = const { std::cell::Cell::new(1) };
    static WORDS: std::cell::RefCell<Vec<u8>> = std::cell::RefCell::new(vec![1]);
}

#[test]
fn threads() {
    both(|| {
        let handle: JoinHandle<u8> = thread::spawn(|| 1);
        let (id, name): (ThreadId, Option<&str>) = (handle.thread().id(), handle.thread().name());
        assert_eq!((id == handle.thread().id(), name), (true, None));
        handle.is_finished();
        fn is_anywhere<T: Send + Sync + Debug>(_: &T) {}
        is_anywhere(&handle);
        let result: thread::Result<u8> = handle.join();
        assert_eq!(result.unwrap(), 1);
        let builder = Builder::new().name("named".into()).stack_size(1 << 20);
        let parked = builder.spawn(thread::park).unwrap();
        let thread: Thread = parked.thread().clone();
        assert_eq!(thread.name(), Some("named"));
        thread.unpark();
        parked.join().unwrap();
        // SAFETY: it borrows nothing.
        let unchecked = unsafe { Builder::new().spawn_unchecked(|| 2) };
        assert_eq!(unchecked.unwrap().join().unwrap(), 2);
        let sum = thread::scope(|scope: &Scope<'_, '_>| {
            let one: ScopedJoinHandle<'_, u8> = scope.spawn(|| 1);
            let two = Builder::new().spawn_scoped(scope, || 2).unwrap();
            is_anywhere(&one);
            one.is_finished();
            let _: ThreadId = one.thread().id();
            one.join().unwrap() + two.join().unwrap()
        });
        assert_eq!(sum, 3);
        assert!(!thread::panicking());
        thread::sleep(SHORT);
        thread::yield_now();
        thread::current().unpark();
        thread::park_timeout(SHORT);
        #[expect(deprecated)]
        {
            thread::sleep_ms(1);
            thread::park_timeout_ms(1);
        }
        assert!(available_parallelism().unwrap().get() >= 1);
    });
}

#[test]
fn thread_local_values() {
    both(|| {
        let key: &'static LocalKey<_> = &CELL;
        assert_eq!((key.get(), key.replace(2), key.take()), (1, 1, 2));
        key.set(1);
        let inside: Result<u8, AccessError> = key.try_with(std::cell::Cell::get);
        assert_eq!((inside.unwrap(), key.with(std::cell::Cell::get)), (1, 1));
        WORDS.with_borrow_mut(|words| words.push(2));
        assert_eq!(
            (WORDS.with_borrow(Vec::len), WORDS.replace(vec![]), WORDS.take()),
            (2, vec![1, 2], vec![])
        );
        WORDS.set(vec![1]);
    });
}

#[test]
fn times() {
    both(|| {
        let mut now: Instant = Instant::now();
        let later = now + SHORT;
        assert_eq!((later - now, later - SHORT == now), (SHORT, true));
        assert_eq!(later.duration_since(now), SHORT);
        assert_eq!(
            (later.checked_duration_since(now), now.checked_duration_since(later)),
            (Some(SHORT), None)
        );
        assert_eq!(now.saturating_duration_since(later), Duration::ZERO);
        assert_eq!(now.checked_add(SHORT), Some(later));
        assert_eq!(later.checked_sub(SHORT), Some(now));
        now += SHORT;
        now -= SHORT;
        assert!(now.elapsed() >= Duration::ZERO && now <= Instant::now());
        is(&now);
        let negative: Result<Duration, TryFromFloatSecsError> = Duration::try_from_secs_f64(-1.0);
        assert!(negative.is_err());
    });
}

#[test]
fn counted_references() {
    both(|| {
        let shared: Arc<u8> = Arc::new(1);
        let weak: Weak<u8> = Arc::downgrade(&shared);
        assert!(weak.upgrade().is_some() && size_of_val(&shared) == size_of::<usize>());
    });
}
