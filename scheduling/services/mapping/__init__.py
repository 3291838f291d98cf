"""The verbs of mapping revisions: drafts are edited, submitted, approved by somebody else, published, taken back."""

from scheduling.services.mapping.adoption import adopt_pack
from scheduling.services.mapping.edits import (
    add_rule,
    change_rule,
    put_rule,
    remove_precedence,
    remove_reason,
    remove_rule,
    set_precedence,
    set_reason,
)
from scheduling.services.mapping.imports import import_revision
from scheduling.services.mapping.revisions import approve, publish, return_to_draft, start_draft, submit

__all__ = [
    "add_rule",
    "adopt_pack",
    "approve",
    "change_rule",
    "import_revision",
    "publish",
    "put_rule",
    "remove_precedence",
    "remove_reason",
    "remove_rule",
    "return_to_draft",
    "set_precedence",
    "set_reason",
    "start_draft",
    "submit",
]
