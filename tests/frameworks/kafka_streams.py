"""A Kafka Streams application (table join, repartition, windows with changelogs, stream join, exactly_once_v2) that is killed again and
again, and its broker once: what it wrote is what a batch over its input computes, and each input counted exactly once."""
import collections
import json
import pathlib
import random
import signal
import subprocess
import time

import records_client as client
import toolchains
from kafka import create_topic
from server import Server, free_port
from suite import Suite, check, check_code, check_equal

suite = Suite()
HERE = pathlib.Path(__file__).resolve().parent
MINUTE = 60_000
USERS, PURCHASES, ORDERS, PER_SECOND = 50, 8000, 2000, 350
REGIONS = ("north", "south", "east", "west", "centre")
SEED = random.randrange(1 << 30)


def shop(bootstrap, place, log):
    libraries = toolchains.java_program("streams", HERE / "streams" / "pom.xml", HERE / "streams" / "src")
    return subprocess.Popen(["java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", libraries,
                             "Shop", bootstrap, str(place)], stdout=log, stderr=log)


class Input:
    """What goes in, and what a batch makes of it."""

    def __init__(self, chance, began):
        self.users = [("users", f"user-{number}", chance.choice(REGIONS), began - 60 * MINUTE) for number in range(USERS)]
        region_of = {key: region for _, key, region, _ in self.users}
        self.sums, self.paid, rows = collections.defaultdict(lambda: (0, 0)), collections.Counter(), []
        for number in range(PURCHASES):
            user, amount, at = f"user-{chance.randrange(USERS + 5)}", chance.randrange(100), began + number * 10 * MINUTE // PURCHASES
            rows.append(("purchases", user, str(amount), at))
            if user in region_of:
                window = f"{region_of[user]}@{at // MINUTE}"
                count, total = self.sums[window]
                self.sums[window] = (count + 1, total + amount)
        for number in range(ORDERS):
            order, item, at = f"order-{number}", f"item-{chance.randrange(30)}", began + number * 10 * MINUTE // ORDERS
            rows.append(("orders", order, item, at))
            later = chance.choice((0, 1, 3, 5, 6, 9, None)) if number % 5 else 2
            if later is not None:
                rows.append(("payments", order, str(number), at + later * MINUTE))
                if later <= 5:
                    self.paid[(order, f"{item},{number}")] += 1
        self.rows = sorted(rows, key=lambda row: row[3])


def compare(expected, found):
    """None when all is there and right; what is still missing otherwise."""
    by_window = collections.defaultdict(list)
    for window, value in found["sums"]:
        by_window[window].append(tuple(map(int, value.split(","))))
    for window, values in by_window.items():
        check(window in expected.sums, f"a window that no purchase is in: {window}")
        counts = [count for count, _ in values]
        check_equal(counts, list(range(1, len(counts) + 1)), f"the counts of {window}, one for each purchase")
    paid = collections.Counter(found["paid"])
    check(not paid - expected.paid, f"paid more than once, or wrongly: {list((paid - expected.paid).items())[:3]}")
    if paid != expected.paid or {window: values[-1] for window, values in by_window.items()} != expected.sums:
        return f"{sum(map(len, by_window.values()))} of {sum(count for count, _ in expected.sums.values())} purchases, {len(found['paid'])} of {len(expected.paid)} payments"
    return None


@suite.test
def a_kafka_streams_application_counts_everything_exactly_once(bench):
    print(f"  seed {SEED}")
    chance, place = random.Random(SEED), bench.fresh()
    bootstrap = f"127.0.0.1:{free_port()}"
    server = bench.enter(Server(bench.binary, place, dev=True, listen=[f"plaintext://{bootstrap}"]))
    with server.connect() as connection:
        for topic in ("users", "purchases", "orders", "payments", "sums", "paid"):
            check_code(create_topic(connection, topic, 4), 0, f"create {topic}")
    expected = Input(chance, int(time.time() * 1000) - 30 * MINUTE)
    client.write(bootstrap, expected.users)
    (place / "input").write_text("\n".join(map(json.dumps, expected.rows)))
    with (place / "input").open() as rows:
        feeder = subprocess.Popen(client.command("write", bootstrap, PER_SECOND), stdin=rows)
    bench.stack.callback(lambda: (feeder.kill(), feeder.wait()))
    with (place / "shop.log").open("w") as log:
        application = shop(bootstrap, place / "state", log)
        bench.stack.callback(lambda: (application.kill(), application.wait()))
        kills = 0
        while feeder.poll() is None:
            time.sleep(chance.uniform(3, 6))
            if kills == 1:
                server.kill()
                server.start()
            else:
                application.send_signal(signal.SIGKILL)
                application.wait()
                application = shop(bootstrap, place / "state", log)
            kills += 1
        check_equal(feeder.returncode, 0, "the feeder's exit code")
        until, missing = time.monotonic() + 180, ""
        while missing is not None and time.monotonic() < until:
            time.sleep(2)
            missing = compare(expected, client.read(bootstrap, "sums", "paid"))
        application.kill()
        application.wait()
    check(missing is None, f"still missing: {missing}; its log: {(place / 'shop.log').read_text()[-600:]}")
    check(kills >= 3, f"just {kills} kills: the test reached nothing")
    print(f"  {kills} kills (one of the broker), {PURCHASES} purchases in {len(expected.sums)} windows, {len(expected.paid)} payments")
