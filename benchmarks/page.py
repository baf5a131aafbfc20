"""docs/benchmarks.md: what is between `<!-- begin of NAME -->` and `<!-- end of NAME -->` is written
by the programs that measure."""
import pathlib

ROOT = pathlib.Path(__file__).parents[1]


def put_into_page(name, text):
    path = ROOT / "docs/benchmarks.md"
    begin, end = f"<!-- begin of {name} -->", f"<!-- end of {name} -->"
    head, rest = path.read_text().split(begin)
    path.write_text(f"{head}{begin}\n{text}\n{end}{rest.split(end)[1]}")
