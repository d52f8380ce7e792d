"""The report in headless Chromium: it opens without a complaint, asks nobody for anything, sorts and filters."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from html import escape, unescape
from pathlib import Path

import pytest

from fillplan.report.compare_page import write_compare_page
from fillplan.report.page import write_report
from fillplan.runs import Run
from fillplan.scenarios.uncertain import Samples
from fillplan.workflow.comparing import compare_step
from fillplan.workflow.failures import Exercise, fail_in_turn
from fillplan.workflow.whatif import whatif
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
(async () => {
  const told = await (async () => { %s })();
  const answer = document.createElement("pre");
  answer.id = "answer";
  answer.textContent = JSON.stringify({ told, complaints, requests: performance.getEntriesByType("resource").length });
  document.body.append(answer);
  if (parent !== window) parent.document.body.append(parent.document.importNode(answer, true));
})();
</script>"""
TELEPHONE = '<body><iframe style="border:0;width:390px;height:844px" srcdoc="%s"></iframe>'
"""A frame as wide as a telephone: the window itself cannot be made so narrow."""
AXE = "axe-core@4"
"""The accessibility checker, fetched from the npm registry when the test runs; nothing of it is kept."""
CHECK = """
    const found = await axe.run(document, { resultTypes: ["violations"] });
    return found.violations.map((rule) => [rule.id, rule.impact, rule.nodes.slice(0, 3).map((node) => node.html)]);
"""

LAYOUT = """
        const charts = [...document.querySelectorAll("svg")];
        const boxes = charts.map((svg) => svg.getBoundingClientRect());
        return [
          innerWidth,
          document.documentElement.scrollWidth <= document.documentElement.clientWidth,
          charts.length,
          boxes.every((box) => box.width > 100 && box.height > 50),
          charts.every((svg) => [...svg.querySelectorAll("path")].some((path) => path.getTotalLength() > 20)),
          matchMedia("(prefers-color-scheme: dark)").matches,
        ];
    """
"""Width, whether nothing sticks out, charts, whether all are of some size and none is empty, whether it is dark."""

Ask = Callable[..., object]


@pytest.fixture
def ask(run: Run, tables: Tables, tmp_path: Path) -> Ask:
    """Open the report, run some script in it and give what it returns."""
    return asking(write_report(run, tables, label="SYNTHETIC"), tmp_path)


