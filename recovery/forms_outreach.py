"""What people fill in about messages and replies."""

from django import forms

from recovery.vocabulary import ReplyAnswer


class AnswerForm(forms.Form):
    """What a reply meant."""

    answer = forms.ChoiceField(choices=ReplyAnswer)


class ReplyForm(forms.Form):
    """What a patient of the demonstration writes back."""

    text = forms.CharField(max_length=160)
