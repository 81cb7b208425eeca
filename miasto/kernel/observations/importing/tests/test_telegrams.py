"""Telegrams of meters: decoded as EN 13757-3 says, opened with the meter's key, refused where they are broken."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from miasto.kernel.observations.importing import faults, telegrams
from miasto.kernel.observations.importing.faults import Fault

WARSAW = ZoneInfo("Europe/Warsaw")
ZONE_AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
SIZES = {1: 1, 2: 2, 3: 3, 4: 4, 6: 6, 7: 8}  # DIF -> bytes of a signed integer (EN 13757-3, table 4)
# primary VIFs: (first code, exponents, property, unit) - EN 13757-3, table 10
VIFS = [
    (0x00, range(-3, 5), "energy", "Wh"),
    (0x08, range(8), "energy", "J"),
    (0x10, range(-6, 2), "volume", "m³"),
    (0x28, range(-3, 5), "power", "W"),
    (0x38, range(-6, 2), "volume_flow", "m³/h"),
    (0x58, range(-3, 1), "supply_temperature", "°C"),
    (0x5C, range(-3, 1), "return_temperature", "°C"),
]


def wired(records: bytes, number: str = "12345678") -> str:
    """A long frame: RSP_UD with the long header of a water meter of the maker ABC."""
    maker = ((ord("A") - 64) << 10 | (ord("B") - 64) << 5 | (ord("C") - 64)).to_bytes(2, "little")
    body = b"\x08\x01\x72" + bytes.fromhex(number)[::-1] + maker + b"\x01\x07\x00\x00\x00\x00" + records
    return (bytes([0x68, len(body), len(body), 0x68]) + body + bytes([sum(body) & 0xFF, 0x16])).hex()


def read(*lines, zone=UTC, keys=None):
    return list(telegrams.read(lines, zone, keys or {}))


@given(st.sampled_from(sorted(SIZES)), st.sampled_from(VIFS), st.integers(0, 7), st.data())
def test_an_integer_of_every_length_and_power_of_ten_is_decoded_as_it_was_coded(dif, vif, step, data):
    first, exponents, code, unit = vif
    step %= len(exponents)
    size = SIZES[dif]
    value = data.draw(st.integers(-(2 ** (8 * size - 1)) + 1, 2 ** (8 * size - 1) - 1))
    record = bytes([dif, first + step]) + value.to_bytes(size, "little", signed=True)
    [found] = read(f"2026-01-05T09:00:00Z;{wired(record)}")
    assert (found.series.code, found.series.unit, found.time) == (code, unit, ZONE_AT)
    assert found.value == pytest.approx(value * 10.0 ** exponents[step], rel=1e-9)


@given(st.integers(0, 99999999))
def test_a_number_in_bcd_is_decoded(value):
    record = b"\x0c\x13" + bytes.fromhex(f"{value:08}")[::-1]
    [found] = read(f"2026-01-05T09:00:00Z {wired(record)}")
    assert found.value == pytest.approx(value / 1000)
    assert (found.series.key, found.series.source) == ("ABC 12345678 volume", "mbus:ABC:12345678:volume")


@given(st.datetimes(datetime(2000, 1, 1), datetime(2080, 12, 31)))  # noqa: DTZ001 - a meter's own clock
def test_the_meters_own_clock_counts_where_the_line_has_no_time(moment):
    """Type F: minute, hour, day with the low bits of the year, month with the high ones; the 31st is a day as well."""
    year = moment.year % 100
    stamp = bytes([moment.minute, moment.hour, moment.day | (year & 7) << 5, moment.month | (year >> 3) << 4])
    found = read(wired(b"\x04\x13\x01\x00\x00\x00" + b"\x04\x6d" + stamp))
    assert [one.time for one in found] == [moment.replace(second=0, microsecond=0, tzinfo=UTC)]


def test_a_meter_that_keeps_summer_time_says_so_in_its_clock():
    stamp = bytes([30, 2 | 0x80, 26 | (25 & 7) << 5, 10 | (25 >> 3) << 4])  # 26 October 2025, 02:30, summer time still
    [found] = read(wired(b"\x04\x13\x01\x00\x00\x00\x04\x6d" + stamp), zone=WARSAW)
    assert found.time == datetime(2025, 10, 26, 0, 30, tzinfo=UTC)


def test_only_present_values_are_taken_and_tariffs_are_series_of_their_own():
    records = bytes.fromhex("0413e8030000" + "4413e7030000" + "1413ff030000" + "841003e8030000")
    found = read(f"05.01.2026 10:00 | {wired(records)}", zone=WARSAW)
    assert [(one.series.key, one.value) for one in found] == [("ABC 12345678 volume", 1.0), ("ABC 12345678 energy-T1", 1000.0)]
    assert {one.time for one in found} == {datetime(2026, 1, 5, 9, 0, tzinfo=UTC)}


def test_broken_lines_are_told_by_their_number_and_a_heading_is_passed_over():
    good = wired(bytes.fromhex("0413e8030000"))
    lines = ["czas;telegram", f"2026-01-05 09:00;{good}", f"2026-01-05 09:00;{good[:-4]}ff16", "nic tu nie ma", "", good]
    found = read(*lines)
    assert [one.line for one in found] == [2, 3, 4, 6]
    assert [one.why for one in found if isinstance(one, Fault)] == [faults.TELEGRAM, faults.TELEGRAM, faults.NO_TIME]
    assert telegrams.recognises("\n".join(lines))
    assert not telegrams.recognises("id;czas\n1f8730a9-5d67-4895-9215-6e247087ea00;2026-01-01")


KEY = "0102030405060708090A0B0C0D0E0F11"


def wireless(records: bytes, key: str, access: int = 42) -> str:
    """A frame of a gas meter, short header, OMS encryption in mode 5 (EN 13757-7: IV of address and access number)."""
    blocks = b"\x2f\x2f" + records
    blocks += b"\x2f" * (-len(blocks) % 16)
    address = bytes.fromhex("9315" + "78563412" + "3303")
    cipher = Cipher(algorithms.AES(bytes.fromhex(key)), modes.CBC(address + bytes([access]) * 8)).encryptor()
    sealed = cipher.update(blocks) + cipher.finalize()
    body = b"\x44" + address + bytes([0x7A, access, 0, len(blocks) // 16 << 4, 0x05]) + sealed
    return (bytes([len(body)]) + body).hex()


def test_an_encrypted_telegram_is_opened_with_the_meters_key_and_only_with_it():
    line = f"2026-01-05T09:00:00Z;{wireless(bytes.fromhex('0c1427048502'), KEY)}"
    [found] = read(line, keys={"12345678": KEY})
    assert (found.series.code, found.value) == ("volume", pytest.approx(28504.27))
    assert [one.why for one in read(line)] == [faults.NO_KEY]
    assert [one.why for one in read(line, keys={"12345678": KEY[::-1]})] == [faults.KEY]
