"""Writes records as Markdown: milliseconds, ratios within rounds, memory, differences of the outputs."""

import statistics

KEY = ("group", "case", "width", "height", "threads")


def column(record):
    return record["library"] + (" " + record["precision"] if record["library"] == "libgan" else "")


def rows_of(records):
    """Rows in order: each a key and the records by column."""
    rows = {}
    for record in records:
        rows.setdefault(tuple(record[name] for name in KEY), {})[column(record)] = record
    return rows


def columns_of(records):
    return list(dict.fromkeys(column(record) for record in records))


def ratio(record, reference):
    """How many times longer than the reference: the median over the rounds that both ran."""
    return statistics.median(a / b for a, b in zip(record["rounds"], reference["rounds"]))


def label(key):
    _, case, width, height, threads = key
    return "| %s | %dx%d | %d |" % (case, width, height, threads)


def format_number(value):
    if value is None:
        return "-"
    return "%.0f" % value if value >= 100 else "%.1f" % value if value >= 10 else "%.2f" % value


def section(title, rows, columns, cell):
    lines = ["", "### " + title, "", "| case | size | T | " + " | ".join(columns) + " |",
             "|---|---|---|" + "---|" * len(columns)]
    for key, found in rows.items():
        cells = [cell(found, found[name]) if name in found else "" for name in columns]
        lines.append(label(key) + " " + " | ".join(cells) + " |")
    return lines


def ratio_cell(reference):
    def cell(row, record):
        return "%.2f" % ratio(record, row[reference]) if reference in row else ""
    return cell


def group_lines(group, records):
    rows, columns = rows_of(records), columns_of(records)
    lines = ["", "## " + group]
    lines += section("Milliseconds", rows, columns, lambda _, record: format_number(record["milliseconds"]))
    for reference in ("libgan default", "libgan exact"):
        others = [name for name in columns if name != reference]
        if reference in columns and others:
            lines += section("Times as long as " + reference, rows, others, ratio_cell(reference))
    if any(record["peak_megabytes"] for record in records):
        lines += section("Peak memory of the process, MB", rows, columns,
                         lambda _, record: format_number(record["peak_megabytes"]))
    if any(record["max_abs_difference"] is not None for record in records) and len(columns) > 1:
        lines += section("Largest difference from " + columns[0], rows, columns[1:],
                         lambda _, record: "%.1e" % record["max_abs_difference"])
    return lines


def markdown(records, machine, notes=()):
    """The whole report. `machine` is a line about where and how; `notes` are sentences."""
    lines = ["# libgan and its peers", "", machine]
    lines += [line for note in notes for line in ("", note)]
    for group in dict.fromkeys(record["group"] for record in records):
        lines += group_lines(group, [record for record in records if record["group"] == group])
    return "\n".join(lines) + "\n"
