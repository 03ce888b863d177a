// Whether what the page shows can be read: nothing is wider than the screen, no text covers another or is cut without a
// sign, text stands out from its background in both colour schemes, and what is pressed is large enough for a finger.

import assert from "node:assert/strict";

// WCAG 2.2, 1.4.3 and 2.5.8, level AA.
const CONTRAST = 4.5;
const LARGE_CONTRAST = 3;
const FINGER = 24;

// Runs in the page. Each problem is one line.
function measured({ CONTRAST, LARGE_CONTRAST, FINGER }) {
  const problems = [];
  const name = (element) => {
    const path = [];
    for (let one = element; one && one !== document.body && path.length < 4; one = one.parentElement) {
      path.unshift(one.tagName.toLowerCase() + (one.id ? `#${one.id}` : one.classList.length ? `.${[...one.classList].join(".")}` : ""));
    }
    return `${path.join(" > ")} “${element.textContent.trim().slice(0, 40)}”`;
  };
  const width = document.documentElement.scrollWidth;
  if (width > innerWidth) problems.push(`the page is ${width} wide on a screen of ${innerWidth}`);

  // What is left of a box after everything around it has clipped it.
  const clipped = (box, element) => {
    let { left, right, top, bottom } = box;
    for (let around = element; around && around !== document.documentElement; around = around.parentElement) {
      if (getComputedStyle(around).overflow === "visible") continue;
      const edge = around.getBoundingClientRect();
      [left, right, top, bottom] = [Math.max(left, edge.left), Math.min(right, edge.right), Math.max(top, edge.top), Math.min(bottom, edge.bottom)];
    }
    [top, bottom] = [Math.max(top, 0), Math.min(bottom, innerHeight)];
    return right - left > 1 && bottom - top > 1 ? { left, right, top, bottom } : null;
  };
  const parts = (color) => {
    const [red = 0, green = 0, blue = 0, alpha = 1] = (color.match(/[\d.]+/g) ?? []).map(Number);
    return { red, green, blue, alpha };
  };
  const luminance = ({ red, green, blue }) => {
    const [r, g, b] = [red, green, blue].map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const color = parts(getComputedStyle(one).backgroundColor);
      if (color.alpha === 1) return color;
    }
    return { red: 255, green: 255, blue: 255 };
  };
  const contrast = (element) => {
    const [one, other] = [luminance(parts(getComputedStyle(element).color)), luminance(behind(element))];
    return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  };

  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.textContent.trim() || !element.checkVisibility({ checkVisibilityCSS: true })) continue;
    const style = getComputedStyle(element);
    const size = parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? LARGE_CONTRAST : CONTRAST;
    const found = contrast(element);
    if (found < least) problems.push(`contrast ${found.toFixed(2)}: ${name(element)}`);
    // The head of the list stays where it is while rows pass below it.
    if (element.closest("th")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) {
      const seen = clipped(box, element);
      if (seen) texts.push({ node, element, ...seen });
    }
  }
  for (const [index, one] of texts.entries()) {
    if (one.right > innerWidth + 1 || one.left < -1) problems.push(`beyond the edge: ${name(one.element)}`);
    for (const other of texts.slice(index + 1)) {
      if (one.node === other.node) continue;
      const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      // Line boxes touch by a few pixels where lines are close together.
      if (across > 2 && down > 5) problems.push(`one over the other: ${name(one.element)} and ${name(other.element)}`);
    }
  }
  for (const element of document.querySelectorAll("body *")) {
    if (!element.checkVisibility({ checkVisibilityCSS: true })) continue;
    const style = getComputedStyle(element);
    const clips = style.overflowX === "hidden" && style.textOverflow !== "ellipsis" && style.webkitLineClamp === "none";
    const hides = clips || (style.overflowX !== "visible" && style.scrollbarWidth === "none");
    if (hides && element.scrollWidth > element.clientWidth + 1) problems.push(`cut without a sign: ${name(element)}`);
  }
  for (const button of document.querySelectorAll("button, input, summary")) {
    if (!button.checkVisibility({ checkVisibilityCSS: true })) continue;
    const { width, height } = button.getBoundingClientRect();
    if (Math.min(width, height) < FINGER && button.tagName !== "SUMMARY") problems.push(`${width.toFixed()}×${height.toFixed()} is too small to press: ${name(button)}`);
  }
  for (const id of ["views", "filter", "list", "detail"]) {
    const element = document.getElementById(id);
    const shown = element.checkVisibility() && element.getBoundingClientRect().height > 10;
    const reading = document.body.classList.contains("reading");
    const expected = innerWidth > 760 || (id === "list" ? !reading : id === "detail" ? reading : true);
    if (shown !== expected) problems.push(`#${id} is ${shown ? "shown" : "not shown"}`);
  }
  return [...new Set(problems)];
}

const measure = (page) => page.evaluate(measured, { CONTRAST, LARGE_CONTRAST, FINGER });

// Fails unless all of that holds for what is shown now, by day and by night.
export async function looksRight(page, what) {
  const { width } = page.viewportSize();
  const before = await page.evaluate(() => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await measure(page), [], `${what}, ${width} wide, ${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: before });
}

// What has each of these problems, as style of a part of the page.
const FAULTS = [
  ["contrast", "#columns th", "color: rgb(200 200 200)"],
  ["the page is", "#tools", "min-width: 2000px"],
  ["one over the other", "#rows tr:first-child td:nth-child(2)", "position: relative; left: 60px"],
  ["cut without a sign", "#views", "width: 40px; overflow: hidden"],
  ["too small to press", "#clear", "padding: 0; height: 12px"],
  ["#detail is not shown", "#detail", "display: none"],
];

// Each of them is found, or else the rest proves nothing.
export async function faultsAreFound(page) {
  for (const [problem, selector, style] of FAULTS) {
    const parts = page.locator(selector);
    await parts.evaluateAll((all, style) => all.forEach((part) => { part.style.cssText = style; }), style);
    const found = await measure(page);
    assert.ok(found.some((line) => line.includes(problem)), `${problem} is not among ${JSON.stringify(found)}`);
    await parts.evaluateAll((all) => all.forEach((part) => part.removeAttribute("style")));
  }
  assert.deepEqual(await measure(page), []);
}
