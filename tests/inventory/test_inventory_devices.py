"""What workers read and write: rows to poll, facts, parts."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory import (
    Check,
    Device,
    MonitoredDevice,
    Part,
    PartSpec,
    complete_device,
    create_record,
    fact_history,
    facts_of,
    free_device_name,
    inventory_version,
    monitored_checks,
    monitored_devices,
    parts_of,
    record_facts,
    scope_of_unit,
    sync_parts,
    update_record,
    watch_parts,
)


def test_rows_to_poll(session, everything, province):
    create_record(session, everything, Device, {"site_id": province.far.id, "name": "off", "address": "10.1.0.1",
                                                "is_monitored": "no"})
    create_record(session, everything, Device, {"site_id": province.far.id, "name": "no address"})
    far = create_record(session, everything, Device, {"site_id": province.far.id, "name": "AP", "address": "10.1.0.2"})
    rows = monitored_devices(session)
    assert [row.id for row in rows] == [province.router.id, province.switch.id, far.id]
    assert rows[1] == MonitoredDevice(
        province.switch.id, province.site.id, "Switch 1", "switch", "10.0.0.2", 161, "", None, 2.0, 2, 0.0, 60,
        province.router.id, room_id=province.switch.room_id)
    shards = [monitored_devices(session, (i, 3)) for i in range(3)]
    assert sorted(row for shard in shards for row in shard) == rows
    assert all(len({row.site_id % 3 for row in shard}) <= 1 for shard in shards)


def test_checks_to_make(session, everything, province):
    on = create_record(session, everything, Check, {"device_id": province.switch.id, "kind": "tcp", "target": ":443"})
    create_record(session, everything, Check, {"device_id": province.switch.id, "kind": "tcp", "target": ":80",
                                               "is_enabled": "no"})
    [check] = monitored_checks(session)
    assert (check.id, check.target, check.address) == (on.id, ":443", "10.0.0.2")
    assert monitored_checks(session, (1 - province.site.id % 2, 2)) == []
    update_record(session, everything, Device, province.switch.id, {"is_monitored": False})
    assert monitored_checks(session) == []


def test_a_found_device_gets_a_free_name(session, everything, province):
    assert free_device_name(session, province.site.id, "AP\x1b[31m 1") == "AP [31m 1"
    assert free_device_name(session, province.site.id, "Switch 1") == "Switch 1 (2)"
    create_record(session, everything, Device, {"site_id": province.site.id, "name": "Switch 1 (2)"})
    assert free_device_name(session, province.site.id, "Switch 1") == "Switch 1 (3)"
    assert free_device_name(session, province.far.id, "Switch 1") == "Switch 1"
    assert free_device_name(session, province.far.id, "\x00\x01") == "device"


def test_facts_keep_their_history(session, everything, province, now):
    device, later = province.switch.id, now + timedelta(days=1)
    first = record_facts(session, device, {"model": "C1000", "version": "15.2", "serial": " "}, now)
    assert [(c.name, c.old, c.new) for c in first] == [("model", None, "C1000"), ("version", None, "15.2")]
    assert record_facts(session, device, {"model": "C1000"}, now + timedelta(minutes=59)) == []
    [change] = record_facts(session, device, {"model": "C1000", "version": "15.4"}, later)
    assert (change.old, change.new, change.changed_at) == ("15.2", "15.4", later)
    model, version = facts_of(session, everything, device)
    assert (model.first_seen, model.last_seen) == (now, later)
    assert (version.value, version.first_seen, version.last_seen) == ("15.4", later, later)
    assert [c.new for c in fact_history(session, everything, device)] == ["15.4", "15.2", "C1000"]
    assert facts_of(session, scope_of_unit(session, province.other.id), device) == []


def test_a_fact_seen_again_is_written_once_an_hour(session, everything, province, now):
    record_facts(session, province.switch.id, {"model": "x"}, now)
    record_facts(session, province.switch.id, {"model": "x"}, now + timedelta(minutes=30))
    assert facts_of(session, everything, province.switch.id)[0].last_seen == now
    record_facts(session, province.switch.id, {"model": "x"}, now + timedelta(minutes=60))
    assert facts_of(session, everything, province.switch.id)[0].last_seen == now + timedelta(minutes=60)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(facts=st.dictionaries(st.text(max_size=80), st.text(max_size=1500), max_size=5))
def test_any_fact_a_device_tells_is_kept_harmlessly(session, everything, province, now, facts):
    record_facts(session, province.router.id, facts, now)
    for fact in facts_of(session, everything, province.router.id):
        assert fact.value.isprintable()
        assert len(fact.value) <= 1024


def ports(*names, first=1):
    return [PartSpec("port", f"if:{name}", index, name, mac="00:11:22:33:44:55")
            for index, name in enumerate(names, first)]


def test_a_part_keeps_its_id_when_the_device_renumbers(session, everything, province, now):
    device = province.switch.id
    first = sync_parts(session, device, ports("Gi1", "Gi2", "Gi3"), now)
    assert first.added == ("if:Gi1", "if:Gi2", "if:Gi3")
    second = sync_parts(session, device, ports("Gi0", "Gi1", "Gi2", "Gi3", first=101), now)
    assert (second.added, second.renumbered, second.vanished) == (("if:Gi0",), ("if:Gi1", "if:Gi2", "if:Gi3"), ())
    assert {key: second.ids[key] for key in first.ids} == dict(first.ids)
    assert [part.index for part in parts_of(session, everything, device)] == [101, 102, 103, 104]


def test_a_part_that_is_gone_is_marked_and_may_return(session, everything, province, now):
    device = province.switch.id
    ids = sync_parts(session, device, [*ports("Gi1", "Gi2"), PartSpec("sensor", "temp:1")], now).ids
    gone = sync_parts(session, device, ports("Gi1"), now)
    assert (gone.vanished, gone.added) == (("if:Gi2",), ())          # the sensor was not surveyed
    assert [p.key for p in parts_of(session, everything, device)] == ["if:Gi1", "temp:1"]
    assert len(parts_of(session, everything, device, with_vanished=True)) == 3
    assert sync_parts(session, device, ports("Gi1"), now).vanished == ()
    back = sync_parts(session, device, ports("Gi1", "Gi2"), now)
    assert (back.returned, back.ids["if:Gi2"]) == (("if:Gi2",), ids["if:Gi2"])
    assert sync_parts(session, device, [], now).vanished == ()       # an empty answer says nothing
    assert sync_parts(session, device, [], now, kinds=["port"]).vanished == ("if:Gi1", "if:Gi2")


def test_strange_parts_do_no_harm(session, everything, province, now):
    specs = [PartSpec("port", "if:a", 2**70, "a\x1b[31m", "b" * 999, mac="nonsense", speed_bps=2**64),
             PartSpec("port", "if:a", 2, "again")]
    changes = sync_parts(session, province.switch.id, specs, now)
    assert changes.duplicates == ("if:a",)
    [part] = parts_of(session, everything, province.switch.id)
    assert (part.index, part.name, len(part.alias), part.mac, part.speed_bps) == (None, "a [31m", 255, None, None)
    same = sync_parts(session, province.switch.id, specs[:1], now)
    assert (same.changed, same.renumbered) == ((), ())


def test_watching(session, everything, province, now):
    ids = sync_parts(session, province.switch.id, ports("Gi1", "Gi2"), now).ids
    assert watch_parts(session, scope_of_unit(session, province.other.id), list(ids.values()), False) == 0
    assert watch_parts(session, everything, [ids["if:Gi1"]], False) == 1
    assert not session.get(Part, ids["if:Gi1"]).is_watched
    sync_parts(session, province.switch.id, ports("Gi1", "Gi2", first=5), now)
    assert not session.get(Part, ids["if:Gi1"]).is_watched           # a survey does not undo a person's choice


def test_a_record_fills_itself_from_what_the_device_says(session, everything, province):
    device = create_record(session, everything, Device, {"site_id": province.site.id, "name": "r", "vendor": "Typed"})
    said = {"vendor": "MikroTik", "model": "RB760\x1b[2J", "serial": "X1", "version": "7.15"}
    before = inventory_version(session)
    assert complete_device(session, device.id, said)
    assert (device.vendor, device.model, device.serial, device.firmware) == ("Typed", "RB760 [2J", "X1", "7.15")
    assert inventory_version(session) > before
    assert not complete_device(session, device.id, said)
    assert complete_device(session, device.id, {"version": "7.16"}) and device.firmware == "7.16"
    assert not complete_device(session, 10**6, said)
