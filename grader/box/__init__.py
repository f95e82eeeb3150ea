"""The sandbox from outside: what is on its disk, how its parent starts, and whether this machine can build it."""
