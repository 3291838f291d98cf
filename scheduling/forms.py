"""What people type on the facts pages."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from accounts.models import Source
from scheduling.mapping.exchange import MOST_BYTES
from scheduling.models import MappingRevision


class SearchForm(forms.Form):
    """One line: an MRN, a name, a phone number or an appointment's number. Sent by POST, never in an address."""

    text = forms.CharField(
        label="Find by name, MRN or number",
        min_length=2,
        max_length=80,
        widget=forms.TextInput(
            attrs={
                "class": "field field--search",
                "type": "search",
                "placeholder": "Name, MRN or number",
                "autocomplete": "off",
            }
        ),
        error_messages={"required": "Type a name, an MRN or a number.", "min_length": "Type at least 2 characters."},
    )


class RevealForm(forms.Form):
    """Why somebody needs to see a message's values; kept in the audit trail."""

    reason = forms.CharField(
        label="Why you need to see them",
        min_length=5,
        max_length=200,
        widget=forms.TextInput(attrs={"class": "field", "autocomplete": "off"}),
        error_messages={
            "required": "Say why you need to see them.",
            "min_length": "Say it in at least 5 characters.",
        },
        help_text="Kept in the audit trail. Name no patient here.",
    )


class RevisionField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable at run time
    """One of a source's revisions, by number and title."""

    def label_from_instance(self, obj: MappingRevision) -> str:
        """Say which."""
        return f"Revision {obj.number}: {obj.title}"


class ImportForm(forms.Form):
    """A file with a whole revision of ``source`` and what the new draft is called."""

    file = forms.FileField(
        label="CSV file",
        widget=forms.FileInput(attrs={"class": "field", "accept": ".csv,text/csv"}),
        help_text="As a revision's Export gives it. Commas or semicolons, UTF-8.",
        error_messages={"required": "Choose a file.", "empty": "The file is empty."},
    )
    title = forms.CharField(
        label="Title of the draft",
        max_length=200,
        widget=forms.TextInput(attrs={"class": "field", "autocomplete": "off"}),
        error_messages={"required": "Say what the draft is for."},
    )
    based_on = RevisionField(
        label="Made from",
        queryset=MappingRevision.objects.none(),
        required=False,
        empty_label="No revision",
        widget=forms.Select(attrs={"class": "field"}),
        help_text="You will see the draft compared with it. Nothing is copied from it.",
    )

    def __init__(self, *args: Any, source: Source, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        revisions = MappingRevision.objects.filter(source=source).order_by("-number")
        self.fields["based_on"].queryset = revisions  # type: ignore[attr-defined]  # the field above

    def clean_file(self) -> "UploadedFile[bytes]":
        """Refuse a file that is too large before it is read."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if file.size is None or file.size > MOST_BYTES:
            raise forms.ValidationError(f"The file is larger than {MOST_BYTES // 1_000_000} MB.")
        return file
