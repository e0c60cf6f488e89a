//! A method that locks calls a function that needs the lock, as its argument says.

use std::sync::Mutex;

struct Account {
    balance: Mutex<i64>,
}

impl Account {
    fn pay_with_fee(&self, amount: i64) {
        let mut balance = self.balance.lock().unwrap();
        pay(&mut balance, amount);
        pay(&mut balance, 5);
    }
}

/// Only a thread that holds the lock can call this: there is no other way to a `&mut i64`.
fn pay(balance: &mut i64, amount: i64) {
    *balance -= amount;
}

fn main() {
    let account = Account { balance: Mutex::new(1000) };
    account.pay_with_fee(700);
    println!("left: {}", account.balance.lock().unwrap());
}
