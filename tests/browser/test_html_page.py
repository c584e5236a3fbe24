"""The HTML report in a real Chromium: it renders, filters, prints, and fetches and runs nothing."""

from __future__ import annotations

import json
from contextlib import suppress
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from selenium.webdriver.support.ui import WebDriverWait

from .conftest import logged, resize, scheme

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

pytestmark = pytest.mark.slow


def fetched(browser: Chrome) -> set[str]:
    """What was asked for since the log was last read."""
    messages = (json.loads(entry["message"])["message"] for entry in logged(browser, "performance"))
    return {
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    }


def opened(browser: Chrome, url: str) -> Chrome:
    browser.get(url)
    return browser


def told(browser: Chrome, script: str) -> Any:
    return browser.execute_script(f"return {script}")


def findings(browser: Chrome) -> list[str]:
    """The rules whose findings can be seen, folded or not."""
    names: list[str] = told(
        browser,
        "[...document.querySelectorAll('.group .finding:not([hidden])')]"
        ".map(f => f.closest('.group').id.slice(2))",
    )
    return names


def put(browser: Chrome, field: str, text: str) -> None:
    box = browser.find_element("id", field)
    box.clear()
    box.send_keys(text)


def clicked(browser: Chrome, selector: str) -> None:
    found = browser.find_element("css selector", selector)
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", found)
    found.click()


def colour(browser: Chrome) -> str:
    of = "getComputedStyle(document.documentElement)"
    found: str = told(browser, f"{of}.backgroundColor")
    return found


# --- it renders ----------------------------------------------------------------------------------


def test_page_renders_and_complains_of_nothing(browser: Chrome, page: str) -> None:
    opened(browser, page)
    assert browser.find_element("tag name", "h1").text.startswith("Score ")
    assert browser.title.startswith("mllint ")
    for section in ("score", "categories", "first", "findings", "passed", "na", "ledger"):
        assert browser.find_element("id", section).is_displayed(), section
    assert browser.find_element("css selector", ".ring").size["width"] > 80
    bars = browser.find_elements("css selector", ".bar .fill")
    assert len(bars) > 20
    assert logged(browser, "browser") == []


def test_nothing_is_fetched_but_the_page(browser: Chrome, page: str) -> None:
    opened(browser, page)
    clicked(browser, "#theme")
    put(browser, "q", "seed")
    assert fetched(browser) == {page}


def test_page_is_whole_without_its_script(browser: Chrome, page: str) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    opened(browser, page)
    assert not browser.find_element("id", "filter").is_displayed()
    assert not browser.find_element("id", "theme").is_displayed()
    assert browser.find_element("css selector", ".finding .message").is_displayed()
    closed = browser.find_element("css selector", "#passed summary")
    closed.click()
    assert browser.find_element("css selector", "#passed .entries li").is_displayed()


@pytest.mark.parametrize("width", [360, 768, 1200])
@pytest.mark.parametrize("name", ["page", "hostile"])
def test_page_never_scrolls_sideways(
    width: int, name: str, browser: Chrome, request: pytest.FixtureRequest
) -> None:
    resize(browser, width)
    opened(browser, request.getfixturevalue(name))
    told(browser, "document.querySelectorAll('details').forEach(d => d.open = true)")
    assert told(browser, "document.documentElement.scrollWidth") <= width


def test_every_text_stands_out_from_its_ground(browser: Chrome, page: str) -> None:
    opened(browser, page)
    for name in ("light", "dark"):
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", scheme(name))
        told(browser, "document.querySelectorAll('details').forEach(d => d.open = true)")
        assert browser.execute_script(FAINT) == []


FAINT = """
const channels = (text) => text.match(/[\\d.]+/g).map(Number);
const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
  .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
  .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
const ground = (element) => {
  for (let at = element; at; at = at.parentElement) {
    const found = channels(getComputedStyle(at).backgroundColor);
    if (found.length === 3 || found[3] > 0) return found;
  }
};
const faint = [];
for (const element of document.querySelectorAll("body *")) {
  const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
  if (!own || !element.checkVisibility() || element.closest("svg, script, style, option")) continue;
  const [one, two] = [channels(getComputedStyle(element).color), ground(element)].map(light);
  const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
  if (ratio < 4.5) faint.push(`${element.className} ${ratio.toFixed(2)} ${element.textContent}`);
}
return faint.slice(0, 5);
"""
"""The texts whose contrast with what lies behind them is under 4.5 to 1, as WCAG 2 asks."""


# --- it filters ----------------------------------------------------------------------------------


def test_search_shows_what_holds_every_word(browser: Chrome, page: str) -> None:
    opened(browser, page)
    everything = findings(browser)
    assert len(everything) > 10
    put(browser, "q", "softmax entropy")
    assert findings(browser) == ["softmax-before-cross-entropy"]
    shown = told(browser, "document.getElementById('shown').value")
    assert shown.startswith(f"1 of {len(everything)} findings shown, ")
    put(browser, "q", "no such thing anywhere")
    assert findings(browser) == []
    assert not browser.find_element("css selector", ".group").is_displayed()
    assert not browser.find_element("id", "passed").is_displayed()
    clicked(browser, "[type=reset]")
    assert WebDriverWait(browser, 10).until(lambda _: findings(browser) == everything)


