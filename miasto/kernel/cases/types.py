"""The declared case types, and what follows from a stage."""

from __future__ import annotations

from typing import Any

from miasto.kernel.cases.models import Progress
from miasto.kernel.core.registry import registry
from miasto.kernel.spec.cases import FORWARD, CaseType, Stage


def case_type(key: str) -> CaseType:
    """The declaration of a case type; raises ``KeyError``."""
    return registry().get(CaseType, key)


def case_types() -> list[CaseType]:
    """Every declared case type."""
    return registry().all(CaseType)


def progress_of(stage: Stage) -> str:
    """Where a case in this stage stands, in words common to all types."""
    if stage.final:
        return Progress.CLOSED
    return {"runs": Progress.OPEN, "paused": Progress.WAITING, "stopped": Progress.ANSWERED}[stage.clock]


def stage_of(case: Any) -> Stage:
    """The declared stage of a case; a stage that the type has lost since is shown by its key."""
    try:
        return case_type(case.case_type).stage(case.stage)
    except KeyError:
        return Stage(key=case.stage, name=case.stage, meaning="", final=case.progress == Progress.CLOSED)


def outside_stage(kind: CaseType) -> str:
    """The stage in which a case waits for a body outside; empty where cases of the type are not forwarded."""
    step = kind.effect(FORWARD)
    return step.target if step else ""
