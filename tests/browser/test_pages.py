"""Every kind of page, narrow and wide, light and dark: axe finds nothing, and nothing runs off the screen."""

from __future__ import annotations

import pytest

from indicators.models import ActivityReport, ProgressReport

PLAN = "/xm/2024-2029/"
PUBLIC = [
    "/",
    "/model/",
    "/model/objectives/o5/",
    "/model/glossary/",
    PLAN,
    f"{PLAN}table/",
    f"{PLAN}gaps/",
    f"{PLAN}objectives/o12/",
    f"{PLAN}activities/o1-a1/",
    f"{PLAN}actors/",
    f"{PLAN}glossary/",
    f"{PLAN}indicators/o8-i5/",
    f"{PLAN}indicators/o4-i1/",
    "/accounts/sign-in/",
    "/accounts/password/reset/",
    "/no-such-page/",
]
FORMS = {
    "social.welfare": ["/my-work/", f"{PLAN}indicators/o12-i4/report/2026-06-30/"],
    "verifier": ["/my-work/"],
    "coalition": ["/my-work/", f"{PLAN}indicators/o1-i2/assess/2026-06-30/"],
    "coordinator": [
        "/my-work/",
        f"{PLAN}gaps/",
        f"{PLAN}readiness/",
        f"{PLAN}activities/o1-a1/edit/",
        f"{PLAN}activities/o1-a1/indicators/",
        f"{PLAN}indicators/o1-i1/edit/",
        f"{PLAN}objectives/o1/indicators/new/",
        f"{PLAN}coverage/objectives/o1/",
        f"{PLAN}coverage/activities/o1-a1/",
        f"{PLAN}coverage/indicators/o1-i1/",
        "/countries/xm/people/",
        "/countries/xm/people/new/",
        "/countries/xm/actors/new/",
        "/countries/xm/stands-for/police/",
    ],
    "admin": ["/my-work/"],
}
LOOKS = [(1280, "light"), (360, "dark")]

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "scheme"), LOOKS, ids=[f"{width} px {scheme}" for width, scheme in LOOKS])
def test_pages_are_sound(new_context, site, sign_in, checked, width, scheme):
    page = new_context(viewport={"width": width, "height": 800}, color_scheme=scheme).new_page()
    refused = []
    page.on("console", lambda message: refused.append(message.text) if "Content Security" in message.text else None)
    waiting = ProgressReport.objects.filter(state="submitted", actor__key="social-welfare").first()
    reports = [f"{PLAN}reports/{pk}/" for pk in ProgressReport.objects.published().values_list("pk", flat=True)[:1]]
    reports += [
        f"{PLAN}activity-reports/{pk}/" for pk in ActivityReport.objects.verified().values_list("pk", flat=True)[:1]
    ]
    for address in [*PUBLIC, *reports]:
        page.goto(site + address)
        checked(page)
    for who, addresses in FORMS.items():
        sign_in(page, who)
        to_verify = [f"{PLAN}reports/{waiting.pk}/verify/"] if waiting and who == "verifier" else []
        for address in [*addresses, *to_verify]:
            answer = page.goto(site + address)
            assert answer.status == 200, address
            checked(page)
    assert refused == []
