"""What a client wrote in a mail, without what their mail program put beside it.

Conservative: what is not surely a quotation of ours or a signature stays, a quotation answered
line by line loses only the quoted lines, and forwarded mails are left as they are. The whole text
is kept beside the message all the same (`via`).
"""

import re

_LONGEST_SIGNATURE = 12  # lines; more than that was written for us
_ATTRIBUTION_LINES = 3  # mail programs break them
_LONGEST_ATTRIBUTION = 500  # characters
_DATE = r"(?=.*[\d\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u09e6-\u09ef\u0d66-\u0d6f])"

# "On Monday, 3 May 2026 at 10:00, Nadi <help@nadi.example> wrote:" in the languages of those who
# write. Each has a date's digit and ends the line.
_WROTE = re.compile(
    _DATE
    + r"""(?:
      On\s.+\swrote | Am\s.+\sschrieb\b.* | Le\s.+\sa\sécrit | El\s.+\sescribió
    | (?:Em|A|No\sdia)\s.+\sescreveu\b.* | Il\s.+\sha\sscritto | Op\s.+\sschreef\b.*
    | .+\sলিখেছেন | .+\sলিখেছে | .+\sने\sलिखा | .+\sलिखा | .+\sने\sलिखा\sहै
    | .+\s(?:यांनी|ने|रोजी).*\sलिहिले(?:\sआहे)? | .+\sलिहिले | .+\sഎഴുതി | .+\sഇപ്രകാരം\sഎഴുതി
    | .+\sஎழுதினார் | .+\sஎழுதியது | .+\sఇలా\sరాశారు | .+\sవ్రాసారు | .+\sరాశారు
    | .+\sنے\sلکھا | .+\s(?:كتب|کتب)\b.* | .*(?:كتب|کتب).*
    | .+写道 | .+寫道 | .+のメール | .+(?:wrote|schrieb|escribió)
    )\s?[:：]\s*\Z""",
    re.X | re.S | re.I,
)
# Whatever the language: a date or a clock, somebody's address, a colon, and then quoted lines.
_ANY = re.compile(_DATE + r".{8,400}[:：]\s*\Z", re.S)

_ORIGINAL = re.compile(
    r"""\s*-{2,}\s*(?:
      original\smessage | original\sappointment | reply\smessage | ursprüngliche\snachricht
    | originalnachricht | message\sd['’]origine | mensaje\soriginal | mensagem\soriginal
    | messaggio\soriginale | oorspronkelijk\sbericht | মূল\sবার্তা | मूल\sसंदेश | मूळ\sसंदेश
    | യഥാർത്ഥ\sസന്ദേശം | அசல்\sசெய்தி | అసలు\sసందేశం | اصل\sپیغام | الرسالة\sالأصلية
    | 原始邮件 | 原始郵件 | 元のメッセージ
    )\s*-{2,}\s*\Z""",
    re.X | re.I,
)
_HEADER = re.compile(
    r"""[*\s]*(?:
      from|sent|date|to|cc|subject | von|gesendet|datum|an|betreff | de|envoyé|à|objet
    | enviado(?:\sel|\sem)?|fecha|para|asunto | data|assunto | da|inviato|a|oggetto
    | প্রেরক|পাঠানো|প্রাপক|বিষয়|তারিখ | प्रेषक|भेजा\sगया|प्रति|विषय|दिनांक|पाठवले|प्रेषक
    | അയച്ചത്|തീയതി|വിഷയം|സ്വീകർത്താവ് | من|تاریخ|إلى|الموضوع|تم\sالإرسال | 发件人|发送时间|收件人|主题
    | 差出人|送信日時|宛先|件名
    )\s?[*]?\s?[:：]\s*\S""",
    re.X | re.I,
)
_RULE = re.compile(r"\s*_{10,}\s*\Z")
_FORWARDED = re.compile(
    r"""\s*(?:-{3,}.*(?:forwarded|weitergeleitete|transféré|reenviado|encaminhada|ফরোয়ার্ড|अग्रेषित
    |फ़ॉरवर्ड|फॉरवर्ड|ഫോർവേഡ്).*-{3,}|begin\sforwarded\smessage:)\s*\Z""",
    re.X | re.I,
)
_FORWARDED_SUBJECT = re.compile(r"\s*(?:fwd?|wg|tr|rv|enc|i|转发|轉寄)\s*[:：]", re.I)
_SENT_FROM = re.compile(
    r"""\s*(?:
      sent\sfrom\s(?:my\b|mail\b|outlook\b|yahoo\b|proton).{0,60} | get\soutlook\sfor\s.{0,20}
    | von\smeinem\s.{1,40}\sgesendet | gesendet\s(?:von|mit)\s.{1,60}
    | envoyé\s(?:de|depuis)\smon\s.{1,40} | enviado\sd(?:esde|o|a)\s(?:mi|meu|minha|el)\s.{1,40}
    | obtener\soutlook\s.{1,40} | আমার\s.{1,30}\sথেকে\sপাঠানো.{0,10} | मेरे\s.{1,30}\sसे\sभेजा.{0,10}
    | माझ्या\s.{1,30}\sपाठव.{0,12} | എന്റെ\s.{1,30}\sഅയച്ച.{0,8} | أُ?رسلت\sمن\s.{1,40}
    | iphoneから送信 | 发自我的.{1,20}
    )[.]?\s*(?:[<(]https?://\S+[)>])?\s*\Z""",
    re.X | re.I,
)


