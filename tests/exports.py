"""Invented exports, in both layouts of the archive: nothing in them happened, nobody in them lived."""

from __future__ import annotations

from collections.abc import Sequence

ORIGINAL = """\
ШИФРОВКА № 5512/к

Из ЛАДОГОРСКА

Подана 3.2.51 21.40

Принята 3.2 22.15

Поступила в 8-е Управление 3.2 22.30

Проводом
Срочная

МИНИСТЕРСТВО ПУТЕЙ СООБЩЕНИЯ

товарищу ДУБРОВИНУ.

Сообщаю, что мост через реку готов и движение по-
ездов начнется через две недели. Прошу прислать
мастера и двух рабочих.

Ответ прошу дать не позднее ближайшей пятницы этого месяца.

ОРЛОВ.

№ 77.

Расшифровал 4.2.51 г. 0.20 Соколов

Отпечатано в 4 экземплярах

Экз. № 1\tТОВ. ДУБРОВИНУ\tЭкз. № 3\tТОВ. ЛИПИНУ
Экз. № 2\tТОВ. КЛЕНОВОЙ\tЭкз. № 4\t

отп. Рябинина 4.2.51 г. 1.05 /14/"""

TRANSLATION = """\
CABLE N° 5512/k

from LADOGORSK sent at 2140 3 February 1951
received at 2215 3 February
arrived in the 8th Directorate at 2230 3 February 1951

by wire
urgent

MINISTRY OF RAILWAYS

to Cde. DUBROVIN

I report that the bridge across the river is ready and the movement of trains will begin in two
weeks. Please send a foreman and two workers.

Please answer no later than the next Friday of this month.

ORLOV

N° 77

4 copies printed

Copy N° 1 to Cde. Dubrovin
Copy N° 2 to Cde. Klenova
Copy N° 3 to Cde. Lipin

Typed by Ryabinina at 0105 4 February 1951 (14)"""

TITLE = ("Cable No. 5512, Orlov to Dubrovin",)
DATE = "February 03, 1951"
SOURCE_URL = "https://archive.example/document/5512"
SUMMARY = "Orlov reports that the bridge is ready."
CREDITS = "This document was made possible with support from an invented foundation"
CONTENTS = ("Original Scan", "Translation - English")
MASTHEAD = (
    "    Digital Archive          digitalarchive.wilsoncenter.org",
    "    International History Declassified",
)


def changed(text: str, old: str, new: str) -> str:
    """The text with one stretch of it replaced; the stretch must be there, or the test would test nothing."""
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
    return text.replace(old, new)


def without(text: str, *parts: str) -> str:
    """The text without these stretches of it."""
    for part in parts:
        text = changed(text, part, "")
    return text


def citation(title: str = TITLE[0], date: str = DATE) -> tuple[str, ...]:
    """A citation as the archive writes them: title, date, collection, translator, address."""
    return (
        f'"{title}", {date}, CWIHP Archive.',
        "Translated by Anna Klenova.",
        f"<{SOURCE_URL}>",
    )


def export(
    *texts: str,
    title: Sequence[str] = TITLE,
    date: str | None = DATE,
    cited: Sequence[str] | None = None,
    summary: str | None = SUMMARY,
    credits: str | None = CREDITS,
    language: str | None = "Russian",
    contents: Sequence[str] = CONTENTS,
) -> str:
    """An export as the archive's pages give it: bold headings, then the texts one after the other."""
    parts = [f"**{date}**"] if date else []
    parts += ["**" + "  \n".join(title) + "**"] if title else []
    parts += ["**Citation:**", "  \n".join(citation() if cited is None else cited)]
    parts += ["**Summary:**", summary] if summary else []
    parts += ["**Credits:**", credits] if credits else []
    parts += ["**Original Language:**", language] if language else []
    parts += ["**Contents:**", "  \n".join(contents)] if contents else []
    return "\n\n" + "\n\n".join([*parts, *texts])


def pdf_export(
    *texts: str,
    title: Sequence[str] = TITLE,
    date: str = DATE,
    language: str = "Russian",
    contents: Sequence[str] = ("English Translation",),
) -> str:
    """The archive's PDF export as text: a running head, centred titles, plain headings, form feeds."""
    centred = "\n".join(f"      {line}" for line in (date, *title))
    cited = (
        f"“{' '.join(title)},” {date}, History and Public Policy",
        "Program Digital Archive, APRF: F. 9, Op. 2,",
        "D. 31, Ll. 5-7. Translated by Anna Klenova.",
        SOURCE_URL,
    )
    return "\n".join(
        [
            *MASTHEAD,
            f"\n\n\n{centred}\n",
            "Citation:",
            *cited,
            f"\n\nSummary:\n{SUMMARY}\n\n\nOriginal Language:\n{language}\n\n\nContents:",
            *(f"      {one}" for one in contents),
            "\f" + "\n".join(texts),
        ]
    )


BOTH = export(ORIGINAL, TRANSLATION)

LETTER = '''\
Передаю текст полученного мною письма следующего содержания.

ОРЛОВ.

Лист № 2

Продолжение ШИФРОВКИ № 5512/к

"МНОГОУВАЖАЕМОМУ
Ивану Ильичу ДУБРОВИНУ.

Мост через реку готов, и мы благодарим Вас за помощь, которую Вы нам оказали.

С уважением правление артели
КЛЕНОВА, ЛИПИН.

2 февраля 1951 г."'''
WITH_LETTER = changed(
    ORIGINAL,
    """\
Сообщаю, что мост через реку готов и движение по-
ездов начнется через две недели. Прошу прислать
мастера и двух рабочих.

Ответ прошу дать не позднее ближайшей пятницы этого месяца.

ОРЛОВ.
""",
    LETTER + "\n",
)
