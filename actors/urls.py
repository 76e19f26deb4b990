from django.urls import path

from actors import (
    converters,  # noqa: F401  # registers <country:…>, <day:…> and <key:…> for every app's addresses
    views,
)

app_name = "actors"
urlpatterns = [
    path("countries/<country:country>/people/", views.people, name="people"),
    path("countries/<country:country>/people/new/", views.membership_create, name="membership-create"),
    path("countries/<country:country>/people/<int:pk>/end/", views.membership_end, name="membership-end"),
    path("countries/<country:country>/actors/new/", views.actor_create, name="actor-create"),
    path("countries/<country:country>/actors/<key:key>/edit/", views.actor_edit, name="actor-edit"),
    path("countries/<country:country>/stands-for/<key:key>/", views.stand_in, name="stand-in"),
]
