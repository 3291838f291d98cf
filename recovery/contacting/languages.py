"""One code per language, whatever the feed calls it. Pure."""

# ISO 639-2 codes (both kinds) by their ISO 639-1 ones, for the languages our sources have sent.
_TWO_LETTERS = {
    "eng": "en", "spa": "es", "som": "so", "vie": "vi", "ara": "ar", "zho": "zh", "chi": "zh", "fra": "fr", "fre": "fr",
    "rus": "ru", "pol": "pl", "por": "pt", "kor": "ko", "hin": "hi", "urd": "ur", "amh": "am", "tgl": "tl", "deu": "de",
    "ger": "de", "ita": "it", "jpn": "ja", "hat": "ht", "fas": "fa", "per": "fa", "nep": "ne", "mya": "my", "bur": "my",
}  # fmt: skip


def language_code(raw: str) -> str:
    """The language of a stated code: "ENG", "en-US" and "en" are "en"; one that we do not know stays as it came."""
    code = raw.strip().lower().replace("_", "-").split("-")[0]
    return _TWO_LETTERS.get(code, code)
