"""The worker's loops: each watches one kind of thing, hands samples to ingest and what it learnt to tables."""

from collectors.work.setting import WorkSetting

__all__ = ["WorkSetting"]
