//! `std::time`. In a check, [`Instant`] is on a virtual clock, which moves when every thread waits, or when a
//! time-out fires early.

pub use ::std::time::{Duration, SystemTimeError, TryFromFloatSecsError};

#[rustfmt::skip]
use ::std::time::{
    SystemTime, UNIX_EPOCH, // interleave does not explore the system's clock, which differs from run to run: use Instant
};

use crate::engine::{self, CLOCK, Loc, Op, Verb, exploring, world};
use crate::report::words::STEP;
use crate::search::Use;
use ::std::ops::{Add, AddAssign, Sub, SubAssign};

/// Asking for the time is no step: nothing is ever stopped before it.
static ASK_FOR_THE_TIME: Verb = Verb { does: "asks for the time", ..STEP };

/// The running thread looks at the virtual clock.
#[track_caller]
pub(crate) fn now() -> Duration {
    engine::note_use(CLOCK, Use::Read);
    let now = world(|w| w.now());
    let op = Op { verb: &ASK_FOR_THE_TIME, object: CLOCK, writes: false, loc: Loc::caller() };
    engine::reads(&op, now.as_nanos() as u64);
    now
}

/// As [`std::time::Instant`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Instant(Duration);

impl Instant {
    /// As std's.
    #[must_use]
    pub fn now() -> Self {
        static START: ::std::sync::OnceLock<::std::time::Instant> = ::std::sync::OnceLock::new();
        let real = || START.get_or_init(::std::time::Instant::now).elapsed();
        Instant(if exploring() { now() } else { real() })
    }

    /// As std's.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        Self::now() - *self
    }

    /// As std's.
    #[must_use]
    pub fn duration_since(&self, earlier: Instant) -> Duration {
        *self - earlier
    }

    /// As std's.
    #[must_use]
    pub fn checked_duration_since(&self, earlier: Instant) -> Option<Duration> {
        self.0.checked_sub(earlier.0)
    }

    /// As std's.
    #[must_use]
    pub fn saturating_duration_since(&self, earlier: Instant) -> Duration {
        *self - earlier
    }

    /// As std's.
    #[must_use]
    pub fn checked_add(&self, duration: Duration) -> Option<Instant> {
        self.0.checked_add(duration).map(Instant)
    }

    /// As std's.
    #[must_use]
    pub fn checked_sub(&self, duration: Duration) -> Option<Instant> {
        self.0.checked_sub(duration).map(Instant)
    }
}

impl Sub for Instant {
    type Output = Duration;
    fn sub(self, earlier: Instant) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl Add<Duration> for Instant {
    type Output = Instant;
    fn add(self, duration: Duration) -> Instant {
        Instant(self.0 + duration)
    }
}

impl Sub<Duration> for Instant {
    type Output = Instant;
    fn sub(self, duration: Duration) -> Instant {
        Instant(self.0 - duration)
    }
}

impl AddAssign<Duration> for Instant {
    fn add_assign(&mut self, duration: Duration) {
        *self = *self + duration;
    }
}

impl SubAssign<Duration> for Instant {
    fn sub_assign(&mut self, duration: Duration) {
        *self = *self - duration;
    }
}
