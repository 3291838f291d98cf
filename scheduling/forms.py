"""What people type on the facts pages."""

from django import forms


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
