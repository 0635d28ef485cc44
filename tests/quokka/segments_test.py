"""The second segment reader, on bytes made by hand."""
import pathlib
import tempfile
import unittest
import zlib

import world
import kept
import segments


class Segments(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def read(self, batches, topic="sale"):
        world.write_segment(self.folder.name, topic, 0, batches)
        return segments.read_log(self.folder.name)

    def test_counts_records_bytes_and_batches_by_writer(self):
        first, second = world.batch(0, "a", 0, [b"x", b"y"]), world.batch(2, "b", 0, [b"z"])
        log = self.read([first, second])
        self.assertEqual((log.written["sale", "a"].records, log.written["sale", "a"].bytes, log.written["sale", "a"].batches),
                         (2, len(first), 1))
        self.assertEqual((log.written["sale", "b"].records, log.written["sale", "b"].bytes), (1, len(second)))
        self.assertEqual(log.ends["sale", 0], 3)
        self.assertEqual(log.written["sale", "a"].crc_sum, zlib.crc32(b"x") + zlib.crc32(b"y"))

    def test_finds_a_record_that_is_there_twice(self):
        log = self.read([world.batch(0, "a", 5, [b"x"]), world.batch(1, "a", 5, [b"x"])])
        self.assertEqual(log.written["sale", "a"].duplicates(), [5])

    def test_reads_gzip(self):
        log = self.read([world.batch(0, "a", 0, [b"x" * 500] * 3, attributes=1)])
        self.assertEqual(log.written["sale", "a"].records, 3)

    def test_leaves_out_control_batches_but_counts_their_offset(self):
        log = self.read([world.batch(0, "a", 0, [b"x"]), world.marker(1, 7, True)])
        self.assertEqual((log.written["sale", "a"].records, log.ends["sale", 0]), (1, 2))

    def test_tells_what_transactions_ended_with(self):
        given_up = world.batch(0, "a", 0, [b"x"], world.TRANSACTIONAL, producer=7)
        committed = world.batch(1, "b", 4, [b"y"], world.TRANSACTIONAL, producer=8, answers=["sale-0@3"])
        unended = world.batch(4, "a", 1, [b"z"], world.TRANSACTIONAL, producer=7)
        log = self.read([given_up, committed, world.marker(2, 7, False), world.marker(3, 8, True), unended])
        self.assertEqual((log.written["sale", "a"].committed, log.written["sale", "a"].aborted, log.written["sale", "a"].unended), (set(), {0}, {1}))
        self.assertEqual((log.written["sale", "b"].committed, log.written["sale", "b"].answers), ({4}, {"sale-0@3": 1}))
        self.assertEqual((log.written["sale", "a"].records, log.ends["sale", 0]), (2, 5))

    def test_tells_records_and_the_segment_that_is_written_to(self):
        world.make_articles(self.folder.name)
        log = segments.read_log(self.folder.name)
        self.assertEqual([(record.offset, record.key, record.value) for record in log.records["article", 0]],
                         [(2, b"a", b"a2"), (3, b"c", b"c1"), (4, b"b", None), (5, b"a", b"a3"), (6, b"a", b"a4")])
        self.assertEqual(log.active["article", 0], 5)

    def test_sizes_of_batches_that_are_gone_are_those_they_had(self):
        sizes = [len(world.article(offset)) for offset in range(len(world.ARTICLES))]
        records = world.make_truth().keyed["article"]
        self.assertEqual([kept.batch_bytes(records[0, offset]) for offset in range(len(world.ARTICLES))], sizes)
        self.assertEqual(sum(sizes), world.ARTICLES_BYTES)

    def test_takes_a_batch_that_compaction_emptied(self):
        log = self.read([world.batch(0, "a", 0, [])])
        self.assertEqual((dict(log.written), log.ends["sale", 0]), ({}, 0))

    def test_stops_at_a_batch_that_is_cut_off(self):
        log = self.read([world.batch(0, "a", 0, [b"x"]), world.batch(1, "a", 1, [b"y"])[:-1]])
        self.assertEqual(log.written["sale", "a"].records, 1)

    def test_refuses_a_batch_of_two_writers(self):
        one = world.batch(0, "a", 0, [b"x", b"x"])
        mixed = one.replace(b"\x02a", b"\x02b", 1)
        with self.assertRaisesRegex(ValueError, "2 writers"):
            self.read([mixed])

    def test_leaves_out_internal_topics(self):
        self.assertEqual(self.read([world.batch(0, "a", 0, [b"x"])], topic="__internal").written, {})


if __name__ == "__main__":
    unittest.main(argv=[str(pathlib.Path(__file__).name)])
