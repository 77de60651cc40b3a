"""What is asked when, and what replies become: samples, facts, parts, memory."""

from collectors.pjlink import Known, Lives, Reading, changed_lamps, facts, learn, parts, questions, samples
from core.pjlink import Answer
from core.pjlink.reasons import NOT_NOW, UNDEFINED
from telemetry import METRICS

NOW = 1_800_000_000.0


def reading(grade=2, **replies) -> Reading:
    words = {"ERR1": UNDEFINED, "ERR3": NOT_NOW}
    answers = {
        command: Answer(words[text]) if text in words else Answer("ok", text) for command, text in replies.items()
    }
    return Reading(grade, answers)


def commands(known: Known, power: int | None) -> set[str]:
    return {command for command, _grade in questions(known, power, NOW)}


def test_the_first_reading_asks_everything():
    assert commands(Known(grade=2), 1) >= {"ERST", "INPT", "AVMT", "FREZ", "LAMP", "FILT", "INF1", "SNUM", "RLMP"}


def test_class_1_is_not_asked_class_2():
    assert commands(Known(grade=1), 1).isdisjoint({"FILT", "FREZ", "IRES", "SNUM", "RFIL"})


def test_between_the_hours_only_states_are_asked():
    known = Known(grade=2, hours_at=NOW - 3599, identity_at=NOW - 3599)
    assert commands(known, 1) == {"ERST", "INPT", "AVMT", "FREZ", "IRES"}
    assert commands(known, 0) == {"ERST"}
    assert commands(Known(grade=2, hours_at=NOW - 3600, identity_at=NOW), 0) == {"ERST", "LAMP", "FILT"}


def test_what_is_not_fitted_is_asked_again_only_with_the_identity():
    known = learn(Known(grade=2), reading(POWR="0", LAMP="ERR1", FILT="ERR1", INF1="X"), NOW - 3600)
    assert known.undefined == {"LAMP", "FILT"}
    assert commands(known, 0) == {"ERST"}
    assert {"LAMP", "FILT"} <= {command for command, _ in questions(known, 0, NOW + 24 * 3600)}


def test_not_now_is_asked_again_at_once():
    known = learn(Known(grade=2), reading(POWR="2", LAMP="ERR3", INF1="ERR3"), NOW)
    assert known.wants_hours(NOW) and known.wants_identity(NOW)


def test_samples_of_the_sample_exchange_of_the_reference():
    found = samples(
        reading(POWR="2", ERST="010000", LAMP="1163 0", INPT="ERR3", FILT="ERR1"), Lives(lamp=2000, filter=1000)
    )
    assert {(part, metric): value for part, metric, value in found} == {
        ("", "projector_power"): 2, ("", "projector_error"): 1,
        ("error:fan", "projector_error"): 0, ("error:lamp", "projector_error"): 1,
        ("error:temperature", "projector_error"): 0, ("error:cover", "projector_error"): 0,
        ("error:filter", "projector_error"): 0, ("error:other", "projector_error"): 0,
        ("lamp:1", "projector_lamp_seconds"): 1163 * 3600, ("lamp:1", "projector_lamp_used_ratio"): 0.5815,
    }  # fmt: skip


def test_every_metric_is_in_the_table():
    everything = reading(
        POWR="1", ERST="000000", LAMP="10 1 20 0", INPT="3A", AVMT="31", FREZ="1", IRES="-", FILT="7"
    )
    found = samples(everything, Lives())
    assert {metric for _part, metric, _value in found} <= set(METRICS)
    values = {(part, metric): value for part, metric, value in found}
    assert values["", "projector_signal"] == 0 and values["", "projector_muted"] == 1
    assert values["", "projector_input"] == 310 and values["lamp:2", "projector_lamp_seconds"] == 72000


def test_garbage_is_no_sample():
    assert samples(reading(POWR="9", ERST="hello!", LAMP="many", INPT="99", AVMT="7", FILT="-1"), Lives()) == []


def test_a_laser_without_a_counter_has_no_lamp():
    found = reading(POWR="1", LAMP="ERR1")
    assert parts(found) == [] and samples(found, Lives())[0][1] == "projector_power"


def test_facts():
    told = facts(reading(INF1="Epson", INF2="EB-X", SNUM="S1", SVER="1.0", NAME="Phòng 1", INST="11 31"), "md5")
    assert told == {
        "vendor": "Epson", "model": "EB-X", "serial": "S1", "version": "1.0", "sysname": "Phòng 1", "inputs": "11, 31",
        "pjlink_class": "2", "pjlink_authentication": "md5",
    }  # fmt: skip
    assert facts(reading(POWR="1"), "open") == {}


def test_hours_that_go_back_are_a_new_lamp():
    known = learn(Known(), reading(POWR="1", LAMP="3990 1"), NOW)
    assert changed_lamps(known, reading(LAMP="3991 1")) == []
    assert changed_lamps(known, reading(LAMP="2 1")) == [(1, 3990, 2)]
