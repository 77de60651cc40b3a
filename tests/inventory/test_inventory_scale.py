"""A province's size: 60,000 devices come in as one file in little memory. How fast it is, the benchmarks say."""

from __future__ import annotations

import io
import tracemalloc

from inventory import (
    Device,
    ListQuery,
    import_table,
    list_records,
    monitored_devices,
    search,
    unit_children,
)

SITES = 1_000
KINDS = ["router"] + ["switch"] * 5 + ["ap"] * 12 + ["projector"] * 15 + ["ups"] + ["computer"] * 26


def spreadsheet(headings, rows) -> io.BytesIO:
    return io.BytesIO("\n".join([headings, *rows]).encode())


def test_a_whole_province(database, everything):
    units = ["SO,Sở,department,"] + [f"X{n},Xã {n},commune,SO" for n in range(100)]
    units += [f"T{n},Trường THCS số {n},lower_secondary,X{n % 100}" for n in range(SITES)]
    sites = [f"S{n},Điểm trường số {n},T{n}" for n in range(SITES)]
    devices = [
        f"S{site},{kind} {number},{kind},10.{site // 250}.{site % 250}.{number + 1},"
        f"{'' if number == 0 else 'router 0'},{'no' if kind == 'computer' else 'yes'}"
        for site in range(SITES) for number, kind in enumerate(KINDS)
    ]
    files = {
        "units": spreadsheet("code,name,kind,parent_id", units),
        "sites": spreadsheet("code,name,unit_id", sites),
        "devices": spreadsheet("site_id,name,kind,address,parent_device_id,is_monitored", devices),
    }
    with database.session() as session:
        reports = [import_table(session, everything, kind, file) for kind, file in files.items()]
    assert [(report.problems, report.created) for report in reports] == [((), 1_101), ((), 1_000), ((), 60_000)]
    with database.reading() as session:
        assert len(monitored_devices(session)) == 34_000
        page = list_records(session, everything, Device, ListQuery(text="switch", sort="-name", page=3))
        assert (page.total, len(page.rows)) == (5_000, 50)
        assert search(session, everything, "truong so 999")[0].title == "Trường THCS số 999"
        [top] = unit_children(session, everything)
        assert (top.sites, top.devices) == (SITES, 60_000)


def test_memory_does_not_grow_with_the_text_of_the_rows(session, everything, province):
    note = "đặt ở tủ tầng một " * 80
    file = spreadsheet("site_id,name,notes", [f"S12,Máy {number},{note}{number}" for number in range(5_000)])
    size = len(file.getvalue())
    tracemalloc.start()
    try:
        report = import_table(session, everything, "devices", file)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (report.problems, report.created) == ((), 5_000)
    assert peak < 2 * size  # the file itself is read once; half of the rest is the database's own
