"""The table that bench/compare writes, from records whose medians and ratios are known."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["GAN_SOURCE_DIR"], "bench", "compare"))
import table  # noqa: E402


def record(library, precision, rounds, **more):
    return {"group": "nets", "case": "small", "width": 64, "height": 48, "threads": 2, "library": library,
            "precision": precision, "milliseconds": sorted(rounds)[len(rounds) // 2], "peak_megabytes": 12.5,
            "max_abs_difference": 0.0, "rounds": rounds, **more}


EXACT = record("libgan", "exact", [4.0, 8.0, 6.0])
DEFAULT = record("libgan", "default", [2.0, 4.0, 3.0], max_abs_difference=1.5e-6)
# Half the rounds were slow for all: the ratio within a round is 5 each time but one.
OTHER = record("other", "float32", [10.0, 20.0, 90.0], max_abs_difference=2e-5, peak_megabytes=480.0)


class Tables(unittest.TestCase):
    def rows(self, text, title):
        """Cells of the rows under a title."""
        lines = text.split("### " + title + "\n")[1].split("\n###")[0].split("\n## ")[0].strip().splitlines()
        return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line]

    def setUp(self):
        self.text = table.markdown([EXACT, DEFAULT, OTHER], "a machine", ["Skipped: large (too large)."])

    def test_the_head_says_where_and_what_was_skipped(self):
        self.assertIn("\na machine\n", self.text)
        self.assertIn("\nSkipped: large (too large).\n", self.text)
        self.assertIn("\n## nets\n", self.text)

    def test_milliseconds_are_in_the_columns_of_their_libraries(self):
        head, _, row = self.rows(self.text, "Milliseconds")
        self.assertEqual(head, ["case", "size", "T", "libgan exact", "libgan default", "other"])
        self.assertEqual(row, ["small", "64x48", "2", "6.00", "3.00", "20.0"])

    def test_ratios_are_medians_of_ratios_within_rounds(self):
        head, _, row = self.rows(self.text, "Times as long as libgan default")
        self.assertEqual(head[3:], ["libgan exact", "other"])
        self.assertEqual(row[3:], ["2.00", "5.00"])
        self.assertEqual(self.rows(self.text, "Times as long as libgan exact")[2][3:], ["0.50", "2.50"])

    def test_memory_and_differences(self):
        self.assertEqual(self.rows(self.text, "Peak memory of the process, MB")[2][3:], ["12.5", "12.5", "480"])
        self.assertEqual(self.rows(self.text, "Largest difference from libgan exact")[2][3:], ["1.5e-06", "2.0e-05"])

    def test_a_library_that_lacks_a_case_leaves_a_gap(self):
        second = dict(EXACT, case="large")
        text = table.markdown([EXACT, OTHER, second], "a machine")
        rows = self.rows(text, "Milliseconds")
        self.assertEqual([row[0] for row in rows[2:]], ["small", "large"])
        self.assertEqual(rows[3][3:], ["6.00", ""])

    def test_groups_stand_apart(self):
        text = table.markdown([EXACT, dict(OTHER, group="steps")], "a machine")
        self.assertEqual(text.count("### Milliseconds"), 2)
        self.assertNotIn("Times as long as libgan default", text)


unittest.main()
