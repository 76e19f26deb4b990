from django.http import Http404


def glossary(request, **kwargs):
    raise Http404


def model_glossary(request, **kwargs):
    raise Http404


def readiness(request, **kwargs):
    raise Http404


def activity_edit(request, **kwargs):
    raise Http404


def milestone_edit(request, **kwargs):
    raise Http404


def objective_coverage(request, **kwargs):
    raise Http404


def activity_coverage(request, **kwargs):
    raise Http404
