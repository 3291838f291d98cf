"""What people say about a webhook endpoint."""

from typing import Any
from urllib.parse import urlsplit

from django import forms

from exceptions.services.change_endpoints import EndpointValues
from exceptions.settings_form import FIELD, TEXT, Plain, SettingsForm
from exceptions.vocabulary import WebhookStyle

# This machine: a receiver beside the desk needs no certificate.
HERE = {"localhost", "127.0.0.1", "::1"}


class EndpointForm(SettingsForm):
    """Name, address, wording and limit of an endpoint."""

    name = forms.CharField(label="Name", max_length=80, widget=forms.TextInput(TEXT))
    url = forms.URLField(
        label="Address", max_length=300, assume_scheme="https", widget=forms.URLInput(TEXT | {"inputmode": "url"})
    )
    style = forms.ChoiceField(
        label="Worded for", choices=WebhookStyle.choices, initial=WebhookStyle.PLAIN, widget=forms.Select(FIELD)
    )
    most_per_hour = forms.IntegerField(
        label="At most an hour", min_value=1, max_value=3600, initial=60, widget=forms.NumberInput(FIELD)
    )
    is_active = forms.BooleanField(label="Told", required=False, initial=True)

    def clean_url(self) -> str:
        """An address on another machine is encrypted, and holds no name and password."""
        url: str = self.cleaned_data["url"]
        parts = urlsplit(url)
        if parts.username or parts.password:
            raise forms.ValidationError("Leave name and password out; notices are signed.")
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in HERE):
            raise forms.ValidationError("Only https addresses are told.")
        return url

    @property
    def plain(self) -> Plain:
        """The values by name."""
        return {name: value for name, value in self.cleaned_data.items() if name != "base"}

    @property
    def values(self) -> EndpointValues:
        """What a valid form says, as the service takes it."""
        return values_from(self.plain)

    @property
    def seen(self) -> EndpointValues | None:
        """What the endpoint said when the form was loaded."""
        base = self.cleaned_data["base"]
        return values_from(base) if base else None


def values_from(plain: Plain) -> EndpointValues:
    """Plain values as the service takes them."""
    said: dict[str, Any] = dict(plain)
    return EndpointValues(**said | {"style": WebhookStyle(said["style"])})
