"""Line protocol: every form of the grammar, errors by line, and the way from a line to a sample."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemetry import DuckDBStore, Ingest, LiveTable, SeriesName, SeriesRegistry, write_lines
from telemetry.lineprotocol import escape_tag, parse

GOOD = {
    b"m f=1 1000000000": ("m", {}, {"f": 1.0}, 1.0),
    b"m f=1": ("m", {}, {"f": 1.0}, None),
    b"m,a=b,c=d f=1.5,g=2i,h=3u 2000000000": ("m", {"a": "b", "c": "d"}, {"f": 1.5, "g": 2.0, "h": 3.0}, 2.0),
    b"m t=t,T=T,a=true,b=True,c=TRUE": ("m", {}, dict.fromkeys("tTabc", 1.0), None),
    b"m f=f,F=F,a=false,b=False,c=FALSE": ("m", {}, dict.fromkeys("fFabc", 0.0), None),
    b"m f=-1e-3,g=+2.,h=.5": ("m", {}, {"f": -0.001, "g": 2.0, "h": 0.5}, None),
    b"m f=-9223372036854775808i": ("m", {}, {"f": -(2.0**63)}, None),
    b"m f=18446744073709551615u -5000000000": ("m", {}, {"f": 2.0**64}, -5.0),
    rb"my\ m\,x,a\=b=c\ d f\ g=1": ("my m,x", {"a=b": "c d"}, {"f g": 1.0}, None),
    rb"m,path=C:\Users\x f=1": ("m", {"path": r"C:\Users\x"}, {"f": 1.0}, None),
    b'm f=1,s="text, with = and \\" in it",g=2 1000000000': ("m", {}, {"f": 1.0, "g": 2.0}, 1.0),
    b'm s="a\nb",f=1': ("m", {}, {"f": 1.0}, None),
    b'm s="only text"': ("m", {}, {}, None),
    "đo,phòng=Lớp\\ 1 nhiệt=31.5".encode(): ("đo", {"phòng": "Lớp 1"}, {"nhiệt": 31.5}, None),
    b"  m   f=1   7000000000  ": ("m", {}, {"f": 1.0}, 7.0),
}


@pytest.mark.parametrize("line", GOOD, ids=[str(i) for i in range(len(GOOD))])
def test_good_lines(line):
    parsed = parse(line)
    assert parsed.errors == []
    (point,) = parsed.points
    measurement, tags, fields, at = GOOD[line]
    assert point.head.measurement == measurement and dict(point.head.tags) == tags
    assert dict(point.fields) == fields and point.at == at


@pytest.mark.parametrize("line", [
    b"m", b"m,a=b", b",a=b f=1", b"m, f=1", b"m,a= f=1", b"m,=b f=1", b"m,a f=1", b"m f", b"m f=", b"m =1",
    b"m f=1,", b"m f=1, 5", b"m f=1 1.5", b"m f=1 x", b"m f=1 5 6", b"m f=nan", b"m f=inf", b"m f=1_000", b"m f=0x10",
    b"m f=1e999",
    b"m f=9223372036854775808i", b"m f=-1u", b"m f=1.5i", b"m f=tRUE", b"m f=yes", b'm f="open', b'm f="a"b',
    b"\xff f=1",
    b"m f=1 99999999999999999999", b'm f="a"1', b"m f=\xd9\xa1",
])  # fmt: skip
def test_bad_lines_are_named_and_do_not_spoil_others(line):
    parsed = parse(b"# a comment\nok f=1\n\n" + line + b"\nok f=2\n" if b'"' not in line else b"ok f=1\n\n\n" + line)
    assert [number for number, _ in parsed.errors] == [4] and parsed.error_count == 1
    assert len(parsed.points) >= 1


def test_precisions():
    assert [parse(b"m f=1 3000", p).points[0].at for p in ("s", "ms", "us", "ns")] == [3000, 3, 0.003, 0.000003]
    with pytest.raises(ValueError, match="'h' is not a precision"):
        parse(b"m f=1", "h")


def test_many_errors_are_counted_and_some_named():
    parsed = parse(b"bad\n" * 5000 + b"ok f=1\r\n")
    assert parsed.error_count == 5000 and len(parsed.errors) == 100 and len(parsed.points) == 1


names = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=12).filter(
    lambda text: text.isprintable() and text.strip() == text and not text.startswith("#") and not set('\\"') & set(text)
)
numbers = st.floats(allow_nan=False, allow_infinity=False)


@settings(deadline=None)
@given(names, st.dictionaries(names, names, max_size=4), st.dictionaries(names, numbers, min_size=1, max_size=4))
def test_what_is_written_is_read(measurement, tags, fields):
    head = escape_tag(measurement) + "".join(f",{escape_tag(k)}={escape_tag(v)}" for k, v in tags.items())
    line = f"{head} {','.join(f'{escape_tag(k)}={v!r}' for k, v in fields.items())} 5000"
    parsed = parse(line.encode(), "ms")
    assert parsed.errors == []
    assert parsed.points[0].head.measurement == measurement.replace("\\=", "=")
    assert dict(parsed.points[0].head.tags) == tags and dict(parsed.points[0].fields) == fields


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_break_the_parser(text):
    parsed = parse(text)
    assert all(math.isfinite(value) for point in parsed.points for _, value in point.fields)


TELEGRAF = b"""cpu,cpu=cpu-total,host=lab-01 usage_idle=75.5,usage_user=20.1 1795392000000000000
cpu,cpu=cpu0,host=lab-01 usage_idle=50 1795392000000000000
mem,host=lab-01 used_percent=40.0,total=8589934592i 1795392000000000000
disk,device=sda1,fstype=ext4,host=lab-01,mode=rw,path=/ used_percent=12.5,used=5i 1795392000000000000
net,host=lab-01,interface=eth0 bytes_recv=1000i 1795392000000000000
net,host=lab-01,interface=eth0 bytes_recv=4000i 1795392060000000000
nginx,host=lab-01,port=80,server=localhost active=7i,note="x" 1795392000000000000
cpu,cpu=cpu-total,host=stranger usage_idle=1 1795392000000000000
not a line at all
"""


@pytest.fixture
def ingest(registry: SeriesRegistry, embedded: DuckDBStore) -> Ingest:
    return Ingest(LiveTable(), registry, embedded)


def by_host(tags):
    return {"lab-01": 77}.get(tags.get("host"))


def test_telegraf_lands_in_our_metrics(registry: SeriesRegistry, ingest: Ingest):
    now = 1795392060.0
    report = write_lines(TELEGRAF, "ns", by_host, registry, ingest, now)
    assert (report.lines, report.samples, report.error_count) == (8, 10, 1)
    assert report.dropped == {"unknown_device": 1, "text_field": 1}
    assert report.errors[0][0] == 9 and "line 9" in report.message()
    ingest.flush(now)
    shown = {registry.describe(int(i)): ingest.live.value[i] for i in registry.of_device(77)}
    assert shown == {
        SeriesName(77, "", "cpu_used_ratio"): pytest.approx(0.245),
        SeriesName(77, "cpu=cpu-total", "cpu_usage_user"): 20.1,
        SeriesName(77, "cpu:cpu0", "cpu_used_ratio"): 0.5,
        SeriesName(77, "", "memory_used_ratio"): pytest.approx(0.4),
        SeriesName(77, "", "memory_size_bytes"): 8589934592.0,
        SeriesName(77, "storage:/", "storage_used_ratio"): 0.125,
        SeriesName(77, "storage:/", "storage_used_bytes"): 5.0,
        SeriesName(77, "if:eth0", "if_in_octets_total"): 50.0,
        SeriesName(77, "port=80,server=localhost", "nginx_active"): 7.0,
    }


def test_our_own_form_and_lines_without_a_time(registry: SeriesRegistry, ingest: Ingest, epoch: float):
    text = b"edunoc,device=5,part=if:1 if_oper_up=1,9bad\\ name=3"
    report = write_lines(text, "s", lambda tags: int(tags["device"]), registry, ingest, epoch)
    assert report.samples + sum(report.dropped.values()) == 2 and report.message() == ""
    ingest.flush(epoch)
    number = registry.find(5, "if:1", "if_oper_up")
    assert ingest.live.value[number] == 1.0 and ingest.live.at[number] == epoch


def test_an_empty_request_is_no_error(registry: SeriesRegistry, ingest: Ingest, epoch: float):
    assert write_lines(b"", "ns", by_host, registry, ingest, epoch)[:3] == (0, 0, {})
