#!/bin/bash
# Makes src/kafka/testdata/golden anew from Kafka's own classes: the newest, then an old release for what was dropped since.
set -euo pipefail
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
output="$root/src/kafka/testdata/golden"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$output"
rm -f "$output"/*.txt
for version in 4.3.1 3.9.1; do
  mvn -q -B -f pom.xml "-Dkafka.version=$version" dependency:copy-dependencies "-DoutputDirectory=$work/$version"
  java -cp "$work/$version/*" Messages.java "$root/src/kafka/api" "$output"
done
java -cp "$work/4.3.1/*" Batches.java > "$output/../batches.txt"
