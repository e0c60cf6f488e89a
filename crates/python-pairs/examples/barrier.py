"""Three threads arrive, meet, and then check how many have arrived."""

import threading

lock = threading.Lock()
arrived = leaders = 0
seen = []
barrier = threading.Barrier(3)


def meet():
    global arrived, leaders
    with lock:
        arrived += 1
    place = barrier.wait()
    with lock:
        seen.append(arrived)
        leaders += place == 0


threads = [threading.Thread(target=meet) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("seen:", seen, "leaders:", leaders)
