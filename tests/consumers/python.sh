#!/bin/sh
# The examples in Python. A second python3, where there is one without NumPy in front, is passed over.
. "$(dirname "$0")/support.sh"
need pkg-config
python=
for candidate in python3 /usr/bin/python3; do
    if [ -z "$python" ] && "$candidate" -c 'import numpy' 2>/dev/null; then python=$candidate; fi
done
[ -n "$python" ] || skip "python3 with NumPy is not here"
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE
unset LD_LIBRARY_PATH # gan.py asks pkg-config
cd "$room"
"$python" "$examples/python/train.py" "$style" "$photo" trained.safetensors 3 >log
check_losses log 3
"$python" "$examples/python/stylize.py" trained.safetensors "$photo" result.png
check_png result.png 451 300
if "$python" "$examples/python/stylize.py" nothing.safetensors "$photo" result.png 2>errors; then
    fail "a missing model was taken"
fi
grep -q GAN_ERROR_NOT_FOUND errors || fail "the exception has no words: $(cat errors)"
PYTHONPATH="$examples/python" "$python" "$SOURCE/tests/consumers/memory.py"
