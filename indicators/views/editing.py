from django.http import Http404


def indicator_edit(request, **kwargs):
    raise Http404


def indicator_create(request, **kwargs):
    raise Http404


def activity_indicators(request, **kwargs):
    raise Http404


def indicator_coverage(request, **kwargs):
    raise Http404
