"""What the oracle makes of a shape, worked out by hand for a company of three squads; and that it finds each way of lying about one."""
import copy
import json
import pathlib
import tempfile
import unittest

import world  # noqa: F401  finds the tools
import oracle
import segments
import shape as shape_side
import shape_comparison
import truth as truth_side

# till writes sale, which report reads; spy asks for it. Before, central builds and runs it; after, its shop does.
PLAN = {"topics": [{"topic": "sale", "owner": "central"}, {"topic": "old", "owner": None}],
        "people": [{"principal": "pat", "squad": "ops"}, {"principal": "sol", "squad": "shop"}, {"principal": "sid", "squad": "spies"}],
        "applications": [
            {"application": "till", "squad": "central", "principal": "till-app", "plants": [], "writes": [{"topic": "sale"}], "reads": []},
            {"application": "report", "squad": "finance", "principal": "report-app", "plants": [], "writes": [], "reads": [{"topic": "sale", "group": "report"}]},
            {"application": "slow", "squad": "finance", "principal": "slow-app", "plants": ["consumer_stalls"], "writes": [], "reads": []},
            {"application": "spy", "squad": "spies", "principal": "spy-app", "plants": [], "writes": [], "reads": []}],
        "failures": [{"what": "wrong", "topic": "sale", "failure": "data"}, {"what": "slow", "topic": "sale", "failure": "lag"},
                     {"what": "whose", "topic": "old", "failure": "access"}],
        "request": {"by": "sid", "application": "spy", "principal": "spy-app", "product": "sales", "topic": "sale", "group": "spy"}}
GROUPS = {"central": "central", "platform": "ops", "governance": "law"}
OLD = {"topic": "old", "product": None, "owner": None, "mode": None}
BEFORE = {"groups": GROUPS, "applications": {}, "works_with": [], "answers": {"by": "pat", "answer": "reject"}, "acts": [],
          "topics": [{"topic": "sale", "product": "sales", "owner": "central", "mode": "sustain"}, OLD]}
AFTER = {"groups": GROUPS, "applications": {"till": "shop"}, "works_with": [["shop", "finance"]], "answers": {"by": "sol", "answer": "approve"},
         "acts": [{"topic": "sale", "duty": "run", "by": "pat"}], "topics": [{"topic": "sale", "product": "sales", "owner": "shop", "mode": "optimise"}, OLD]}
SWITCHED = {"began": 10_000, "ended": 11_000}

# What an honest Myelin says, written down by hand. In the first shape pat of ops answers what central was asked; in the second sol answers
# for the shop, and pat runs what central is to run.
TOLD = {
    "asked": {"first": 1_000, "second": 20_000}, "switch": SWITCHED,
    "first": {"called": ["central", "central", "ops"], "consents": {"sale": ["central"]}, "mode_consents": {"sale": ["central"]}, "edges": [["central", "sale", "finance"]],
              "congruence": {"declared": 0, "edges": 1}, "drift": {"sales": [1, 1]},
              "access": {"state": "rejected", "provider": "central", "asked": "2026-11-22T12:00:00Z", "first_record": None}},
    "second": {"called": ["shop", "central", "ops"], "consents": {"sale": ["shop"]}, "mode_consents": {"sale": ["central", "shop"]},
               "edges": [["shop", "sale", "finance"], ["shop", "sale", "spies"]], "congruence": {"declared": 1, "edges": 2}, "drift": {"sales": [2, 3]},
               "access": {"state": "applied", "provider": "shop", "asked": "2026-11-22T12:00:00Z", "first_record": "2026-11-22T12:00:02.500Z"}}}


def truth_of():
    truth = truth_side.Truth()
    received = {"event": "received", "topic": "sale", "partition": 0, "records": 1, "origins": {"till-app": 1}}
    lines = [("till-app", {"event": "acked", "t": 10_500, "topic": "sale", "records": 2, "ranges": [[0, 1]], "crc_sum": 1}),
             ("till-app", {"event": "acked", "t": 12_000, "topic": "sale", "records": 1, "ranges": [[2, 2]], "crc_sum": 1}),
             ("slow-app", {**received, "t": 9_000, "from": 0, "to": 0}),
             ("report-app", {**received, "t": 12_500, "from": 0, "to": 0}),
             ("spy-app", {**received, "t": 23_000, "from": 0, "to": 0})]
    for principal, line in lines:
        truth_side.take(truth, principal, principal, line)
    return truth


