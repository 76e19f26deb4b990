from django.contrib import admin
from django.urls import include, path

from actors import converters  # noqa: F401  # registers <country:…>, <day:…> and <key:…>
from nap import views

handler403 = "actors.pages.forbidden"

of_a_plan = [
    path("", views.overview, name="overview"),
    path("table/", views.table, name="table"),
    path("gaps/", views.gaps, name="gaps"),
    path("gaps.csv", views.gaps_csv, name="gaps-csv"),
    path("objectives/<key:key>/", views.objective, name="objective"),
    path("activities/<key:key>/", views.activity, name="activity"),
    path("actors/", views.actors, name="actors"),
    path("actors/<key:key>/", views.actor, name="actor"),
]
pages = [
    path("", views.home, name="home"),
    path("my-work/", views.my_work, name="my-work"),
    path("model/", views.model, name="model"),
    path("model/objectives/<key:key>/", views.model_objective, name="model-objective"),
    path("<country:country>/<slug:edition>/", include(of_a_plan)),
]
urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("nap.account_urls")),
    path("", include((pages, "nap"))),
    path("", include("actors.urls")),
    path("", include("objectives.urls")),
    path("", include("indicators.urls")),
]
