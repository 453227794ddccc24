// One benchmark cell: WORKLOAD x RELAY, repeated. See README.md.
//   node run.mjs WORKLOAD RELAY[:VARIANT] [RUNS]
// smtp-source -> relay (relays/RELAY.sh) -> smtp-sink, all on 127.0.0.1.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { greets, ProcessGroup } from './support/process-group.ts';

const HERE = path.dirname(new URL(import.meta.url).pathname);
const ROOT = process.env.BENCH_ROOT ?? path.dirname(HERE);
const PORT = +(process.env.BENCH_PORT ?? 12525);
const SINK_PORT = +(process.env.BENCH_SINK_PORT ?? 12526);
const TIMEOUT_S = +(process.env.BENCH_TIMEOUT_S ?? 120);

const WORKLOADS = {
  W1: { n: 10000, sessions: 20, size: 4096, reuse: false },
  W2: { n: 10000, sessions: 20, size: 4096, reuse: true },
  W3: { n: 100, sessions: 5, size: 10 * 1024 * 1024, reuse: true },
};

const [wname, rname, runsArg = '1'] = process.argv.slice(2);
const w = { ...WORKLOADS[wname] };
if (!w.n || !rname) {
  console.error(`usage: run.mjs ${Object.keys(WORKLOADS).join('|')} RELAY[:VARIANT] [RUNS]`);
  process.exit(2);
}
if (process.env.N) w.n = +process.env.N;
const [relay, variant = ''] = rname.split(':');
const direct = relay === 'none';
const script = path.join(HERE, 'relays', `${relay}.sh`);
const acceptOnly = !direct && fs.readFileSync(script, 'utf8').includes('BENCH_ACCEPT_ONLY');

const exited = (p) => new Promise((r) => p.on('exit', (code, sig) => r(code ?? sig)));
const hostBusy = () => {
  const c = fs.readFileSync('/proc/stat', 'utf8').split('\n')[0].trim().split(/\s+/).slice(1).map(Number);
  return (c[0] + c[1] + c[2] + c[5] + c[6]) / 100;
};
const tail = (f, n) => {
  try {
    return fs.readFileSync(f, 'utf8').slice(-n);
  } catch {
    return '';
  }
};

