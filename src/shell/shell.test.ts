// What a table of lines can't show: stopping early, limits, questions, files, scripts with parameters, Ctrl-C.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createTestShell, NOW } from '../../test/support/shell-under-test.ts';
import { createBuiltinTable, families } from './commands/builtin-table.ts';
import { NETWORK_LIMITS } from './runtime/shell-host.ts';
import { createLinearRegexEngine } from './values/linear-regex.ts';

describe('a pipeline that has enough', () => {
  test('stops a cmdlet that would never end', async () => {
    const shell = createTestShell();
    const { out } = await shell.run(
      'Get-Message -ResultSize Unlimited | Select-Object -First 5 -ExpandProperty Identity',
    );
    assert.equal(out.split('\n').filter((line) => line !== '').length, 5);
    assert.ok(shell.source.produced() <= 6, `${shell.source.produced()} were made`);
  });
  test('through stages in between, and inside a function', async () => {
    const shell = createTestShell();
    const { out, exitCode } = await shell.run(
      'function f { Get-Message | Where-Object Size -gt 30 | ForEach-Object { $_.Size } }; f | Select-Object -First 2; "after"',
    );
    assert.equal(out, '40\n50\nafter\n');
    assert.equal(exitCode, 0);
    assert.ok(shell.source.produced() <= 6);
  });
  test('runs the finally blocks on the way, and no catch block', async () => {
    const shell = createTestShell();
    const { out } = await shell.run(
      'function f { try { 1; 2; 3 } catch { "caught" } finally { Write-Host "finally" } }; f | Select-Object -First 1',
    );
    assert.equal(out, '1\nfinally\n');
  });
  test('still ends the stages behind it', async () => {
    const shell = createTestShell();
    const { out } = await shell.run(
      'Get-Message | Select-Object -First 3 | Measure-Object | ForEach-Object Count',
    );
    assert.equal(out, '3\n');
  });
  test('-First 0 asks for nothing', async () => {
    const shell = createTestShell();
    await shell.run('Get-Message | Select-Object -First 0');
    assert.equal(shell.source.produced(), 0);
  });
});

describe('limits of scripts from the network', () => {
  const rows: readonly [name: string, script: string, message: RegExp][] = [
    ['steps', 'while ($true) { }', /more than 200000 steps/],
    ['steps in a pipeline', '1..900000 | % { $_ }', /more than 200000 steps/],
    ['steps of a catcher', 'while ($true) { try { throw "x" } catch { } }', /more than 200000 steps/],
    ['output', '$s = "x" * 1000000; while ($true) { $s }', /wrote more than/],
    [
      'memory by doubling a text',
      '$s = "x" * 1000; while ($true) { $s += $s }',
      /more memory than is allowed/,
    ],
    ['memory by a growing list', '$a = @(); while ($true) { $a += 1..1000 }', /more memory than is allowed/],
    [
      'memory by a format',
      '$s = "x" * 10000; while ($true) { $l += ,("{0}" -f $s) }',
      /more memory than is allowed/,
    ],
    ['memory by a large range', '1..100000000', /more than 1000000 items/],
    ['memory by repetition', '"x" * 1000000000', /would be too large/],
    ['calls', 'function f { f }; f', /call depth overflow/],
  ];
  for (const [name, script, message] of rows) {
    test(name, { timeout: 20_000 }, async () => {
      const shell = createTestShell({
        limits: NETWORK_LIMITS,
        files: null,
        regex: createLinearRegexEngine(),
      });
      const { err, exitCode } = await shell.run(script);
      assert.match(err, message);
      assert.equal(exitCode, 1);
    });
  }
  test('files are off, by name', async () => {
    const shell = createTestShell({ files: null });
    for (const script of [
      'Get-Content /etc/passwd',
      '"x" > /tmp/x',
      'Import-Csv x.csv',
      '1 | Export-Csv x.csv',
      '1 | Out-File x',
      'Set-Content x 1',
      'Test-Path /',
      '1 | Tee-Object x',
    ]) {
      assert.match((await shell.run(script)).err, /Reading and writing files is off/, script);
    }
    assert.match((await shell.run('/etc/x.ps1')).err, /is not recognized/);
  });
});

describe('Ctrl-C', () => {
  test('stops a loop that waits for nothing', { timeout: 10_000 }, async () => {
    const shell = createTestShell({ now: Date.now });
    const cancel = new AbortController();
    shell.shell.stopOn(cancel.signal);
    const running = shell.run('while ($true) { $i++ }');
    setTimeout(() => cancel.abort(), 20);
    assert.match((await running).err, /The pipeline has been stopped/);
  });
  test('stops Start-Sleep, and no catch block holds it', { timeout: 10_000 }, async () => {
    const shell = createTestShell({ now: Date.now });
    const cancel = new AbortController();
    shell.shell.stopOn(cancel.signal);
    const running = shell.run('try { Start-Sleep 60 } catch { "caught" }');
    setTimeout(() => cancel.abort(), 20);
    const { out, err } = await running;
    assert.equal(out, '');
    assert.match(err, /stopped/);
  });
});

