"""Waits until there are three items. The loop is inside wait_for."""

import threading

items = []
changed = threading.Condition()


def produce():
    for item in (1, 2, 3):
        with changed:
            items.append(item)
            changed.notify()


producer = threading.Thread(target=produce)
producer.start()
with changed:
    changed.wait_for(lambda: len(items) == 3)
    print("got", items)
producer.join()
