"""Six threads, two permits. The threads inside wait for each other, so that two are certain to be inside."""

import threading

permits = threading.BoundedSemaphore(2)
two_inside = threading.Barrier(2)
lock = threading.Lock()
inside = most = 0


def visit():
    global inside, most
    with permits:
        with lock:
            inside += 1
            most = max(most, inside)
        two_inside.wait()
        with lock:
            inside -= 1


threads = [threading.Thread(target=visit) for _ in range(6)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("inside at most:", most)
