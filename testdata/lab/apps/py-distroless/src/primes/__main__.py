import json
import sys

from primes import primes

found = primes(int(sys.argv[1]))
print(json.dumps({"count": len(found), "largest": found[-1] if found else None}))
