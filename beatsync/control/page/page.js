// The page at `/`: the status once a second, events as they come, commands by buttons. It says what is so, and no more.
"use strict";

const find = (name, within = document) => within.querySelector(name);
const face = (seconds) => `${seconds < 0 ? "-" : ""}${Math.floor(Math.abs(seconds) / 60)}:${(Math.abs(seconds) % 60).toFixed(1).padStart(4, "0")}`;
const ENERGY = ["#8a8f98", "#5a8fc4", "#58b09c", "#e8b450", "#ef6f6c"];
const RECEIVER = {
  unknown: "sent over UDP, which never answers", connected: "connected", degraded: "sent, and refused", down: "not reached",
};
const KEPT = 40;
let token = sessionStorage.getItem("token") || "";
let status = null, statusAt = 0;
const cards = new Map(), tracks = new Map();

async function ask(path, options = {}) {
  const headers = { ...(token && { Authorization: `Bearer ${token}` }), ...options.headers };
  const answer = await fetch(`/v1/${path}`, { ...options, headers });
  if (answer.status === 401) askForToken();
  if (!answer.ok) throw new Error((await answer.json()).error.message);
  return answer;
}

function askForToken() { find("#door").hidden = false; find("main").hidden = true; }

find("#door").addEventListener("submit", (event) => {
  event.preventDefault();
  token = find("#door input").value.trim();
  sessionStorage.setItem("token", token);
  location.reload();
});

function say(text, grave) { const news = find("#news"); news.textContent = text; news.className = grave ? "grave" : ""; }

async function command(path, body) {
  const key = `page-${Date.now()}-${Math.random()}`; // the same if the browser sends it again
  const headers = { "Content-Type": "application/json", "Idempotency-Key": key };
  try { show(await (await ask(path, { method: "POST", headers, body: JSON.stringify(body ?? {}) })).json()); }
  catch (wrong) { say(wrong.message, true); }
}

function show(now) {
  status = now; statusAt = performance.now();
  find("main").hidden = false; find("#door").hidden = true;
  find("#stand-in").hidden = !now.stand_in;
  find("#stand-in").textContent = now.stand_in?.message ?? "";
  for (const [name, deck] of Object.entries(now.decks)) showDeck(name, deck, Object.keys(now.decks).length > 1);
  for (const [name, card] of cards) if (!now.decks[name]) { card.remove(); cards.delete(name); }
  const rows = Object.entries(now.targets).map(([name, target]) => targetRow(name, target));
  find("#targets tbody").replaceChildren(...rows);
  for (const [id, on] of [["panic", now.panic], ["lock", now.locked]]) {
    find(`#${id}`).className = on ? "on" : "";
    find(`#${id}`).textContent = on ? { panic: "end the panic", lock: "unlock" }[id] : id;
  }
}

function showDeck(name, deck, several) {
  if (!cards.has(name)) {
    const card = find("#deck").content.firstElementChild.cloneNode(true);
    card.addEventListener("click", (event) => {
      const what = event.target.dataset.command;
      if (what) command(`decks/${encodeURIComponent(name)}/${what}`);
    });
    cards.set(name, card);
    find("#decks").append(card);
  }
  const card = cards.get(name), quality = deck.quality;
  card.classList.toggle("on-air", deck.on_air && several);
  find(".name", card).textContent = several ? name : "";
  find(".playback", card).textContent = deck.playback + (deck.rate === 1 ? "" : `, ${deck.rate.toFixed(3)} times as fast`);
  const list = deck.setlist > 1 ? ` · track ${deck.place === null ? "-" : deck.place + 1} of ${deck.setlist}` : "";
  find(".track", card).textContent = `${deck.track ?? "nothing loaded"}${list}`;
  find(".section", card).textContent = deck.section ?? "";
  find(".music", card).textContent = deck.bar === null ? "" : `bar ${deck.bar}`;
  const error = quality.error_ms === null ? "" : `, within ${quality.error_ms.toFixed(1)} ms`;
  const unknown = deck.unknown_track ? ` · its player plays ${deck.unknown_track}, which is not known` : "";
  find(".clock", card).textContent = `led by ${deck.clock}: ${quality.state}${error}${unknown}`;
  find(".clock", card).classList.toggle("bad", ["lost", "freewheeling"].includes(quality.state) || Boolean(unknown));
  find("[data-command=on-air]", card).hidden = !several;
  for (const one of ["previous", "next"]) find(`[data-command=${one}]`, card).hidden = deck.setlist < 2;
  if (tracks.get(name) !== `${deck.track} ${deck.duration}`) showTrack(name, deck, card);
}

