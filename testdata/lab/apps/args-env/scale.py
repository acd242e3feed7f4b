#!/usr/bin/env python3
"""scale RECIPE FACTOR: a recipe for more or fewer people."""
import os
import sys

if len(sys.argv) != 3:
    sys.exit(__doc__)
step = int(os.environ["ROUND"])
try:
    with open(os.path.join(os.environ["RECIPES"], sys.argv[1] + ".txt")) as f:
        lines = [line.split() for line in f]
except OSError as e:
    sys.exit(f"scale: {sys.argv[1]}: {e.strerror}")
for amount, what in lines:
    grams = round(float(amount) * float(sys.argv[2]) / step) * step
    print(f"{grams:6d} {os.environ['UNITS']} {what}")
