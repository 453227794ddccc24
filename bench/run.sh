#!/bin/bash
# bench/run.sh WORKLOAD RELAY[:VARIANT] [RUNS]   e.g. bench/run.sh W1 postfix:tuned 3
here=$(dirname "$(readlink -f "$0")")
node=$(ls -d "$here"/../.runtime/node_modules/node-*/bin/node | tail -1)
exec "$node" --disable-warning=ExperimentalWarning "$here/run.mjs" "$@"
