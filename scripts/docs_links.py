"""For mkdocs: links that leave docs/ lead to files of the source tree, which a site has not; their
text stays. The comments that say which file a block of code is from become captions."""

import posixpath
import re

LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?:|#)([^)#]+)(#[^)]*)?\)")
SOURCE = re.compile(r"^<!-- (\S+) -->$", re.MULTILINE)


def on_page_markdown(markdown, page, **_):
    folder = posixpath.dirname(page.file.src_uri)

    def link(match):
        leaves = posixpath.normpath(posixpath.join(folder, match[2])).startswith("..")
        return match[1] if leaves else match[0]

    return SOURCE.sub(r"From `\1`:", LINK.sub(link, markdown))
