"""bench/compare with libgan alone on its tiny cases: records, files and outputs that agree."""

import json
import math
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.environ["GAN_SOURCE_DIR"], "bench", "compare"))
import measure  # noqa: E402
from worker import WorkerFailed  # noqa: E402

PROGRAM = os.path.join(os.environ["GAN_SOURCE_DIR"], "bench", "compare", "compare.py")
WORKER = sys.argv.pop(1)
FIELDS = {"case", "width", "height", "threads", "library", "precision", "milliseconds", "peak_megabytes",
          "max_abs_difference"}


class Differences(unittest.TestCase):
    def test_the_largest_one_counts(self):
        self.assertAlmostEqual(measure.difference([0.0, 10.0, -3.0], [0.001, 10.0, -3.003]), 0.003)
        self.assertAlmostEqual(measure.difference([0.0, 10.0, -3.0], [0.1, 10.0, -3.3], measure.FARTHEST_BF16), 0.3)

    def test_results_of_other_work_are_refused(self):
        for other in ([0.0, math.nan, 1.0], [0.0, math.inf, 1.0], [0.0, 0.5], [0.0, 0.5, 1.01]):
            with self.assertRaises(WorkerFailed):
                measure.difference([0.0, 0.5, 1.0], other)


class Runs(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def compare(self, *words):
        """Exit code, records and table of a run."""
        json_file, table_file = (os.path.join(self.folder.name, name) for name in ("records", "table"))
        done = subprocess.run([sys.executable, PROGRAM, "--worker", WORKER, "--tiny", "--libraries", "libgan",
                               "--json", json_file, "--output", table_file, *words],
                              capture_output=True, text=True)
        self.said = done.stderr
        with open(json_file) as file:
            records = [json.loads(line) for line in file]
        with open(table_file) as file:
            return done.returncode, records, file.read()

    def test_every_case_precision_and_number_of_threads_has_a_record(self):
        code, records, text = self.compare("--rounds", "2", "--precisions", "exact,default")
        self.assertEqual(code, 0, self.said)
        self.assertEqual(len(records), 2 * 2 * 2)
        for record in records:
            self.assertLessEqual(FIELDS, set(record))
            self.assertEqual(len(record["rounds"]), 2)
            self.assertGreater(record["milliseconds"], 0)
            self.assertGreater(record["peak_megabytes"], 1)
        self.assertEqual({record["threads"] for record in records}, {1, 2})
        self.assertIn("| johnson 4 | 64x64 | 2 |", text)

    def test_precisions_agree_with_exact(self):
        _, records, _ = self.compare("--rounds", "1", "--threads", "1", "--cases", "johnson 4")
        differences = {record["precision"]: record["max_abs_difference"] for record in records}
        self.assertEqual(differences["exact"], 0)
        self.assertTrue(math.isfinite(differences["default"]))
        self.assertLess(differences["default"], 1e-4)

    def test_no_case_of_that_name_is_a_failure(self):
        code, records, _ = self.compare("--cases", "nothing of this name")
        self.assertEqual((code, records), (1, []))

    def test_a_worker_that_fails_is_reported(self):
        code, records, _ = self.compare("--rounds", "1", "--worker", "/bin/false")
        self.assertEqual((code, records), (1, []))


unittest.main()
