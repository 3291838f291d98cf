"""What people type about themselves."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.forms import PasswordChangeForm

from accounts.models import User
from accounts.vocabulary import Theme

FIELD = {"class": "field"}


class SignInForm(forms.Form):
    """Name and password; whether they match is not this form's business."""

    name = forms.CharField(
        label="Work e-mail",
        max_length=150,
        widget=forms.EmailInput(attrs=FIELD | {"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label="Password",
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs=FIELD | {"autocomplete": "current-password"}),
    )


class ThemeForm(forms.Form):
    """The theme switch in the rail."""

    theme = forms.ChoiceField(choices=Theme)


class SettingsForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """Everything about the look and the keys, on the profile page."""

    class Meta:
        model = User
        fields = ("theme", "density", "timezone", "has_keys")
        labels = {"timezone": "Time zone", "density": "Row height", "has_keys": "Single-key shortcuts"}
        help_texts = {"timezone": "Used where a page covers several clinics.", "has_keys": ""}
        widgets = {
            "theme": forms.Select(attrs=FIELD),
            "density": forms.Select(attrs=FIELD),
            "timezone": forms.TextInput(attrs=FIELD | {"list": "zones", "placeholder": "As most of my clinics"}),
        }

    def clean_timezone(self) -> str:
        """Refuse a name that the zone database does not know; empty is fine."""
        name: str = self.cleaned_data["timezone"]
        if name and name not in available_timezones():
            raise forms.ValidationError("This is not a time zone name such as America/Chicago.")
        return name


class NewPasswordForm(PasswordChangeForm):
    """Django's form in our clothes; it asks for the old password too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = "Password now"
        self.fields["new_password1"].help_text = "At least 12 characters, not only digits, none of the common ones."
        self.fields["new_password2"].label = "New password again"
        self.fields["new_password2"].help_text = ""
        for field in self.fields.values():
            field.widget.attrs |= FIELD
            field.widget.attrs.pop("autofocus", None)
