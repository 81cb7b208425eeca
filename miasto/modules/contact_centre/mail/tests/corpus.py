# ruff: noqa: E501 - the lines of messages stay as their programs made them
"""Replies as people's mail programs make them, written for this test: ``(style, text or HTML, what was written just now)``.

Names and addresses are invented. ``<`` as the first letter marks HTML.
"""

Q = "> Dzień dobry,\n>\n> żeby zająć się sprawą, potrzebujemy miejsca.\n> Gdzie to jest?\n"

CORPUS: list[tuple[str, str, str]] = [
    ("Gmail pl", "Przy szkole nr 7.\n\npon., 12 maj 2026 o 10:04 Platforma <platforma@miasto.pl> napisał(a):\n\n" + Q, "Przy szkole nr 7."),
    (
        "Gmail pl, two lines",
        "Tak, to ta dziura.\n\nwt., 13 maj 2026 o 08:12 Platforma Smart City <\nplatforma@miasto.pl> napisał(a):\n\n" + Q,
        "Tak, to ta dziura.",
    ),
    (
        "Gmail HTML",
        '<div dir="ltr">Przy przystanku.<br></div><br><div class="gmail_quote"><div class="gmail_attr">pon., 12 maj 2026 o 10:04 '
        'Platforma &lt;<a href="mailto:p@m.pl">p@m.pl</a>&gt; napisał(a):<br></div><blockquote>Gdzie to jest?</blockquote></div>',
        "Przy przystanku.",
    ),
    (
        "Gmail en",
        "It is near the bus stop.\n\nOn Mon, May 12, 2026 at 10:04 AM Platform <p@m.pl> wrote:\n\n> Where is it?\n",
        "It is near the bus stop.",
    ),
    (
        "Outlook pl",
        "Dzień dobry,\nchodzi o skrzyżowanie z Leśną.\n\nFrom: Platforma <p@m.pl>\nSent: Monday, May 12, 2026 10:04 AM\n"
        "To: Jan Kowal <jan@poczta.pl>\nSubject: ZG-2026-000123: pytanie\n\nGdzie to jest?\n",
        "Dzień dobry,\nchodzi o skrzyżowanie z Leśną.",
    ),
    (
        "Outlook pl, Polish headings",
        "Numer 14.\n\nOd: Platforma <p@m.pl>\nWysłano: poniedziałek, 12 maja 2026 10:04\nDo: Jan <jan@poczta.pl>\n"
        "Temat: ZG-2026-000123\n\nGdzie to jest?\n",
        "Numer 14.",
    ),
    (
        "Outlook, line of underscores",
        "Po lewej stronie.\n\n________________________________\nOd: Platforma <p@m.pl>\nWysłane: 12 maja 2026 10:04\n"
        "Do: jan@poczta.pl\nTemat: pytanie\n\nGdzie?\n",
        "Po lewej stronie.",
    ),
    (
        "Outlook, bold headings",
        "Proszę o kontakt telefoniczny.\n\n*Od:* Platforma <p@m.pl>\n*Wysłano:* 12 maja 2026\n*Do:* jan@poczta.pl\n*Temat:* pytanie\n\nGdzie?",
        "Proszę o kontakt telefoniczny.",
    ),
    (
        "Outlook HTML",
        '<div class="WordSection1"><p>Za sklepem.</p></div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>Od:</b> '
        "Platforma<br><b>Temat:</b> x</div><div>Gdzie to jest?</div>",
        "Za sklepem.",
    ),
    (
        "Outlook, original message",
        "Przesyłam adres: Leśna 3.\n\n-----Original Message-----\nFrom: Platforma\nSent: Monday\nTo: Jan\nSubject: x\n\nGdzie?",
        "Przesyłam adres: Leśna 3.",
    ),
    (
        "Outlook iOS",
        "Już nieaktualne, dziękuję.\n\nPobierz aplikację Outlook dla systemu iOS\n________________________________\n"
        "Od: Platforma <p@m.pl>\nWysłane: poniedziałek, maja 12, 2026\nDo: Jan\nTemat: x\n",
        "Już nieaktualne, dziękuję.",
    ),
    ("Thunderbird pl", "Na wysokości nr 20.\n\nW dniu 12.05.2026 o 10:04, Platforma pisze:\n" + Q, "Na wysokości nr 20."),
    (
        "Thunderbird pl, signature",
        "Na wysokości nr 20.\n\nW dniu 12.05.2026 o 10:04, Platforma pisze:\n" + Q + "\n-- \nJan Kowal\ntel. 600 100 200\n",
        "Na wysokości nr 20.",
    ),
    (
        "Thunderbird, answers between the lines",
        "W dniu 12.05.2026 o 10:04, Platforma pisze:\n> Gdzie to jest?\n\nPrzy szkole.\n\n> Od kiedy?\n\nOd tygodnia.\n",
        "Przy szkole.\n\nOd tygodnia.",
    ),
    (
        "Thunderbird, below the quotation",
        "W dniu 12.05.2026 o 10:04, Platforma pisze:\n> Gdzie to jest?\n\nKoło apteki, przy wejściu.\n",
        "Koło apteki, przy wejściu.",
    ),
    (
        "Thunderbird en",
        "Next to the chemist's.\n\nOn 12/05/2026 10:04, Platform wrote:\n> Where is it?\n",
        "Next to the chemist's.",
    ),
    (
        "WP",
        "Dzień dobry, to ul. Leśna 12.\n\nDnia 12 maja 2026 10:04 Platforma <p@m.pl> napisał(a):\n\n" + Q,
        "Dzień dobry, to ul. Leśna 12.",
    ),
    (
        "WP, no marks",
        "ul. Leśna 12\n\nDnia 12 maja 2026 10:04 Platforma <p@m.pl> napisał(a):\n\nDzień dobry,\nGdzie to jest?\nUrząd",
        "ul. Leśna 12",
    ),
    (
        "Onet",
        "Przy bloku 5.\n\nW dniu 2026-05-12 10:04:11 użytkownik Platforma <p@m.pl> napisał:\n" + Q,
        "Przy bloku 5.",
    ),
    (
        "Onet, dashes",
        "Za mostem, po prawej.\n\n---- Wiadomość oryginalna ----\nOd: Platforma\nDo: jan@onet.pl\nData: 12 maja 2026\n\nGdzie?",
        "Za mostem, po prawej.",
    ),
    (
        "Interia",
        'Obok przychodni.\n\n"Platforma" <p@m.pl> napisał:\n> Gdzie to jest?\n',
        "Obok przychodni.",
    ),
    (
        "o2",
        "Tam gdzie zwykle, przy pętli.\n\nDnia 12-05-2026 o godz. 10:04 Platforma napisał(a):\n> Gdzie to jest?",
        "Tam gdzie zwykle, przy pętli.",
    ),
    (
        "iPhone pl",
        "Przy wejściu do parku\n\nWysłane z iPhone'a\n\n> Wiadomość napisana przez Platforma <p@m.pl> w dniu 12.05.2026, o godz. 10:04:\n>\n> Gdzie?\n",
        "Przy wejściu do parku",
    ),
    (
        "iPhone pl, no marks",
        "Przy wejściu do parku\n\nWysłane z iPhone’a\n\nWiadomość napisana przez Platforma <p@m.pl> w dniu 12 maj 2026, o godz. 10:04:\n\n﻿Gdzie to jest?",
        "Przy wejściu do parku",
    ),
    ("iPhone en", "At the park gate\n\nSent from my iPhone\n\n> On 12 May 2026, at 10:04, Platform <p@m.pl> wrote:\n>\n> Where?\n", "At the park gate"),
    (
        "Apple Mail pl",
        "Przesyłam zdjęcie.\n\n> Wiadomość napisana przez Platforma <p@m.pl> w dniu 12 maj 2026, o godz. 10:04:\n> \n> Gdzie to jest?\n",
        "Przesyłam zdjęcie.",
    ),
    (
        "Samsung",
        "Dziękuję, już naprawione.\n\nWysłane z mojego smartfona Samsung Galaxy.\n-------- Oryginalna wiadomość --------\n"
        "Od: Platforma <p@m.pl>\nData: 12.05.2026 10:04 (GMT+01:00)\nDo: jan@poczta.pl\nTemat: x\n\nGdzie?",
        "Dziękuję, już naprawione.",
    ),
    (
        "Android, K-9",
        "Na rogu.\n-- \nWysłane za pomocą K-9 Mail.\n\nDnia 12 maja 2026 10:04:11 CEST, Platforma <p@m.pl> napisał(a):\n>Gdzie?",
        "Na rogu.",
    ),
    (
        "closing with a firm",
        "Chodzi o chodnik przed naszą firmą.\n\nZ poważaniem\nJan Kowal\nKierownik biura\nBudowa sp. z o.o.\ntel. 41 300 00 00\n",
        "Chodzi o chodnik przed naszą firmą.",
    ),
    ("closing, one line", "Proszę o pilną naprawę.\n\nPozdrawiam serdecznie,\nAnna", "Proszę o pilną naprawę."),
    (
        "confidentiality notice",
        "Adres: Leśna 3.\n\nTreść tej wiadomości jest poufna i przeznaczona wyłącznie dla adresata. Jeśli nie jesteś adresatem, usuń ją.",
        "Adres: Leśna 3.",
    ),
    (
        "antivirus advertisement",
        "To ta lampa przy garażach.\n\nWolny od wirusów. www.avast.com\n\nW dniu 12.05.2026 o 10:04, Platforma pisze:\n" + Q,
        "To ta lampa przy garażach.",
    ),
    (
        "postscript after the closing",
        "Proszę o naprawę.\n\nPozdrawiam\nAnna\n\nPS. Numer słupa to 1423.",
        "Proszę o naprawę.\n\nPozdrawiam\nAnna\n\nPS. Numer słupa to 1423.",
    ),
    (
        "a list with dashes",
        "Są dwa miejsca:\n- przy szkole\n- przy aptece\n\nW dniu 12.05.2026 o 10:04, Platforma pisze:\n" + Q,
        "Są dwa miejsca:\n- przy szkole\n- przy aptece",
    ),
    (
        "dates and words that look like a heading",
        "W dniu 12 maja byłem tam znowu i napisałem kredą: dziura.\nNikt nie przyjechał.\n\nW dniu 12.05.2026 o 10:04, Platforma pisze:\n" + Q,
        "W dniu 12 maja byłem tam znowu i napisałem kredą: dziura.\nNikt nie przyjechał.",
    ),
    ("one word", "Tak\n\nW dniu 12.05.2026 o 10:04, Platforma pisze:\n" + Q, "Tak"),
    ("nothing quoted", "Dopisuję, że dziś jest już pięć dziur.", "Dopisuję, że dziś jest już pięć dziur."),
    (
        "quotation only",
        "> Dzień dobry,\n> Gdzie to jest?\n",
        "> Dzień dobry,\n> Gdzie to jest?",
    ),
    (
        "Proton",
        "Leśna 3, od strony podwórka.\n\nWysłano z Proton Mail na Androida\n\n\n-------- Oryginalna Wiadomość --------\nDnia 12.05.2026 10:04, Platforma < p@m.pl> napisał(a):\n\n> Gdzie?",
        "Leśna 3, od strony podwórka.",
    ),
    (
        "Yahoo HTML",
        '<div><div>Naprzeciw kościoła.</div></div><div class="yahoo_quoted"><div>W dniu poniedziałek, 12 maja 2026 Platforma napisał(a):'
        "</div><div>Gdzie?</div></div>",
        "Naprzeciw kościoła.",
    ),
]  # fmt: skip
