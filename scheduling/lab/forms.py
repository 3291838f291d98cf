"""What people give to the lab; nothing of it is kept."""

from io import BytesIO
from typing import Any

from django import forms
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

from scheduling.lab.bodies import MOST_BYTES


class MemoryOnlyUpload(FileUploadHandler):
    """Keeps an upload in memory, never in a temporary file; a larger one than intake takes is given up."""

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.parts: list[bytes] = []
        self.size = 0
        self.is_too_large = False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:  # noqa: ARG002 - Django passes it
        """Keep one piece."""
        self.size += len(raw_data)
        if self.size > MOST_BYTES:
            self.is_too_large, self.parts = True, []
            raise StopUpload(connection_reset=False)
        self.parts.append(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """The file, as Django hands files on."""
        data = BytesIO(b"".join(self.parts))
        self.parts = []
        return InMemoryUploadedFile(
            data, self.field_name, self.file_name or "upload", self.content_type, file_size, self.charset
        )


class LabForm(forms.Form):
    """A message as text or as a file, and the one that it is a change of ("" for none)."""

    text = forms.CharField(
        required=False,
        strip=False,
        label="Message",
        widget=forms.Textarea(
            attrs={
                "class": "field lab__text",
                "rows": 14,
                "spellcheck": "false",
                "autocomplete": "off",
                "data-lab-text": "",
                "aria-describedby": "lab-help",
            }
        ),
    )
    before = forms.CharField(
        required=False,
        strip=False,
        label="Before your change",
        widget=forms.Textarea(
            attrs={
                "class": "field lab__text",
                "rows": 8,
                "readonly": True,
                "spellcheck": "false",
                "autocomplete": "off",
            }
        ),
    )
    file = forms.FileField(
        required=False, allow_empty_file=True, label="or a file", widget=forms.FileInput(attrs={"class": "field"})
    )

    def data_of(self) -> tuple[str, bytes | None]:
        """What was pasted, and what was uploaded (None for no file)."""
        file = self.cleaned_data.get("file")
        return self.cleaned_data.get("text") or "", file.read() if file else None
