"""`report --format` on the command line."""

from fillplan.cli.app import run
from fillplan.workflow.reporting import report_text


def test_refuses_other_forms(night_workspace, capsys):
    assert run(["report", str(night_workspace), "--format", "pdf"]) == 2
    assert "html, md, json" in capsys.readouterr().err
    assert run(["report", str(night_workspace), "--format", "md", "--json"]) == 2


def test_the_text_is_all_that_is_printed(night_workspace, capsys):
    assert run(["report", str(night_workspace), "--format", "json"]) == 0
    assert capsys.readouterr().out == report_text(night_workspace, None, "json")
