"""What remains of a meeting: attendance, minutes, tasks, figures for the leaders."""

from conference.attendance import words
from conference.attendance.bringing import count_brought
from conference.attendance.counting import (
    LEFT,
    AttendanceLine,
    Evidence,
    Happening,
    Occupant,
    Scheduled,
    Spell,
    count,
)
from conference.attendance.facts import Facts, facts_of
from conference.attendance.kpi.expression import BadCondition
from conference.attendance.kpi.figures import (
    Counted,
    Figure,
    Judged,
    UnitAttendance,
    attendance_by_unit,
    by_group,
    figure,
    judge_meetings,
    month_number,
    month_word,
)
from conference.attendance.kpi.formula import (
    COUNTED_BY,
    DEFAULTS,
    OF_KIND,
    BadFormula,
    Formula,
    formula_of_form,
    read_formula,
)
from conference.attendance.kpi.packing import heads_of
from conference.attendance.kpi.ranking import FACTORS, Rank, weights_of_form
from conference.attendance.kpi.report import TARGETS, InPerson, Report, make_report
from conference.attendance.models import (
    GONE,
    Attendance,
    InPersonMeetings,
    KpiFormula,
    MeetingCount,
    MeetingMinutes,
    MeetingTask,
)
from conference.attendance.papers.document import minutes_document, numbers_sentence, speakers_sentence
from conference.attendance.papers.texts import moment_of
from conference.attendance.papers.workbook import attendance_workbook, line_cells, line_heads
from conference.attendance.sealing import ChainCheck
from conference.attendance.settling import LOOP, attendance_now, over_at, settle
from conference.attendance.store.formulas import (
    Saved,
    delete_newest,
    formula_now,
    formulas_now,
    history,
    in_person,
    index_contribution,
    read_counted,
    save_formula,
    save_in_person,
    titles_of,
    units_of_scope,
)
from conference.attendance.store.hands import correct, find_row, set_heads
from conference.attendance.store.listing import (
    AboveTotal,
    Entry,
    PastMeeting,
    Sheet,
    organiser,
    past_meetings,
    sheet_of,
    totals_above,
)
from conference.attendance.store.minutes import minutes_of, reopen, save_minutes, sign
from conference.attendance.store.quality import keep_quality, measured_quality
from conference.attendance.store.ranking import WEIGHTS, RankLine, ranked, weights_now
from conference.attendance.store.settling import counted_meetings, counts_by_meeting, verify
from conference.attendance.store.tasks import (
    TaskLine,
    add_proposed,
    assign,
    find_task,
    find_tasks,
    open_tasks,
    proposals,
    remove_tasks,
    set_done,
    write_task,
)
from conference.attendance.troubles import ACTIONS, Proposal

__all__ = [
    "ACTIONS", "COUNTED_BY", "DEFAULTS", "FACTORS", "GONE", "LEFT", "LOOP", "OF_KIND", "TARGETS", "WEIGHTS",
    "AboveTotal", "Attendance", "AttendanceLine", "BadCondition", "BadFormula", "ChainCheck", "Counted", "Entry",
    "Evidence", "Facts", "Figure", "Formula", "Happening", "InPerson", "InPersonMeetings", "Judged", "KpiFormula",
    "MeetingCount", "MeetingMinutes", "MeetingTask", "Occupant", "PastMeeting", "Proposal", "Rank", "RankLine",
    "Report", "Saved", "Scheduled", "Sheet", "Spell", "TaskLine", "UnitAttendance", "add_proposed", "assign",
    "attendance_by_unit", "attendance_now", "attendance_workbook", "by_group", "correct", "count", "count_brought",
    "counted_meetings", "counts_by_meeting", "delete_newest", "facts_of", "figure", "find_row", "find_task",
    "find_tasks", "formula_now", "formula_of_form", "formulas_now", "heads_of", "history", "in_person",
    "index_contribution", "judge_meetings", "keep_quality", "line_cells", "line_heads", "make_report",
    "measured_quality", "minutes_document", "minutes_of", "moment_of", "month_number", "month_word",
    "numbers_sentence", "open_tasks", "organiser", "over_at", "past_meetings", "proposals", "ranked", "read_counted",
    "read_formula", "remove_tasks", "reopen", "save_formula", "save_in_person", "save_minutes", "set_done",
    "set_heads", "settle", "sheet_of", "sign", "speakers_sentence", "titles_of", "totals_above", "units_of_scope",
    "verify", "weights_now", "weights_of_form", "words", "write_task",
]
