// Drives the pages in headless Chromium as people do, and has axe look at every one of them. What it finds goes to standard output, a line of
// JSON; whatever is not as it should be is an error.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const { base, token, delivery, leaving, screenshots } = JSON.parse(readFileSync(0, "utf8"));
const axe = readFileSync(createRequire(process.cwd() + "/").resolve("axe-core/axe.min.js"), "utf8");
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: flags });
const complaints = [];

async function opened(options) {
  const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.on("dialog", (dialog) => { complaints.push(`a dialog opened: ${dialog.message()}`); dialog.dismiss(); });
  page.on("pageerror", (error) => complaints.push(`a script failed: ${error.message}`));
  page.on("console", (message) => { if (message.type() === "error") complaints.push(`the console says: ${message.text()}`); });
  page.on("request", (request) => { if (!request.url().startsWith(base) && !request.url().startsWith("data:")) complaints.push(`asks elsewhere: ${request.url()}`); });
  return page;
}

// Find a standard, read its track.
const page = await opened({});
await page.goto(`${base}/standards`);
await page.keyboard.press("/");
await page.keyboard.type("27071");
await page.keyboard.press("Enter");
await page.waitForURL(/q=27071/);
const found = page.locator(".standards > li");
assert.equal(await found.count(), 1);
assert.match(await found.locator("svg.track").getAttribute("aria-label"), /FDIS 50\.00, step 6 of 7/);
await found.locator("a.what").click();
assert.equal(await page.locator("ol.way li.here .label").innerText(), "FDIS");
assert.equal(await page.locator("ol.way li[aria-current=step]").count(), 1);

// Open a change, see the diff both ways, the snapshot in its cage.
await page.locator(".changes a.what").first().click();
assert.match(await page.locator("h1").innerText(), /DIS → FDIS/);
assert.ok((await page.locator(".diff ins").count()) > 0, "no word is marked");
assert.equal(await page.locator("ol.way li.new .label").innerText(), "FDIS", "the move itself is drawn");
assert.equal(await page.locator(".diff table.side").count() > 0, true);
await page.getByRole("link", { name: "unified" }).click();
assert.ok((await page.locator(".diff table.unified").count()) > 0);
for (const frame of await page.locator("iframe.served").all()) assert.equal(await frame.getAttribute("sandbox"), "");
assert.equal(await page.locator("iframe.served").count(), 2);
const change = new URL(page.url()).pathname;
const zip = await page.request.get(base + change + "/evidence.zip");
assert.equal(zip.headers()["content-type"], "application/zip");

// Switch the language, and it stays.
await page.getByRole("link", { name: "中文" }).click();
assert.equal(await page.locator("html").getAttribute("lang"), "zh-CN");
await page.goto(`${base}/standards`);
assert.equal(await page.locator("h1").innerText(), "标准");
await page.goto(`${base}/standards?lang=en`);

// Print: what is only for screens is gone, a dark screen prints on white, and "3 hours ago" is a moment.
const A4 = 690;
const paper = await opened({ colorScheme: "dark", viewport: { width: A4, height: 1000 } });
for (const path of [change, "/", "/standards?body=iso", "/timeline", "/plans", "/sources", "/deliveries"]) {
  await paper.goto(base + path);
  await paper.emulateMedia({ media: "print" });
  for (const unwanted of ["nav.main", ".tools", "form", ".foot", "iframe"]) {
    assert.equal(await paper.locator(`${unwanted}:visible`).count(), 0, `${path} prints ${unwanted}`);
  }
  assert.equal(await paper.locator("h1").first().isVisible(), true);
  const looks = await paper.evaluate(() => {
    const [body, time] = [getComputedStyle(document.body), document.querySelector("main time[title]")];
    const after = time ? [getComputedStyle(time).fontSize, getComputedStyle(time, "::after").content] : ["0px", '"2'];
    return { colours: [body.color, body.backgroundColor], after, overflow: document.documentElement.scrollWidth - innerWidth };
  });
  assert.deepEqual(looks.colours, ["rgb(0, 0, 0)", "rgb(255, 255, 255)"], path);
  assert.deepEqual([looks.after[0], looks.after[1].slice(0, 2)], ["0px", '"2'], `${path} prints how long ago something was`);
  assert.ok(looks.overflow <= 0, `${path} is ${looks.overflow} pixels wider than the sheet`);
}
await paper.goto(`${base}/standards?body=iso`);
assert.deepEqual(await paper.locator(".on-paper:visible").allInnerTexts(), ["ISO, IEC"], "a filter is said on paper");
assert.ok((await paper.pdf()).length > 5000);
await page.goto(base + change);

