"""The Python host: an unmodified program of Python as a process of the run.

`start` puts the process under the gate and replaces, before the program's first line, whatever would let two replays differ or go
unseen: time (`clock`), chance (`chance`), threads and locks (`threads`, `locks`), SQLite's connections (`databases`), files of the
world (`world`, `files`, `opened`, `flocks`), further processes (`processes`, `children`,
`workers`), what they share (`pipes`, `shared`, `memory`, `servers`), signals at a time (`timers`), asyncio (`loops`), the collector
(`collector`). `gate` is the way to the coordinator; `ends` says how the process ended; `zygote` forks processes that have all that ready,
and `program` runs what they run. `replacing` and `loading` are how functions are replaced, `steady` and `library` what holds the same in
every process.

What cannot be followed ends the run with a sentence (`refuse`): nothing runs free, and nothing is a silent no-op. That is sockets, exec of
other programs than Python, timers of processor time, folders by their descriptors, files of the world that are mapped. Not followed, and
not refused either: where the import system looks for modules in the world (it reads them by steps), sets of objects whose class has no
hash of its own (they lie at the same places in memory as far as the process does the same).

Python 3.9 and later. No module but those of the standard library.
"""
