"""The pages of the guest's Internet: the open data of ISO, and a page as large as any that is read."""

import json

# The projects whose stage is in the file `stages`, as ISO publishes them: one JSON object a line.
TITLES = {"56572": "Trusted connections between devices and services", "78703": "Security reference model for industrial internet platform"}


def row(number, reference, stage):
    return json.dumps({
        "id": int(number), "deliverableType": "IS", "supplementType": None, "reference": reference,
        "title": {"en": TITLES[number]}, "publicationDate": None, "edition": 1, "icsCode": ["35.030"],
        "ownerCommittee": "ISO/IEC JTC 1/SC 27", "currentStage": int(stage.replace(".", "")), "replaces": None, "replacedBy": None,
        "languages": None, "pages": {"en": None}, "scope": {"en": None},
    })


def open_data(stages):
    kind = {"4": "ISO/IEC DIS", "5": "ISO/IEC FDIS", "6": "ISO/IEC", "9": "ISO/IEC"}
    numbers = {"56572": "27071", "78703": "24392"}
    return "".join(row(number, f"{kind[stages[number][0]]} {printed}", stages[number]) + "\n" for number, printed in numbers.items())


def large_page():
    """A table of a little less than 2 MiB."""
    line = "<tr><td>GB/T {0}-2026</td><td>Cybersecurity technology: requirements of kind {0}</td><td>60</td></tr>\n"
    n_rows = (2 << 20) // len(line.format(100000)) - 10
    rows = "".join(line.format(number) for number in range(100000, 100000 + n_rows))
    return f"<html><body><table><tr><th>Number</th><th>Title</th><th>Stage</th></tr>\n{rows}</table></body></html>"


def worst_page():
    """As many elements as there can be in 2 MiB."""
    frame = "<html><head><title>Tags</title></head><body>{}</body></html>"
    return frame.format("<p>" * (((2 << 20) - len(frame)) // 3))
