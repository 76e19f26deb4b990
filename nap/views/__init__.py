"""Pages that look across actors, objectives and indicators."""

from nap.views.gaps import gaps, gaps_csv
from nap.views.plan import activity, actor, actors, home, model, model_objective, objective, overview, table
from nap.views.work import my_work

__all__ = [
    "activity",
    "actor",
    "actors",
    "gaps",
    "gaps_csv",
    "home",
    "model",
    "model_objective",
    "my_work",
    "objective",
    "overview",
    "table",
]
