// Wrong: thread-local, but initialised with the same value everywhere.
thread_local! {
    static MY_ID: usize = const { 1 };
}

pub fn my_id() -> usize {
    MY_ID.with(|id| *id)
}
