from django.urls import include, path

from actors import converters  # noqa: F401  # registers <country:…>, <day:…> and <key:…>
from indicators import views

app_name = "indicators"
of_a_plan = [
    path("indicators/<key:key>/", views.indicator, name="indicator"),
    path("indicators/<key:key>/edit/", views.indicator_edit, name="indicator-edit"),
    path("objectives/<key:key>/indicators/new/", views.indicator_create, name="indicator-create"),
    path("activities/<key:key>/indicators/", views.activity_indicators, name="activity-indicators"),
    path("coverage/indicators/<key:key>/", views.indicator_coverage, name="indicator-coverage"),
    path("indicators/<key:key>/report/<day:ends_on>/", views.report_edit, name="report-edit"),
    path("indicators/<key:key>/assess/<day:ends_on>/", views.assessment_edit, name="assessment-edit"),
    path("reports/<int:pk>/", views.report, name="report"),
    path("reports/<int:pk>/verify/", views.report_verify, name="report-verify"),
    path("reports/<int:pk>/correct/", views.report_correct, name="report-correct"),
    path("reports/<int:pk>/withdraw/", views.assessment_withdraw, name="assessment-withdraw"),
    path("reports/<int:pk>/evidence/new/", views.evidence_create, name="evidence-create"),
    path("activities/<key:key>/report/<day:ends_on>/", views.activity_report_edit, name="activity-report-edit"),
    path("activity-reports/<int:pk>/", views.activity_report, name="activity-report"),
    path("activity-reports/<int:pk>/verify/", views.activity_report_verify, name="activity-report-verify"),
    path("activity-reports/<int:pk>/correct/", views.activity_report_correct, name="activity-report-correct"),
]
urlpatterns = [path("<country:country>/<slug:edition>/", include(of_a_plan))]
