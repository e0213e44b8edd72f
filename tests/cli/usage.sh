#!/bin/sh
# Help, version and mistakes on the command line.
. "$(dirname "$0")/support.sh"
expect 2
says 'usage: gan'
expect 2 paint
says 'paint: no such command'
expect 0 help
prints 'stylize'
expect 0 --help
expect 0 version
prints '^gan [0-9]+\.[0-9]+\.[0-9]+$'
expect 0 --version
expect 2 version now
expect 2 help paint
for command in stylize transfer import info eval; do
    expect 0 help $command
    prints "usage: gan $command"
    expect 0 $command --help
    prints '--json'
done
expect 0 help train
prints 'style'
expect 0 help train style
prints 'usage: gan train style'
prints '--checkpoint-every K'
expect 0 train style -h
expect 2 train
says 'expected a method'
expect 2 train painting
says 'painting: no such method'
finish
