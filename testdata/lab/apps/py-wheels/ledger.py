"""Adds up the books: ledger.py report FILE, ledger.py check FILE."""
import csv
import sys

from money import Money, parse
from tabular import table


def read(path):
    with open(path, newline="") as f:
        return [(row["account"], parse(row["amount"])) for row in csv.DictReader(f)]


def report(path):
    sums = {}
    for account, amount in read(path):
        sums[account] = sums.get(account, Money(0)) + amount
    rows = [(name, str(total)) for name, total in sorted(sums.items())]
    print(table(["account", "total"], rows))
    return 0


def check(path):
    total = sum((amount for _, amount in read(path)), Money(0))
    if total.cents:
        print(f"{path}: off by {total}", file=sys.stderr)
        return 1
    print(f"{path}: balanced")
    return 0


if __name__ == "__main__":
    verbs = {"report": report, "check": check}
    if len(sys.argv) != 3 or sys.argv[1] not in verbs:
        sys.exit(f"usage: ledger.py {'|'.join(verbs)} FILE")
    sys.exit(verbs[sys.argv[1]](sys.argv[2]))
