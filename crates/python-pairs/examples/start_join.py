"""Starts two threads and waits for them. A thread returns nothing, so they write into a list."""

import threading

greetings = {}


def greet(who):
    greetings[who] = f"hello, {who}"


threads = [threading.Thread(target=greet, args=(who,)) for who in ("Ada", "Grace")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(greetings["Ada"])
print(greetings["Grace"])
