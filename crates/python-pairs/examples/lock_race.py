"""Two threads add 1, first without a lock, then with one. A barrier forces the bad order."""

import threading

visits = 0
lock = threading.Lock()
both_have_read = threading.Barrier(2)


def one():
    both_have_read.wait()
    return 1


def add():
    global visits
    visits += one()  # reads visits, calls one(), adds, writes


def add_under_a_lock():
    global visits
    with lock:
        visits += 1


def twice(work):
    global visits
    visits = 0
    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return visits


print("without a lock:", twice(add))
print("with a lock:", twice(add_under_a_lock))
