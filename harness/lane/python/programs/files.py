"""For tests: files of the world, as programs work on them; what lies outside is read, and not written."""

import fcntl
import glob
import logging
import os
import pathlib
import shutil
import sqlite3
import tempfile

assert os.getcwd() == "/lockstep" and os.path.abspath("x") == "/lockstep/x"
with open("a.txt", "w") as file:
    file.write("hello\n")
    file.flush()
    os.fsync(file.fileno())
with open("/lockstep/a.txt", "rb") as file:
    assert file.read(2) == b"he" and file.readline() == b"llo\n" and file.read() == b""
with open("a.txt", "a+") as file:
    file.write("more")
    file.seek(0)
    assert file.read() == "hello\nmore"

folder = pathlib.Path("d/e")
folder.mkdir(parents=True)
(folder / "f").write_text("1")
assert (folder / "f").exists() and not (folder / "g").exists() and (folder / "f").read_bytes() == b"1"
assert [(at, sorted(files)) for at, _, files in os.walk("d")] == [("d", []), ("d/e", ["f"])]
assert [entry.name for entry in os.scandir(".") if entry.is_dir()] == ["d"]
assert glob.glob("d/**/*", recursive=True) == ["d/e", "d/e/f"]

os.rename("a.txt", "b.txt")
shutil.copy2("b.txt", "c.txt")
shutil.copytree("d", "d2")
shutil.rmtree("d2")
assert not os.path.exists("d2")
os.symlink("b.txt", "link")
assert os.readlink("link") == "b.txt" and os.path.realpath("link") == "/lockstep/b.txt"
os.link("b.txt", "hard")
assert os.stat("hard").st_ino == os.stat("b.txt").st_ino != os.stat("c.txt").st_ino
os.unlink("hard")
os.truncate("b.txt", 2)
assert os.path.getsize("b.txt") == 2
with tempfile.NamedTemporaryFile() as file, tempfile.TemporaryDirectory() as temporary:
    assert file.name.startswith("/lockstep/") and temporary.startswith("/lockstep/")

fd = os.open("raw", os.O_RDWR | os.O_CREAT)
os.write(fd, b"abc")
os.lseek(fd, 0, os.SEEK_SET)
assert os.read(fd, 2) == b"ab" and os.pread(fd, 1, 2) == b"c"
fcntl.flock(fd, fcntl.LOCK_EX)
fcntl.flock(fd, fcntl.LOCK_UN)
fcntl.lockf(fd, fcntl.LOCK_EX)
os.ftruncate(fd, 1)
assert os.fstat(fd).st_size == 1
os.close(fd)

for refused in ("/tmp/outside", "../outside", "/lockstep/../etc/outside"):
    try:
        open(refused, "w")
        raise AssertionError(refused)
    except PermissionError:
        pass
try:
    open("missing")
except FileNotFoundError as error:
    assert error.filename == "missing"
with open(os.devnull, "w") as file:
    file.write("x")
assert open(__file__).readline().startswith('"""For tests')

os.chdir("d")
db = sqlite3.connect("sub.db")
db.execute("CREATE TABLE x(y)")
db.close()
assert os.getcwd() == "/lockstep/d" and os.listdir(".") == ["e", "sub.db"]
os.chdir("..")
reader = sqlite3.connect("file:lab.db?mode=ro", uri=True)
assert reader.execute("PRAGMA database_list").fetchall() == [(0, "main", "/lockstep/lab.db")]

logging.basicConfig(filename="log.txt", level=logging.INFO)
logging.info("hi")
logging.shutdown()
assert open("log.txt").read() == "INFO:root:hi\n"
raise ValueError("at the end of " + os.getcwd())
