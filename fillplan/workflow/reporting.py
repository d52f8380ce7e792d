"""`report --format`: the content of a run's report as text, made anew from the run and the tables as they are now."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from fillplan.report.gather import gather_content
from fillplan.report.markdown import render_markdown
from fillplan.report.page import render
from fillplan.runs import run_of_date
from fillplan.stages import Stages
from fillplan.workflow.inputs import FOR_GIVEN_DEMAND, load_inputs
from fillplan.workspace import open_workspace, synthetic_label

FORMATS = ("html", "md", "json")


def report_text(root: Path, plan_date: date | None, form: str) -> str:
    """The report of a run (default: the latest) as HTML, Markdown or JSON, all from the same content. Reads only.

    Raises NotFound without such a run, InputFaults where the tables have faults by now, VerificationFailed where they
    no longer know what the run names.
    """
    workspace = open_workspace(root)
    run = run_of_date(workspace, plan_date)
    with Stages("report") as stages:
        inputs = load_inputs(root, FOR_GIVEN_DEMAND, run.plan_date, stages)
        with stages.stage("report"):
            content = gather_content(run, inputs.tables, synthetic_label(workspace), inputs.warnings)
            if form == "json":
                return json.dumps(content.as_json(), indent=1, allow_nan=False) + "\n"
            return render_markdown(content) if form == "md" else render(content)