async function showTrack(name, deck, card) {
  tracks.set(name, `${deck.track} ${deck.duration}`);
  const track = await (await ask(`decks/${encodeURIComponent(name)}/track`)).json();
  find(".spans", card).replaceChildren(...track.sections.map((span) => {
    const part = document.createElement("div");
    part.style.left = `${100 * span.start / track.duration}%`;
    part.style.width = `${100 * (span.end - span.start) / track.duration}%`;
    part.style.background = ENERGY[span.energy ?? 0];
    part.textContent = part.title = span.name;
    return part;
  }));
}

function targetRow(name, target) {
  const row = document.createElement("tr"), isMuted = status.muted.includes(name);
  const cell = (text, kind = "") => { const one = row.insertCell(); one.textContent = text; one.className = kind; return one; };
  cell(name);
  cell(RECEIVER[target.state] ?? target.state, `state ${target.state}`);
  cell(`${target.sent} sent`);
  cell(target.silent ? "silent" : target.detail || target.peer, "detail");
  const button = document.createElement("button");
  button.textContent = isMuted ? "unmute" : "mute";
  button.addEventListener("click", () => command(`targets/${encodeURIComponent(name)}/mute`, { on: !isMuted }));
  row.insertCell().append(button);
  return row;
}

function move() { // between two statuses the line goes on
  for (const [name, deck] of Object.entries(status?.decks ?? {})) {
    const card = cards.get(name), head = card && find(".head", card);
    if (!card) continue;
    const goes = ["playing", "countdown"].includes(deck.playback) ? deck.rate : 0;
    const position = deck.position === null ? null : deck.position + goes * (performance.now() - statusAt) / 1000;
    head.style.display = position === null || !deck.duration ? "none" : "block";
    if (position !== null && deck.duration) head.style.left = `${100 * Math.min(Math.max(position / deck.duration, 0), 1)}%`;
    const whole = deck.duration === null ? "" : ` of ${face(deck.duration)}`;
    find(".time", card).textContent = position === null ? "" : `${face(position)}${whole}`;
  }
  requestAnimationFrame(move);
}

function hear(kind, event) {
  if (kind === "cue") {
    const line = document.createElement("li");
    line.className = event.verdict;
    line.textContent = `${event.verdict.padEnd(10)} ${event.target.padEnd(10)} ${event.address} ${event.args.join(" ")}   ${event.why}`;
    find("#cues ol").prepend(line);
    while (find("#cues ol").childElementCount > KEPT) find("#cues ol").lastElementChild.remove();
  } else if (event.text) say(event.text, event.grave);
}

async function listen() { // not EventSource, which can send no token
  let last = "";
  for (;;) {
    try {
      const answer = await ask("events", { headers: last ? { "Last-Event-ID": last } : {} });
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let rest = ""; ;) {
        const { value, done } = await reader.read();
        if (done) break;
        const parts = (rest + value).split("\n\n");
        rest = parts.pop();
        for (const part of parts) {
          const fields = Object.fromEntries(part.split("\n").map((line) => [line.slice(0, line.indexOf(": ")), line.slice(line.indexOf(": ") + 2)]));
          last = fields.id ?? last;
          if (fields.data) hear(fields.event, JSON.parse(fields.data));
        }
      }
    } catch (wrong) { say(`no events: ${wrong.message}`, true); }
    await new Promise((go) => setTimeout(go, 2000));
  }
}

async function look() {
  try { show(await (await ask("status")).json()); } catch (wrong) { say(`the daemon does not answer: ${wrong.message}`, true); }
  setTimeout(look, 1000);
}

find("#panic").addEventListener("click", () => command("panic", { on: !status?.panic }));
find("#lock").addEventListener("click", () => command("lock", { on: !status?.locked }));
look(); listen(); move();
