"""Numbers, dates and times in running text."""

import datetime as dt
import zoneinfo

import pytest

from bot.languages import formats


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en", "1,234,567"),
        ("en-IN", "12,34,567"),
        ("bn", "১২,৩৪,৫৬৭"),
        ("mr", "१२,३४,५६७"),
        ("ml", "12,34,567"),
        ("hi", "12,34,567"),
        ("de", "1.234.567"),
        ("ne", "१२,३४,५६७"),
    ],
)
def test_numbers_are_grouped_and_in_the_locale_s_digits(locale: str, said: str) -> None:
    assert formats.number(1234567, locale) == said


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en", "23 November 2026"),
        ("en-US", "November 23, 2026"),
        ("bn", "২৩ নভেম্বর ২০২৬"),
        ("mr", "२३ नोव्हेंबर २०२६"),
        ("ml", "2026 നവംബർ 23"),
        ("hi", "23 नवंबर 2026"),
    ],
)
def test_dates_have_the_month_in_letters(locale: str, said: str) -> None:
    assert formats.date(dt.date(2026, 11, 23), locale) == said


@pytest.mark.parametrize(
    ("locale", "hour", "minute", "said"),
    [
        ("en", 9, 0, "9:00 am"),
        ("en-US", 21, 5, "9:05 PM"),
        ("bn", 9, 0, "সকাল ৯টা"),
        ("bn", 9, 30, "সকাল সাড়ে ৯টা"),
        ("bn", 13, 30, "দুপুর দেড়টা"),
        ("bn", 22, 10, "রাত ১০টা ১০ মিনিট"),
        ("bn", 0, 0, "রাত ১২টা"),
        ("mr", 9, 0, "सकाळी ९ वाजता"),
        ("mr", 9, 30, "सकाळी साडेनऊ वाजता"),
        ("mr", 18, 5, "संध्याकाळी ६:०५ वाजता"),
        ("ml", 9, 0, "രാവിലെ 9 മണിക്ക്"),
        ("ml", 20, 15, "രാത്രി 8:15-ന്"),
        ("hi", 9, 30, "सुबह साढ़े 9 बजे"),
        ("hi", 14, 30, "दोपहर ढाई बजे"),
        ("hi", 22, 0, "रात 10 बजे"),
        ("ta", 9, 0, "காலை 9 மணி"),
        ("ta", 18, 5, "மாலை 6:05 மணி"),
        ("te", 9, 30, "ఉదయం 9:30"),
        ("te", 14, 0, "మధ్యాహ్నం 2:00"),
        ("ur", 9, 30, "صبح ساڑھے 9 بجے"),
        ("ur", 14, 30, "دوپہر ڈھائی بجے"),
    ],
)
def test_times_are_said_with_a_part_of_the_day(
    locale: str, hour: int, minute: int, said: str
) -> None:
    assert formats.clock(dt.time(hour, minute), locale, "Asia/Kolkata") == said


def test_a_moment_is_told_in_the_reader_s_zone() -> None:
    moment = dt.datetime(2026, 11, 23, 3, 30, tzinfo=dt.timezone.utc)
    assert formats.clock(moment, "bn", "Asia/Kolkata") == "সকাল ৯টা"
    assert formats.clock(moment, "bn-BD", "Asia/Dhaka") == "সকাল সাড়ে ৯টা"


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en", "4 minutes"),
        ("bn", "৪ মিনিট"),
        ("mr", "४ मिनिटे"),
        ("ml", "4 മിനിറ്റ്"),
        ("hi", "4 मिनट"),
    ],
)
def test_durations(locale: str, said: str) -> None:
    assert formats.minutes(4, locale) == said


def test_long_durations_stay_minutes() -> None:
    assert formats.minutes(1, "en") == "1 minute"
    assert formats.minutes(90, "en") == "90 minutes"


def test_any_script_s_digits_are_folded() -> None:
    assert formats.fold_digits("১২৩ ४५ ൬൭ ٨٩ ０ A1²½") == "123 45 67 89 0 A1²½"


@pytest.mark.parametrize(
    ("locale", "said"),
    [("en", "A, B"), ("bn", "A, B"), ("ja", "A、B"), ("zh", "A、B"), ("ur", "A، B")],
)
def test_a_list_has_the_comma_of_its_script(locale: str, said: str) -> None:
    assert formats.listed(["A", "B"], locale) == said


@pytest.mark.parametrize(
    ("seconds", "locale", "said"),
    [
        (0, "en", "0 seconds"),
        (40, "bn", "৪০ সেকেন্ড"),
        (61, "en", "1 minute"),
        (3599, "en", "1 hour"),
        (5400, "en", "1 hour 30 minutes"),
        (5400, "mr", "१ तास ३० मिनिटे"),
        (86_400 * 3 + 59 * 60, "en", "3 days"),
        (100_000, "hi", "1 दिन 3 घंटे"),
    ],
)
def test_how_long_something_took(seconds: float, locale: str, said: str) -> None:
    assert formats.duration(seconds, locale) == said


@pytest.mark.parametrize(
    ("zone", "locale", "said"),
    [
        ("Asia/Kolkata", "bn", "কলকাতা"),
        ("Asia/Calcutta", "hi", "कोलकाता"),
        ("Asia/Dhaka", "bn-BD", "ঢাকা"),
        ("Asia/Kathmandu", "en", "Kathmandu"),
        ("Europe/Kyiv", "mr", "कीव"),
        ("America/Argentina/Buenos_Aires", "en", "Buenos Aires"),
        ("America/Argentina/Buenos_Aires", "es", "Buenos Aires"),
        ("America/Coyhaique", "ml", "Coyhaique"),  # newer than CLDR's data
        ("UTC", "bn", "UTC"),
        ("Etc/GMT+5", "hi", "GMT+5"),
    ],
)
def test_a_zone_is_called_by_its_city(zone: str, locale: str, said: str) -> None:
    assert formats.city(zone, locale) == said


@pytest.mark.parametrize("locale", ["bn", "mr", "ml", "hi"])
def test_hardly_a_place_is_called_in_latin_letters(locale: str) -> None:
    zones = [zone for zone in zoneinfo.available_timezones() if "/" in zone and "Etc/" not in zone]
    latin = [zone for zone in zones if formats.city(zone, locale).isascii()]
    assert len(latin) < len(zones) / 50  # what a later tzdata brings
