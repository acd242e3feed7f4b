"""python -m distance [WORD...]: the nearest word of the list for each."""
import os
import sys

from distance import distance

with open(os.environ["SPELL_WORDS"]) as f:
    words = f.read().split()

for word in sys.argv[1:] or ["helo", "wrold"]:
    best = min(words, key=lambda w: (distance(word, w), w))
    print(word, best, distance(word, best))
