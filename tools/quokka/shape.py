"""What a shape of the company makes true: who is called, whose consent a change needs, which edges join squads.

A shape is a file written by hand (shape.json beside a model): who owns, builds and runs each topic, and who says that they work
together. The rules here are the oracle's own, so that Myelin's are held against something."""
import json
import pathlib

# Who builds and who runs by the mode: the owner, or the central squad.
BUILT_CENTRALLY, RUN_CENTRALLY = {"sustain"}, {"optimise", "sustain"}
# Which of them takes a class of failure; each group takes the class of its own name.
BUILDERS, RUNNERS, OWNERS = {"schema", "data"}, {"freshness", "lag"}, {"access", "cost"}
GROUPS = {"security": "governance", "platform": "platform"}


class Shape:
    def __init__(self, path, plan):
        self.told, self.plan = json.loads(pathlib.Path(path).read_text()), plan
        self.topics = {topic["topic"]: topic for topic in self.told["topics"]}
        self.groups, self.answers = self.told["groups"], self.told["answers"]
        self.works_with = {frozenset(pair) for pair in self.told["works_with"]}
        self.squads = {entry["principal"]: self.squad_of(entry) for entry in plan["applications"]}
        self.squads |= {person["principal"]: person["squad"] for person in plan["people"]}

    def squad_of(self, application):
        return self.told["applications"].get(application["application"], application["squad"])

    def holder(self, topic, duty, mode=None):
        """Who builds, runs or approves, in its own mode or in another; what nobody owns is the platform group's."""
        entry = self.topics[topic]
        if entry["owner"] is None:
            return self.groups["platform"]
        central = {"build": BUILT_CENTRALLY, "run": RUN_CENTRALLY, "approve": set()}[duty]
        return self.groups["central"] if (mode or entry["mode"]) in central else entry["owner"]

    def other_mode(self, topic):
        """What its mode would flip to."""
        return "sustain" if self.topics[topic]["mode"] == "growth" else "growth"

    def say_in_the_mode(self, topic):
        """Squads without whom the mode doesn't flip: who owns it, and who builds and runs it before and after; none without a product."""
        if self.topics[topic]["product"] is None:
            return set()
        modes = (self.topics[topic]["mode"], self.other_mode(topic))
        return {self.topics[topic]["owner"]} | {self.holder(topic, duty, mode) for duty in ("build", "run") for mode in modes}

    def called(self, topic, failure):
        if failure in GROUPS:
            return self.groups[GROUPS[failure]]
        duty = "build" if failure in BUILDERS else "run" if failure in RUNNERS else "approve"
        return self.holder(topic, duty)

    def edges(self, reads):
        """(producer squad, topic, consumer squad) of who writes and who reads: `reads` are (topic, principal)."""
        writers = {(self.squads[entry["principal"]], write["topic"]) for entry in self.plan["applications"] for write in entry["writes"]}
        return {(producer, topic, self.squads[reader]) for producer, topic in writers for read, reader in reads
                if read == topic and None not in (producer, self.squads[reader]) and producer != self.squads[reader]}

    def declared(self, edges):
        return {edge for edge in edges if frozenset((edge[0], edge[2])) in self.works_with}

    def as_plan(self):
        """The plan of the traffic with the squads and owners of this shape."""
        applications = [entry | {"squad": self.squads[entry["principal"]]} for entry in self.plan["applications"]]
        topics = [entry | {"owner": self.topics[entry["topic"]]["owner"]} for entry in self.plan["topics"]]
        return self.plan | {"applications": applications, "topics": topics}


def reads_of(plan):
    return {(read["topic"], entry["principal"]) for entry in plan["applications"] for read in entry["reads"]}


def request_read(plan):
    """What the one who asks for access reads once it is given."""
    return {name: plan["request"][name] for name in ("topic", "group")}


def with_request(plan):
    """The plan once what was asked for was given: its application reads that too."""
    def extended(entry):
        is_asked_for = entry["principal"] == plan["request"]["principal"]
        return entry | {"reads": entry["reads"] + [request_read(plan)]} if is_asked_for else entry
    return plan | {"applications": [extended(entry) for entry in plan["applications"]]}
