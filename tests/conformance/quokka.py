"""Quokka Incorporated as the model under test: one principal of each kind in relation to the topic online.order."""
import pathlib

from batch import batch
from kafka import commit, create_topic, produce, topic_id
from server import Server
from suite import check_code

MODEL = pathlib.Path(__file__).resolve().parents[2] / "examples" / "quokka"

TOPIC = "online.order"                # owned by web-shop, through a product
UNSEEN = "payments.authorisation"     # owned by payments-and-fraud, offered to nobody, and made
NEVER_MADE = "finance.daily-margin"   # declared, owned by central-data, never made
BY_NAME = "storefront.deleted-by-name"  # owned by web-shop through the prefix, as are the next two
BY_ID = "storefront.deleted-by-id"
SETTINGS = "storefront.settings"
OWNER = "storefront-api"              # application of web-shop
GRANTED = "sales-unifier"             # application of central-data with a grant on online.order
UNGRANTED = "marketing-insights"      # its one grant waits for approval, for another topic
UNKNOWN = "legacy-etl"                # signed in, in no document
PLATFORM = "ada.okafor"               # member of data-platform
KINDS = (OWNER, GRANTED, UNGRANTED, UNKNOWN, PLATFORM)

# Groups and transactional ids carry the component's name: storefront's belong to web-shop.
GROUP = "storefront"
TRANSACTIONAL_ID = "storefront-transactions"

AS_DECLARED = -1  # partitions: what the contract says


def governed(bench, name, *sets):
    """Shared by tests that name it alike. The first principal is another platform person."""
    def make():
        server = Server(bench.binary, bench.fresh(), listen=["sasl_plaintext"], model=MODEL,
                        sets=["groups.initial_rebalance_delay_ms=0", *sets]).start()
        server.enrol("jun.park", [*KINDS, "fraud-screen"])
        for owner, topic in ((OWNER, TOPIC), ("fraud-screen", UNSEEN)):
            with server.connect(owner) as connection:
                check_code(create_topic(connection, topic, AS_DECLARED), 0, f"create {topic}")
                check_code(produce(connection, topic, batch([b"first"]))["error_code"], 0, f"produce to {topic}")
        for principal, group in ((OWNER, GROUP), (GRANTED, GRANTED)):
            with server.connect(principal) as connection:
                check_code(commit(connection, group, TOPIC), 0, f"commit to {group}")
        with server.connect(OWNER) as connection:
            server.topic_id = topic_id(connection, TOPIC)
            for topic in (BY_NAME, BY_ID, SETTINGS):
                check_code(create_topic(connection, topic), 0, f"create {topic}")
            server.deletable_id = topic_id(connection, BY_ID)
        return server
    return bench.keep(name, make)


def closed(bench):
    """Topics that no document declares are closed."""
    return governed(bench, "closed", "access.undeclared_topics=closed")
