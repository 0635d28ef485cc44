"""The oracle can fail: an honest answer is equal, and each way of lying is found, by value and by exit code."""
import contextlib
import io
import pathlib
import tempfile
import unittest

import world
import oracle
import segments
import truth as truth_side


class Oracle(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        world.make_log(self.folder.name)
        self.truth, self.answer = world.make_truth(), world.make_answer()

    def compare(self, kills=()):
        return oracle.compare(world.PLAN, self.truth, segments.read_log(self.folder.name), self.answer, kills)

    def different(self, kills=()):
        return [line[0] for line in self.compare(kills).differences()]

    def test_an_honest_answer_is_equal_and_exits_with_zero(self):
        result = self.compare()
        self.assertEqual(result.differences(), [])
        with contextlib.redirect_stdout(io.StringIO()) as shown:
            self.assertEqual(oracle.show(result), 0)
        self.assertIn("0 different", shown.getvalue())

    def test_a_dropped_entry_is_found(self):
        del self.answer["usage"][0]
        self.assertEqual(self.different(), ["appended records sale till-app"])

    def test_a_doubled_entry_is_found(self):
        self.answer["usage"][0]["amount"] *= 2
        self.assertEqual(self.different(), ["appended records sale till-app"])

    def test_an_entry_of_the_wrong_principal_is_found(self):
        self.answer["usage"][0]["principal"] = "report-app"
        self.assertIn("appended records sale report-app", self.different())
        self.assertIn("appended records sale till-app", self.different())

    def test_a_wrong_byte_count_is_found(self):
        self.answer["usage"][3]["amount"] += 1
        self.assertEqual(self.different(), ["log bytes quiet till-app"])

    def test_wrong_consumption_is_found(self):
        self.answer["consumed"][0]["amount"] = 2
        self.assertEqual(self.different(), ["consumed report sale 0"])

    def test_consumption_may_miss_what_was_read_just_before_a_kill_that_the_first_commit_came_after(self):
        self.answer["consumed"][0]["amount"] = 2
        self.assertEqual(self.different(kills=[10_200]), [])
        self.answer["consumed"][0]["amount"] = 4
        self.assertEqual(self.different(kills=[10_200]), ["consumed report sale 0"])

    def test_a_marker_reaches_a_reader_with_what_is_before_it(self):
        truth_side.take(self.truth, "report-app", "report-app", {"event": "received", "t": 20_000, "topic": "verdict", "partition": 0,
                                                                 "from": 7, "to": 7, "records": 1, "origins": {"screen-app": 1}})
        self.assertEqual(self.truth.received_before(10_200, "verdict", "report-app", 1000, 0), 4)

    def test_consumption_misses_nothing_once_the_group_has_committed(self):
        self.truth.first_committed["report", "sale", 0] = 5_000
        self.answer["consumed"][0]["amount"] = 2
        self.assertEqual(self.different(kills=[10_200]), ["consumed report sale 0"])

    def test_consumption_of_the_wrong_principal_is_found(self):
        self.answer["consumed"][0]["principal"] = "spy-app"
        self.assertEqual(self.different(), ["consumed by report > sale > report-app", "consumed by report > sale > spy-app"])

    def test_a_difference_exits_with_one(self):
        self.answer["usage"][0]["amount"] += 1
        with contextlib.redirect_stdout(io.StringIO()):
            self.assertEqual(oracle.show(self.compare()), 1)

    def test_a_comparison_of_nothing_exits_with_one(self):
        with contextlib.redirect_stdout(io.StringIO()):
            self.assertEqual(oracle.show(oracle.Comparison()), 1)

    def test_served_less_than_received_is_different_without_a_kill(self):
        self.answer["usage"][4]["amount"] = 2
        self.assertEqual(self.different(), ["served offsets sale report-app"])

    def test_served_may_lack_the_last_second_before_a_kill(self):
        self.answer["usage"][4]["amount"] = 0
        self.assertEqual(self.different(kills=[10_500]), [])
        self.assertEqual(self.different(kills=[12_000]), ["served offsets sale report-app"])

    def test_an_edge_too_many_and_one_too_few_are_found(self):
        self.answer["lineage"]["triples"][0] = {"producer": "spy-app", "topic": "sale", "consumer": "report-app"}
        self.assertEqual(self.different(), ["producer to consumer spy-app > sale > report-app",
                                            "producer to consumer till-app > sale > report-app"])

    def test_a_missing_denial_is_found(self):
        self.answer["audit"] = []
        self.assertEqual(self.different(), ["denied spy-app > topic sale > describe"])

    def test_a_wrong_owner_is_found(self):
        self.answer["who"]["topic sale"]["squad"] = "finance"
        self.assertEqual(self.different(), ["who topic sale: squad"])

    def test_a_wrong_committed_offset_is_found(self):
        self.answer["groups"][0]["partitions"][0]["committed"] = 2
        self.assertEqual(self.different(), ["committed report sale 0"])

    def test_a_record_twice_in_the_log_is_found(self):
        world.write_segment(self.folder.name, "quiet", 0, [world.batch(0, "till-app", 0, world.VALUES[:1])] * 2)
        self.assertIn("in the log quiet till-app: missing, duplicated", self.different())

    def test_an_acknowledged_record_that_is_not_in_the_log_is_found(self):
        world.write_segment(self.folder.name, "sale", 0, [world.batch(0, "till-app", 0, world.VALUES[:2])])
        self.assertIn("in the log sale till-app: missing, duplicated", self.different())

    def test_a_record_that_was_given_up_and_seen_is_found(self):
        self.truth.seen["verdict", "screen-app", "report-app"].add(1)
        self.assertEqual(self.different(), ["transactions verdict screen-app: committed and not seen, given up and seen by report-app"])

    def test_a_committed_record_that_was_not_seen_is_found(self):
        self.truth.seen["verdict", "screen-app", "report-app"].remove(4)
        self.assertEqual(self.different(), ["transactions verdict screen-app: committed and not seen, given up and seen by report-app"])

    def test_a_transaction_that_ended_otherwise_is_found(self):
        world.write_segment(self.folder.name, "verdict", 0, [world.GIVEN_UP, world.marker(2, 7, True), *world.VERDICTS[2:]])
        different = self.different()
        self.assertIn("transactions verdict screen-app: records given up", different)
        self.assertIn("answers of screen-app to sale: missing, repeated, to nothing", different)

    def test_a_transaction_without_an_end_is_found(self):
        world.write_segment(self.folder.name, "verdict", 0, world.VERDICTS[:3])
        self.assertIn("transactions verdict screen-app: ended otherwise, without an end", self.different())

    def test_an_answer_that_is_missing_is_found(self):
        world.write_segment(self.folder.name, "sale", 0, [world.batch(0, "till-app", 0, world.VALUES), world.batch(3, "till-app", 3, [b"four"])])
        self.assertIn("answers of screen-app to sale", self.different())

    def test_an_older_record_that_compaction_left_is_found(self):
        world.make_articles(self.folder.name, (1, *world.ARTICLES_LEFT))
        self.assertEqual(self.different(), ["compacted article 0: records left", "compacted article 0: missing, older than its key's latest"])

    def test_a_latest_record_that_compaction_took_is_found(self):
        world.make_articles(self.folder.name, (2, 4, 5, 6))
        self.assertIn("compacted article: keys whose latest record is not the truth's", self.different())

    def test_a_record_of_the_active_segment_that_compaction_took_is_found(self):
        world.make_articles(self.folder.name, (2, 3, 4, 6))
        self.assertEqual(self.different(), ["compacted article 0: records left", "compacted article 0: missing, older than its key's latest"])

    def test_a_tombstone_that_is_gone_is_found(self):
        world.make_articles(self.folder.name, (2, 3, 5, 6))
        self.assertIn("compacted article: keys that were removed", self.different())

    def test_a_log_that_was_never_compacted_is_found(self):
        world.make_articles(self.folder.name, range(7))
        self.assertIn("compacted article: something was removed, something taken out", self.different())

    def test_bytes_of_a_compacted_topic_are_those_that_were_appended(self):
        next(line for line in self.answer["usage"] if (line["topic"], line["measure"]) == ("article", "appended_bytes"))["amount"] -= 1
        self.assertEqual(self.different(), ["log bytes article till-app"])

    def test_a_story_that_did_not_happen_is_found(self):
        self.truth.denied.clear()
        self.answer["audit"] = []
        self.assertEqual(self.different(), ["story: was denied spy-app > topic sale"])


if __name__ == "__main__":
    unittest.main(argv=[str(pathlib.Path(__file__).name)])
