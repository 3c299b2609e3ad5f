// Plays the cues of a beatsync daemon in a web page or in node, each at its instant. No dependencies; public domain.
//
//   <script src="beatsync.js"></script>            or   const beatsync = require("./beatsync.js");
//   const show = beatsync({ url: "http://10.0.0.5:7780", token: "...", onCue: (cue) => flash(cue.address, cue.args) });
//   show.stop();
//
// onCue(cue, late) is called at the cue's instant, `late` seconds after it. onPlan(cue, at) is called ahead of it, again
// when the instant is better known, for whoever schedules by himself: `at` is in seconds of now(); null: it will not come.
function beatsync({ url, deck, target, token, onCue = () => {}, onPlan = () => {}, onError = console.warn,
                    pollSeconds = 1, aheadSeconds = 5, fetch = globalThis.fetch, now = () => performance.now() / 1000 }) {
  const GOOD = 0.004, DRIFT = 20e-6, TOO_LATE = 0.1;
  // The daemon's clock less ours lies between low and high: no answer arrives before it left, and no request either.
  let low = -Infinity, high = Infinity, measured = now(), budget = 200, cursor = null, running = true, isReady;
  const ready = new Promise((resolve) => { isReady = resolve; }); // fulfilled once the daemon's clock is known
  const planned = new Map(); // by id: the cue and its timer; timer null where it has been played
  const offset = () => (low + high) / 2;
  const error = () => (high - low) / 2; // offset() is wrong by at most this
  const instant = (cue) => cue.due - offset();

  async function ask(path) {
    const sent = now();
    const answer = await fetch(url + path, { headers: token ? { Authorization: `Bearer ${token}` } : {} });
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.error.message);
    const received = now(), clock = body.clock ?? body, slack = DRIFT * (received - measured);
    low = Math.max(low - slack, clock.sent - received);
    high = Math.min(high + slack, clock.received - sent);
    if (low > high) [low, high] = [clock.sent - received, clock.received - sent]; // its machine was started anew
    measured = received;
    return body;
  }

  // Over a good network that takes a few requests. Six at a time is what browsers allow; alike they would wait for each other.
  async function synchronize() {
    const some = async (n) => { while (running && error() > GOOD && budget > 0) { budget--; await ask(`/v1/clock?n=${n}`); } };
    await Promise.all([1, 2, 3, 4, 5, 6].map(some));
    budget = 2; // before each poll from now on
  }

  function plan(one) {
    clearTimeout(one.timer);
    one.timer = setTimeout(() => {
      const late = now() - instant(one.cue);
      if (late < -0.001) return plan(one); // timers may come early, and the clock may be better known by now
      one.timer = null;
      if (late < TOO_LATE || one.cue.kind === "state" || one.cue.phase === "end") onCue(one.cue, late);
    }, Math.max(0, (instant(one.cue) - now()) * 1000));
  }

  async function poll() {
    const query = new URLSearchParams({ ahead: `${aheadSeconds}s`, ...(cursor && { after: cursor }), ...(target && { target }) });
    const answer = await ask(`/v1/${deck ? `decks/${deck}/` : ""}cues?${query}`);
    cursor = answer.cursor;
    for (const [id, one] of planned) {
      const { anew, void_after: voidAfter, generation } = answer.decks[one.cue.deck] ?? { anew: true };
      const isVoid = anew || (voidAfter !== null && one.cue.generation !== generation && one.cue.due > voidAfter);
      if (one.timer !== null && isVoid) { clearTimeout(one.timer); onPlan(one.cue, null); planned.delete(id); }
      if (one.timer === null && instant(one.cue) < now() - 10) planned.delete(id);
    }
    for (const cue of answer.standing) onCue(cue, 0); // what stands already when we come
    for (const cue of answer.cues) {
      const known = planned.get(cue.id);
      if (known && known.timer !== null) known.cue = cue;
      if (!known) planned.set(cue.id, { cue, timer: undefined });
    }
    for (const one of planned.values()) if (one.timer !== null) { plan(one); onPlan(one.cue, instant(one.cue)); }
  }

  (async () => {
    while (running) {
      const next = now() + pollSeconds;
      try { await synchronize(); isReady(); await poll(); } catch (wrong) { onError(wrong); }
      await new Promise((go) => setTimeout(go, Math.max(0, next - now()) * 1000));
    }
  })();
  return { stop() { running = false; for (const one of planned.values()) clearTimeout(one.timer); }, ready, offset, error };
}
if (typeof module !== "undefined") module.exports = beatsync;
