// What the page asks the node, and how it hears from it.

export class Problem extends Error {
  constructor(status, { code = "unknown", why = "the node did not answer as a node does", mend = "" } = {}) {
    super(why);
    Object.assign(this, { status, code, why, mend });
  }
}

/** One request; what comes back as an object. Throws Problem. */
export const ask = async (method, path, body) => {
  let answer;
  try {
    answer = await fetch(path, {
      method,
      credentials: "same-origin",
      headers: { "X-Lingua-Request": "1", ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Problem(0, { code: "unreachable", why: "the node does not answer", mend: "is it running?" });
  }
  let found = {};
  try { found = await answer.json(); } catch { /* then the status alone tells */ }
  if (!answer.ok) throw new Problem(answer.status, found);
  return found;
};

/**
 * The event stream, opened again whenever it breaks, from the last event that was seen.
 * `on`: { event, snapshot, lost, state }.
 */
export class Stream {
  constructor(on) {
    this.on = on;
    this.last = -1;
    this.tries = 0;
    this.closed = false;
    this.open();
  }

  open() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/v1/events?snapshot=1&after_seq=${this.last}`);
    this.socket = socket;
    socket.addEventListener("message", ({ data }) => this.take(JSON.parse(data)));
    socket.addEventListener("close", ({ code }) => {
      if (this.closed || this.socket !== socket) return;
      this.on.state(code === 4401 ? "ended" : "away");
      if (code === 4401) return;
      this.timer = setTimeout(() => this.open(), Math.min(15000, 400 * 2 ** this.tries++));
    });
  }

  take(message) {
    this.tries = 0;
    if (message.kind === "hello") {
      // What is older is fetched from the log; the stream goes on from here.
      if (this.last < 0) this.last = message.seq;
      this.on.state("live");
    } else if (message.kind === "snapshot") this.on.snapshot(message.state);
    else if (message.kind === "lost") this.on.lost(message);
    else if (message.seq >= this.last) {
      // A node may say several things under the number of one record.
      this.last = message.seq;
      this.on.event(message);
    }
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    this.socket.close();
  }
}
