#!/bin/sh
echo "$# arguments: $*"
echo "$1" >&2