def test_severity_path_category_and_status_narrow_it_down(browser: Chrome, page: str) -> None:
    opened(browser, page)
    everything = findings(browser)
    clicked(browser, "[name=severity][value=warning]")
    clicked(browser, "[name=severity][value=note]")
    errors = findings(browser)
    assert 0 < len(errors) < len(everything)
    assert {"missing-zero-grad", "softmax-before-cross-entropy"} <= set(errors)
    clicked(browser, "[type=reset]")
    put(browser, "path", "embed.PY")
    told_paths = told(
        browser,
        "[...document.querySelectorAll('.finding:not([hidden])')].map(f => f.dataset.path)",
    )
    assert set(told_paths) == {"src/embed.py"}
    clicked(browser, "[type=reset]")
    browser.find_element("css selector", "#category option[value=training]").click()
    assert 0 < len(findings(browser)) < len(everything)
    assert set(
        told(
            browser,
            "[...document.querySelectorAll('.item:not([hidden])')].map(i => i.dataset.category)",
        )
    ) == {"training"}
    clicked(browser, "[type=reset]")
    clicked(browser, "[name=status][value=new]")
    assert findings(browser) == []
    assert browser.find_element("id", "passed").is_displayed()


def test_lists_lie_open_while_something_is_sought(browser: Chrome, page: str) -> None:
    opened(browser, page)
    details = "document.querySelector('#passed > details').open"
    assert not told(browser, details)
    put(browser, "q", "passed")
    put(browser, "q", "a")
    assert told(browser, details)
    clicked(browser, "[type=reset]")
    assert WebDriverWait(browser, 10).until(lambda _: not told(browser, details))


def test_fold_and_unfold(browser: Chrome, page: str) -> None:
    opened(browser, page)
    button = browser.find_element("id", "fold")
    if button.text == "Unfold all":
        button.click()
    assert told(browser, "document.querySelectorAll('.finding:not([open])').length") == 0
    assert button.text == "Fold all"
    button.click()
    assert told(browser, "document.querySelectorAll('.finding[open]').length") == 0


def test_link_leads_to_what_was_filtered_out(browser: Chrome, page: str) -> None:
    opened(browser, page)
    put(browser, "q", "no such thing anywhere")
    name = browser.find_element("css selector", ".first th a").text
    clicked(browser, ".first th a")
    assert name in findings(browser)
    assert browser.find_element("id", f"r-{name}").is_displayed()


def test_filter_is_worked_by_keyboard_and_heard(browser: Chrome, page: str) -> None:
    opened(browser, page)
    assert browser.find_element("id", "shown").get_attribute("aria-live") == "polite"
    nameless = told(
        browser,
        "[...document.querySelectorAll('input, select, button')]"
        ".filter(e => !(e.labels?.length || e.textContent.trim())).length",
    )
    assert nameless == 0
    first = browser.find_element("css selector", ".finding summary")
    before = told(browser, "document.querySelector('.finding').open")
    first.send_keys("\ue007")  # Enter
    assert told(browser, "document.querySelector('.finding').open") is not before
    levels = told(browser, "[...document.querySelectorAll('h1, h2, h3')].map(h => +h.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


# --- light, dark, print --------------------------------------------------------------------------


def test_theme_follows_the_system_until_it_is_chosen(browser: Chrome, page: str) -> None:
    opened(browser, page)
    light = colour(browser)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", scheme("dark"))
    dark = colour(browser)
    assert light != dark
    button = browser.find_element("id", "theme")
    assert button.text == "Light"
    button.click()
    assert (colour(browser), button.text) == (light, "Dark")
    button.click()
    assert (colour(browser), button.text) == (dark, "Light")


def test_print_unfolds_everything_and_leaves_the_filter_out(browser: Chrome, page: str) -> None:
    opened(browser, page)
    clicked(browser, "#theme")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": []})
    told(browser, "dispatchEvent(new Event('beforeprint'))")
    assert told(browser, "document.querySelectorAll('details:not([open])').length") == 0
    assert not browser.find_element("id", "filter").is_displayed()
    assert told(browser, "getComputedStyle(document.documentElement).colorScheme") == "light"
    told(browser, "dispatchEvent(new Event('afterprint'))")
    assert told(browser, "document.querySelectorAll('details:not([open])').length") > 0


# --- it runs nothing -----------------------------------------------------------------------------


def test_hostile_repository_runs_and_fetches_nothing(browser: Chrome, hostile: str) -> None:
    from selenium.common.exceptions import NoAlertPresentException

    opened(browser, hostile)
    clicked(browser, "#fold")
    put(browser, "q", "<script>")
    put(browser, "path", '"><img')
    for link in browser.find_elements("tag name", "a"):
        assert str(link.get_attribute("href")).startswith((hostile, "https://"))
    with suppress(NoAlertPresentException):
        pytest.fail(f"a dialog: {browser.switch_to.alert.text}")
    assert told(browser, "typeof window.pwned") == "undefined"
    assert told(browser, "document.scripts.length") == 1
    assert told(browser, "document.querySelectorAll('style').length") == 1
    assert (
        told(
            browser, "document.querySelectorAll('img, iframe, object, [onload], b[onclick]').length"
        )
        == 0
    )
    assert logged(browser, "browser") == []
    assert fetched(browser) == {hostile}


def test_hostile_text_is_shown_as_it_stands(browser: Chrome, hostile: str) -> None:
    opened(browser, hostile)
    text = told(browser, "document.body.textContent")
    for shown in (
        "<script>window.pwned=1;alert(1)</script>", 'onerror="window.pwned=1">', "{{ 7 * 191 }}",
        "\\u202e", "\\u2066", "\\xff\\xfe.py", "a\\nb\\x1b[31m.py",
    ):  # fmt: skip
        assert shown in text, shown
    assert not {"\u202e", "\u2066", "\x1b"} & set(text)
