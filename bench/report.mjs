#!/usr/bin/env node
// median (min–max) per cell of results.jsonl, as a Markdown table:  node report.mjs [FILE]
import fs from 'node:fs';
const f = process.argv[2] ?? `${process.env.BENCH_ROOT ?? '.'}/results/results.jsonl`;
const cells = new Map();
for (const l of fs.readFileSync(f, 'utf8').split('\n').filter(Boolean)) {
  const r = JSON.parse(l),
    k = `${r.workload} ${r.relay} N=${r.n}`;
  if (!cells.has(k)) cells.set(k, []);
  cells.get(k).push(r);
}
const med = (a) => [...a].sort((x, y) => x - y)[a.length >> 1];
const mm = (a) =>
  a.some((x) => x == null)
    ? '–'
    : a.length < 2
      ? `${a[0]}`
      : `${med(a)} (${Math.min(...a)}–${Math.max(...a)})`;
console.log(
  '| workload relay | runs | accept/s | deliver/s | CPU ms/msg | cores | RSS / PSS MiB | procs | host busy | syncs/msg | failed |\n|---|---|---|---|---|---|---|---|---|---|---|',
);
for (const [k, a] of cells) {
  const g = (p) => a.map((r) => r[p]);
  console.log(
    `| ${k} | ${a.length} | ${mm(g('accept_rate'))} | ${mm(g('deliver_rate'))} | ${med(g('cpu_ms_per_msg'))} | ${med(g('cores_used'))} | ${med(g('peak_rss_mib'))} / ${med(g('peak_pss_mib'))} | ${med(g('peak_procs'))} | ${med(g('host_busy'))} | ${JSON.stringify(a[0].syncs_per_msg)} | ${a.filter((r) => !r.ok).length} |`,
  );
}
