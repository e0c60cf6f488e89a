"""Two threads withdraw 700 from an account of 1000, without a lock: by luck, then with a call in between."""

import sys
import threading

TRIES = 1000
both_have_asked = threading.Barrier(2)


class Account:
    def __init__(self):
        self.balance = 1000

    def withdraw(self, amount):
        if self.balance >= amount:
            self.balance -= amount

    def withdraw_with_a_call(self, amount):
        if self.balance >= amount:
            both_have_asked.wait()
            self.balance -= amount


def left(withdraw):
    account = Account()
    threads = [threading.Thread(target=withdraw, args=(account, 700)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return account.balance


sys.setswitchinterval(1e-6)
overdrawn = sum(left(Account.withdraw) < 0 for _ in range(TRIES))
print(f"by luck, in {TRIES} tries: overdrawn {overdrawn} times")
print("with a call in between: balance", left(Account.withdraw_with_a_call))
