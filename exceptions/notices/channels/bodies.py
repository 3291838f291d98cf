"""What a webhook says, by style. Pure but for the desk's own address."""

from collections.abc import Callable
from typing import Any

from exceptions.notices.outgoing import Outgoing, link_to
from exceptions.notices.sentences import Told, told_words
from exceptions.vocabulary import WebhookStyle

CARD_VERSION = "1.4"  # the newest that Teams draws everywhere


def plain(notice: Outgoing) -> dict[str, Any]:
    """Everything by name, for systems."""
    about = notice.about
    return {
        "key": notice.key,
        "kind": notice.kind,
        "created_at": notice.created_at.isoformat(),
        "subject": notice.subject,
        "check": about.check_id if about else None,
        "severity": about.severity.label.lower() if about else None,
        "source": about.source if about else None,
        "clinic": about.clinic or None if about else None,
        "held": about.held if about else None,
        "notices": [_line(told) for told in notice.told],
        "more": notice.more,
    }


def _line(told: Told) -> dict[str, Any]:
    return {
        "exception": told.exception_id,
        "sentence": told.sentence,
        "count": told.times,
        "url": link_to(told.exception_id),
    }


def slack(notice: Outgoing) -> dict[str, Any]:
    """One text, a line a problem; Slack wants three signs escaped."""
    lines = [f"{_escaped(told_words(told))} <{link_to(told.exception_id)}|Open>" for told in notice.told]
    return {"text": "\n".join(lines + _more(notice, "<{}|more>"))}


def teams(notice: Outgoing) -> dict[str, Any]:
    """A card of one text block, as the workflow "When a Teams webhook request is received" takes it."""
    lines = [f"{told_words(told)} [Open]({link_to(told.exception_id)})" for told in notice.told]
    text = "\n\n".join(lines + _more(notice, "[more]({})"))
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": CARD_VERSION,
        "body": [{"type": "TextBlock", "text": text, "wrap": True}],
    }
    content = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "summary": notice.subject, "attachments": [content]}


def _more(notice: Outgoing, link: str) -> list[str]:
    return [f"{notice.more:,} {link.format(link_to(None))}"] if notice.more else []


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


BODIES: dict[WebhookStyle, Callable[[Outgoing], dict[str, Any]]] = {
    WebhookStyle.PLAIN: plain,
    WebhookStyle.SLACK: slack,
    WebhookStyle.TEAMS: teams,
}
