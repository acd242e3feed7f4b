"""charts FILE.csv: a bar chart of the columns of a table, as SVG."""
import sys

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "charts"
import matplotlib.pyplot as plt
import pandas as pd
from jinja2 import Environment, FileSystemLoader


def main(argv):
    table = pd.read_csv(argv[1], index_col=0)
    if argv[2:] == ["--text"]:
        page = Environment(loader=FileSystemLoader("templates")).get_template("table.txt")
        print(page.render(sums=table.sum().to_dict(), best=table.sum(axis=1).idxmax()))
        return 0
    table.plot.bar()
    plt.savefig(sys.stdout, format="svg", metadata={"Date": None})
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