async function once(i) {
  const dir = path.join(ROOT, 'run', `${relay}${variant && '-' + variant}`);
  fs.rmSync(dir, { recursive: true, force: true });
  fs.mkdirSync(dir, { recursive: true });
  const env = {
    ...process.env,
    BENCH_ROOT: ROOT,
    BENCH_PORT: `${PORT}`,
    BENCH_SINK_PORT: `${SINK_PORT}`,
    BENCH_DIR: dir,
    BENCH_VARIANT: variant,
  };
  const g = {
    relay: new ProcessGroup('relay'),
    sink: new ProcessGroup('sink'),
    source: new ProcessGroup('source'),
  };
  const log = fs.openSync(path.join(dir, 'stdio.log'), 'w');
  const sinkLog = path.join('/dev/shm', `mtabench-sink-${process.pid}`);
  let perf, timer;
  try {
    let sinkDone = Promise.resolve(0);
    if (!acceptOnly) {
      const quit = direct ? [] : ['-M', `${w.n}`];
      const sink = g.sink.spawn(
        'smtp-sink',
        ['-u', 'nobody', '-c', ...quit, '-m', '1000', `127.0.0.1:${SINK_PORT}`, '1000'],
        { stdio: ['ignore', fs.openSync(sinkLog, 'w'), 'inherit'] },
      );
      sinkDone = direct ? 0 : exited(sink);
      await greets(SINK_PORT);
    }
    if (!direct) {
      g.relay.spawn('/bin/bash', [script], { env, stdio: ['ignore', log, log] });
      await greets(PORT);
      await sleep(1000); // let start-up work settle
    }
    const cpu0 = g.relay.cpu(),
      busy0 = hostBusy();
    let rss = 0,
      pss = 0,
      procs = 0,
      tick = 0;
    timer = setInterval(() => {
      rss = Math.max(rss, g.relay.memory('VmRSS', 'status'));
      procs = Math.max(procs, g.relay.pids().length);
      if (tick++ % 4 === 2) pss = Math.max(pss, g.relay.memory('Pss', 'smaps_rollup'));
    }, 250);
    const perfOut = `/dev/shm/mtabench-perf-${process.pid}`;
    if (process.env.BENCH_FSYNC !== '0') {
      const ev = ['fsync', 'fdatasync', 'sync_file_range', 'sync', 'syncfs', 'msync']
        .map((e) => `syscalls:sys_enter_${e}`)
        .join(',');
      perf = spawn('perf', ['stat', '-a', '-x,', '-o', perfOut, '-e', ev], { stdio: 'ignore' });
      await sleep(300);
    }
    const args = [
      '-s',
      `${w.sessions}`,
      '-m',
      `${w.n}`,
      '-l',
      `${w.size}`,
      '-f',
      'bench@example.test',
      '-t',
      'rcpt@example.test',
      '-M',
      'client.test',
    ];
    if (w.reuse) args.push('-d');
    const t0 = performance.now();
    const src = g.source.spawn('smtp-source', [...args, `127.0.0.1:${direct ? SINK_PORT : PORT}`], {
      stdio: ['ignore', log, log],
    });
    const srcCode = await Promise.race([exited(src), sleep(TIMEOUT_S * 1000, 'TIMEOUT', { ref: false })]);
    const tAccept = (performance.now() - t0) / 1000;
    const cpuA = g.relay.cpu();
    const sinkCode = await Promise.race([sinkDone, sleep(TIMEOUT_S * 1000, 'TIMEOUT', { ref: false })]);
    const tAll = (performance.now() - t0) / 1000;
    clearInterval(timer);
    const cpu1 = g.relay.cpu(),
      busy1 = hostBusy();
    const sinkCpu = g.sink.cpu().all,
      srcCpu = g.source.cpu().all;
    let fsyncs = {};
    if (perf) {
      const done = exited(perf);
      perf.kill('SIGINT');
      await Promise.race([done, sleep(3000)]);
      perf.kill('SIGKILL');
      perf = null;
      for (const l of fs.readFileSync(perfOut, 'utf8').split('\n')) {
        const m = l.match(/^(\d+),.*sys_enter_(\w+)/);
        if (m && +m[1]) fsyncs[m[2]] = +m[1];
      }
      fs.rmSync(perfOut, { force: true });
    }
    const relayCpu = cpu1.all - cpu0.all;
    const r = {
      time: new Date().toISOString(),
      workload: wname,
      relay: rname,
      run: i,
      ...w,
      ok: srcCode === 0 && sinkCode === 0,
      srcCode,
      sinkCode,
      sinkCount: acceptOnly ? null : +(tail(sinkLog, 200).match(/mesg=(\d+)(?!.*mesg=)/s)?.[1] ?? 0),
      accept_s: +tAccept.toFixed(3),
      deliver_s: acceptOnly ? null : +tAll.toFixed(3),
      accept_rate: Math.round(w.n / tAccept),
      deliver_rate: acceptOnly ? null : Math.round(w.n / tAll),
      relay_cpu_s: +relayCpu.toFixed(2),
      relay_cpu_user_s: +(cpu1.user - cpu0.user).toFixed(2),
      relay_cpu_sys_s: +(cpu1.sys - cpu0.sys).toFixed(2),
      relay_cpu_at_accept_s: +(cpuA.all - cpu0.all).toFixed(2),
      cpu_ms_per_msg: +((1000 * relayCpu) / w.n).toFixed(3),
      cores_used: +(relayCpu / tAll).toFixed(2),
      sink_cpu_s: +sinkCpu.toFixed(2),
      source_cpu_s: +srcCpu.toFixed(2),
      // everything else on the host (kernel threads, softirq, harness, strangers)
      other_cpu_s: +(busy1 - busy0 - relayCpu - sinkCpu - srcCpu).toFixed(2),
      host_busy: +((busy1 - busy0) / tAll / os.cpus().length).toFixed(2),
      peak_rss_mib: Math.round(rss),
      peak_pss_mib: Math.round(pss),
      peak_procs: procs,
      syncs_per_msg: Object.fromEntries(Object.entries(fsyncs).map(([k, v]) => [k, +(v / w.n).toFixed(3)])),
    };
    fs.appendFileSync(path.join(ROOT, 'results', 'results.jsonl'), JSON.stringify(r) + '\n');
    console.log(
      `${wname} ${rname} #${i} ${r.ok ? 'ok' : `FAILED src=${srcCode} sink=${sinkCode} got=${r.sinkCount}`} accept ${r.accept_rate}/s deliver ${r.deliver_rate}/s cpu ${r.relay_cpu_s}s (${r.cpu_ms_per_msg} ms/msg, ${r.cores_used} cores; source ${r.source_cpu_s} sink ${r.sink_cpu_s} other ${r.other_cpu_s}) rss ${r.peak_rss_mib} pss ${r.peak_pss_mib} procs ${r.peak_procs} sync/msg ${JSON.stringify(r.syncs_per_msg)}`,
    );
    if (!r.ok) console.log(tail(path.join(dir, 'stdio.log'), 1500));
    return r;
  } finally {
    clearInterval(timer);
    perf?.kill('SIGINT');
    for (const k of Object.values(g)) await k.kill();
    fs.closeSync(log);
    fs.rmSync(sinkLog, { force: true });
  }
}
fs.mkdirSync(path.join(ROOT, 'results'), { recursive: true });
for (let i = 1; i <= +runsArg; i++) {
  await once(i);
  await sleep(1000);
}
process.exit(0);