def own_words(text: str, *, reply: bool, subject: str = "") -> str:
    """What the client wrote themselves; all of it where nothing would be left.

    Args:
        reply: whether the mail answers another. Only then does anything count as quoted.
        subject: the mail's, which may say that it is forwarded.
    """
    whole = text.strip("\n").rstrip()
    lines = whole.split("\n")
    forwarded = bool(_FORWARDED_SUBJECT.match(subject)) or any(
        _FORWARDED.match(line) for line in lines
    )
    if forwarded:
        return whole.strip()
    if reply:
        lines = _without_quotations(lines)
    lines = _without_signature(lines)
    return "\n".join(lines).strip() or whole.strip()


def _without_quotations(lines: list[str]) -> list[str]:
    kept: list[str] = []
    for at, line in enumerate(lines):
        if _all_below(lines, at):
            break
        if line.startswith(">"):
            continue
        kept.append(line)
        quoted = _quoted_next(lines, at + 1)
        attribution = _attribution(kept, quoted=quoted)
        del kept[len(kept) - attribution :]
        if attribution and not quoted:
            break  # some programs mark no line: then all below is quoted
    return kept


def _attribution(lines: list[str], *, quoted: bool) -> int:
    """How many of the last lines say who wrote what comes next.

    Without a mark on what comes next, an address must be among them: a client may well write
    "On 3 May your colleague wrote:" and go on.
    """
    if not lines[-1].rstrip().endswith((":", "：")):
        return 0
    for length in range(1, min(_ATTRIBUTION_LINES, len(lines)) + 1):
        said = [line.strip() for line in lines[-length:]]
        if not all(said):
            return 0
        # What stands right above belongs to a broken line only where a paragraph begins with it.
        begins = length == 1 or length == len(lines) or not lines[-length - 1].strip()
        joined = " ".join(said)
        if not begins or len(joined) > _LONGEST_ATTRIBUTION:
            continue
        addressed = "@" in joined
        if (quoted or addressed) and _WROTE.match(joined):
            return length
        if quoted and addressed and _ANY.match(joined):
            return length
    return 0


def _quoted_next(lines: list[str], at: int) -> bool:
    following = next((line for line in lines[at:] if line.strip()), "")
    return following.startswith(">")


def _all_below(lines: list[str], at: int) -> bool:
    """Whether an earlier mail begins here without a mark on each of its lines."""
    if _ORIGINAL.match(lines[at]):
        return True
    start = at + 1 if _RULE.match(lines[at]) else at
    head = [line for line in lines[start : start + 8] if line.strip()][:4]
    if len(head) < 3 or not _HEADER.match(lines[start]):
        return False
    return sum(bool(_HEADER.match(line)) for line in head) >= 3


def _without_signature(lines: list[str]) -> list[str]:
    for at, line in enumerate(lines):
        below = [each for each in lines[at + 1 :] if each.strip()]
        if line.rstrip("\r") in ("-- ", "--") and at and len(below) <= _LONGEST_SIGNATURE:
            lines = lines[:at]
            break
    while lines and (not lines[-1].strip() or _SENT_FROM.match(lines[-1])):
        lines = lines[:-1]
    return lines
