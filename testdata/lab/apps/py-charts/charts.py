"""charts FILE.csv: a bar chart of the columns of a table, as SVG, or their sums."""
import csv
import sys

import numpy as np
from jinja2 import Environment, FileSystemLoader


def read(name):
    with open(name, newline="") as f:
        head, *rows = csv.reader(f)
    return head[1:], [r[0] for r in rows], np.array([r[1:] for r in rows], dtype=int)


def main(argv):
    columns, rows, table = read(argv[1])
    pages = Environment(loader=FileSystemLoader("templates"))
    if argv[2:] == ["--text"]:
        best = rows[int(table.sum(axis=1).argmax())]
        print(pages.get_template("table.txt").render(sums=dict(zip(columns, table.sum(axis=0))), best=best))
    else:
        heights = np.rint(100 * table / table.max()).astype(int)
        print(pages.get_template("chart.svg").render(bars=list(np.ndenumerate(heights)), columns=columns))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
