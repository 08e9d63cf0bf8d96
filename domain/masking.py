"""Personal data out of free text: telephone and identity numbers, names after a label or before a title, house numbers.

Everything that comes from files passes here before it is stored as text, so nothing personal reaches a screen or a log.
When in doubt it masks: a long running number that is no telephone loses its middle too. Masking masked text changes
nothing. Full-width and other Unicode digits are read, and written back, as 0-9.
"""

import hashlib
import hmac
import re
import unicodedata

_NUMERAL = "零〇一二三四五六七八九十百两兩"
_HAN = "\u4e00-\u9fff"
_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜谢邹喻苏潘葛范彭鲁韦马苗方俞任袁柳鲍史唐费薛雷贺倪汤"
    "罗毕郝安常于傅卞齐康伍余顾孟黄穆萧尹姚邵汪毛狄贝明成戴宋庞熊纪舒屈项祝董梁杜阮蓝闵季贾路江童郭梅盛林钟徐邱骆高夏蔡"
    "田樊胡凌霍虞万柯管卢莫房丁邓郁洪包左石崔吉龚程裴陆荣翁段侯宁仇甘厉武刘景龙叶黎白赖卓蒙池乔温庄晏柴翟阎向廖曾关"
    "陳趙錢孫吳鄭馮衛蔣韓楊許呂張嚴謝鄒蘇魯韋馬湯羅畢齊顧黃蕭龐紀項藍賈鍾駱盧龔陸榮劉龍葉賴喬溫莊閻關"
)

# Numbers, most specific first. Each is replaced by a form that none of the patterns matches again.
_IDENTITY = re.compile(r"(?<!\d)(\d{4})\d{10}(\d{3}[\dXx])(?!\d)")
_MOBILE = re.compile(r"(?<!\d)(?:(?:\+|00)?86[ -]?)?(1[3-9]\d)(?:[ -]?\d{4}[ -]?|\d[ -]?\d{3}[ -]?)(\d{4})(?!\d)")
_TAIWAN_MOBILE = re.compile(r"(?<!\d)(09\d{2})[ -]?\d{3}[ -]?(\d{3})(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)(\(0\d{1,3}\)|（0\d{1,3}）|0\d{2,3}(?=[ -])|0\d{2,3})[ -]?\d{3,4}[ -]?(\d{4})(?!\d)")
_LABELLED_NUMBER = re.compile(  # of seven digits or more: 12345 and 95598 are nobody's
    r"((?:电话|電話|手机|手機|致电|致電|联系方式|聯絡方式|号码|號碼|tel|phone|mobile)[^\d\n]{0,6})"
    r"\d{3,4}[ -]?\d{2,4}(\d{2})(?!\d)",
    re.IGNORECASE,
)
_SOME_DIGITS = re.compile(r"\d[\d ()（）-]{3,}\d")  # whatever the number patterns find has at least this
_LONG_NUMBER = re.compile(r"(\d{3})\d{4,}(\d{4})")
_MASKED_PHONE = re.compile(r"[0-9]{0,3}\*{4}[0-9]{0,4}")
_EMAIL = re.compile(r"(?<![\w.*])([\w])[\w.+-]*@(?=[\w-]+\.)")

_LABELLED_NAME = re.compile(
    r"((?:姓名|联系人|聯絡人|來電人|来电人|投诉人|申请人|当事人|反映人|诉求人|举报人|陳情人|户主|业主姓名)"
    r"(?!(?<=人)民)(?:是|为|叫|係)?[\s:：]*)"  # 反映人民路: the people's, not a person
    rf"([{_HAN}])([{_HAN}·]{{1,3}})"
)
_LABELLED_LATIN_NAME = re.compile(
    r"(\b(?:name|contact|caller)[\s]*[:：][\s]*)([A-Za-z])\w+(?:[ ][A-Z][\w'-]+)*", re.IGNORECASE
)
_TITLED_NAME = re.compile(rf"([{_SURNAMES}])([{_HAN}]{{1,2}})(?=先生|女士|小姐|同志|师傅|太太)")

