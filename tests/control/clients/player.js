// Runs the reference client in node, and prints what it plays: one JSON object a line. Its clock is not the daemon's.
const [, , client, url, token, shift] = process.argv;
const beatsync = require(client);

const now = () => Number(process.hrtime.bigint()) / 1e9 + Number(shift);
const print = (record) => process.stdout.write(`${JSON.stringify(record)}\n`);

const show = beatsync({
  url, token, now,
  onCue: (cue, late) => print({ event: "cue", cue, late, at: cue.due - show.offset() }),
  onError: (wrong) => print({ event: "error", message: String(wrong) }),
});
show.ready.then(() => print({ event: "ready", error: show.error() }));
