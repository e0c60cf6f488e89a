"""Prints the version of Python, and every public name that docs/from-python.md has to tell of, one on a line."""

import concurrent.futures
import queue
import socket
import sys
import threading


def public(thing):
    return {name for name in dir(thing) if not name.startswith("_")}


def say(module, owner, names):
    for name in sorted(names):
        print(module, f"{owner}.{name}" if owner else name)


# What is a function in one version is a class in another, so the members are those of a value.
VALUES = {
    "threading": {
        "Lock": threading.Lock(),
        "RLock": threading.RLock(),
        "Condition": threading.Condition(),
    },
    "concurrent.futures": {},
    "queue": {},
}
MODULES = {
    "threading": (threading, threading.__all__),
    "concurrent.futures": (concurrent.futures, concurrent.futures.__all__),
    "queue": (queue, queue.__all__),
}

print("version", sys.version_info[0], sys.version_info[1])
for module, (content, names) in MODULES.items():
    say(module, "", names)
    for name in names:
        kind = getattr(content, name)
        value = VALUES[module].get(name)
        if value is None and not isinstance(kind, type):
            continue
        if isinstance(kind, type) and issubclass(kind, (BaseException, tuple)):
            continue  # An exception has the members of all exceptions, a record those of a tuple.
        members = public(kind if value is None else value)
        # What a class has from another one that is listed is told there.
        for other in names:
            base = getattr(content, other)
            if isinstance(kind, type) and isinstance(base, type) and kind is not base and issubclass(kind, base):
                members -= public(base)
        if name == "Condition":
            members -= set(vars(value)) - {"acquire", "release", "locked"}
        say(module, name, members)

say("socket", "", public(socket))
say("socket", "socket", public(socket.socket))
