"""A method that locks calls another method that locks, so the lock must be reentrant."""

import threading


class Account:
    def __init__(self, balance):
        self.balance = balance
        self.lock = threading.RLock()

    def pay(self, amount):
        with self.lock:
            self.balance -= amount

    def pay_with_fee(self, amount):
        with self.lock:
            self.pay(amount)  # takes the lock again
            self.pay(5)


account = Account(1000)
account.pay_with_fee(700)
print("left:", account.balance)
