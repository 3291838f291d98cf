"""Every rule of docs/rules.md names tests, and every test that it names exists. No database."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings

PAGE = Path(settings.BASE_DIR) / "docs" / "rules.md"
TESTS = Path(settings.BASE_DIR) / "tests" / "recovery"
_NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")


def rules():
    """The rows of the page's tables, without their heads."""
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    heads = {place - 1 for place, row in enumerate(rows) if set("".join(row)) <= {"-"}}
    return [row for place, row in enumerate(rows) if place not in heads and place - 1 not in heads]


def named():
    return sorted(set(_NAMED.findall(PAGE.read_text())))


def test_every_rule_names_a_test():
    assert [row[0] for row in rules() if not _NAMED.search(row[-1] + row[-2])] == []
    assert len(rules()) > 25


@pytest.mark.parametrize("path", sorted({path for path, _ in named()}))
def test_every_test_that_is_named_exists(path):
    tree = ast.parse((TESTS / path).read_text())
    there = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}

    assert {name for where, name in named() if where == path} - there == set()