// By keyboard alone: the first key leads past the navigation.
await page.keyboard.press("Tab");
assert.equal(await page.locator(".skip").evaluate((link) => link === document.activeElement && link.getBoundingClientRect().left >= 0), true);
await page.keyboard.press("Enter");
assert.equal(await page.evaluate(() => document.activeElement.id), "content");

// Where colours are the reader's own, it is still seen where one is.
await page.emulateMedia({ forcedColors: "active" });
assert.notEqual(await page.locator("nav.main [aria-current]").evaluate((link) => getComputedStyle(link).outlineStyle), "none");
await page.emulateMedia({ forcedColors: "none" });

// A title that is a script stays a title.
await page.goto(`${base}/standards?q=alert&watch=*`);
assert.match(await page.locator(".standards .title").first().innerText(), /<script>alert\(1\)<\/script>/);
await page.locator(".standards a.what").first().click();
assert.match(await page.locator(".lead").innerText(), /<script>alert\(1\)<\/script>/);

// Send a delivery again, with the token.
await page.goto(`${base}/deliveries/${delivery}`);
assert.equal(await page.getByRole("button", { name: "Send again" }).count(), 0);
await page.getByRole("link", { name: "Log in to send it again" }).click();
await page.getByLabel("Token").fill(token);
await page.getByRole("button", { name: "Log in" }).click();
await page.getByRole("button", { name: "Send again" }).click();
assert.match(await page.getByRole("status").innerText(), /due again/);

// Everything without scripts.
const plain = await opened({ javaScriptEnabled: false });
await plain.goto(`${base}/standards`);
await plain.getByRole("searchbox").fill("27071");
await plain.getByRole("button", { name: "Show" }).click();
assert.equal(await plain.locator(".standards > li").count(), 1);

// Axe, on every page, light and dark, wide and narrow; nothing wider than its window.
const source = await plain.goto(`${base}/sources`).then(() => plain.locator(".sources h2 a").first().getAttribute("href"));
const standard = await plain.goto(`${base}/standards?q=27071`).then(() => plain.locator(".standards a.what").first().getAttribute("href"));
const paths = ["/", "/standards", standard, "/timeline", "/changes", change, change + "?view=unified", change + "/diff", "/sources", source, "/plans", "/deliveries", `/deliveries/${delivery}`, "/login", "/nothing", leaving, "/standards?q=nothing-like-it", "/changes?kind=withdrawn", "/deliveries?state=failed"];
let n_looks = 0;
for (const [colorScheme, width] of [["light", 1280], ["dark", 1280], ["light", 390], ["dark", 390]]) {
  const page = await opened({ colorScheme, viewport: { width, height: 844 }, bypassCSP: true, locale: width === 390 ? "zh-CN" : "en-GB" });
  for (const path of paths) {
    await page.goto(base + path);
    if (path === "/nothing") complaints.splice(0, complaints.length, ...complaints.filter((complaint) => !complaint.includes("404")));
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (overflow > 0) complaints.push(`${path} is ${overflow} pixels wider than ${width}`);
    await page.addScriptTag({ content: axe });
    const { violations } = await page.evaluate(() => window.axe.run(document, { iframes: false, rules: { "target-size": { enabled: true } }, runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
    for (const violation of violations) {
      for (const node of violation.nodes.slice(0, 3)) complaints.push(`${path} (${colorScheme}, ${width}): ${violation.id}: ${node.html.slice(0, 160)} ${node.failureSummary?.split("\n")[1] ?? ""}`);
    }
    n_looks += 1;
    if (screenshots) await page.screenshot({ path: `${screenshots}/${path.replaceAll(/[^a-z0-9]+/gi, "-").slice(0, 40)}-${colorScheme}-${width}.png`, fullPage: true });
  }
}

// No page is wider than the smallest phone, or than a desk at four times its size, in either language.
for (const [locale, width] of [["en-GB", 390], ["en-GB", 320], ["zh-CN", 320], ["en-GB", 768], ["zh-CN", 900]]) {
  const page = await opened({ locale, viewport: { width, height: 800 } });
  for (const path of paths.filter((path) => path !== "/nothing")) {
    await page.goto(base + path);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (overflow > 0) complaints.push(`${path} is ${overflow} pixels wider than ${width} (${locale})`);
    n_looks += 1;
  }
}
await browser.close();
assert.deepEqual(complaints, []);
console.log(JSON.stringify({ looked: n_looks }));
