from django.http import Http404


def report_edit(request, **kwargs):
    raise Http404


def assessment_edit(request, **kwargs):
    raise Http404


def report(request, **kwargs):
    raise Http404


def report_verify(request, **kwargs):
    raise Http404


def report_correct(request, **kwargs):
    raise Http404


def assessment_withdraw(request, **kwargs):
    raise Http404


def evidence_create(request, **kwargs):
    raise Http404


def activity_report_edit(request, **kwargs):
    raise Http404


def activity_report(request, **kwargs):
    raise Http404


def activity_report_verify(request, **kwargs):
    raise Http404


def activity_report_correct(request, **kwargs):
    raise Http404
