"""The Python host: an unmodified program of Python as a process of a run.

`start` puts the process under the gate and replaces, before the program's first line, whatever would let two replays differ or go
unseen: time (`clock`), chance (`chance`), threads and locks (`threads`, `locks`), SQLite's connections (`databases`), files of the
world (`world`, `files`, `flocks`), further processes (`processes`, `children`), asyncio (`loops`), the collector (`collector`).
`gate` is the way to the coordinator; `ends` says how the process ended; `zygote` forks processes that have all that ready.

What cannot be followed ends the run with a sentence (`refuse`): nothing runs free, and nothing is a silent no-op.

Python 3.9 and later. No module but those of the standard library.
"""
