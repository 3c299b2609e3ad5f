"""docs/timing.md is the measurement's own output."""

from __future__ import annotations

from bench.chart import chart
from bench.report import CHART, PAGE, page
from bench.results import results


def test_every_table_and_the_chart_of_the_page_are_those_of_its_results() -> None:
    """After a change of the tables: `python -m bench.report`."""
    found = results()
    text = PAGE.read_text()
    assert page(text, found) == text
    assert chart(found["timing"]["found"]) == CHART.read_text()
