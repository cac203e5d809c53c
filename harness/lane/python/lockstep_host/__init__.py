"""The Python host: an unmodified program of Python as a process of the run.

`start` puts the process under the gate and replaces, before the program's first line, whatever would let two replays differ or go
unseen: time (`clock`), chance (`chance`), threads and locks (`threads`, `locks`), SQLite's connections (`databases`), files of the
world (`world`, `files`, `opened`, `flocks`), further processes (`processes`, `children`, `workers`), asyncio (`loops`), the collector
(`collector`). `gate` is the way to the coordinator; `ends` says how the process ended; `zygote` forks processes that have all that ready,
and `program` runs what they run. `replacing` and `loading` are how functions are replaced, `steady` and `library` what holds the same in
every process.

What cannot be followed ends the run with a sentence (`refuse`): nothing runs free, and nothing is a silent no-op. That is sockets, exec,
timers of the kernel, folders by their descriptors, what processes of multiprocessing share. Not followed, and not refused either: a
program whose own modules lie in the world (the import system reads past it), file objects that two threads use at once without a lock,
sets of objects whose class has no hash of its own (they lie at the same places in memory as far as the process does the same).

Python 3.9 and later. No module but those of the standard library.
"""