def asking(report: Path, tmp_path: Path) -> Ask:
    """The same for any page."""
    text = report.read_text(encoding="utf-8")

    def ask(script: str, *options: str, frame: str = "", first: str = "") -> object:
        page = tmp_path / "driven.html"
        tail = f"<script>{first}</script>" + TELL % script
        driven = text.replace("<head>", "<head>" + LISTEN).replace("</body>", tail + "</body>")
        page.write_text(frame % escape(driven) if frame else driven, encoding="utf-8")
        answer = json.loads(_answer(_open(page, tmp_path / "profile", *options)))
        assert (answer["complaints"], answer["requests"]) == ([], 0)
        return answer["told"]

    return ask


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
            [e1, e2, mid],
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


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The checker's script; the test is skipped where it cannot be had."""
    folder, npm = tmp_path_factory.mktemp("axe"), shutil.which("npm")
    if npm is None:
        pytest.skip("no npm to fetch the accessibility checker with")
    command = [npm, "pack", AXE, "--silent", "--fetch-retries=0", f"--pack-destination={folder}", f"--cache={folder}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    packed = next(folder.glob("axe-core-*.tgz"), None)
    if packed is None:
        pytest.skip(f"the accessibility checker could not be fetched: {done.stderr[-200:]}")
    with tarfile.open(packed) as archive:
        script = archive.extractfile("package/axe.min.js")
        assert script is not None
        return script.read().decode("utf-8")


@pytest.mark.parametrize("theme", [0, 1], ids=["dark", "light"])
@pytest.mark.parametrize("frame", ["", TELEPHONE], ids=["1280", "390"])
def test_contrast_labels_and_roles(ask: Ask, axe: str, frame: str, theme: int) -> None:
    options = ("--window-size=1280,900", f"--blink-settings=preferredColorScheme={theme}")
    assert ask(CHECK, *options, "--virtual-time-budget=20000", frame=frame, first=axe) == []


@pytest.mark.parametrize("theme", [0, 1], ids=["dark", "light"])
@pytest.mark.parametrize(("frame", "wide"), [("", 1280), (TELEPHONE, 390)], ids=["1280", "390"])
def test_nothing_sticks_out_of_the_page(ask: Ask, frame: str, wide: int, theme: int) -> None:
    told = ask(
        LAYOUT,
        "--window-size=1280,900",
        f"--blink-settings=preferredColorScheme={theme}",
        frame=frame,
    )
    assert told == [wide, True, 4, True, True, theme == 0]


def test_captions_stay_within_the_boxes_of_wide_tables(ask: Ask) -> None:
    script = """
        const boxes = [...document.querySelectorAll("#regions, #launch-table")].map((table) => table.parentElement);
        for (const box of boxes) box.scrollLeft = 40;
        return boxes.map((box) => {
          const [ours, its] = [box.querySelector("caption"), box].map((part) => part.getBoundingClientRect());
          return [box.scrollWidth > box.clientWidth, ours.left >= its.left, ours.right <= its.right];
        });
    """
    assert ask(script, "--window-size=1280,900", frame=TELEPHONE) == [[True, True, True]] * 2


ASKED = """[[scenario]]
name = "storage"
description = "half to twice"
[[scenario.override]]
kind = "capacity"
column = "storage_bytes"
scale = { from = 0.5, to = 2.0, steps = 4 }
[[scenario]]
name = "rush"
[[scenario.override]]
kind = "demand"
scale = 1.2
"""


@pytest.fixture(scope="module")
def pages(shared_copy: Path) -> dict[str, Path]:
    """A page of each further kind."""
    folder = shared_copy.parent
    (folder / "q.toml").write_text(ASKED)
    answer = whatif(shared_copy, folder / "q.toml", None, Samples(5, 0))
    outages = fail_in_turn(shared_copy, Exercise("all", True, 0.05), None)
    made = compare_step(Path(f"{answer.folder}#storage@0.5"), Path(f"{answer.folder}#rush"), [])
    write_compare_page(made, folder / "compare.html")
    return {
        "whatif": answer.folder / "report.html",
        "failures": outages.folder / "report.html",
        "compare": folder / "compare.html",
    }


CHARTS = {"whatif": 4, "failures": 0, "compare": 3}


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize(("frame", "wide", "theme"), [("", 1280, 1), (TELEPHONE, 390, 0)], ids=["1280", "390 dark"])
def test_every_kind_of_page(
    pages: dict[str, Path], axe: str, tmp_path: Path, name: str, frame: str, wide: int, theme: int
) -> None:
    ask = asking(pages[name], tmp_path)
    options = ("--window-size=1280,900", f"--blink-settings=preferredColorScheme={theme}")
    assert ask(LAYOUT, *options, frame=frame) == [wide, True, CHARTS[name], True, True, theme == 0]
    assert ask(CHECK, *options, "--virtual-time-budget=20000", frame=frame, first=axe) == []


@pytest.mark.parametrize(
    ("name", "table"), [("whatif", "scenario-table"), ("failures", "ranking-table"), ("compare", "cache-table")]
)
def test_tables_of_every_kind_of_page_sort_and_filter(
    pages: dict[str, Path], tmp_path: Path, name: str, table: str
) -> None:
    told = asking(pages[name], tmp_path)(f"""
        const table = document.getElementById("{table}"), rows = () => [...table.tBodies[0].rows];
        const all = rows().length, head = table.tHead.rows[0].cells[0];
        head.querySelector("button").click();
        const names = rows().map((row) => row.cells[0].firstChild.textContent);
        const inOrder = [...names].sort((a, b) => a.localeCompare(b, undefined, {{ numeric: true }}));
        const search = document.querySelector('[data-for="{table}"] input');
        const wanted = names[0].toLowerCase();
        search.value = names[0]; search.dispatchEvent(new Event("input"));
        const shown = rows().filter((row) => !row.hidden);
        return [all > 1, head.getAttribute("aria-sort"), names.join() === inOrder.join(),
                shown.length < all && shown.every((row) => row.textContent.toLowerCase().includes(wanted))];
    """)
    assert told == [True, "ascending", True, True]
