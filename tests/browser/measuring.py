"""What can be measured of a page without looking at it: contrast, names of tables and charts, words cut off."""

from playwright.sync_api import Page

CONTRAST = """() => {
  const parse = text => {
    const found = text.match(/rgba?\\(([^)]+)\\)/);
    if (!found) return null;
    const [r, g, b, a = 1] = found[1].split(/[ ,\\/]+/).map(Number);
    return [r, g, b, a];
  };
  const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const light = colour => {
    const [r, g, b] = colour.map(c => c / 255).map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = element => {
    const layers = [];
    for (let each = element; each; each = each.parentElement) {
      const style = getComputedStyle(each);
      const colour = parse(style.backgroundColor);
      if (style.backgroundImage !== 'none') return null;
      if (colour && colour[3] > 0) { layers.push(colour); if (colour[3] === 1) break; }
    }
    const dark = matchMedia('(prefers-color-scheme: dark)').matches;
    const ground = [...(dark ? [0, 0, 0] : [255, 255, 255]), 1];
    return layers.reverse().reduce((below, top) => over(top, below), ground);
  };
  const seen = new Map();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    const left = 'svg, script, style, [disabled], [aria-disabled=true], [data-testid=stSliderThumbValue]';
    if (!text || !element || element.closest(left)) continue;  // the value of a slider stands above its thumb
    const box = element.getBoundingClientRect(), style = getComputedStyle(element);
    if (!box.width || !box.height || style.visibility === 'hidden' || Number(style.opacity) === 0) continue;
    const ground = behind(element), ink = parse(style.color);
    if (!ground || !ink) continue;
    let faded = 1;
    for (let each = element; each; each = each.parentElement) faded *= Number(getComputedStyle(each).opacity);
    if (faded === 0) continue;
    const a = light(over([...ink.slice(0, 3), ink[3] * faded], ground)), b = light(ground);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize), bold = Number(style.fontWeight) >= 700;
    const icon = element.closest('[role=img], [data-testid=stIconMaterial]') || style.fontFamily.includes('Material');
    const needed = icon || size >= 24 || (bold && size >= 18.66) ? 3 : 4.5;
    if (ratio < needed) seen.set(`${ratio.toFixed(2)} of ${needed}: ${text.slice(0, 50)}`, 1);
  }
  return [...seen.keys()];
}"""

NAMELESS = """() => [...document.querySelectorAll(
  '[data-testid=stTable], [data-testid=stDataFrame], [data-testid=stPlotlyChart]')]
  .filter(each => each.getBoundingClientRect().width)
  .filter(each => ![each, ...each.querySelectorAll('*')].some(
    one => one.getAttribute('aria-label') || one.getAttribute('alt') || one.tagName === 'CAPTION'))
  .map(each => each.dataset.testid)"""

CUT_OFF = """() => [...document.querySelectorAll('[data-testid=stMain] *, [data-testid=stSidebar] *')]
  .filter(each => getComputedStyle(each).textOverflow === 'ellipsis' && each.scrollWidth > each.clientWidth + 1)
  .filter(each => each.getBoundingClientRect().width && each.textContent.trim())
  .map(each => each.textContent.trim().slice(0, 60))"""


def low_contrast(page: Page) -> list[str]:
    """Return texts whose contrast is below WCAG 2.2 AA (4.5, or 3 for large text and icons), with their contrast."""
    return list(page.evaluate(CONTRAST))


def without_name(page: Page) -> list[str]:
    """Return the tables and charts that say nothing to who does not see them."""
    return list(page.evaluate(NAMELESS))


def cut_off(page: Page) -> list[str]:
    """Return texts that end in dots because their place is too small."""
    return list(page.evaluate(CUT_OFF))
