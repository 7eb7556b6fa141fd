"""Whether the server holds the description that was sent, and nothing that was not.

The server cleans every text (spaces around it, curled quotes, ligatures, wide letters, entities, what has no
width), drops what is empty, and adds what it knows of its own: the words of a term of a vocabulary, the full
name of a person, that there is no embargo. Everything else is a difference, on whichever side it stands.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

# The parts of a description that are a person's to say; of the others the server counts and orders.
WHOLE = ("access", "metadata", "custom_fields")
_ADDED_TO_A_TERM = frozenset({"title", "icon", "props", "description"})
_ADDED = frozenset({("person_or_org", "name"), ("access", "status")})
_EMPTY: tuple[object, ...] = (None, [], {})
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
# What `SanitizedUnicode` of InvenioRDM, and `ftfy.fix_text` in it, do not leave as it is.
_LIGATURE_OR_WIDE = re.compile(
    "[\u0132\u0133\u0149\u01c4-\u01cc\u01f1-\u01f3\ufb00-\ufb04\ufb06\u3000\uff01-\uffef]"
)
_WITHOUT_WIDTH = re.compile(
    "[\\x00-\\x08\\x0b\\x0e-\\x1f\\x7f\u200b\u206a-\u206f\ufeff\ufff9-\ufffc\ufffe\uffff]"
)
_QUOTES = str.maketrans({**dict.fromkeys("ʼ‘’‚‛", "'"), **dict.fromkeys("“”„‟", '"'), "ﬅ": "ſt"})


def cleaned(text: str) -> str:
    """`text` as the server may have cleaned it: two texts that it makes one of are one here."""
    before = ""
    while before != text:
        before, text = text, _once_cleaned(text)
    return text


def _once_cleaned(text: str) -> str:
    plain = _LIGATURE_OR_WIDE.sub(lambda found: unicodedata.normalize("NFKC", found[0]), html.unescape(text))
    return " ".join(unicodedata.normalize("NFC", _WITHOUT_WIDTH.sub("", plain.translate(_QUOTES))).split())


def differences(sent: Mapping[str, Any], held: Mapping[str, Any]) -> list[str]:
    """Where the description that the server holds is another than the one sent."""
    found = [each for part in WHOLE for each in _differ(_bare(sent.get(part)), _bare(held.get(part)), part)]
    files = held.get("files")
    enabled = files.get("enabled") if isinstance(files, dict) else None
    return found if enabled is True else [*found, f"files.enabled: {enabled!r}, expected True"]


def _bare(value: Any) -> Any:
    """`value` without what is empty."""
    if isinstance(value, dict):
        kept = {key: _bare(each) for key, each in value.items()}
        return {key: each for key, each in kept.items() if each not in _EMPTY}
    if isinstance(value, list):
        return [kept for each in value if (kept := _bare(each)) not in _EMPTY]
    return value


def _differ(sent: Any, held: Any, where: str) -> list[str]:
    if isinstance(sent or {}, dict) and isinstance(held or {}, dict):
        mine, theirs = sent or {}, held or {}
        more = [key for key in theirs if key not in mine and not _is_added(where, mine, key, theirs[key])]
        keys = [*mine, *more]
        return [found for key in keys for found in _differ(mine.get(key), theirs.get(key), f"{where}.{key}")]
    if isinstance(sent, list) and isinstance(held, list) and len(sent) == len(held):
        pairs = enumerate(zip(sent, held, strict=True))
        return [found for at, (mine, theirs) in pairs for found in _differ(mine, theirs, f"{where}[{at}]")]
    if _same(sent, held):
        return []
    return [f"{where}: {_told(held)}, expected {_told(sent)}"]


def _is_added(where: str, sent: Mapping[str, Any], key: str, value: Any) -> bool:
    """Whether the server adds this to what was sent, unasked."""
    name = where.rsplit(".", 1)[-1]
    if (name, key) == ("access", "embargo"):
        return isinstance(value, dict) and value.get("active") is False
    return (name, key) in _ADDED or ("id" in sent and key in _ADDED_TO_A_TERM)


def _same(sent: object, held: object) -> bool:
    if isinstance(sent, str) and isinstance(held, str):
        return _words(sent) == _words(held)
    return type(sent) is type(held) and sent == held


def _words(text: str) -> list[str]:
    """The words alone: the server cleans HTML, too."""
    return _TAG.sub(" ", cleaned(text)).split()


def _told(value: object) -> str:
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return "nothing" if value in _EMPTY else repr(value)[:160]