class Shapes(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        world.write_segment(self.folder.name, "sale", 0, [world.batch(0, "till-app", 0, world.VALUES)])
        self.shapes, self.truth, self.told = [self.shape(BEFORE), self.shape(AFTER)], truth_of(), copy.deepcopy(TOLD)

    def shape(self, told):
        path = pathlib.Path(self.folder.name) / "shape.json"
        path.write_text(json.dumps(told))
        return shape_side.Shape(path, PLAN)

    def different(self):
        result = oracle.Comparison()
        shape_comparison.compare(result, *self.shapes, self.truth, segments.read_log(self.folder.name), self.told)
        return [line[0] for line in result.differences()]

    def test_who_is_called_goes_by_the_mode(self):
        def called(mode):
            topic = {"topic": "sale", "product": "sales", "owner": "shop", "mode": mode}
            shape = self.shape(AFTER | {"topics": [topic]})
            return [shape.called("sale", failure) for failure in ("schema", "data", "freshness", "lag", "access", "cost", "security", "platform")]
        self.assertEqual(called("growth"), ["shop"] * 6 + ["law", "ops"])
        self.assertEqual(called(None), ["shop"] * 6 + ["law", "ops"])
        self.assertEqual(called("consumption"), ["shop"] * 6 + ["law", "ops"])
        self.assertEqual(called("optimise"), ["shop", "shop", "central", "central", "shop", "shop", "law", "ops"])
        self.assertEqual(called("sustain"), ["central"] * 4 + ["shop", "shop", "law", "ops"])

    def test_the_plan_of_a_shape_has_its_squads_and_owners(self):
        plan = self.shapes[1].as_plan()
        self.assertEqual([entry["squad"] for entry in plan["applications"]], ["shop", "finance", "finance", "spies"])
        self.assertEqual([entry["owner"] for entry in plan["topics"]], ["shop", None])

    def test_an_honest_answer_is_equal(self):
        self.assertEqual(self.different(), [])

    def test_a_wrong_squad_that_is_called_is_found(self):
        self.told["second"]["called"][0] = "central"
        self.assertEqual(self.different(), ["called for data of sale (wrong)"])

    def test_a_wrong_approval_is_found_also_when_it_is_missing(self):
        self.told["first"]["consents"]["sale"] = ["central", "finance"]
        self.assertEqual(self.different(), ["approvals for another contract of sale"])
        self.told["first"]["consents"] = {}
        self.assertEqual(self.different(), ["approvals for another contract of sale"])

    def test_a_flip_of_the_mode_needs_who_builds_and_runs_before_and_after(self):
        self.told["second"]["mode_consents"]["sale"] = ["shop"]
        self.assertEqual(self.different(), ["approvals for another mode of sale"])

    def test_drift_that_is_missing_or_anothers_is_found(self):
        for drift in ({}, {"sales": [1, 3]}, {"sales": [2, 3], "more": [0, 1]}):
            self.told["second"]["drift"] = drift
            self.assertEqual(len(self.different()), 1, drift)

    def test_congruence_that_is_made_up_is_found(self):
        self.told["second"]["congruence"]["declared"] = 2
        self.assertEqual(self.different(), ["congruence, declared edges of all"])

    def test_an_edge_of_the_wrong_squad_is_found(self):
        self.told["second"]["edges"][0][0] = "central"
        self.assertEqual(self.different(), ["edge between squads after central > sale > finance", "edge between squads after shop > sale > finance"])

    def test_a_time_to_access_that_no_client_saw_is_found(self):
        self.told["second"]["access"]["first_record"] = "2026-11-22T12:00:09Z"
        self.assertEqual(self.different(), ["spy asks for sales: seconds to the first record"])
        self.told["second"]["access"]["first_record"] = None
        self.assertEqual(self.different(), ["spy asks for sales, and reads", "spy asks for sales: seconds to the first record"])

    def test_a_record_that_is_lost_in_the_switch_is_found(self):
        world.write_segment(self.folder.name, "sale", 0, [world.batch(0, "till-app", 0, world.VALUES[:1])])
        self.assertEqual(self.different(), ["switch: records acknowledged meanwhile, in the log"])

    def test_a_record_that_is_given_up_is_found(self):
        truth_side.take(self.truth, "till-app", "till-app", {"event": "refused", "t": 10_600, "topic": "sale", "sequence": 9})
        self.assertEqual(self.different(), ["switch: records that a client gave up, then or ever"])

    def test_a_client_that_is_refused_what_it_may_is_found_and_no_other(self):
        self.truth.denied |= {("till-app", "topic sale", "write"), ("report-app", "topic old", "read")}
        self.assertEqual(self.different(), ["switch: clients that were refused what they may"])

    def test_clients_that_fall_silent_are_found_but_for_those_that_are_to_stall(self):
        self.truth.acks = self.truth.acks[:1]
        self.assertEqual(self.different(), ["switch: clients that no longer write after it"])
        self.truth.moments["sale", "report-app", 0][0].t = 10_000
        self.assertEqual(self.different()[1:], ["switch: clients that no longer read after it"])

    def test_a_switch_in_which_nothing_moved_proves_nothing(self):
        self.truth.acks = self.truth.acks[1:]
        self.told["switch"] = {"began": 1_000, "ended": 1_500}
        self.assertEqual(self.different(), ["switch: somebody wrote meanwhile"])


if __name__ == "__main__":
    unittest.main(argv=[str(pathlib.Path(__file__).name)])