_COUNT = r"(?:[A-Za-z]?\d+(?:[-之]\d+)*[A-Za-z]?)"
_HOUSE = re.compile(
    rf"(?<![\d*月第年:.]){_COUNT}[ ]?"
    r"(号楼|號樓|号院|号|號|栋|棟|幢|座|单元|單元|室|楼|樓|层|巷|弄|衖)(?![线線])(?:之\d+)?"
    rf"|(?<![{_NUMERAL}月第])[{_NUMERAL}]+(号楼|號樓|号院|号|號|栋|棟|幢|单元|單元|巷|弄)(?![线線])(?:之\d+)?"
)
_ROOM = re.compile(r"(?<![\d-])\d{1,3}-(?:\d{1,2}-)?\d{3,4}(?![\d-])")
_LOOSE_ROOM = re.compile(r"(?<=\*\*[号號栋棟幢座])\d{1,4}(?!\d)|(?<=\*\*(?:号楼|號樓|单元|單元))\d{1,4}(?!\d)")

_WORTH_A_LOOK = re.compile(
    rf"\d|@|姓名|[{_NUMERAL}](?:号|號|栋|棟|幢|单元|單元|巷|弄)|先生|女士|小姐|同志|师傅|太太"
    r"|(?:联系|聯絡|來電|来电|投诉|申请|当事|反映|诉求|举报|陳情)人|户主|name|contact|caller",
    re.IGNORECASE,
)
_OTHER_DIGIT = re.compile(r"[^\D0-9]")

_NUMBERS: tuple[tuple[re.Pattern[str], str], ...] = (
    (_IDENTITY, r"\1**********\2"),
    (_MOBILE, r"\1****\2"),
    (_TAIWAN_MOBILE, r"\1***\2"),
    (_LANDLINE, r"\1****\2"),
    (_LABELLED_NUMBER, r"\1****\2"),
    (_LONG_NUMBER, r"\1****\2"),
)


def _plain_digits(text: str) -> str:
    return _OTHER_DIGIT.sub(lambda m: str(unicodedata.decimal(m[0])), text)


def mask_text(text: str) -> str:
    """`text` with telephone and identity numbers, e-mail, names and house numbers masked."""
    if not _WORTH_A_LOOK.search(text):
        return text
    text = _plain_digits(text)
    if _SOME_DIGITS.search(text):
        for pattern, replacement in _NUMBERS:
            text = pattern.sub(replacement, text)
    if "@" in text:
        text = _EMAIL.sub(r"\1***@", text)
    text = _LABELLED_NAME.sub(lambda m: m[1] + m[2] + "*" * len(m[3]), text)
    text = _LABELLED_LATIN_NAME.sub(r"\1\2***", text)
    text = _TITLED_NAME.sub(lambda m: m[1] + "*" * len(m[2]), text)
    text = _HOUSE.sub(lambda m: f"**{m[1] or m[2]}", text)
    text = _ROOM.sub("**", text) if "-" in text else text
    return _LOOSE_ROOM.sub("**", text) if "**" in text else text


def normalise_phone(phone: str) -> str:
    """The digits of a telephone number without country code, for caller_key; '' when there are none."""
    digits = re.sub(r"\D", "", _plain_digits(phone))
    return re.sub(r"^(?:00)?86(?=1[3-9]\d{9}$)", "", digits)


def mask_phone(phone: str) -> str:
    """One telephone number for display: 138****1234; a short one keeps its last two digits at most, '' stays ''."""
    if not phone.strip() or _MASKED_PHONE.fullmatch(phone.strip()):
        return phone.strip()
    digits = normalise_phone(phone)
    if len(digits) >= 10:
        return f"{digits[:3]}****{digits[-4:]}"
    return f"****{digits[-2:]}" if len(digits) >= 6 else "****"


def caller_key(phone_normalised: str, key: str | bytes) -> int:
    """The keyed hash that says "same caller" without the number: 63 bits, never negative.

    HMAC-SHA-256 of the normalised digits under the deployment's own key. ValueError for an empty number or key, which
    would make one caller of everybody without a number, or a hash that anybody can look up.
    """
    secret = key.encode() if isinstance(key, str) else key
    if not phone_normalised or not secret:
        raise ValueError("a caller key needs a telephone number and a secret key")
    digest = hmac.new(secret, phone_normalised.encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:8], "big") >> 1
