# What a line of the task's own answers: it is asked to tell something, and to change nothing. $1: the line
exec sh -c "$1" </dev/null
