"""Where Myelin's CPU goes in the steps with missed lines: each load of theirs once more, under perf."""
import json
import shutil

import shares
import steps

TOLD = ("kind", "batch", "compression", "readers", "connections", "rate")
DEAREST = 8


class SamplingLab(steps.Lab):
    """Keeps a profile of each load; figures taken under it are thrown away."""

    def __init__(self, lab):
        super().__init__(lab.programs, lab.binary, lab.scratch, lab.sizes)
        self.half_rate, self.topics, self.profiles = lab.half_rate, 2_000_000, {}

    def load(self, command, *arguments, **options):
        if "broker_pid" not in options:
            return super().load(command, *arguments, **options)
        words = [command, *(f"{name} {options[name]}" for name in TOLD if name in options)]
        if options["address"].startswith("sasl_ssl"):
            words.append("TLS")
        printed, profile = shares.sampled(self, options["broker_pid"], self.load_command(command, *arguments, **options))
        if profile:
            self.profiles[", ".join(words)] = profile
        return json.loads(printed)


def profiles_of(lab, missed_steps, measure):
    """For each step and load: samples, and percent by place and by symbol. `measure` does a step with a lab."""
    if not shutil.which("perf"):
        print("no profiles: perf is not installed (Debian: linux-perf)", flush=True)
        return
    for step in missed_steps:
        sampling = SamplingLab(lab)
        try:
            for _ in measure(step, sampling):
                pass
        except (steps.Failed, OSError, RuntimeError, ValueError) as why:
            print(f"  no profile of {step}: {why}", flush=True)
        for load, profile in sampling.profiles.items():
            yield {"kind": "profile", "step": step, "load": load, "samples": profile["samples"],
                   "places": dict(list(profile["places_percent"].items())[:DEAREST]), "symbols": dict(list(profile["symbols_percent"].items())[:DEAREST])}
