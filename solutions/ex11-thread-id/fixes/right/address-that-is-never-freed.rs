// Right: what is leaked keeps its address for ever, so no later thread gets it; it costs a byte for each thread.
thread_local! {
    static MINE: &'static u8 = Box::leak(Box::new(0));
}

pub fn my_id() -> usize {
    MINE.with(|mine| std::ptr::from_ref::<u8>(mine) as usize)
}
