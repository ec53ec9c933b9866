// Opens a report page, or a page of documents, in headless Chromium and uses it as a person would: searches, filters, opens evidence, on a wide
// and a narrow screen, with and without scripts. Speaks the DevTools protocol over a pipe, so that it needs Node 20 or
// later and Chromium, and no package.
//
//   node tests/browser.mjs PAGE.html [--shots FOLDER]
//
// CHROMIUM names the browser (default: chromium). Exits 1 with a line for each thing that does not hold.

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const arguments_ = process.argv.slice(2);
const shotsAt = arguments_.indexOf("--shots");
const shots = shotsAt >= 0 ? arguments_.splice(shotsAt, 2)[1] : null;
if (arguments_.length !== 1 || !statSync(arguments_[0], { throwIfNoEntry: false })?.isFile()) {
  console.error("usage: node tests/browser.mjs PAGE.html [--shots FOLDER]");
  process.exit(2);
}
const page = pathToFileURL(resolve(arguments_[0])).href;
const PATIENCE = 60_000;
const failures = [];
const check = (holds, what) => {
  console.log(`${holds ? "ok  " : "FAIL"} ${what}`);
  if (!holds) failures.push(what);
};
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

// --- the browser -----------------------------------------------------------------------------------------------------

const profile = mkdtempSync(join(tmpdir(), "browser-test-"));
const flags = ["--headless=new", "--remote-debugging-pipe", "--disable-gpu", "--disable-extensions", "--no-first-run", "--hide-scrollbars", `--user-data-dir=${profile}`];
if (process.getuid?.() === 0) flags.push("--no-sandbox");
const browser = spawn(process.env.CHROMIUM ?? "chromium", [...flags, "about:blank"], { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"], detached: true });
process.on("exit", () => {
  try {
    process.kill(-browser.pid, "SIGKILL");
  } catch {
    // It ended by itself, or never started.
  }
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(1));
const finish = (code) => process.exit(code);
browser.on("error", (error) => {
  console.error(`FAIL the browser does not start: ${error.message}`);
  finish(1);
});
browser.on("exit", () => {
  console.error("FAIL the browser ended");
  finish(1);
});
const deadline = setTimeout(() => {
  console.error("FAIL the whole test took longer than five minutes");
  finish(1);
}, 300_000);

let lastId = 0;
const waiting = new Map();
const listeners = [];
let buffered = [];
browser.stdio[4].on("data", (chunk) => {
  let rest = chunk;
  for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
    const message = JSON.parse(Buffer.concat([...buffered, rest.subarray(0, end)]).toString());
    buffered = [];
    rest = rest.subarray(end + 1);
    if (message.id) {
      const { done, failed, method } = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.error) failed(new Error(`${method}: ${message.error.message}`));
      else done(message.result);
    } else for (const listener of listeners) listener(message);
  }
  if (rest.length) buffered.push(rest);
});
let sessionId;
const send = (method, params = {}) =>
  new Promise((done, failed) => {
    const id = ++lastId;
    waiting.set(id, { done, failed, method });
    browser.stdio[3].write(JSON.stringify({ id, method, params, sessionId }) + "\0");
    setTimeout(() => waiting.delete(id) && failed(new Error(`${method}: no answer`)), PATIENCE).unref();
  });
const event = (method) =>
  new Promise((done, failed) => {
    const listener = (message) => {
      if (message.method !== method) return;
      listeners.splice(listeners.indexOf(listener), 1);
      done(message.params);
    };
    listeners.push(listener);
    setTimeout(() => failed(new Error(`${method} did not happen`)), PATIENCE).unref();
  });

// --- a person --------------------------------------------------------------------------------------------------------

const read = async (expression) => {
  const { result, exceptionDetails } = await send("Runtime.evaluate", { expression, returnByValue: true });
  if (exceptionDetails) throw new Error(`${expression}: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
  return result.value;
};
const until = async (expression, what) => {
  const started = Date.now();
  while (!(await read(expression))) {
    if (Date.now() - started > 10_000) return check(false, what), Infinity;
    await pause(20);
  }
  return Date.now() - started;
};
const click = async (selector) => {
  const place = await read(`(() => {
    const element = document.querySelector(${JSON.stringify(selector)});
    element.scrollIntoView({ block: "center" });
    const box = element.getClientRects()[0];
    return { x: box.left + Math.min(box.width / 2, 60), y: box.top + box.height / 2 };
  })()`);
  for (const type of ["mousePressed", "mouseReleased"]) await send("Input.dispatchMouseEvent", { type, ...place, button: "left", clickCount: 1 });
};
const press = async (key) => {
  const code = { ArrowDown: 40, Home: 36, Enter: 13 }[key];
  for (const type of ["rawKeyDown", "keyUp"]) await send("Input.dispatchKeyEvent", { type, key, code: key, windowsVirtualKeyCode: code });
};
const screen = (width, height) => send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: width < 600 });
const scheme = (value) => send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value }] });
const load = async () => {
  const loaded = event("Page.loadEventFired");
  await send("Page.navigate", { url: "about:blank" });
  await loaded;
  const again = event("Page.loadEventFired");
  await send("Page.navigate", { url: page });
  await again;
};
const shot = async (name) => {
  if (!shots) return;
  mkdirSync(shots, { recursive: true });
  const { width, height, whole } = await read(`({ width: innerWidth, height: innerHeight, whole: document.documentElement.scrollHeight })`);
  await screen(width, Math.min(whole, 6_000));
  const { data } = await send("Page.captureScreenshot");
  writeFileSync(join(shots, `${name}.png`), Buffer.from(data, "base64"));
  await screen(width, height);
};
const count = () => read(`document.querySelector("#count").textContent`);
const shown = () => read(`document.querySelectorAll(".system:not([hidden])").length`);
const fitsWidth = async (width, what) => {
  // Not compared with innerWidth: a phone zooms out until what overflows fits.
  const scroll = await read(`document.documentElement.scrollWidth`);
  check(scroll <= width, `no horizontal scroll at ${width} pixels, ${what} (${scroll})`);
};

// --- what must hold --------------------------------------------------------------------------------------------------

const searches = async (total) => {
  const before = await count();
  const name = await read(`document.querySelector(".system:last-of-type h3").textContent`);
  await click("#search");
  await send("Input.insertText", { text: name });
  const took = await until(`document.querySelector("#count").textContent !== ${JSON.stringify(before)} || ${total} === 1`, "typing into the search changes the count");
  const left = await shown();
  check(left >= 1 && (left < total || total === 1), `a search for a name leaves fewer systems (${left} of ${total}, after ${took} ms)`);
  check(took < 3_000, "a search answers within 3 s");
  await send("Input.insertText", { text: " no-such-thing-anywhere" });
  await until(`!document.querySelector("#nothing").hidden`, "a search without a match says so");
  check((await shown()) === 0, "a search without a match shows no system");
  await click("#filters button");
  await until(`document.querySelector("#count").textContent === ${JSON.stringify(before)}`, "clearing restores the count");
  check((await shown()) === total, "clearing shows every system again");
};

const filters = async (total) => {
  const before = await count();
  for (const name of ["tier", "provider", "kind", "usage"]) {
    const selector = `#filter-${name}`;
    const options = await read(`document.querySelector("${selector}").options.length`);
    if (options < 2) continue;
    await read(`document.querySelector("${selector}").focus()`);
    await press("ArrowDown");
    await until(`document.querySelector("${selector}").selectedIndex === 1`, `the ${name} filter takes a key`);
    const promised = await read(`Number(document.querySelector("${selector}").selectedOptions[0].text.match(/\\(([\\d,]+)\\)$/)?.[1].replace(/,/g, ""))`);
    await until(`document.querySelectorAll(".system:not([hidden])").length === ${promised}`, `the ${name} filter shows as many systems as its choice says (${promised})`);
    check(promised <= total, `the ${name} filter leaves ${promised} of ${total} systems`);
    if (promised < total) check((await count()) !== before, `the ${name} filter changes the count: ${await count()}`);
    await press("Home");
    await until(`document.querySelector("#count").textContent === ${JSON.stringify(before)}`, `the ${name} filter can be taken back`);
  }
};

const evidence = async (how) => {
  const component = ".system .component";
  await click(".system > summary");
  await until(`document.querySelector(".system").open`, `a system opens ${how}`);
  await click(`${component} > summary`);
  await until(`document.querySelector("${component}").open`, `a component opens ${how}`);
  const place = await read(`(() => {
    const place = document.querySelector("${component} .places li");
    return { height: place.getBoundingClientRect().height, text: place.querySelector("code").textContent };
  })()`);
  check(place.height > 0 && place.text.length > 0, `its evidence is seen ${how}: ${place.text.slice(0, 60)}`);
};

// Nobody knows a reader's fonts when a picture is drawn: its labels must keep to the picture and to themselves.
const pictures = async (how) => {
  const told = await read(`[...document.querySelectorAll(".picture svg")].map((svg) => {
    const { width, height } = svg.viewBox.baseVal;
    const boxes = [...svg.querySelectorAll("text")].map((text) => ({ words: text.lastChild.textContent, box: text.getBBox() }));
    const beyond = boxes.filter(({ box }) => box.x < -1 || box.y < -1 || box.x + box.width > width + 1 || box.y + box.height > height + 1);
    const across = (a, b) => a.x < b.x + b.width - 1 && b.x < a.x + a.width - 1 && a.y < b.y + b.height - 1 && b.y < a.y + a.height - 1;
    const over = boxes.filter((one, at) => boxes.slice(at + 1).some((other) => across(one.box, other.box)));
    return {
      title: document.getElementById(svg.getAttribute("aria-labelledby"))?.textContent ?? "",
      isImage: svg.getAttribute("role") === "img",
      isSeen: svg.getBoundingClientRect().height > 20,
      size: Number.parseFloat(getComputedStyle(boxes.length ? svg.querySelector("text") : svg).fontSize) * (svg.getBoundingClientRect().width / width),
      hasTable: Boolean(svg.closest("figure").nextElementSibling?.querySelector("table")),
      labels: boxes.length,
      beyond: beyond.map(({ words }) => words),
      over: over.map(({ words }) => words),
    };
  })`);
  check(told.length > 0, `pictures are drawn ${how} (${told.length})`);
  for (const { title, isImage, isSeen, size, hasTable, labels, beyond, over } of told) {
    const name = title.slice(0, 40);
    check(isImage && title.length > 20, `a picture is an image that tells what it shows ${how}: ${name}`);
    check(isSeen && labels > 0, `it is seen and has labels ${how}`);
    check(size >= 10, `its letters are large enough to read ${how} (${size.toFixed(1)} pixels)`);
    check(hasTable, `it has a table behind it ${how}`);
    check(beyond.length === 0, `its labels stay within it ${how} ${beyond.slice(0, 3).join(" | ")}`);
    check(over.length === 0, `no label lies on another ${how} ${over.slice(0, 3).join(" | ")}`);
  }
};

const main = async () => {
  const { targetId } = await send("Target.createTarget", { url: "about:blank" });
  ({ sessionId } = await send("Target.attachToTarget", { targetId, flatten: true }));
  const complaints = [];
  const requests = [];
  listeners.push(({ method, params }) => {
    if (method === "Runtime.exceptionThrown") complaints.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
    if (method === "Runtime.consoleAPICalled") complaints.push(`console.${params.type}`);
    if (method === "Log.entryAdded") complaints.push(params.entry.text);
    if (method === "Page.javascriptDialogOpening") complaints.push(`a dialog: ${params.message}`);
    if (method === "Network.requestWillBeSent") requests.push(params.request.url);
  });
  for (const domain of ["Page", "Runtime", "Log", "Network"]) await send(`${domain}.enable`);

  await screen(1280, 900);
  await scheme("light");
  const started = Date.now();
  await load();
  console.log(`     loaded in ${Date.now() - started} ms`);
  // A page of documents has pictures and text, and nothing to use.
  const isReport = await read(`Boolean(document.querySelector("#systems"))`);
  const total = await read(`document.querySelectorAll(".system").length`);
  const isDrawn = total > 0 || !isReport;
  await fitsWidth(1280, "closed");
  await shot("wide");
  if (isDrawn) await pictures("on a screen");
  if (total > 0) {
    await searches(total);
    await filters(total);
    await evidence("with scripts");
    await shot("wide-open");
    const finding = await read(`document.querySelector(".findings a")?.getAttribute("href") ?? null`);
    if (finding) {
      await click(".findings a");
      await until(`document.querySelector(${JSON.stringify(finding)}).open`, "a finding leads to its system, which opens");
    }
  } else if (isReport) {
    check(await read(`document.body.innerText.includes("No AI found")`), "a page without systems says so");
  }

  const light = await read(`getComputedStyle(document.body).backgroundColor`);
  await scheme("dark");
  check((await read(`getComputedStyle(document.body).backgroundColor`)) !== light, "the page has a dark scheme");
  await shot("wide-dark");

  if (isDrawn) {
    await send("Emulation.setEmulatedMedia", { media: "print" });
    await screen(720, 1000);
    await pictures("in print");
    await send("Emulation.setEmulatedMedia", { media: "" });
  }

  for (const width of [360, 390, 768]) {
    await screen(width, 844);
    await scheme(width === 390 ? "dark" : "light");
    await read(`document.querySelectorAll("details").forEach((details, index) => (details.open = false))`);
    await fitsWidth(width, "closed");
    if (isDrawn && width === 360) await pictures("on a phone");
    await shot(`narrow-${width}`);
    await read(`[...document.querySelectorAll("details")].slice(0, 400).forEach((details) => (details.open = true))`);
    await fitsWidth(width, "open");
    await shot(`narrow-${width}-open`);
  }

  await screen(390, 844);
  await send("Emulation.setScriptExecutionDisabled", { value: true });
  await load();
  if (total > 0) {
    check(await read(`document.querySelector("#filters").hidden`), "without scripts, no filter is shown that would not work");
    await evidence("without scripts");
  }

  check(complaints.length === 0, `no error, message or dialog ${complaints.slice(0, 3).join(" | ")}`);
  const foreign = requests.filter((url) => url !== page && url !== "about:blank");
  check(foreign.length === 0, `no request to anything else ${foreign.slice(0, 3).join(" ")}`);
};

let code = 0;
try {
  await main();
} catch (error) {
  check(false, error.message);
}
clearTimeout(deadline);
browser.removeAllListeners("exit");
if (failures.length) {
  console.error(`\n${failures.length} of the checks failed:\n${failures.map((what) => `  ${what}`).join("\n")}`);
  code = 1;
}
finish(code);
