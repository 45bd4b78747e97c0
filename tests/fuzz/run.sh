#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fuzzes for a time: run.sh FOLDER SECONDS WORKERS. Each worker has its own seed of chance and all share the corpus.
# FUZZ_SEED= makes another run; an input may take 10 seconds and 1 GiB, sanitizers included.
set -eu
cd "$1"
mkdir -p corpus findings
before=$(ls findings)
status=0
pids=
for worker in $(seq "$3"); do
	./run/ptc -max_total_time="$2" -seed="$((${FUZZ_SEED:-1} * 100 + worker))" -timeout=10 -rss_limit_mb=1024 \
		-max_len=65536 -artifact_prefix=findings/ -print_final_stats=1 -reload=1 -detect_leaks=0 corpus seeds \
		>"worker-$worker.log" 2>&1 &
	pids="$pids $!"
done
for pid in $pids; do
	wait "$pid" || status=1
done
for worker in $(seq "$3"); do
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "worker-$worker.log")
	covered=$(grep -o 'cov: [0-9]* ft: [0-9]* corp: [0-9]*' "worker-$worker.log" | tail -n 1)
	printf '  %-7s %s\n' FUZZ "worker $worker: ${runs:-?} inputs in $2 s, $covered"
done
[ $status -eq 0 ] && exit
if [ "$(ls findings)" = "$before" ]; then
	echo "a worker ended early, without a finding:"
	tail -n 5 worker-*.log
	exit 1
fi
grep -a -h -A 8 -e '^fuzz: ' -e 'ERROR: ' -e 'runtime error' worker-*.log | grep -v ' in fuzzer::' || :
echo "ptc failed: the input is in $1/findings; show it with $1/run/ptc FILE, make it a case of tests/refuse"
exit 1
