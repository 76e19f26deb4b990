"""Whether every pinned package may be used in a program under the MIT licence: `python .ci/licences.py requirements.txt …`.

Reads what the installed packages declare. Ends with 1 where one declares nothing we know, or something else.
"""

import importlib.metadata
import re
import sys
from pathlib import Path

ALLOWED = re.compile(r"\b(0BSD|BSD|MIT|Apache|ISC|MPL|Mozilla Public License|PSF|PSFL|Python Software Foundation)\b")
# Looked at one by one; each with the reason why it is fine.
EXCEPTIONS = {
    "axe-playwright-python": "declares nothing; its licence file is MIT, the axe-core inside is MPL-2.0; used in tests only",
    "psycopg2-binary": "LGPL with exceptions: loaded as a library, unchanged",
    "text-unidecode": "Artistic or GPL, at the user's choice; used in tests only",
}


def declared(name: str) -> str:
    """All that the package says of its licence, on one line."""
    metadata = importlib.metadata.metadata(name)
    said = [metadata.get("License-Expression", ""), (metadata.get("License") or "")[:80]]
    said += [line for line in metadata.get_all("Classifier", []) if line.startswith("License ::")]
    return " · ".join(" ".join(text.split()) for text in said if text)


def main(files: list[str]) -> int:
    """0 or 1: what the process ends with."""
    pins = {line for file in files for line in Path(file).read_text().splitlines() if "==" in line}
    seen = 0
    refused = []
    for pin in sorted(pins):
        name, marker = re.split(r"==", pin)[0].strip(), pin.partition(";")[2]
        try:
            licence = declared(name)
        except importlib.metadata.PackageNotFoundError:
            if not marker:  # with a marker it is for another system, such as Windows
                refused.append(f"{name} is not installed")
            continue
        seen += 1
        if name not in EXCEPTIONS and not ALLOWED.search(licence):
            refused.append(f"{name} declares: {licence or 'nothing'}")
    print("\n".join([*refused, f"{seen} licences read, {len(EXCEPTIONS)} of them by hand, {len(refused)} refused."]))
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
