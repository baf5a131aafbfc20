"""Writes the kernels' table of docs/benchmarks.md from bench_kernels' JSON, given as an argument."""
import json
import pathlib
import sys

from page import put_into_page


def rate(row):
    """In what the kernel waits for."""
    arithmetic = row["GFLOP/s"] > row["GB/s"]
    return f"{row['GFLOP/s']:.0f} GFLOP/s" if arithmetic else f"{row['GB/s']:.0f} GB/s"


def main():
    rows = json.loads(pathlib.Path(sys.argv[1]).read_text())["benchmarks"]
    lines = ["| kernel | microseconds | bound | of the bound | |", "|---|---|---|---|---|"]
    for row in rows:
        name = row["name"].removesuffix("/manual_time")
        lines.append(f"| {name} | {row['median_us']:.4g} | {row['bound_us']:.4g} | "
                     f"{100 * row['of_bound']:.0f} % | {rate(row)} |")
    put_into_page("kernels", "\n".join(lines))


main()
