#!/bin/sh
# What an operator types while the workers go on: an index made anew, a backup, and all that can be read of the file (.recover).
db() { sqlite3 -cmd '.timeout 5000' "$@"; }
db jobs.db REINDEX
db jobs.db '.backup backup.db'
db jobs.db .recover | sqlite3 recovered.db
for file in backup.db recovered.db; do
  missing=$(sqlite3 $file 'SELECT n - (SELECT count(*) FROM log) FROM counter')
  db jobs.db "INSERT INTO checks VALUES ('$file', $missing)"
done
