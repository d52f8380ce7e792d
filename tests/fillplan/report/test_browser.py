"""The report in headless Chromium: it opens without a complaint, asks nobody for anything, sorts and filters."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest

from fillplan.report.page import write_report
from fillplan.runs import Run
from fillplan_data.tables import Tables

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the path"),
]

LISTEN = """<script>
window.complaints = [];
addEventListener("error", (event) => window.complaints.push(String(event.message)), true);
addEventListener("securitypolicyviolation", (event) => window.complaints.push(event.violatedDirective));
</script>"""
TELL = """<script>
const told = (() => { %s })();
const answer = document.createElement("pre");
answer.id = "answer";
answer.textContent = JSON.stringify({ told, complaints, requests: performance.getEntriesByType("resource").length });
document.body.append(answer);
</script>"""

Ask = Callable[[str], object]


@pytest.fixture
def ask(run: Run, tables: Tables, tmp_path: Path) -> Ask:
    """Open the report, run some script in it and give what it returns."""
    text = write_report(run, tables, label="SYNTHETIC").read_text(encoding="utf-8")

    def asking(script: str, *options: str) -> object:
        page = tmp_path / "driven.html"
        driven = text.replace("<head>", "<head>" + LISTEN).replace("</body>", TELL % script + "</body>")
        page.write_text(driven, encoding="utf-8")
        answer = json.loads(_answer(_open(page, tmp_path / "profile", *options)))
        assert (answer["complaints"], answer["requests"]) == ([], 0)
        return answer["told"]

    return asking


def _open(page: Path, profile: Path, *options: str) -> str:
    command = [
        str(CHROMIUM),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
    ]
    command += [f"--user-data-dir={profile}", "--enable-logging=stderr", "--virtual-time-budget=2000", "--dump-dom"]
    done = subprocess.run([*command, *options, page.as_uri()], capture_output=True, text=True, timeout=120, check=True)
    assert "CONSOLE" not in done.stderr
    return done.stdout


def _answer(dom: str) -> str:
    found = re.search(r'<pre id="answer">(.*?)</pre>', dom, re.DOTALL)
    assert found, dom[-2000:]
    return unescape(found.group(1))


def test_columns_sort_both_ways_and_say_so(ask: Ask) -> None:
    told = ask("""
        const table = document.getElementById("cache-table");
        const heads = [...table.tHead.rows[0].cells];
        const order = () => [...table.tBodies[0].rows].map((row) => row.id);
        const price = heads.find((head) => head.textContent.startsWith("Storage price"));
        const seen = [order()];
        for (const head of [price, price, heads[0]]) {
          head.querySelector("button").click();
          seen.push([head.getAttribute("aria-sort"), order()]);
        }
        return [seen, table.querySelectorAll("[aria-sort]").length];
    """)
    mid, e1, e2 = "cache-mid", "cache-e1", "cache-e2"
    assert told == [
        [
            [mid, e1, e2],
            # e2's price is unknown and stays last
            ["descending", [e1, mid, e2]],
            ["ascending", [mid, e1, e2]],
            ["ascending", [e1, e2, mid]],
        ],
        1,
    ]


def test_search_and_choice_filter_rows(ask: Ask) -> None:
    told = ask("""
        const tools = document.querySelector('[data-for="cache-table"]');
        const [search, choice] = [tools.querySelector("input"), tools.querySelector("select")];
        const shown = () => [...document.querySelectorAll("#cache-table tbody tr:not([hidden])")].map((row) => row.id);
        const seen = [];
        const type = (words) => { search.value = words; search.dispatchEvent(new Event("input")); };
        const choose = (value) => { choice.value = value; choice.dispatchEvent(new Event("change")); };
        type("de"); seen.push(shown(), tools.querySelector("output").textContent);
        type("edge fr"); seen.push(shown());
        type(""); choose("parent"); seen.push(shown());
        choose("storage"); seen.push(shown());
        return seen;
    """)
    assert told == [["cache-e1"], "1 of 3 rows", ["cache-e2"], ["cache-mid"], ["cache-e1"]]


def test_the_map_changes_its_measure_and_leads_to_the_row(ask: Ask) -> None:
    told = ask("""
        const tile = document.querySelector('[data-row="cache-e1"]');
        const seen = [tile.innerText];
        document.querySelector(".picker input[value=f]").click();
        seen.push(tile.innerText);
        tile.click();
        seen.push(location.hash);
        return seen;
    """)
    assert told == ["100", "58", "#cache-e1"]


@pytest.mark.parametrize(("wide", "theme"), [(1280, 1), (500, 0)])
def test_nothing_sticks_out_of_the_page(ask: Ask, wide: int, theme: int) -> None:
    told = ask(
        """
        const charts = [...document.querySelectorAll("svg")].map((svg) => svg.getBoundingClientRect());
        return [
          document.documentElement.scrollWidth <= document.documentElement.clientWidth,
          charts.length,
          charts.every((box) => box.width > 100 && box.height > 50),
          matchMedia("(prefers-color-scheme: dark)").matches,
        ];
    """,
        f"--window-size={wide},900",
        f"--blink-settings=preferredColorScheme={theme}",
    )
    assert told == [True, 4, True, theme == 0]
