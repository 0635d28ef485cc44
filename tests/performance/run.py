"""What ./dev bench kafka says about samples: verdicts counted by hand, and the page in docs/ made of those that are kept beside it."""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[1:1] = [str(HERE.parent / "wire"), str(ROOT / "bench" / "kafka")]

import page  # noqa: E402
import table  # noqa: E402
from suite import Suite, check, check_equal, check_in  # noqa: E402

suite = Suite()
FLOORS = {"tcp_receive_s_gb": 0.1, "crc32c_memory_gbs": 20, "append_s_gb": 0.15, "sendfile_s_gb": 0.2}
PRODUCE, FETCH, RECORDS = "produce 1 KB × 256, `os`", "fetch, catching up, 1 reader", "records, 64 producers"


def sample(pair, broker, step, figures, run="r1"):
    return {"kind": "sample", "run": run, "pair": pair, "broker": broker, "step": step, "figures": figures}


def turns(step, *figures):
    """A turn of both for each (Kafka's figures, Myelin's figures)."""
    entries = []
    for pair, (kafka, myelin) in enumerate(figures, 1):
        entries += [sample(pair, "machine", "floors", FLOORS), sample(pair, "kafka", step, kafka), sample(pair, "myelin", step, myelin)]
    return entries


def line_named(name, entries):
    return table.judged(next(line for line in table.LINES if line.name == name), table.Samples(entries))


def produced(kafka, myelin):
    return {"produce_1k_s_gb": kafka}, {"produce_1k_s_gb": myelin}


@suite.test
def the_ratio_is_the_median_of_the_pairs_ratios(_):
    # Ratios 0.5, 0.25 and 0.7; the ratio of the medians, 0.5 / 1.0, would be another one.
    found = line_named(PRODUCE, turns("produce", produced(1.0, 0.5), produced(2.0, 0.5), produced(1.0, 0.7)))
    check_equal((found.pairs, found.kafka, found.myelin, found.ratio), (3, 1.0, 0.5, 0.5), "pairs, Kafka, Myelin and ratio")
    found = line_named(PRODUCE, turns("produce", produced(1.0, 0.8), produced(4.0, 2.0), produced(2.0, 0.5)))
    check_equal((found.kafka, found.myelin, found.ratio), (2.0, 0.8, 0.5), "Kafka, Myelin and ratio")


@suite.test
def a_goal_is_reached_at_its_bound_and_missed_above_it(_):
    check_equal(line_named(PRODUCE, turns("produce", produced(1.0, 0.5))).verdict, "reached", "0.5 of Kafka where 0.5 is to be reached")
    check_equal(line_named(PRODUCE, turns("produce", produced(1.0, 0.51))).verdict, "MISSED", "0.51 of it")


@suite.test
def a_fetch_is_held_against_the_larger_of_kafka_and_the_sendfile_floor(_):
    def fetched(kafka, myelin):
        return turns("produce", ({"fetch_1k_s_gb": kafka}, {"fetch_1k_s_gb": myelin}))
    # 1.3 × 0.2 = 0.26 is more than 0.8 × 0.2, and less than 0.8 × 0.5.
    check_equal(line_named(FETCH, fetched(0.2, 0.25)).verdict, "reached", "below 1.3 × sendfile")
    check_equal(line_named(FETCH, fetched(0.2, 0.27)).verdict, "MISSED", "above 1.3 × sendfile")
    check_equal(line_named(FETCH, fetched(0.5, 0.39)).verdict, "reached", "below 0.8 × Kafka")


@suite.test
def where_more_is_better_five_times_kafka_is_to_be_reached(_):
    def wrote(kafka, myelin):
        return turns("synced", ({"synced_64_per_s": kafka}, {"synced_64_per_s": myelin}))
    check_equal(line_named(RECORDS, wrote(1000, 5000)).verdict, "reached", "5 ×")
    check_equal(line_named(RECORDS, wrote(1000, 4900)).verdict, "MISSED", "4.9 ×")


@suite.test
def a_step_that_failed_on_one_side_has_no_verdict_and_says_why(_):
    entries = turns("produce", produced(1.0, 0.5))
    entries[1] = {"kind": "sample", "run": "r1", "pair": 1, "broker": "kafka", "step": "produce", "figures": {}, "error": "Failed: it ended"}
    found = line_named(PRODUCE, entries)
    check_equal((found.verdict, found.why_missing), ("not measured", "Failed: it ended"), "verdict and reason")
    check_in(f"| {PRODUCE} | CPU-s/GB | – | – | – | – | ≤ 0.5 × | not measured |", page.table_of("Large batches", table.Samples(entries)))


@suite.test
def the_page_shows_medians_ratio_floor_and_verdict(_):
    # The floor is 0.1 + 1/20 + 0.15; 0.4 of Kafka is two thirds of what is to be reached.
    text = page.table_of("Large batches", table.Samples(turns("produce", produced(1.0, 0.4))))
    check_in(f"| {PRODUCE} | CPU-s/GB | 1.00 | 0.400 | 0.400 | 0.300 | ≤ 0.5 × | reached (0.80 of it) |", text)


@suite.test
def growth_is_the_dearest_against_the_first(_):
    check_equal(table.growth_of([(10, 1.0, 0.2), (100, 3.0, 0.3), (1000, 2.0, 0.1)]), (3.0, 0.3 / 0.2, "reached"), "Kafka three times, Myelin one and a half")
    check_equal(table.growth_of([(10, 1.0, 0.2), (100, 9.0, 0.4)])[2], "MISSED", "twice the first, though Kafka grows more")


@suite.test
def steps_that_were_measured_anew_replace_those_that_were_kept(_):
    def run(name, *samples):
        return [{"kind": "run", "run": name}, *samples]
    old = run("r1", sample(1, "machine", "floors", FLOORS), sample(1, "kafka", "produce", {"a": 1}), sample(1, "kafka", "tls", {"a": 2}))
    new = run("r2", sample(1, "machine", "floors", FLOORS, "r2"), sample(1, "kafka", "tls", {"a": 3}, "r2"))
    found = [(entry["run"], entry.get("step")) for entry in page.merged(old, new)]
    check_equal(found, [("r1", None), ("r1", "floors"), ("r1", "produce"), ("r2", None), ("r2", "floors"), ("r2", "tls")], "what is kept")
    replaced = [(entry["run"], entry.get("step")) for entry in page.merged(page.merged(old, new), run("r3", sample(1, "kafka", "tls", {"a": 4}, "r3")))]
    check_equal([part for part in replaced if part[0] == "r2"], [], "a run of which nothing is left, floors and all")


@suite.test
def the_page_and_its_plots_are_made_of_the_samples_beside_them(_):
    for name, content in page.files(table.Samples(page.read(page.KEPT_SAMPLES))).items():
        kept = page.DOCS / name
        check(kept.exists() and kept.read_text() == content, f"docs/{name} is not what ./dev bench kafka --page makes")


if __name__ == "__main__":
    suite.main()
