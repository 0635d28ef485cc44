#!/usr/bin/env python3
"""./dev bench: the machine's floors and Myelin's figures beside them, in alternating rounds of one run. See README.md."""
import argparse
import json
import os
import pathlib
import platform
import shutil
import tempfile
import time

import report
import shares
import steps

FULL = {"step_mb": 1500, "small_mb": 600, "loaded_mb": 1000, "profile_mb": 3000,
        "path_requests": 1_000_000, "ping_s": 5, "latency_s": 10}
QUICK = {"step_mb": 400, "small_mb": 160, "loaded_mb": 200, "profile_mb": 1000,
         "path_requests": 200_000, "ping_s": 1, "latency_s": 2}


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench", description="Measures this machine and Myelin on it.")
    parser.add_argument("--programs", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--myelin", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true", help="less of everything, some four minutes; for a first look")
    parser.add_argument("--rounds", type=int, default=3, help="medians are taken over so many (default 3)")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write every figure of every round there")
    parser.add_argument("--scratch", type=pathlib.Path, metavar="DIR", help="where data directories lie (default: the temporary directory)")
    parser.add_argument("--only-check-arguments", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def machine():
    model = next((line.split(":", 1)[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.processor())
    memory_kb = int(pathlib.Path("/proc/meminfo").read_text().split()[1])
    return {"processor": model, "cores": os.cpu_count(), "memory_gb": round(memory_kb / 1e6), "kernel": platform.release()}


def main():
    given = arguments()
    if given.only_check_arguments:
        return
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="myelin-bench-", dir=given.scratch))
    sizes = QUICK if given.quick else FULL
    free = shutil.disk_usage(scratch).free
    if free < 4e6 * sizes["profile_mb"]:
        raise SystemExit(f"bench: {scratch} has {free / 1e9:.1f} GB free, expected {4e-3 * sizes['profile_mb']:.0f}; name another with --scratch")
    here = machine()
    load = os.getloadavg()[0]
    print(f"{here['processor']}, {here['cores']} cores, {here['memory_gb']} GB, Linux {here['kernel']}; load {load:.1f}")
    if load > 0.5 * here["cores"]:
        print("something else is running: latencies and everything compared with a fixed number will look worse than they are")
    begun = time.monotonic()
    try:
        lab = steps.Lab(given.programs, given.myelin, scratch, sizes)
        print("using the free memory once", flush=True)
        steps.touch_memory()
        rounds = []
        for number in range(given.rounds):
            rounds.append(steps.one_round(lab, lambda step, n=number: print(f"round {n + 1} of {given.rounds}: {step}", flush=True)))
        print("profile", flush=True)
        profile = shares.measure(lab)
    except steps.Failed as why:
        raise SystemExit(f"bench: {why}") from why
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    medians = report.Rounds(rounds)
    lines = report.judged(medians)
    report.print_table(medians, lines, profile)
    names = report.missed(lines, profile)
    print(f"\n{time.monotonic() - begun:.0f} s. " + (f"Missed: {'; '.join(names)}." if names else "Every target is reached."))
    if given.json:
        given.json.write_text(json.dumps({"machine": here | {"load": load}, "sizes": sizes, "rounds": rounds, "figures": lines,
                                          "shares": profile}, indent=1) + "\n")


if __name__ == "__main__":
    main()
