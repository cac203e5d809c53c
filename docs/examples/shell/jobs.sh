#!/bin/sh
# Workers that take numbers from one counter. With --fix: one transaction.
name=$1
for _ in 1 2 3 4 5; do
  if [ "$2" = --fix ]; then
    sqlite3 -cmd '.timeout 5000' jobs.db "BEGIN IMMEDIATE; UPDATE counter SET n = n + 1; INSERT INTO log SELECT '$name', n FROM counter; COMMIT"
  else
    n=$(sqlite3 -cmd '.timeout 5000' jobs.db 'SELECT n + 1 FROM counter')
    sqlite3 -cmd '.timeout 5000' jobs.db "UPDATE counter SET n = $n; INSERT INTO log VALUES ('$name', $n)"
  fi
  sleep 1
done
