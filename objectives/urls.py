from django.urls import include, path

from actors import converters  # noqa: F401  # registers <country:…>, <day:…> and <key:…>
from objectives import views

app_name = "objectives"
of_a_plan = [
    path("glossary/", views.glossary, name="glossary"),
    path("readiness/", views.readiness, name="readiness"),
    path("activities/<key:key>/edit/", views.activity_edit, name="activity-edit"),
    path("milestones/<key:key>/edit/", views.milestone_edit, name="milestone-edit"),
    path("coverage/objectives/<key:key>/", views.objective_coverage, name="objective-coverage"),
    path("coverage/activities/<key:key>/", views.activity_coverage, name="activity-coverage"),
]
urlpatterns = [
    path("model/glossary/", views.model_glossary, name="model-glossary"),
    path("<country:country>/<slug:edition>/", include(of_a_plan)),
]
