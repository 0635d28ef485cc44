"""The demo's second act: the company takes its second shape while everybody writes and reads."""
import contextlib
import pathlib
import re
import time
import urllib.error

import shape as shape_side

# How long Myelin may take to have told what a client has seen already.
PATIENCE_SECONDS = 60
PLATFORM_GROUP = "(platform group)"


def milliseconds():
    return int(time.time() * 1000)


class Transformation:
    """What is done, and what Myelin says of each shape, for the oracle. `first` and `second` are the models' folders."""

    def __init__(self, platform, company, plan, first, second):
        self.platform, self.company, self.plan = platform, company, plan
        self.first, self.second = pathlib.Path(first), pathlib.Path(second)
        self.shapes = {folder: shape_side.Shape(folder / "shape.json", plan) for folder in (self.first, self.second)}
        self.steward = plan["people"][0]["principal"]
        self.asked = plan["request"]["by"]
        self.told, self.complaints = {"asked": {}}, []

    def server(self):
        return self.platform.asked_by(self.steward)

    def before(self):
        """Somebody asks for access and is answered as this shape answers; then what is told of it."""
        self.wait_for("every read is measured", lambda: shape_side.reads_of(self.plan) <= self.reads())
        self.ask(self.first)
        self.told["first"] = self.snapshot(self.first)

    def plan_text(self):
        """What the plan says, in its own words; nothing is changed."""
        return self.platform.command("plan", str(self.second), "--allow-delete", user=self.steward, codes=(3,))

    def switch(self):
        began = milliseconds()
        said = self.platform.command("apply", str(self.second), "--allow-delete", "--yes", "--message", "a mesh", user=self.steward)
        self.told["switch"] = {"began": began, "ended": milliseconds()}
        return said.splitlines()[-1]

    def after(self):
        """The same request again, and this time somebody reads."""
        self.ask(self.second)
        request = self.plan["request"]
        reader = self.company.start_reader(request["principal"], shape_side.request_read(self.plan))

        def has_read():
            reader.refresh()
            return reader.received > 0
        self.wait_for("what was granted is read", has_read)
        self.wait_for("that read is measured", lambda: (request["topic"], request["principal"]) in self.reads())
        self.told["second"] = self.snapshot(self.second)

    def ask(self, folder):
        """Asks and is answered; when the asking began, by the asker's clock."""
        request, answers = self.plan["request"], self.shapes[folder].answers
        began = milliseconds()
        said = self.platform.command("request", request["product"], "--as", request["application"], "--purpose", request["purpose"],
                                     "--output", "json", user=self.asked)
        number = re.search(r'"id":\s*"(\w+)"', said).group(1)
        more = ["--reason", "Ask again once the products have squads of their own."] if answers["answer"] == "reject" else []
        self.platform.command(answers["answer"], number, *more, user=answers["by"])
        self.told["asked"]["first" if folder == self.first else "second"] = began

    def reads(self):
        return {(edge["topic"], edge["principal"]) for edge in self.server().get("/api/v1/lineage")["reads"]}

    def wait_for(self, what, condition):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            if time.monotonic() > deadline:
                self.complaints.append(f"{what}: not within {PATIENCE_SECONDS} s")
                return
            time.sleep(0.2)

    def snapshot(self, folder):
        """What Myelin says of the shape in force."""
        server, request = self.server(), self.plan["request"]
        organisation = server.get("/api/v1/organisation")
        times = [one for one in server.get("/api/v1/access-times")["items"]
                 if (one["product"], one["application"]) == (request["product"], request["application"])]
        topics = list(dict.fromkeys(failure["topic"] for failure in self.plan["failures"]))
        return {"called": [called(server, failure["topic"], failure["failure"]) for failure in self.plan["failures"]],
                "consents": {topic: consents for topic in topics if (consents := self.consents_to_contract(folder, topic))},
                "mode_consents": {topic: consents for topic in topics if (consents := self.consents_to_mode(folder, topic))},
                "edges": [[edge["producer"], edge["topic"], edge["consumer"]] for edge in organisation["edges"]],
                "congruence": organisation["congruence"],
                "drift": {one["product"]: [one["by_others"], one["actions"]] for one in organisation["mode_drift"]},
                "access": times[0] if times else None}

    def consents_to_contract(self, folder, topic):
        """Squads whose consent a change of the topic's contract needs; none where it has no contract."""
        for path in sorted((folder / "contracts").glob("*.odcs.yaml")):
            text = path.read_text()
            if f"physicalName: {topic}\n" in text:
                return self.missing_consents(f"contracts/{path.name}", text + "tenant: quokka\n")
        return []

    def consents_to_mode(self, folder, topic):
        """The same of another mode for the topic's product; none where it has no product."""
        shape = self.shapes[folder]
        name = shape.topics[topic]["product"]
        if name is None:
            return []
        text = (folder / "products" / f"{name}.odps.yaml").read_text()
        return self.missing_consents(f"products/{name}.odps.yaml", re.sub(r"(property: mode, value: )\w+", rf"\g<1>{shape.other_mode(topic)}", text))

    def missing_consents(self, name, text):
        """Of a document that is not the asker's own."""
        answer = self.platform.asked_by(self.asked).post("/api/v1/plan", {"files": [{"file": name, "text": text}]})
        return sorted({consent["squad"] or PLATFORM_GROUP for consent in answer["missing_consents"]})


def called(server, topic, failure):
    with contextlib.suppress(urllib.error.HTTPError):
        calls = server.get(f"/api/v1/who/topic/{topic}")["answers"][0]["calls"]
        return next((call["squad"] for call in calls if call["failure"] == failure), "nobody")
    return "unknown topic"