describe('what goes wrong outside', () => {
  test('a finally block does its work although the script was stopped', { timeout: 10_000 }, async () => {
    const shell = createTestShell({ now: Date.now });
    const cancel = new AbortController();
    shell.shell.stopOn(cancel.signal);
    const running = shell.run(
      'try { Start-Sleep 60 } finally { $c = Get-OutboundConnector Contoso; Write-Host "cleaned $($c.Name)" }; "never"',
    );
    setTimeout(() => cancel.abort(), 20);
    const { out } = await running;
    assert.equal(out, 'cleaned Contoso\n');
  });
  test('a file that may not be read or written is an error of the script', async () => {
    const shell = createTestShell();
    const denied = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
    const { files } = shell.shell.session.host;
    assert.ok(files);
    Object.assign(files, {
      readText: () => Promise.reject(denied),
      writeText: () => Promise.reject(denied),
      exists: () => Promise.resolve('file'),
    });
    for (const script of ['Get-Content /x', 'Import-Csv /x', '"a" > /x', '1 | Export-Csv /x', './x.ps1']) {
      const { err, out } = await shell.run(
        `try { ${script} } catch { "caught $($_.CategoryInfo.Category)" }; ${script}`,
      );
      assert.match(err, /Access to the path is denied: '\/(?:scripts\/)?x/, script);
      assert.equal(out, 'caught PermissionDenied\n', script);
    }
  });
  test('a date out of range is an error of the script', async () => {
    const { err, out } = await createTestShell().run('(Get-Date) + [timespan]::FromDays(9999999); "on"');
    assert.match(err, /outside the years 1 to 9999/);
    assert.equal(out, 'on\n');
  });
});

describe('questions', () => {
  test('Remove asks; each answer does what it says', async () => {
    const yes = createTestShell({ answers: ['y'], interactive: true });
    const { out } = await yes.run('Remove-OutboundConnector Contoso; (Get-OutboundConnector).Count');
    assert.equal(
      out,
      '\nConfirm\nAre you sure you want to perform this action?\nPerforming the operation "Remove" on target "Contoso".\n' +
        '[Y] Yes  [A] Yes to All  [N] No  [L] No to All  [?] Help (default is "Y"): \n2\n',
    );
    const no = createTestShell({ answers: ['?', 'x', 'n'], interactive: true });
    assert.match(
      (await no.run('Remove-OutboundConnector Contoso; (Get-OutboundConnector).Count')).out,
      /3\n$/,
    );
  });
  test('no terminal, no answer: an error, never a silent yes', async () => {
    const shell = createTestShell({ answers: ['y'] });
    const { err, out } = await shell.run('Remove-OutboundConnector Contoso; (Get-OutboundConnector).Count');
    assert.match(err, /no prompt can be shown/);
    assert.equal(out, '3\n');
  });
  test('-ErrorAction Inquire and -WarningAction Inquire', async () => {
    const go = createTestShell({ answers: ['y'], interactive: true });
    assert.match((await go.run('Write-Error "bad" -ErrorAction Inquire; "on"')).out, /bad[\s\S]*on\n$/);
    const halt = createTestShell({ answers: ['h'], interactive: true });
    assert.doesNotMatch(
      (await halt.run('Write-Warning "careful" -WarningAction Inquire; "on"')).out,
      /on\n$/,
    );
  });
  test('Read-Host takes lines in turn', async () => {
    const shell = createTestShell({ answers: ['one', 'two'] });
    assert.equal(
      (await shell.run('$a = Read-Host "First"; $b = Read-Host; "$a-$b"')).out,
      'First: one\n'.replace('one', '') + '\none-two\n',
    );
    assert.match((await shell.run('Read-Host "more"')).err, /end of the input/);
  });
  test('$Host.UI.PromptForChoice', async () => {
    const shell = createTestShell({ answers: ['n'] });
    const { out } = await shell.run(
      '$c = $Host.UI.PromptForChoice("Title", "Go on?", @("&Yes", "&No"), 0); "chose $c"',
    );
    assert.match(out, /\[Y\] Yes {2}\[N\] No {2}\[\?\] Help \(default is "Y"\)[\s\S]*chose 1\n$/);
    const described = createTestShell({ answers: ['y'] });
    const script =
      '$y = New-Object System.Management.Automation.Host.ChoiceDescription "&Yes", "Does it"; ' +
      '$o = [System.Management.Automation.Host.ChoiceDescription[]]($y); $Host.UI.PromptForChoice("t", "m", $o, 0)';
    assert.match((await described.run(script)).out, /0\n$/);
  });
  test('a missing mandatory parameter is asked for at a terminal', async () => {
    const shell = createTestShell({ answers: ['Contoso'], interactive: true });
    const { out } = await shell.run(
      'Set-OutboundConnector -Comment asked; (Get-OutboundConnector Contoso).Comment',
    );
    assert.match(out, /Supply values for the following parameters:\nIdentity: \nasked\n$/);
  });
  test('a password is never shown', async () => {
    const shell = createTestShell({ answers: ['s3cret'] });
    const { out, err } = await shell.run(
      '$p = Read-Host -AsSecureString; $p; "$p"; $p | ConvertTo-Json; $p | fl; @{ p = $p }',
    );
    assert.doesNotMatch(out + err, /s3cret/);
  });
});

describe('scripts', () => {
  test('take arguments by name and position, and see where they are', async () => {
    const files = new Map([
      [
        '/scripts/sub.ps1',
        'param($a, [switch]$Force, [int]$n = 3) "$a $Force $n $(Split-Path $PSCommandPath -Leaf) $PSScriptRoot"; exit 4; "never"',
      ],
      ['/scripts/main.ps1', './sub.ps1 x -Force -n 5; "code $LASTEXITCODE"; . ./vars.ps1; $fromVars'],
      ['/scripts/vars.ps1', '$fromVars = "dot-sourced"'],
    ]);
    const shell = createTestShell({ files });
    const { out, exitCode } = await shell.run(files.get('/scripts/main.ps1') ?? '', '/scripts/main.ps1');
    assert.equal(out, 'x True 5 sub.ps1 /scripts\ncode 4\ndot-sourced\n');
    assert.equal(exitCode, 0);
  });
  test('exit ends them with its code', async () => {
    assert.equal((await createTestShell().run('"a"; exit 7; "b"')).exitCode, 7);
    assert.equal((await createTestShell().run('exit')).exitCode, 0);
  });
  test('an error anywhere makes exit code 1, unless it was silenced', async () => {
    assert.equal((await createTestShell().run('Get-OutboundConnector Nope; "fine"')).exitCode, 1);
    assert.equal(
      (await createTestShell().run('Get-OutboundConnector Nope -ErrorAction SilentlyContinue')).exitCode,
      0,
    );
    assert.equal((await createTestShell().run('try { throw 1 } catch { }')).exitCode, 0);
    assert.equal((await createTestShell().run('Write-Error x 2>$null')).exitCode, 0);
  });
  test('an error names file, line and column', async () => {
    const { err } = await createTestShell().run('"a"\n  Get-OutboundConnector Nope', '/scripts/setup.ps1');
    assert.match(err, /At \/scripts\/setup\.ps1:2 char:3\n\+ Get-OutboundConnector Nope\n\+ ~{26}\n/);
  });
  test('a broken script runs not at all', async () => {
    const { out, err, exitCode } = await createTestShell().run('"first"\nif (');
    assert.equal(out, '');
    assert.match(err, /ParserError/);
    assert.equal(exitCode, 1);
  });
});

test('the line that reaches the history is the command as written', async () => {
  const shell = createTestShell();
  await shell.run('if ($true) { Set-OutboundConnector   Contoso -Comment "a b" }');
  assert.equal(shell.source.invocations[0]?.line, 'Set-OutboundConnector   Contoso -Comment "a b"');
  assert.deepEqual({ ...shell.source.invocations[0]?.parameters }, { Identity: 'Contoso', Comment: 'a b' });
});

test('a session keeps its variables and functions from one input to the next', async () => {
  const shell = createTestShell();
  await shell.run('$x = 1; function f { "f$x" }');
  assert.equal((await shell.run('f')).out, 'f1\n');
  assert.equal((await shell.run('$Error.Count')).out, '0\n');
});

test('every built-in command is where its name leads, and every alias leads to one', async () => {
  const table = createBuiltinTable();
  for (const { names, load } of families) {
    assert.deepEqual((await load()).commands.map(({ metadata }) => metadata.name).sort(), [...names].sort());
  }
  for (const [alias, name] of table.aliases) assert.ok(await table.find(name), `${alias} -> ${name}`);
  for (const { load } of families) {
    for (const { metadata } of (await load()).commands) {
      for (const parameter of metadata.parameters)
        assert.match(parameter.description, /\.$/, `${metadata.name} -${parameter.name}`);
    }
  }
});

test('a loop gives way to the event loop', { timeout: 20_000 }, async () => {
  let ticks = 0;
  const shell = createTestShell({ now: Date.now });
  const timer = setInterval(() => ticks++, 5);
  await shell.run('for ($i = 0; $i -lt 60000; $i++) { }');
  clearInterval(timer);
  assert.ok(ticks > 1, `${ticks} ticks`);
  assert.ok(NOW > 0);
});
