# Postern from this checkout (or from POSTERN_DIR). Variants: "" (defaults), tls (STARTTLS in, EncryptionOnly out), and a
# number of worker threads before either: 1, 2, 2-tls
set -e
d=$BENCH_DIR
cd "${POSTERN_DIR:-$(dirname "$(readlink -f "$0")")/../..}"
node=$(ls -d "$PWD"/.runtime/node_modules/node-*/bin/node | tail -1)
workers=${BENCH_VARIANT%%[!0-9]*}
case $BENCH_VARIANT in *tls) settings=TlsSettings=EncryptionOnly ;; esac
"$node" --disable-warning=ExperimentalWarning bench/connector.ts "$d/data" "127.0.0.1:$BENCH_SINK_PORT" $settings &
exec ./postern serve --data "$d/data" --smtp "127.0.0.1:$BENCH_PORT" --http 127.0.0.1:0 --hostname relay.test ${workers:+--workers "$workers"}
