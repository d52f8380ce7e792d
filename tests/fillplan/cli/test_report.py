"""`report --format`: the page, Markdown and JSON from one content; the stored page stays as it is."""

import json

from fillplan.cli.app import run


def test_three_forms_of_one_content(night_workspace, capsys):
    page = next(night_workspace.glob("runs/*/report.html"))
    before = page.read_bytes()
    said = {}
    for form in ("html", "md", "json"):
        capsys.readouterr()
        assert run(["report", str(night_workspace), "--format", form]) == 0
        said[form] = capsys.readouterr().out
    content = json.loads(said["json"])
    offload = f"{content['headline']['expected_offload']:.1%}".replace("%", "")
    assert offload in said["html"]
    assert offload in said["md"]
    assert len(content["caches"]) == said["html"].count('<tr id="cache-')
    assert page.read_bytes() == before


def test_refuses_other_forms(night_workspace, capsys):
    assert run(["report", str(night_workspace), "--format", "pdf"]) == 2
    assert "html, md, json" in capsys.readouterr().err
    assert run(["report", str(night_workspace), "--format", "md", "--json"]) == 2
